package event

import (
	"context"
	"embed"
	"net/http"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
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
	r.Get("/veranstaltungen", p.web.Handle(p.list))
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
		row := e.row(lang)
		if by != "" {
			row.By = ""
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (e *Event) row(lang string) component.EventRow {
	return component.EventRow{
		Href: Path + e.Key(), Name: e.Name, When: e.When(lang), Start: e.StartTime, Place: e.Place,
		By: e.Author.DisplayName(), Cancelled: e.Status == Cancelled,
	}
}

type showView struct {
	Event   *Event
	When    string
	Picture *component.Picture
	Content component.SafeHTML
	Club    component.Crumb
	Crumbs  []component.Crumb
	// Calendar is the address of the event as a file for calendars.
	Calendar string
	Tools    *page.Tools
	page.Conversation
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := p.actors.Site().ObjectID(chi.URLParam(r, "key"))
	if page.Redirected(w, r, id) {
		return nil
	}
	e, err := p.Events.Find(r.Context(), object.Viewer{}, id)
	if err != nil {
		return err
	}
	lang := p.web.Language(r)
	view := showView{
		Event: e, When: e.When(lang), Content: component.SafeHTML(e.Content),
		Club:   component.Crumb{Key: e.Author.DisplayName(), Href: e.Author.URL},
		Crumbs: []component.Crumb{{Key: "nav.events", Href: "/veranstaltungen"}}, Calendar: Path + e.Key() + calendarPath,
	}
	if view.Conversation, err = p.Under(r, &e.Object); err != nil {
		return err
	}
	more := []component.Crumb{{Key: "tools.copy", Href: "/veranstaltungen/neu?von=" + e.Key()}}
	if e.Status != Cancelled {
		more = append([]component.Crumb{{Key: "tools.change", Href: Path + e.Key() + "/aendern"}}, append(more, component.Crumb{Key: "tools.cancel", Href: Path + e.Key() + "/absagen"})...)
	}
	if view.Tools, err = p.Tools(r, &e.Object, Path+e.Key(), more...); err != nil {
		return err
	}
	title := e.title(lang)
	shown := web.Page{
		Title: title, Description: e.headline(lang), Alternate: e.ID, Canonical: e.URL, View: &view,
		Type: "article", Data: e.schema(), Feeds: []web.Feed{{Type: "text/calendar", Title: title, Href: view.Calendar}},
	}
	if len(e.Attachment) > 0 {
		if view.Picture, err = page.Picture(r.Context(), p.pictures, e.Attachment[0]); err != nil {
			return err
		}
		shown.Image, shown.ImageAlt = e.Attachment[0].URL, e.Attachment[0].Name
	}
	p.KeepThing(r, &e.Object, Path+e.Key(), view.Conversation)
	if text := markup.Text(e.Content); text != "" {
		shown.Description += ". " + markup.Name(text, 200)
	}
	return p.web.Render(w, r, http.StatusOK, "event/show", shown)
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
