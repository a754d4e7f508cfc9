package locale

import (
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"
)

func TestDateRange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tc := range []struct {
		start, end string
		allDay     bool
		de, en     string
	}{
		{"2026-07-11 19:00", "", false, "Sa., 11. Juli 2026, 19 Uhr", "Sat, 11 July 2026, 7 pm"},
		{"2026-07-11 18:30", "", false, "Sa., 11. Juli 2026, 18:30 Uhr", "Sat, 11 July 2026, 6:30 pm"},
		{"2026-07-11 10:00", "2026-07-11 14:00", false, "Sa., 11. Juli 2026, 10 bis 14 Uhr", "Sat, 11 July 2026, 10 am to 2 pm"},
		{"2026-07-11 00:00", "2026-07-11 23:59", true, "Sa., 11. Juli 2026", "Sat, 11 July 2026"},
		{"2026-07-10 00:00", "2026-07-12 23:59", true, "Fr., 10. bis So., 12. Juli 2026", "Fri, 10 to Sun, 12 July 2026"},
		{"2026-07-31 00:00", "2026-08-02 23:59", true, "Fr., 31. Juli bis So., 2. August 2026", "Fri, 31 July to Sun, 2 August 2026"},
		{"2026-12-31 00:00", "2027-01-01 23:59", true, "Do., 31. Dezember 2026 bis Fr., 1. Januar 2027", "Thu, 31 December 2026 to Fri, 1 January 2027"},
		{"2026-07-10 18:00", "2026-07-12 12:00", false, "Fr., 10. Juli, 18 Uhr bis So., 12. Juli 2026, 12 Uhr", "Fri, 10 July, 6 pm to Sun, 12 July 2026, 12 pm"},
		{"2026-12-31 20:00", "2027-01-01 02:00", false, "Do., 31. Dezember 2026, 20 Uhr bis Fr., 1. Januar 2027, 2 Uhr", "Thu, 31 December 2026, 8 pm to Fri, 1 January 2027, 2 am"},
		{"2026-03-08 00:00", "", false, "So., 8. März 2026, 0 Uhr", "Sun, 8 March 2026, 12 am"},
		{"2026-10-25 01:00", "2026-10-25 12:00", false, "So., 25. Oktober 2026, 1 bis 12 Uhr", "Sun, 25 October 2026, 1 am to 12 pm"},
	} {
		if got := DateRange("de", at(tc.start), at(tc.end), tc.allDay); got != tc.de {
			t.Errorf("%q, want %q", got, tc.de)
		}
		if got := DateRange("en", at(tc.start), at(tc.end), tc.allDay); got != tc.en {
			t.Errorf("%q, want %q", got, tc.en)
		}
	}
	if got := Month("de", at("2026-03-08 00:00")); got != "März" {
		t.Errorf("Month = %q", got)
	}
}

func TestCatalogue(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	a := fstest.MapFS{
		"text.de.toml": file("hello = \"Hallo {{.}}\"\n[reply]\none = \"{{.Count}} Antwort\"\nother = \"{{.Count}} Antworten\"\n"),
		"text.en.toml": file("hello = \"Hello {{.}}\"\n[reply]\none = \"{{.Count}} reply\"\nother = \"{{.Count}} replies\"\n"),
	}
	c, err := NewCatalogue(a)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "0 Antworten", 1: "1 Antwort", 2: "2 Antworten"} {
		if got, err := c.Plural("de", "reply", n); err != nil || got != want {
			t.Errorf("%d: %q, %v", n, got, err)
		}
	}
	if got, err := c.Message("en", "hello", "Anna"); err != nil || got != "Hello Anna" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := c.Message("de", "nothing", nil); err == nil {
		t.Error("an unknown key has words")
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("missing %v", missing)
	}
	if _, err := NewCatalogue(a, a); err == nil {
		t.Error("a key was defined twice")
	}
	c, err = NewCatalogue(fstest.MapFS{"text.de.toml": file("a = \"A\"\n"), "text.en.toml": file("b = \"B\"\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Missing(); len(got) != 2 || got[0] != "de b" || got[1] != "en a" {
		t.Errorf("missing %v", got)
	}
}

func TestDay(t *testing.T) {
	day := time.Date(2026, 7, 11, 0, 0, 0, 0, time.UTC)
	if de, en := Day("de", day), Day("en", day); de != "Samstag, 11. Juli 2026" || en != "Saturday, 11 July 2026" {
		t.Errorf("%q, %q", de, en)
	}
}

func TestClock(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 7, day, hour, minute, 0, 0, time.UTC) }
	for name, tc := range map[string]struct {
		start, end time.Time
		allDay     bool
		de, en     string
	}{
		"open":           {at(11, 18, 30), time.Time{}, false, "18:30 Uhr", "6:30 pm"},
		"with an end":    {at(11, 10, 0), at(11, 14, 0), false, "10 bis 14 Uhr", "10 am to 2 pm"},
		"all day":        {at(11, 0, 0), at(11, 23, 59), true, "", ""},
		"until next day": {at(11, 20, 0), at(12, 2, 0), false, "", ""},
	} {
		if de, en := Clock("de", tc.start, tc.end, tc.allDay), Clock("en", tc.start, tc.end, tc.allDay); de != tc.de || en != tc.en {
			t.Errorf("%s: %q, %q", name, de, en)
		}
	}
}

func TestNear(t *testing.T) {
	now := time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC)
	for days, want := range map[int][2]string{
		-1: {"", ""}, 0: {"heute", "today"}, 1: {"morgen", "tomorrow"}, 2: {"übermorgen", "in 2 days"}, 10: {"in 10 Tagen", "in 10 days"}, 15: {"", ""},
	} {
		day := time.Date(2026, 10, 24+days, 0, 15, 0, 0, time.UTC)
		if de, en := Near("de", day, now), Near("en", day, now); de != want[0] || en != want[1] {
			t.Errorf("%d days: %q, %q", days, de, en)
		}
	}
}

func TestShortDates(t *testing.T) {
	now := time.Date(2026, 7, 9, 12, 0, 0, 0, time.UTC)
	day, next := time.Date(2026, 7, 11, 10, 0, 0, 0, time.UTC), time.Date(2027, 1, 2, 10, 0, 0, 0, time.UTC)
	for got, want := range map[string]string{
		ShortDate("de", day, now): "Sa., 11. Juli", ShortDate("de", next, now): "Sa., 2. Januar 2027",
		ShortRange("de", day, day.Add(4*time.Hour), false, now): "Sa., 11. Juli, 10 bis 14 Uhr",
		ShortRange("de", day, day.AddDate(0, 0, 1), true, now):  "Sa., 11. bis So., 12. Juli",
		ShortRange("de", day, day.AddDate(0, 0, 1), false, now): "Sa., 11. Juli, 10 Uhr bis So., 12. Juli, 10 Uhr",
		ShortRange("en", next, time.Time{}, false, now):         "Sat, 2 January 2027, 10 am",
		ShortRange("de", day, next, true, now):                  "Sa., 11. Juli 2026 bis Sa., 2. Januar 2027",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
