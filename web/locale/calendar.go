package locale

import (
	"strconv"
	"time"
)

// ClockRange says from which time of day to which, also when that is on the next
// day: "20 bis 2 Uhr". A zero end is open.
func ClockRange(language string, start, end time.Time) string {
	w := in(language)
	if end.IsZero() || end.Equal(start) {
		return w.clock(start, true)
	}
	return w.clock(start, false) + w.to + w.clock(end.In(start.Location()), true)
}

// LongDay says a day with its weekday in full and its year only when that is
// another one than that of today: "Samstag, 11. Juli".
func LongDay(language string, t, today time.Time) string {
	w := in(language)
	return w.days[t.Weekday()] + ", " + w.date(w, t, false, t.Year() != today.Year())
}

// WeekdayName says a day of the week in full.
func WeekdayName(language string, d time.Weekday) string { return in(language).days[d] }

// MonthName says a month in full.
func MonthName(language string, m time.Month) string { return in(language).months[m-1] }

// MonthYear says a month of a year: "Juli 2026".
func MonthYear(language string, t time.Time) string {
	return MonthName(language, t.Month()) + hold + strconv.Itoa(t.Year())
}
