package event

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web/prepared"
)

// maxComponents is how many events stand in one calendar.
const maxComponents = 1000

// Components gives our events that have not ended at the time since as
// iCalendar writes them; by narrows it to one club. It makes Events a
// calendar.Source.
func (s *Events) Components(ctx context.Context, by string, since time.Time) ([]*ical.Component, error) {
	list, err := s.Upcoming(ctx, by, since, "", maxComponents)
	if err != nil {
		return nil, err
	}
	var all []*ical.Component
	for _, e := range list {
		all = append(all, e.component(s.categories()))
	}
	return all, nil
}

// component gives the event as a VEVENT (RFC 5545 3.6.1); words names its
// category.
func (e *Event) component(words term.Book) *ical.Component {
	c := ical.NewComponent(ical.CompEvent)
	c.Props.SetText(ical.PropUID, e.ID)
	c.Props.SetDateTime(ical.PropCreated, e.Published.UTC())
	// Without a METHOD both say when the event was last changed (RFC 5545
	// 3.8.7.2), so the file stays the same as long as its events do.
	c.Props.SetDateTime(ical.PropDateTimeStamp, e.revised())
	c.Props.SetDateTime(ical.PropLastModified, e.revised())
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = strconv.Itoa(e.sequence())
	c.Props.Set(sequence)
	c.Props.SetText(ical.PropStatus, e.Status)
	calendar.SetText(c.Props, ical.PropSummary, e.title(e.Language))
	place := e.Place
	if place == "" {
		place = e.OnlineURL
	}
	calendar.SetText(c.Props, ical.PropLocation, place)
	calendar.SetText(c.Props, ical.PropDescription, e.description())
	calendar.SetText(c.Props, ical.PropCategories, words.Word(TermList, e.Language, e.Category))
	e.times(c.Props)
	if u, err := url.Parse(e.URL); err == nil && e.URL != "" {
		c.Props.SetURI(ical.PropURL, u)
	}
	if e.Author != nil {
		c.Props.Set(organizer(e.Author))
	}
	return c
}

// revised is when the event was last changed.
func (e *Event) revised() time.Time {
	if e.Updated.After(e.Published) {
		return e.Updated.UTC()
	}
	return e.Published.UTC()
}

// sequence rises with each change (RFC 5545 3.8.7.4): the seconds between the
// first version and this one, of which no two have the same.
func (e *Event) sequence() int { return int(e.revised().Sub(e.Published) / time.Second) }

// times sets start and end. Of an all-day event the end is the day after the
// last one (RFC 5545 3.6.1); an open end is none.
func (e *Event) times(p ical.Props) {
	if e.AllDay {
		p.SetDate(ical.PropDateTimeStart, e.StartTime)
		if !e.EndTime.IsZero() {
			p.SetDate(ical.PropDateTimeEnd, e.EndTime.Add(time.Second))
		}
		return
	}
	p.SetDateTime(ical.PropDateTimeStart, e.StartTime)
	if !e.EndTime.IsZero() {
		p.SetDateTime(ical.PropDateTimeEnd, e.EndTime)
	}
}

// description is what the event says, as plain text; first why it does not
// take place.
func (e *Event) description() string {
	text := markup.Text(e.Content)
	if e.Status == Cancelled {
		text = cancelled(e.Language) + ": " + e.Reason + "\n\n" + text
	}
	if e.OnlineURL != "" {
		text = strings.TrimSpace(text + "\n\n" + e.OnlineURL)
	}
	return text
}

func organizer(a *actor.Actor) *ical.Prop {
	p := ical.NewProp(ical.PropOrganizer)
	calendar.SetParam(p, ical.ParamCommonName, a.DisplayName())
	p.Value = a.URL
	return p
}

// calendarPath is the last segment of the address of every calendar.
const calendarPath = "/kalender.ics"

// ical answers with one event, for who puts it into a calendar by hand.
func (p *Pages) ical(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Events.Find(r.Context(), object.Viewer{}, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return err
	}
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{Path + e.Key() + calendarPath}})
	return calendar.Calendar{Name: e.title(e.Language), URL: e.URL, Zone: p.zone, Components: []*ical.Component{e.component(p.categories())}}.Serve(w, r)
}

// A Selection is the calendar of what somebody chose on the list. It is a
// calendar.Source.
type Selection struct {
	events *Events
	filter Filter
	// weekends leaves out what is on workdays alone.
	weekends bool
	// Name is what the calendar is called, Address its own path and Page that of
	// the list which shows the same.
	Name, Address, Page string
	// Usual is true for a selection that many make.
	Usual bool
}

// Selected gives the selection that the address of a calendar names: the
// category, the place, the club, and whether only weekends count. What it names
// and is not there is an error. town is the name of the town.
func (s *Events) Selected(r *http.Request, town string) (*Selection, error) {
	c, err := s.choose(r)
	if err != nil {
		return nil, err
	}
	for field := range c.wrong {
		return nil, problem.NotFoundf("the address of the calendar names a %s that is not there", field)
	}
	kept := c.kept()
	c.when, c.day = kept.Get(whenField), ""
	return &Selection{
		events: s, filter: Filter{By: c.By, Category: c.Category, Place: c.Place}, weekends: c.when != "",
		Name: c.name(s.language, town), Address: asking(calendarPath, kept), Page: asking(listPath, kept), Usual: c.usual(),
	}, nil
}

// Components implements calendar.Source.
func (s *Selection) Components(ctx context.Context, by string, since time.Time) ([]*ical.Component, error) {
	f := s.filter
	f.Since = since
	if by != "" {
		f.By = by
	}
	list, err := s.events.List(ctx, f, "", maxComponents)
	if err != nil {
		return nil, err
	}
	all := []*ical.Component{}
	for _, e := range list {
		if !s.weekends || e.atWeekend() {
			all = append(all, e.component(s.events.categories()))
		}
	}
	return all, nil
}

// atWeekend tells whether the event is on a Saturday or a Sunday.
func (e *Event) atWeekend() bool {
	day := midnight(e.StartTime)
	for range 7 {
		if d := day.Weekday(); d == time.Saturday || d == time.Sunday {
			return true
		}
		if day = day.AddDate(0, 0, 1); !day.Before(e.EndTime) {
			return false
		}
	}
	return true
}
