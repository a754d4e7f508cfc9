package locale

import (
	"testing"
	"time"
)

// TestCalendarWords: days, months and times of day as a calendar says them.
func TestCalendarWords(t *testing.T) {
	noon := time.Date(2026, 7, 11, 12, 0, 0, 0, time.UTC)
	later := noon.Add(150 * time.Minute)
	next := time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC)
	for got, want := range map[string]string{
		ClockRange("de", noon, later):                                   "12 bis 14:30 Uhr",
		ClockRange("de", noon, time.Time{}):                             "12 Uhr",
		ClockRange("de", noon.Add(8*time.Hour), noon.Add(14*time.Hour)): "20 bis 2 Uhr",
		ClockRange("en", noon, later):                                   "12 pm to 2:30 pm",
		LongDay("de", noon, noon):                                       "Samstag, 11. Juli",
		LongDay("en", next, noon):                                       "Sunday, 3 January 2027",
		WeekdayName("de", time.Monday):                                  "Montag",
		MonthName("de", time.March):                                     "März",
		MonthYear("en", next):                                           "January 2027",
		MonthYear("de", noon.AddDate(0, 5, 0)):                          "Dezember 2026",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
