package event

import (
	"time"

	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// agenda gives the event as a row that says when it is on the day that begins
// at day.
func (p *Pages) agenda(e *Event, day time.Time, lang string) component.AgendaRow {
	r := component.AgendaRow{
		Href: Path + e.Key(), Name: e.Name, Clock: p.clock(e, day, lang), Start: e.stamp(e.StartTime), Place: e.Place,
		By: e.Author.DisplayName(), Cancelled: e.Status == Cancelled, Lang: e.foreign(lang),
	}
	switch {
	case r.Cancelled:
		r.Badge, r.Why = cancelled(lang), e.Reason
	case e.Rescheduled():
		r.Badge, r.Why = say(lang, "event.moved", nil), say(lang, "event.was", e.was(lang, p.today()))
	}
	if e.Stale > 0 {
		r.Unchecked = say(lang, "event.unchecked", nil)
	}
	return r
}

// today is the midnight with which the present day of the town began.
func (s *Events) today() time.Time { return midnight(s.now().In(s.zone)) }

// foreign gives the language of an event if it is another one than lang.
func (e *Event) foreign(lang string) string {
	if e.Language == lang {
		return ""
	}
	return e.Language
}

// was says when the event was to be.
func (e *Event) was(lang string, today time.Time) string {
	words := locale.ShortDate(lang, e.PreviousStart, today)
	if e.AllDay {
		return words
	}
	return words + ", " + locale.ClockRange(lang, e.PreviousStart, time.Time{})
}

// smallHours is until when a night belongs to the day on which it began.
const smallHours = 6

// clock says at what time of a day an event is.
func (p *Pages) clock(e *Event, day time.Time, lang string) string {
	end := e.EndTime
	if end.IsZero() {
		end = e.StartTime
	}
	first, last := midnight(e.StartTime), midnight(end)
	today := p.today()
	switch {
	case !first.Equal(day) && !last.Equal(day): // it runs all day and on
		return say(lang, "event.until", locale.ShortDate(lang, last, today))
	case e.AllDay && first.Equal(last):
		return say(lang, "event.all-day", nil)
	case e.AllDay && last.Equal(day):
		return say(lang, "event.last-day", nil)
	case e.AllDay:
		return say(lang, "event.until", locale.ShortDate(lang, last, today))
	case !first.Equal(day):
		return say(lang, "event.until", locale.ClockRange(lang, end, time.Time{}))
	case first.Equal(last) || end.Sub(e.StartTime) < 24*time.Hour && end.Hour() < smallHours:
		return locale.ClockRange(lang, e.StartTime, end)
	}
	return say(lang, "event.from-until", map[string]string{"From": locale.ClockRange(lang, e.StartTime, time.Time{}), "Until": locale.ShortDate(lang, last, today)})
}

// dayOf begins the view of a day; zero is for what began earlier.
func (p *Pages) dayOf(day time.Time, lang string) component.Day {
	if day.IsZero() {
		return component.Day{ID: "running", Heading: say(lang, "event.running", nil), Lang: lang}
	}
	return component.Day{
		ID: "day-" + day.Format(time.DateOnly), Heading: locale.LongDay(lang, day, p.today()), Near: p.near(day, lang), Leaf: &component.Leaf{Time: day}, Lang: lang,
	}
}

// near says how far a day lies ahead.
func (s *Events) near(day time.Time, lang string) string { return locale.Near(lang, day, s.now()) }

// days puts events under the days on which they begin; those that began before
// first under one heading. With single all stand under first.
func (p *Pages) days(list []*Event, first time.Time, single bool, lang string) component.Days {
	var days component.Days
	var last time.Time
	for _, e := range list {
		day := midnight(e.StartTime.In(p.zone))
		on := day
		if single {
			day, on = first, first
		} else if day.Before(first) {
			day, on = time.Time{}, first
		}
		if len(days) == 0 || !day.Equal(last) {
			days = append(days, p.dayOf(day, lang))
			last = day
		}
		view := &days[len(days)-1]
		view.Rows = append(view.Rows, p.agenda(e, on, lang))
	}
	return days
}

// brief says when the event is, with the year only when that is another one
// than that of today.
func (e *Event) brief(lang string, today time.Time) string {
	end := e.EndTime
	if end.IsZero() {
		end = e.StartTime
	}
	sameDay := midnight(e.StartTime).Equal(midnight(end))
	switch day := locale.ShortDate(lang, e.StartTime, today); {
	case e.AllDay && sameDay:
		return day
	case sameDay || !e.AllDay && end.Sub(e.StartTime) < 24*time.Hour && end.Hour() < smallHours:
		return day + ", " + locale.ClockRange(lang, e.StartTime, end)
	}
	return locale.ShortRange(lang, e.StartTime, end, e.AllDay, today)
}

// row gives the event as other pages list it.
func (s *Events) row(e *Event, lang string) component.EventRow {
	return component.EventRow{
		Href: Path + e.Key(), Name: e.Name, When: e.brief(lang, s.today()), Near: s.near(midnight(e.StartTime), lang), Start: e.StartTime, Place: e.Place,
		Online: e.OnlineURL != "", By: e.Author.DisplayName(), Category: s.word(lang, e.Category), Cancelled: e.Status == Cancelled, Stale: e.Stale > 0,
	}
}
