package event

import (
	"testing"
	"time"
)

func TestAgainIsTheSameWeekday(t *testing.T) {
	today := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for was, want := range map[string]string{
		"2027-07-10": "2028-07-08", // Saturday
		"2025-12-24": "2026-12-23", // Wednesday
		"2024-02-29": "2027-03-04", // Thursday, the day that the next years lack
		"2019-12-31": "2026-12-29", // Tuesday, years ago
		"2025-11-29": "2026-11-28", // Saturday, today
		"2025-11-28": "2027-11-26", // Friday: this year's was yesterday
	} {
		then, err := time.Parse(time.DateOnly, was)
		if err != nil {
			t.Fatal(err)
		}
		got := again(then, today)
		if got.Format(time.DateOnly) != want || got.Weekday() != then.Weekday() {
			t.Errorf("after %s comes %s, a %s, and not %s", was, got.Format(time.DateOnly), got.Weekday(), want)
		}
	}
}

func TestDaysBetween(t *testing.T) {
	for _, tc := range []struct {
		start, end string
		want       int
	}{
		{"2027-07-10T19:00", "2027-07-10T23:00", 0}, {"2027-07-10T19:00", "2027-07-11T02:00", 1}, {"2027-03-27T19:00", "2027-03-29T02:00", 2},
	} {
		zone, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		start, _, _ := ParseTime(tc.start, zone)
		end, _, _ := ParseTime(tc.end, zone)
		if got := daysBetween(start, end); got != tc.want {
			t.Errorf("from %s to %s: %d", tc.start, tc.end, got)
		}
	}
}
