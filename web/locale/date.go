package locale

import (
	"fmt"
	"strings"
	"time"
)

// hold is a space at which no line ends: the parts of a date stay together, and a
// number stays with its unit.
const hold = "\u00a0"

// words are how a language speaks of dates.
type words struct {
	weekdays [7]string
	days     [7]string // the weekdays in full
	months   [12]string
	short    [12]string // the months on a calendar leaf
	date     func(w words, t time.Time, weekday, year bool) string
	clock    func(t time.Time, last bool) string
	// to stands between two times, until between two dates.
	to, until string
	between   string // stands between a date and its time
	// near are the words for today and the next days, ahead is for later ones.
	near  []string
	ahead string
	// today and yesterday begin a line.
	today, yesterday string
}

var german = words{
	weekdays: [7]string{"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
	days:     [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	months:   [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	short:    [12]string{"Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
	date: func(w words, t time.Time, weekday, year bool) string {
		s := fmt.Sprintf("%d.%s%s", t.Day(), hold, w.months[t.Month()-1])
		if weekday {
			s = w.weekdays[t.Weekday()] + "," + hold + s
		}
		if year {
			s += fmt.Sprintf("%s%d", hold, t.Year())
		}
		return s
	},
	clock: func(t time.Time, last bool) string {
		s := fmt.Sprintf("%d", t.Hour())
		if t.Minute() != 0 {
			s = fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
		}
		if last {
			s += hold + "Uhr"
		}
		return s
	},
	to: hold + "bis" + hold, until: " bis ", between: ", ",
	near: []string{"heute", "morgen", "übermorgen"}, ahead: "in %d" + hold + "Tagen", today: "Heute", yesterday: "Gestern",
}

var english = words{
	weekdays: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	days:     [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months:   [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	short:    [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	date: func(w words, t time.Time, weekday, year bool) string {
		s := fmt.Sprintf("%d%s%s", t.Day(), hold, w.months[t.Month()-1])
		if weekday {
			s = w.weekdays[t.Weekday()] + "," + hold + s
		}
		if year {
			s += fmt.Sprintf("%s%d", hold, t.Year())
		}
		return s
	},
	clock: func(t time.Time, _ bool) string {
		if t.Minute() == 0 {
			return t.Format("3" + hold + "pm")
		}
		return t.Format("3:04" + hold + "pm")
	},
	to: hold + "to" + hold, until: " to ", between: ", ",
	near: []string{"today", "tomorrow"}, ahead: "in %d" + hold + "days", today: "Today", yesterday: "Yesterday",
}

func in(language string) words {
	if language == "en" {
		return english
	}
	return german
}

// Date says a day: "Sa., 11. Juli 2026". The zone is that of t.
func Date(language string, t time.Time) string {
	w := in(language)
	return w.date(w, t, true, true)
}

// Day says a day with its weekday in full, for a heading: "Samstag, 11. Juli
// 2026". The zone is that of t.
func Day(language string, t time.Time) string {
	w := in(language)
	return w.days[t.Weekday()] + ", " + w.date(w, t, false, true)
}

// DateTime says a time: "Sa., 11. Juli 2026, 19 Uhr". The zone is that of t.
func DateTime(language string, t time.Time) string {
	w := in(language)
	return w.date(w, t, true, true) + w.between + w.clock(t, true)
}

// ShortDateTime says a time as DateTime does, with its year only when it is not
// that of now.
func ShortDateTime(language string, t, now time.Time) string {
	w := in(language)
	return ShortDate(language, t, now) + w.between + w.clock(t, true)
}

// Lately says a time that is over: "Heute, 19 Uhr", "Gestern, 8 Uhr", and earlier
// ones as ShortDateTime does. The zone is that of t.
func Lately(language string, t, now time.Time) string {
	w := in(language)
	switch daysBetween(t, now.In(t.Location())) {
	case 0:
		return w.today + w.between + w.clock(t, true)
	case 1:
		return w.yesterday + w.between + w.clock(t, true)
	}
	return ShortDateTime(language, t, now)
}

// Month says a month as short as people write it, for a calendar leaf: "Juli",
// "Sept.".
func Month(language string, t time.Time) string { return in(language).short[t.Month()-1] }

// Weekday says a day of the week, shortened.
func Weekday(language string, t time.Time) string { return in(language).weekdays[t.Weekday()] }

// DateRange says from when to when: "Sa., 11. Juli 2026, 10 bis 14 Uhr", "Fr.,
// 10. bis So., 12. Juli 2026". A zero end is open; allDay leaves the times of
// day out. The zone is that of start.
func DateRange(language string, start, end time.Time, allDay bool) string {
	w := in(language)
	if end.IsZero() {
		end = start
	}
	end = end.In(start.Location())
	sameDay := start.Format(time.DateOnly) == end.Format(time.DateOnly)
	switch {
	case allDay && sameDay:
		return Date(language, start)
	case allDay:
		return w.span(start, end)
	case start.Equal(end):
		return DateTime(language, start)
	case sameDay:
		return w.date(w, start, true, true) + w.between + w.clock(start, false) + w.to + w.clock(end, true)
	}
	sameYear := start.Year() == end.Year()
	return w.date(w, start, true, !sameYear) + w.between + w.clock(start, true) + w.until + DateTime(language, end)
}

// span says from which day to which, with month and year once where they are
// the same.
func (w words) span(start, end time.Time) string {
	last := w.date(w, end, true, true)
	switch {
	case start.Year() != end.Year():
		return w.date(w, start, true, true) + w.until + last
	case start.Month() != end.Month():
		return w.date(w, start, true, false) + w.until + last
	}
	first := fmt.Sprintf("%s,%s%d", w.weekdays[start.Weekday()], hold, start.Day())
	if w.to == german.to {
		first += "."
	}
	return first + w.until + last
}

// Clock says from which time of day to which: "10 bis 14 Uhr", "19 Uhr"; ""
// for what lasts all day or ends on another day. A zero end is open. The zone is
// that of start.
func Clock(language string, start, end time.Time, allDay bool) string {
	w := in(language)
	if end.IsZero() {
		end = start
	}
	end = end.In(start.Location())
	switch {
	case allDay || start.Format(time.DateOnly) != end.Format(time.DateOnly):
		return ""
	case start.Equal(end):
		return w.clock(start, true)
	}
	return w.clock(start, false) + w.to + w.clock(end, true)
}

// Near says how far a day lies ahead of now: "heute", "morgen", "übermorgen",
// "in 10 Tagen"; "" for a day that is over or more than two weeks away. The zone
// is that of day.
func Near(language string, day, now time.Time) string {
	const far = 14
	n := daysBetween(now.In(day.Location()), day)
	w := in(language)
	switch {
	case n < 0 || n > far:
		return ""
	case n < len(w.near):
		return w.near[n]
	}
	return fmt.Sprintf(w.ahead, n)
}

// daysBetween counts the days of the calendar from one day to another.
func daysBetween(from, to time.Time) int {
	date := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(date(to).Sub(date(from)) / (24 * time.Hour))
}

// ShortDate says a day as Date does, with its year only when it is not that of
// now.
func ShortDate(language string, t, now time.Time) string {
	w := in(language)
	return w.date(w, t, true, t.Year() != now.In(t.Location()).Year())
}

// ShortRange says from when to when as DateRange does, without the year when
// both are in that of now.
func ShortRange(language string, start, end time.Time, allDay bool, now time.Time) string {
	if end.IsZero() {
		end = start
	}
	year := now.In(start.Location()).Year()
	end = end.In(start.Location())
	long := DateRange(language, start, end, allDay)
	if start.Year() != year || end.Year() != year {
		return long
	}
	return strings.Replace(long, fmt.Sprintf("%s%d", hold, year), "", 1)
}
