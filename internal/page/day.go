package page

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The years in which anything of a town can be.
const (
	FirstYear = 1990
	LastYear  = 2199
)

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
	s = weekdayBefore.ReplaceAllString(spaced(s), "")
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

// spaced writes a plain space wherever there is any: what is copied from a page
// holds its parts together with others.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

func plausible(year int) bool { return year >= FirstYear && year <= LastYear }

// date gives the midnight of a day that exists.
func date(year int, month time.Month, day int, zone *time.Location) (time.Time, bool) {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	return t, t.Day() == day && t.Month() == month && plausible(year)
}

// ParseClock reads a time of day as people type it: "19:00", "19.30", "19 Uhr".
func ParseClock(s string) (hour, minute int, ok bool) {
	m := clock.FindStringSubmatch(spaced(s))
	if m == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1])
	if m[2] != "" {
		minute, _ = strconv.Atoi(m[2])
	}
	return hour, minute, hour < 24 && minute < 60
}
