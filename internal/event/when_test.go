package event

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
)

func TestParseDate(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Date(2026, 7, 11, 15, 0, 0, 0, berlin)
	for typed, want := range map[string]string{
		"11.7.": "2026-07-11", "11.7": "2026-07-11", "10.7.": "2027-07-10", "12.07.": "2026-07-12", "11.07.2026": "2026-07-11", "1.2.27": "2027-02-01",
		"2026-07-11": "2026-07-11", " 11. 7. 2026 ": "2026-07-11", "11. Juli": "2026-07-11", "11. Juli 2027": "2027-07-11", "3. März": "2027-03-03",
		"Sa., 11.7.": "2026-07-11", "Samstag 11.7.": "2026-07-11", "29.2.": "2028-02-29", "24. dez": "2026-12-24", "11 July 2026": "2026-07-11",
		"": "", "31.2.": "", "29.2.2027": "", "0.1.": "", "1.13.": "", "morgen": "", "11/7/2026": "", "1.1.1800": "", "2026-13-01": "", "11. Foo": "", "11.7.20261": "",
	} {
		got, ok := ParseDate(typed, today)
		if ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("%q: %v, %v; want %q", typed, got, ok, want)
		}
	}
}

func TestWhen(t *testing.T) {
	today := time.Date(2026, 7, 11, 15, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		in         when
		start, end string
		wrong      string
	}{
		"a whole day":         {when{"11.7.", "", "", ""}, "2026-07-11", "", ""},
		"several days":        {when{"11.7.", "", "13.7.", ""}, "2026-07-11", "2026-07-13", ""},
		"an evening":          {when{"11.7.", "19 Uhr", "", "23.30"}, "2026-07-11T19:00", "2026-07-11T23:30", ""},
		"past midnight":       {when{"11.7.", "20:00", "", "2 Uhr"}, "2026-07-11T20:00", "2026-07-12T02:00", ""},
		"an end before it":    {when{"11.7.", "18:00", "", "16:30"}, "", "", "end-time"},
		"over the new year":   {when{"31.12.", "20:00", "1.1.", "2:00"}, "2026-12-31T20:00", "2027-01-01T02:00", ""},
		"open end":            {when{"11.7.", "19:00", "", ""}, "2026-07-11T19:00", "", ""},
		"from a picker":       {when{"2026-07-11", "19:00:00", "", ""}, "2026-07-11T19:00", "", ""},
		"nothing":             {when{}, "", "", "start-date"},
		"no date":             {when{"bald", "", "", ""}, "", "", "start-date"},
		"no time of day":      {when{"11.7.", "abends", "", ""}, "", "", "start-time"},
		"25 o'clock":          {when{"11.7.", "25:00", "", ""}, "", "", "start-time"},
		"a wrong last day":    {when{"11.7.", "", "32.7.", ""}, "", "", "end-date"},
		"a wrong end of it":   {when{"11.7.", "19:00", "", "spät"}, "", "", "end-time"},
		"a minute that isn't": {when{"11.7.", "19:77", "", ""}, "", "", "start-time"},
	} {
		start, end, err := tc.in.parse(today)
		if tc.wrong != "" {
			if problem.Field(err) != tc.wrong {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || start != tc.start || end != tc.end {
			t.Errorf("%s: %q to %q, %v", name, start, end, err)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"11.7.", "Sa., 11. Juli 2026", "2026-07-11", "29.2."} {
		f.Add(s)
	}
	today := time.Date(2026, 7, 11, 15, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		day, ok := ParseDate(s, today)
		if !ok {
			return
		}
		again, ok := ParseDate(day.Format("2.1.2006"), today)
		if !ok || !again.Equal(day) || strings.TrimSpace(s) == "" {
			t.Errorf("%q: %v, and read back %v", s, day, again)
		}
	})
}
