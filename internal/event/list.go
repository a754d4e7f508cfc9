package event

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// perPage is how many events a page of the list has.
const perPage = 30

type listView struct {
	Days []dayView
	// Next leads to later events; "" at the end.
	Next   string
	Empty  component.Empty
	Filter filterView
	// Wrong is true when the filter cannot be understood, and nothing is listed.
	Wrong     bool
	Subscribe component.Subscribe
	// Done is the key of a sentence that says what was just done, or "".
	Done string
}

// dayView is what begins on one day.
type dayView struct {
	// ID names the heading within the page.
	ID, Heading string
	Rows        []component.EventRow
}

// filterView is the form that narrows the list, as it was filled in.
type filterView struct {
	Fields []component.Field
	// Set is true when something was chosen.
	Set bool

	Filter
	// day is the midnight of the chosen day; zero for any.
	day time.Time
}

// The fields of the form, and where they stand in filterView.
const (
	dayField  = "tag"
	clubField = "verein"
	dayAt     = 0
	clubAt    = 1
)

// wrong tells whether the form cannot be understood.
func (f *filterView) wrong() bool { return f.Fields[dayAt].Error != "" || f.Fields[clubAt].Error != "" }

// query gives the address of the list with this filter and more.
func (f *filterView) query(more url.Values) string {
	for _, field := range f.Fields {
		if field.Value != "" {
			more.Set(field.Name, field.Value)
		}
	}
	if len(more) == 0 {
		return "/veranstaltungen"
	}
	return "/veranstaltungen?" + more.Encode()
}

// filter reads the form: ?tag= a day, ?verein= the handle of a club.
func (p *Pages) filter(r *http.Request, lang string) (filterView, error) {
	query := r.URL.Query()
	day := component.Field{Kind: "text", Name: dayField, Value: strings.TrimSpace(query.Get(dayField)), Key: "event.filter.day", Hint: "event.date.hint"}
	club := component.Field{Kind: "select", Name: clubField, Value: query.Get(clubField), Key: "event.filter.club"}
	f := filterView{Set: day.Value != "" || club.Value != "", Filter: Filter{Since: p.now()}}
	if day.Value != "" {
		chosen, ok := ParseDate(day.Value, midnight(p.now().In(p.zone)))
		if !ok {
			day.Error = p.web.T(lang, "event.filter.day.wrong", day.Value)
		}
		f.day, f.Since, f.Before = chosen, chosen, chosen.AddDate(0, 0, 1)
	}
	if club.Value != "" {
		a, err := p.actors.FindLocal(r.Context(), club.Value)
		switch {
		case problem.KindOf(err) == problem.NotFound || err == nil && a.Type != actor.Group:
			club.Error = p.web.T(lang, "event.filter.club.wrong", club.Value)
		case err != nil:
			return f, err
		default:
			f.By, club.Value = a.ID, a.PreferredUsername
		}
	}
	clubs, err := p.actors.Groups(r.Context())
	club.Options = []component.Option{{Label: p.web.T(lang, "event.filter.club.all")}}
	for _, a := range clubs {
		club.Options = append(club.Options, component.Option{Value: a.PreferredUsername, Label: a.DisplayName(), Selected: a.PreferredUsername == club.Value})
	}
	f.Fields = []component.Field{day, club}
	return f, err
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	lang, until := p.web.Language(r), prepared.NextMinute()
	f, err := p.filter(r, lang)
	if err != nil {
		return err
	}
	view := listView{Filter: f, Done: p.Flashed(r), Subscribe: component.Subscribe{Origin: p.actors.Site().Origin, Href: calendarPath}}
	view.Empty = component.Empty{Key: "event.none", TextKey: "event.none.text", Href: "/vereine", ActionKey: "event.none.action"}
	if f.Set {
		view.Empty = component.Empty{Key: "event.none.here", TextKey: "event.none.here.text", Href: "/veranstaltungen", ActionKey: "event.all"}
	}
	status := http.StatusOK
	if f.wrong() {
		view.Wrong, status = true, http.StatusUnprocessableEntity
	} else if err := p.fill(r, &view, lang); err != nil {
		return err
	}
	// Days and ids of which nothing is known are without number: not kept.
	if f.day.IsZero() && len(view.Days) > 0 {
		more := url.Values{}
		if key := r.URL.Query().Get("nach"); key != "" {
			more.Set("nach", key)
		}
		p.web.Keep(r, f.query(more), until)
	}
	return p.web.Render(w, r, status, "event/list", web.Page{
		Title: p.web.T(lang, "nav.events"), Canonical: p.actors.Site().Origin + "/veranstaltungen", View: view,
		Feeds: []web.Feed{{Type: "text/calendar", Title: p.web.Name, Href: calendarPath}},
	})
}

// fill looks up what the filter lets through.
func (p *Pages) fill(r *http.Request, view *listView, lang string) error {
	after := ""
	if key := r.URL.Query().Get("nach"); key != "" {
		after = p.actors.Site().ObjectID(key)
	}
	list, err := p.List(r.Context(), view.Filter.Filter, after, perPage+1)
	if err != nil {
		return err
	}
	if len(list) > perPage {
		list = list[:perPage]
		view.Next = view.Filter.query(url.Values{"nach": {list[perPage-1].Key()}})
	}
	for _, e := range list {
		id, heading := p.heading(e, view.Filter.day, lang)
		if n := len(view.Days); n == 0 || view.Days[n-1].ID != id {
			view.Days = append(view.Days, dayView{ID: id, Heading: heading})
		}
		last := &view.Days[len(view.Days)-1]
		last.Rows = append(last.Rows, e.row(lang))
	}
	return nil
}

// heading names the day under which an event stands: the chosen one, or the
// one on which it begins.
func (p *Pages) heading(e *Event, chosen time.Time, lang string) (id, words string) {
	today, day := midnight(p.now().In(p.zone)), chosen
	if day.IsZero() {
		if day = midnight(e.StartTime); day.Before(today) {
			return "running", p.web.T(lang, "event.running")
		}
	}
	words = locale.Day(lang, day)
	switch {
	case day.Equal(today):
		words = p.web.T(lang, "event.today", words)
	case day.Equal(today.AddDate(0, 0, 1)):
		words = p.web.T(lang, "event.tomorrow", words)
	}
	return "day-" + day.Format(time.DateOnly), words
}
