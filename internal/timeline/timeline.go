// Package timeline is the surface of the start page: what is on and what is
// new in the town, over every kind.
//
// It must not know any single kind; what they show is handed in.
package timeline

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Files are the template and the words of the start page.
//
//go:embed *.html *.toml
var Files embed.FS

// New is what stands on the start page.
type New struct {
	Events []component.EventRow
	Posts  []component.PostCard
	Jobs   []component.Job
	Clubs  []component.ClubCard
	// Today and Weekend are how many events there are then; nil for unknown.
	Today, Weekend *int
	// Fields are the fields of activity of the clubs.
	Fields []component.Chip
}

// Surface shows the start page.
type Surface struct {
	Web *web.Site
	// Origin is the town's, Instance the id of the actor of the whole server.
	Origin, Instance string
	// Zone is the town's.
	Zone *time.Location
	// News gives what stands on the page.
	News func(ctx context.Context, lang string) (New, error)
}

// Mount enters the route into r.
func (s *Surface) Mount(r chi.Router) { r.Get("/", s.Web.Handle(s.start)) }

type view struct {
	Town, Picture, PictureAlt string
	Now                       time.Time
	New
	// Week is true when all events are within a week.
	Week bool
	// Chips lead to what is soon, Fields to clubs.
	Chips, Fields component.Chips
	// Handle is that of some club, for an example.
	Handle string
	Empty  component.Empty
}

// week is how far ahead the start page looks, if there is enough.
const week = 7 * 24 * time.Hour

// enough is how many events of a week fill their part of the page.
const enough = 3

// show gives the page at a time.
func show(town web.Look, open func(string) bool, news New, now time.Time) view {
	v := view{
		Town: town.Name, Picture: town.Picture, PictureAlt: town.PictureAlt, Now: now, New: news,
		Chips: component.Chips{Label: "start.chips", List: []component.Chip{
			{Key: "start.today", Href: "/veranstaltungen?wann=heute", Count: news.Today},
			{Key: "start.weekend", Href: "/veranstaltungen?wann=wochenende", Count: news.Weekend},
		}},
		Fields: component.Chips{Label: "start.fields", List: news.Fields},
		Empty:  component.Empty{Key: "start.empty", TextKey: "start.empty.text", Href: "/ueber", ActionKey: "start.empty.action"},
	}
	v.Chips.List = slices.DeleteFunc(v.Chips.List, func(c component.Chip) bool { return !open(c.Href) })
	soon := 0
	for soon < len(news.Events) && news.Events[soon].Start.Before(now.Add(week)) {
		soon++
	}
	if v.Week = soon >= enough; v.Week {
		v.Events = news.Events[:soon]
	}
	if len(news.Clubs) > 0 {
		v.Handle = news.Clubs[0].Handle
	}
	return v
}

func (s *Surface) start(w http.ResponseWriter, r *http.Request) error {
	if page.Redirected(w, r, s.Instance) {
		return nil
	}
	until, lang := prepared.NextMinute(), s.Web.Language(r)
	news, err := s.News(r.Context(), lang)
	if err != nil {
		return err
	}
	s.Web.Keep(r, "/", until)
	v := show(s.Web.Town(), s.Web.Open, news, time.Now().In(s.Zone))
	return s.Web.Render(w, r, http.StatusOK, "timeline/start", web.Page{
		Alternate: s.Instance, Canonical: s.Origin + "/", Wide: true, View: v,
	})
}
