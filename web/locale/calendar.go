package locale

import (
	"strconv"
	"time"
)

// Clock says a time of day: "18:30 Uhr", "3 pm".
func Clock(language string, t time.Time) string { return in(language).clock(t, true) }

// ClockRange says from when to when on one day: "10 bis 14 Uhr". A zero end is
// open.
func ClockRange(language string, start, end time.Time) string {
	w := in(language)
	if end.IsZero() || end.Equal(start) {
		return w.clock(start, true)
	}
	return w.clock(start, false) + w.to + w.clock(end.In(start.Location()), true)
}

// ShortDay says a day with its weekday shortened and its year only when that
// is another one than that of today: "Sa., 11. Juli".
func ShortDay(language string, t, today time.Time) string {
	w := in(language)
	return w.date(w, t, true, t.Year() != today.Year())
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
	return MonthName(language, t.Month()) + " " + strconv.Itoa(t.Year())
}
