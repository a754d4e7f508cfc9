package event

import (
	"testing"
	"time"
	_ "time/tzdata"

	"codeberg.org/aushang/aushang/internal/term"
)

func TestParseTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(y int, m time.Month, d, hour, minute int) time.Time {
		return time.Date(y, m, d, hour, minute, 0, 0, berlin)
	}
	for typed, want := range map[string]struct {
		t      time.Time
		allDay bool
	}{
		"2026-07-11T19:00":          {at(2026, 7, 11, 19, 0), false},
		"2026-07-11 19:00":          {at(2026, 7, 11, 19, 0), false},
		"2026-07-11T19:00:00":       {at(2026, 7, 11, 19, 0), false},
		"2026-07-11T17:00:00Z":      {at(2026, 7, 11, 19, 0), false},
		"2026-01-11T19:00:00+01:00": {at(2026, 1, 11, 19, 0), false},
		"11.07.2026 19:00":          {at(2026, 7, 11, 19, 0), false},
		"11.7.2026, 19:00 Uhr":      {at(2026, 7, 11, 19, 0), false},
		" 2026-07-11 ":              {at(2026, 7, 11, 0, 0), true},
		"11.7.2026":                 {at(2026, 7, 11, 0, 0), true},
	} {
		t.Run(typed, func(t *testing.T) {
			got, allDay, wrong := ParseTime(typed, berlin)
			if wrong != "" || !got.Equal(want.t) || allDay != want.allDay {
				t.Errorf("ParseTime = %v, %v, %v; want %v, %v", got, allDay, wrong, want.t, want.allDay)
			}
		})
	}
	for _, typed := range []string{"", "morgen", "31.02.2026", "2026-13-01", "19:00", "11.7.26", "2027-03-28T02:30", "28.03.2027 02:30", "0001-01-01", "9999-12-31T00:00"} {
		t.Run("refuses "+typed, func(t *testing.T) {
			if got, _, wrong := ParseTime(typed, berlin); wrong == "" {
				t.Errorf("ParseTime = %v, want a sentence", got)
			}
		})
	}
}

func TestApplyTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := func(v string) *string { return &v }
	for name, tc := range map[string]struct {
		changes []Change
		end     string // RFC 3339, "" for open
		wrong   bool
	}{
		"an open end stays open":                {[]Change{{Start: s("2026-07-11T19:00")}}, "", false},
		"a day ends with its last second":       {[]Change{{Start: s("2026-07-11")}}, "2026-07-11T23:59:59+02:00", false},
		"several days end with the last one":    {[]Change{{Start: s("2026-07-11"), End: s("2026-07-12")}}, "2026-07-12T23:59:59+02:00", false},
		"a day of 25 hours ends with itself":    {[]Change{{Start: s("2026-10-25")}}, "2026-10-25T23:59:59+01:00", false},
		"a moved event keeps its length":        {[]Change{{Start: s("2026-07-11T19:00"), End: s("2026-07-11T21:00")}, {Start: s("2026-07-12T20:00")}}, "2026-07-12T22:00:00+02:00", false},
		"an end before the start is refused":    {[]Change{{Start: s("2026-07-11T19:00"), End: s("2026-07-11T18:00")}}, "", true},
		"an end at the start is refused":        {[]Change{{Start: s("2026-07-11T19:00"), End: s("2026-07-11T19:00")}}, "", true},
		"a day cannot end at a time":            {[]Change{{Start: s("2026-07-11"), End: s("2026-07-12T10:00")}}, "", true},
		"an end can be taken away":              {[]Change{{Start: s("2026-07-11T19:00"), End: s("2026-07-11T21:00")}, {End: s("")}}, "", false},
		"an end alone cannot go before a start": {[]Change{{Start: s("2026-07-11T19:00")}, {End: s("2026-07-10T21:00")}}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			e := new(Event)
			e.Name = "Sommerfest"
			var err error
			for _, ch := range tc.changes {
				if err = e.apply(ch, berlin, term.Book{TermList: Presets()}); err != nil {
					break
				}
			}
			if tc.wrong {
				if err == nil {
					t.Errorf("accepted with the end %v", e.EndTime)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if !e.EndTime.IsZero() {
				got = e.EndTime.Format(time.RFC3339)
			}
			if got != tc.end {
				t.Errorf("end = %q, want %q", got, tc.end)
			}
		})
	}
}
