package opportunity

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/emersion/go-ical"

	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/prepared"
)

// calendarPath is the last segment of the address of every calendar.
const calendarPath = "/kalender.ics"

// maxCalendar is how many opportunities stand in one calendar.
const maxCalendar = 500

// dates are the times in which help is wanted: the shifts, or the one day.
func (o *Opportunity) dates() []*Shift {
	if len(o.Shifts) > 0 {
		return o.Shifts
	}
	if o.Times != Once || o.StartTime.IsZero() {
		return nil
	}
	return []*Shift{{StartsAt: o.StartTime, EndsAt: o.EndTime}}
}

// components gives a VEVENT for each time in which help is wanted (RFC 5545
// 3.6.1).
func (o *Opportunity) components() []*ical.Component {
	var all []*ical.Component
	revised := o.Published.UTC()
	if o.Updated.After(revised) {
		revised = o.Updated.UTC()
	}
	for _, s := range o.dates() {
		c := ical.NewComponent(ical.CompEvent)
		uid, name := o.ID, say(o.Language, "opportunity.head", nil)+": "+o.Name
		if s.ID != "" {
			uid = ShiftID(o.ID, s.ID)
		}
		if s.Note != "" {
			name += " (" + s.Note + ")"
		}
		c.Props.SetText(ical.PropUID, uid)
		c.Props.SetDateTime(ical.PropCreated, o.Published.UTC())
		c.Props.SetDateTime(ical.PropDateTimeStamp, revised)
		c.Props.SetDateTime(ical.PropLastModified, revised)
		sequence := ical.NewProp(ical.PropSequence)
		sequence.Value = strconv.Itoa(int(revised.Sub(o.Published) / time.Second))
		c.Props.Set(sequence)
		status := "CONFIRMED"
		if o.State == Cancelled {
			status = "CANCELLED"
		}
		c.Props.SetText(ical.PropStatus, status)
		calendar.SetText(c.Props, ical.PropSummary, name)
		calendar.SetText(c.Props, ical.PropLocation, o.Place)
		calendar.SetText(c.Props, ical.PropDescription, markup.Text(o.Content)+"\n\n"+o.URL)
		if u, err := url.Parse(o.URL); err == nil {
			c.Props.SetURI(ical.PropURL, u)
		}
		switch {
		case s.ID == "" && o.AllDay():
			c.Props.SetDate(ical.PropDateTimeStart, s.StartsAt)
		default:
			c.Props.SetDateTime(ical.PropDateTimeStart, s.StartsAt)
			if !s.EndsAt.IsZero() {
				c.Props.SetDateTime(ical.PropDateTimeEnd, s.EndsAt)
			}
		}
		all = append(all, c)
	}
	return all
}

// Components gives the times of our open opportunities that are not over at the
// time since as iCalendar writes them; by narrows it to one club. It makes
// Opportunities a calendar.Source.
func (s *Opportunities) Components(ctx context.Context, by string, since time.Time) ([]*ical.Component, error) {
	list, err := s.List(ctx, Filter{By: by, All: true}, object.Page{Limit: maxCalendar})
	if err != nil {
		return nil, err
	}
	return Dates(list, since), nil
}

// Dates gives the times in which the opportunities of a list look for help and
// that are not over at the time since, as iCalendar writes them.
func Dates(list []*Opportunity, since time.Time) []*ical.Component {
	all := []*ical.Component{}
	for _, o := range list {
		if ends := o.Ends(); ends.IsZero() || ends.After(since) {
			all = append(all, o.components()...)
		}
	}
	return all
}

// ical answers with the days of one opportunity.
func (p *Pages) ical(w http.ResponseWriter, r *http.Request) error {
	o, err := p.public(r)
	if err != nil {
		return err
	}
	if len(o.dates()) == 0 {
		return problem.NotFoundf("%s has no days", o.ID)
	}
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{Path + o.Key() + calendarPath}})
	return calendar.Calendar{Name: o.title(o.Language), URL: o.URL, Zone: p.zone, Components: o.components()}.Serve(w, r)
}
