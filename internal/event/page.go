package event

import (
	"context"
	"embed"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Path is where the pages of events are.
const Path = "/veranstaltungen/"

// Files are the templates and words of events.
//
//go:embed *.html *.toml
var Files embed.FS

// Pages shows events to readers.
type Pages struct {
	*Events
	*page.Guard
	web *web.Site
}

// Pages gives the pages of events ; guard stands before those for editors.
func (s *Events) Pages(guard *page.Guard) *Pages { return &Pages{s, guard, guard.Web} }

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(listPath, p.web.Handle(p.list))
	r.Get(monthPath+"{month}", p.web.Handle(p.month))
	r.Get(weekPath+"{week}", p.web.Handle(p.week))
	r.Get(Path+"{key}", p.web.Handle(p.show))
	r.Get(Path+"{key}"+calendarPath, p.web.Handle(p.ical))
	r.Get(Path+"{key}"+page.PosterPath, p.web.Handle(p.poster))
	p.mountForms(r)
}

// Rows gives the next events as rows of a list; by narrows it to one club,
// whose name the rows then leave out.
func (s *Events) Rows(ctx context.Context, by, lang string, limit int) ([]component.EventRow, error) {
	list, err := s.Upcoming(ctx, by, s.now(), "", limit)
	if err != nil {
		return nil, err
	}
	var rows []component.EventRow
	for _, e := range list {
		row := s.row(e, lang)
		if by != "" {
			row.By = ""
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// UpcomingIDs gives the ids of a club's events that have not ended, for its
// collection of events.
func (s *Events) UpcomingIDs(ctx context.Context, actorID, after string, limit int) (ids []string, total int, err error) {
	now := s.now()
	if total, err = s.CountUpcoming(ctx, actorID, now); err != nil {
		return nil, 0, err
	}
	list, err := s.Upcoming(ctx, actorID, now, after, limit)
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids, total, err
}
