// Package style is the surface of one page that shows every part of the pages
// with all its states, for who works on the look.
//
// It must not know any kind; what it shows is made up.
package style

import (
	"embed"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the template and the words of the page.
//
//go:embed *.html *.toml
var Files embed.FS

// Surface shows the page.
type Surface struct {
	Web *web.Site
	// On is false where there is no such page.
	On bool
}

// Mount enters the route into r.
func (s *Surface) Mount(r chi.Router) { r.Get("/stil", s.Web.Handle(s.show)) }

func (s *Surface) show(w http.ResponseWriter, r *http.Request) error {
	if !s.On {
		s.Web.NotFound(w, r)
		return nil
	}
	lang := s.Web.Language(r)
	return s.Web.Render(w, r, http.StatusOK, "style/show", web.Page{Title: s.Web.T(lang, "style.title"), NoIndex: true, View: show(lang, s.Web.Origin)})
}

type view struct {
	Colours []string
	Icons   []string
	Crumbs  []component.Crumb
	Chips   component.Chips
	Set     component.Chips
	// Segments and Tabs switch, Filter narrows.
	Segments, Tabs component.Segments
	Filter         component.Filter
	Rows           []component.EventRow
	Agenda         []component.EventRow
	Leaves         []component.Leaf
	Notes          []component.PostCard
	Jobs           []component.Job
	Clubs          []component.ClubCard
	Notices        []component.Notice
	Facts          []component.Fact
	Talk           talk
	Pager          component.Pager
	Tools          page.Tools
	Share          page.Share
	Subscribe      page.Subscribe
	Picture        *component.Picture
	Empty          component.Empty
	Failures       []component.Failure
	Form, Wrong    component.Form
	Short          component.Form
	Bars           component.Bars
}

// talk is a conversation.
type talk struct {
	Counts  component.Counts
	Replies []component.Reply
	// Report is where a reader reports it.
	Act, Report string
}

// day is the day on which everything happens: a page that changes by itself
// cannot be compared.
var day = time.Date(2026, 7, 9, 18, 30, 0, 0, time.UTC)

func show(lang, origin string) view {
	v := view{
		Colours: []string{"paper", "paper-deep", "sheet", "well", "ink", "action", "event", "board", "help", "club"},
		Icons:   icons,
		Crumbs:  []component.Crumb{{Key: "nav.calendar", Href: "/veranstaltungen"}, {Text: "Mühlenwanderung entlang der Elster"}},
		Leaves:  []component.Leaf{{Time: day}, {Time: day.AddDate(0, 0, 3), Off: true}, {Time: day.AddDate(0, 0, 10), Large: true}},
		Rows:    rows(lang),
		Notes:   notes(),
		Jobs:    jobs(),
		Clubs:   clubs(),
		Pager:   component.Pager{Prev: "/stil", Next: "/stil", Note: locale.Date(lang, day.AddDate(0, 0, 14))},
		Empty:   component.Empty{Key: "style.empty", TextKey: "style.empty.text", Href: "/", ActionKey: "error.home", Icon: "home", Also: []component.Crumb{{Key: "nav.calendar", Href: "/veranstaltungen"}}},
		Failures: []component.Failure{
			{Status: 403, Key: "error.403", Sample: true},
			{Status: 404, Key: "error.404", Sample: true},
			{Status: 410, Key: "error.410", Sample: true},
			{Status: 429, Key: "error.429", Sample: true},
			{Status: 503, Key: "error.503", Sample: true},
		},
		Facts: []component.Fact{
			{Icon: "place", Key: "style.where", Text: "Obermühle, Mühlweg 3", Note: "04999 Herzfelde"},
			{Icon: "globe", Key: "style.online", Text: "bbb.example/muehle", Href: "/stil"},
			{Icon: "people", Key: "style.who", Text: "Heimat- und Geschichtsverein Herzfelder Land e. V."},
		},
		Notices: []component.Notice{
			{Key: "style.moved", Icon: "moved", TextKey: "style.moved.text"},
			{Tone: "danger", Key: "event.cancelled", Icon: "x", TextKey: "style.cancelled.text"},
			{Tone: "info", Key: "style.note", TextKey: "style.note.text"},
		},
		Talk: conversation(),
		Tools: page.Tools{
			Links:    []component.Crumb{{Key: "tools.change", Href: "/stil"}, {Key: "tools.cancel", Href: "/stil"}, {Key: "tools.delete", Href: "/stil"}},
			EditedBy: "Karin Wuttke", When: locale.DateTime(lang, day),
		},
		Share:     page.Share{URL: origin + "/stil", Title: "Sommerfest", Follow: "/stil"},
		Subscribe: page.Subscribe{Origin: origin, Feed: "/pinnwand", Calendar: "/kalender.ics", Follow: "/stil"},
		Picture:   picture(),
		Form:      form(lang, false),
		Wrong:     form(lang, true),
		Short:     component.Form{Action: "/stil", Get: true, Buttons: []component.Button{{Key: "style.short", Plain: true}}},
	}
	v.Bars = component.Bars{Key: "style.bars", Name: "style.month", Number: "style.many", List: []component.Bar{
		{Text: "mastodon.example", N: 48}, {Text: "ein-sehr-langer-name-eines-servers.aushang.muehlrode.example", N: 7}, {Text: "dorf.example"},
	}}
	v.switches()
	v.Agenda = v.Rows
	return v
}

// switches fills what chooses and narrows.
func (v *view) switches() {
	v.Chips = component.Chips{Label: "style.chips", List: []component.Chip{
		{Key: "style.today", Href: "/stil", Count: component.Count(2), Current: true},
		{Key: "style.weekend", Href: "/stil", Count: component.Count(7)},
		{Key: "style.date", Href: "/stil", Icon: "calendar"},
		{Key: "style.tag"},
	}}
	v.Set = component.Chips{Label: "style.set", List: []component.Chip{{Text: "Gesangverein Harmonie", Href: "/stil", Remove: true}, {Key: "style.weekend", Href: "/stil", Remove: true}}}
	views := []component.Segment{{Key: "style.list", Icon: "list", Href: "/stil", Current: true}, {Key: "style.month", Icon: "calendar", Href: "/stil"}, {Key: "style.week", Icon: "calendar", Href: "/stil"}}
	v.Segments = component.Segments{Label: "style.segments", List: views}
	v.Tabs = component.Segments{Label: "style.tabs", List: views}
	v.Filter = component.Filter{
		Action: "/stil", Key: "style.filter", Set: 1, Clear: "/stil",
		Fields: []component.Field{
			{Kind: "date", Name: "f-day", Key: "style.date", Free: true},
			{Kind: "select", Name: "f-kind", Key: "style.kind", Free: true, Options: []component.Option{{Label: "Musik"}, {Value: "2", Label: "Sport", Selected: true}}},
		},
	}
}
