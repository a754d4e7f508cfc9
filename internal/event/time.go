package event

import (
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// layouts are the forms in which people give a time, with or without the time
// of day.
var layouts = []struct {
	layout string
	allDay bool
}{
	{time.RFC3339, false},
	{"2006-01-02T15:04:05", false},
	{"2006-01-02T15:04", false},
	{"2006-01-02 15:04", false},
	{"2.1.2006 15:04", false},
	{"2.1.2006, 15:04", false},
	{"2006-01-02", true},
	{"2.1.2006", true},
}

// What is wrong with a time, in sentences for whoever typed it.
const (
	noTime  = "This is no time; write it like 2026-07-11T19:00 or 11.07.2026 19:00, or give the date alone for a whole day."
	farAway = "Please check the year: it is far in the past or in the future."
	noHour  = "This hour does not exist on that day: the clocks go forward."
)

// ParseTime reads a time as people type it: ISO 8601 or German, in zone unless
// it names an offset. A date alone is a whole day (allDay) from its midnight.
// wrong is a sentence for whoever typed something else, "" when all is well.
func ParseTime(s string, zone *time.Location) (t time.Time, allDay bool, wrong string) {
	s = strings.TrimSuffix(strings.TrimSpace(s), " Uhr")
	for _, l := range layouts {
		t, err := time.ParseInLocation(l.layout, s, zone)
		if err != nil {
			continue
		}
		if y := t.Year(); y < page.FirstYear || y > page.LastYear {
			return time.Time{}, false, farAway
		}
		if typed, err := time.Parse(l.layout, s); err == nil && l.layout != time.RFC3339 && typed.Hour() != t.Hour() {
			return time.Time{}, false, noHour
		}
		return t, l.allDay, ""
	}
	return time.Time{}, false, noTime
}

func (e *Event) applyTimes(errs *problem.Fields, ch Change, zone *time.Location) {
	if ch.Start != nil {
		start, allDay, wrong := ParseTime(*ch.Start, zone)
		if wrong != "" {
			errs.Add("start", wrong)
			return
		}
		// A moved event keeps its length unless a new end is given.
		if ch.End == nil && !e.EndTime.IsZero() && allDay == e.AllDay {
			e.EndTime = e.EndTime.Add(start.Sub(e.StartTime))
		}
		e.StartTime, e.AllDay = start, allDay
	}
	if ch.End != nil {
		e.EndTime = time.Time{}
		if *ch.End != "" {
			end, allDay, wrong := ParseTime(*ch.End, zone)
			switch {
			case wrong != "":
				errs.Add("end", wrong)
				return
			case allDay != e.AllDay:
				errs.Add("end", "Give both the start and the end with a time of day, or both without.")
				return
			case allDay:
				end = lastSecond(end)
			}
			e.EndTime = end
		}
	}
	if e.AllDay && e.EndTime.IsZero() {
		e.EndTime = lastSecond(e.StartTime)
	}
	if !e.EndTime.IsZero() && !e.EndTime.After(e.StartTime) {
		errs.Add("end", "The end is not after the start.")
	}
}

// lastSecond gives the last second of day, in its own zone.
func lastSecond(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, day.Location()).Add(-time.Second)
}

// midnight gives the beginning of the day of t, in its own zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
