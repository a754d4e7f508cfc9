package event

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
)

// What is wrong with a date or a time of day in a form, in sentences for
// whoever typed it.
const (
	noDate  = "This is no date; write it like 11.7. or 11.07.2026."
	noClock = "This is no time of day; write it like 19:00 or 19 Uhr."
	noDay   = "Please say on which day it begins."
	tooSoon = "That is before the start. Please check both times, or say on which day it ends."
)

// night is how many minutes an event may last that ends on the next day without
// saying so. What lasts longer was a slip.
const night = 12 * 60

var (
	weekdayBefore = regexp.MustCompile(`^(?i)(mo|di|mi|do|fr|sa|so|tu|we|th|su)[a-zä]*\.?,?\s+`)
	clock         = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(?i:uhr|h)?$`)
	germanDate    = regexp.MustCompile(`^(\d{1,2})\.\s*(\d{1,2})\.?(?:\s*(\d{4}|\d{2}))?$`)
	spokenDate    = regexp.MustCompile(`^(\d{1,2})\.?\s+([\p{L}]{3,9})\.?(?:\s+(\d{4}))?$`)
)

// months are the beginnings of the names of months, German and English.
var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mär": 3, "mar": 3, "apr": 4, "mai": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10,
	"nov": 11, "dez": 12, "dec": 12,
}

// ParseDate reads a day as people type it: "11.7.", "11.07.2026", "11. Juli" or
// ISO 8601, with a weekday before it or not. Without a year it is the next such
// day, today included.
func ParseDate(s string, today time.Time) (time.Time, bool) {
	s = weekdayBefore.ReplaceAllString(strings.TrimSpace(s), "")
	if t, err := time.ParseInLocation(time.DateOnly, s, today.Location()); err == nil {
		return t, plausible(t.Year())
	}
	day, month, year := 0, time.Month(0), ""
	if m := germanDate.FindStringSubmatch(s); m != nil {
		day, _ = strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		month, year = time.Month(n), m[3]
	} else if m := spokenDate.FindStringSubmatch(strings.ToLower(s)); m != nil {
		day, _ = strconv.Atoi(m[1])
		month, year = months[string([]rune(m[2])[:3])], m[3]
	} else {
		return time.Time{}, false
	}
	if len(year) == 2 {
		year = "20" + year
	}
	if year != "" {
		y, _ := strconv.Atoi(year)
		return date(y, month, day, today.Location())
	}
	// The 29th of February may be up to eight years away.
	for y := today.Year(); y <= today.Year()+8; y++ {
		if t, ok := date(y, month, day, today.Location()); ok && !t.AddDate(0, 0, 1).Add(-time.Second).Before(today) {
			return t, true
		}
	}
	return time.Time{}, false
}

func plausible(year int) bool { return year >= firstYear && year <= lastYear }

// date gives the midnight of a day that exists.
func date(year int, month time.Month, day int, zone *time.Location) (time.Time, bool) {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	return t, t.Day() == day && t.Month() == month && plausible(year)
}

// parseClock reads a time of day as people type it: "19:00", "19.30", "19 Uhr".
func parseClock(s string) (hour, minute int, ok bool) {
	m := clock.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1])
	if m[2] != "" {
		minute, _ = strconv.Atoi(m[2])
	}
	return hour, minute, hour < 24 && minute < 60
}

// A when is what four fields of a form say: the days and the times of day of
// start and end, each as typed.
type when struct{ startDate, startTime, endDate, endTime string }

// parse gives start and end as ParseTime takes them; end is "" when it is
// open. Without a time of day the whole day is meant; an end without a day is
// on the day of the start or, when it were before it, in the night after it.
func (w when) parse(today time.Time) (start, end string, err error) {
	var errs problem.Fields
	day, ok := ParseDate(w.startDate, today)
	switch {
	case strings.TrimSpace(w.startDate) == "":
		errs.Add("start-date", noDay)
	case !ok:
		errs.Add("start-date", noDate)
	}
	start, startMinute := at(&errs, "start-time", w.startTime, day)
	last := day
	if strings.TrimSpace(w.endDate) != "" {
		if last, ok = ParseDate(w.endDate, day); !ok {
			errs.Add("end-date", noDate)
		}
	} else if strings.TrimSpace(w.endTime) == "" {
		return start, "", errs.Err()
	}
	end, endMinute := at(&errs, "end-time", w.endTime, last)
	if strings.TrimSpace(w.endDate) == "" && startMinute >= 0 && endMinute >= 0 && endMinute <= startMinute {
		end, _ = at(&errs, "end-time", w.endTime, last.AddDate(0, 0, 1))
		if endMinute+24*60-startMinute > night {
			errs.Add("end-time", tooSoon)
		}
	}
	return start, end, errs.Err()
}

// at joins a day and a time of day as typed. minute is that of the day, -1
// without a time.
func at(errs *problem.Fields, field, typed string, day time.Time) (joined string, minute int) {
	joined = day.Format(time.DateOnly)
	if strings.TrimSpace(typed) == "" {
		return joined, -1
	}
	h, m, ok := parseClock(typed)
	if !ok {
		errs.Add(field, noClock)
	}
	return joined + fmt.Sprintf("T%02d:%02d", h, m), 60*h + m
}
