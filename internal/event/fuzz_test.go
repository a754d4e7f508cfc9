package event

import (
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
)

// FuzzWhen: whatever people type into the four fields of a date, it is a start
// that is one, with an end that is none or one, or a sentence at a field.
func FuzzWhen(f *testing.F) {
	for _, s := range [][4]string{
		{"11.7.", "19 Uhr", "", "23:00"},
		{"Sa., 11. Juli 2026", "19.30", "12.7.", "1"},
		{"2026-07-11", "", "2026-07-10", ""},
		{"29.2.", "24:00", "", "25"},
		{"heute", "-1", "morgen", "19:60"},
		{"29.3.2026", "2:30", "25.10.2026", "2:30"},
		{"", "", "", ""},
		{"1.1.9999", "0", "", "0"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	today := time.Date(2026, 7, 11, 15, 0, 0, 0, time.UTC)
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, startDate, startTime, endDate, endTime string) {
		start, end, err := when{startDate, startTime, endDate, endTime}.parse(today)
		if err != nil {
			if problem.Field(err) == "" {
				t.Error(err)
			}
			return
		}
		if _, _, wrong := ParseTime(start, zone); wrong != "" && wrong != noHour {
			t.Errorf("%q %q is %q: %s", startDate, startTime, start, wrong)
		}
		if _, _, wrong := ParseTime(end, zone); end != "" && wrong != "" && wrong != noHour {
			t.Errorf("%q %q is %q: %s", endDate, endTime, end, wrong)
		}
	})
}
