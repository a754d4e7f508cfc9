package event

import (
	"strings"
	"time"
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

// The years in which a town's event can be.
const (
	firstYear = 1990
	lastYear  = 2199
)

// What is wrong with a time, in sentences for whoever typed it.
const (
	noTime  = "This is no time; write it like 2026-07-11T19:00 or 11.07.2026 19:00, or give the date alone for a whole day."
	farAway = "Please check the year: it is far in the past or in the future."
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
		if y := t.Year(); y < firstYear || y > lastYear {
			return time.Time{}, false, farAway
		}
		return t, l.allDay, ""
	}
	return time.Time{}, false, noTime
}

// days are the forms in which people give a day, without blanks.
var days = []string{time.DateOnly, "2.1.2006", "2.1.06"}

// ParseDay reads a day as people type it, ISO 8601 or German, and gives its
// midnight in the zone of now. A day without a year ("11.7.") is the next one.
func ParseDay(s string, now time.Time) (time.Time, bool) {
	s = strings.Join(strings.Fields(s), "")
	for _, layout := range days {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return t, t.Year() >= firstYear && t.Year() <= lastYear
		}
	}
	t, err := time.Parse("2.1", strings.TrimSuffix(s, "."))
	if err != nil {
		return time.Time{}, false
	}
	// 29 February comes every fourth year, now and then only after eight.
	for year := now.Year(); year <= now.Year()+8; year++ {
		day := time.Date(year, t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
		if day.Day() == t.Day() && !day.Before(midnight(now)) {
			return day, true
		}
	}
	return time.Time{}, false
}

// midnight gives the beginning of the day of t, in its own zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
