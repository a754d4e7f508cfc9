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
		ClockRange("de", noon, later):                                   "12\u00a0bis\u00a014:30\u00a0Uhr",
		ClockRange("de", noon, time.Time{}):                             "12\u00a0Uhr",
		ClockRange("de", noon.Add(8*time.Hour), noon.Add(14*time.Hour)): "20\u00a0bis\u00a02\u00a0Uhr",
		ClockRange("en", noon, later):                                   "12\u00a0pm\u00a0to\u00a02:30\u00a0pm",
		LongDay("de", noon, noon):                                       "Samstag, 11.\u00a0Juli",
		LongDay("en", next, noon):                                       "Sunday, 3\u00a0January\u00a02027",
		WeekdayName("de", time.Monday):                                  "Montag",
		MonthName("de", time.March):                                     "März",
		MonthYear("en", next):                                           "January\u00a02027",
		MonthYear("de", noon.AddDate(0, 5, 0)):                          "Dezember\u00a02026",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
