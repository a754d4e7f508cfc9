package locale

import (
	"slices"
	"strings"
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
		{"2026-07-11 19:00", "", false, "Sa.,\u00a011.\u00a0Juli\u00a02026, 19\u00a0Uhr", "Sat,\u00a011\u00a0July\u00a02026, 7\u00a0pm"},
		{"2026-07-11 18:30", "", false, "Sa.,\u00a011.\u00a0Juli\u00a02026, 18:30\u00a0Uhr", "Sat,\u00a011\u00a0July\u00a02026, 6:30\u00a0pm"},
		{"2026-07-11 10:00", "2026-07-11 14:00", false, "Sa.,\u00a011.\u00a0Juli\u00a02026, 10\u00a0bis\u00a014\u00a0Uhr", "Sat,\u00a011\u00a0July\u00a02026, 10\u00a0am\u00a0to\u00a02\u00a0pm"},
		{"2026-07-11 00:00", "2026-07-11 23:59", true, "Sa.,\u00a011.\u00a0Juli\u00a02026", "Sat,\u00a011\u00a0July\u00a02026"},
		{"2026-07-10 00:00", "2026-07-12 23:59", true, "Fr.,\u00a010. bis So.,\u00a012.\u00a0Juli\u00a02026", "Fri,\u00a010 to Sun,\u00a012\u00a0July\u00a02026"},
		{"2026-07-31 00:00", "2026-08-02 23:59", true, "Fr.,\u00a031.\u00a0Juli bis So.,\u00a02.\u00a0August\u00a02026", "Fri,\u00a031\u00a0July to Sun,\u00a02\u00a0August\u00a02026"},
		{"2026-12-31 00:00", "2027-01-01 23:59", true, "Do.,\u00a031.\u00a0Dezember\u00a02026 bis Fr.,\u00a01.\u00a0Januar\u00a02027", "Thu,\u00a031\u00a0December\u00a02026 to Fri,\u00a01\u00a0January\u00a02027"},
		{"2026-07-10 18:00", "2026-07-12 12:00", false, "Fr.,\u00a010.\u00a0Juli, 18\u00a0Uhr bis So.,\u00a012.\u00a0Juli\u00a02026, 12\u00a0Uhr", "Fri,\u00a010\u00a0July, 6\u00a0pm to Sun,\u00a012\u00a0July\u00a02026, 12\u00a0pm"},
		{"2026-12-31 20:00", "2027-01-01 02:00", false, "Do.,\u00a031.\u00a0Dezember\u00a02026, 20\u00a0Uhr bis Fr.,\u00a01.\u00a0Januar\u00a02027, 2\u00a0Uhr", "Thu,\u00a031\u00a0December\u00a02026, 8\u00a0pm to Fri,\u00a01\u00a0January\u00a02027, 2\u00a0am"},
		{"2026-03-08 00:00", "", false, "So.,\u00a08.\u00a0März\u00a02026, 0\u00a0Uhr", "Sun,\u00a08\u00a0March\u00a02026, 12\u00a0am"},
		{"2026-10-25 01:00", "2026-10-25 12:00", false, "So.,\u00a025.\u00a0Oktober\u00a02026, 1\u00a0bis\u00a012\u00a0Uhr", "Sun,\u00a025\u00a0October\u00a02026, 1\u00a0am\u00a0to\u00a012\u00a0pm"},
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
	if missing, err := c.Missing(); err != nil || len(missing) > 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	if _, err := NewCatalogue(a, a); err == nil {
		t.Error("a key was defined twice")
	}
	c, err = NewCatalogue(fstest.MapFS{"text.de.toml": file("a = \"A\"\n"), "text.en.toml": file("b = \"B\"\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Missing(); err != nil || len(got) != 2 || got[0] != "de b" || got[1] != "en a" {
		t.Errorf("missing %v, %v", got, err)
	}
	c, err = NewCatalogue(fstest.MapFS{"text.de.toml": file("a = \"A\"\n"), "text.en.toml": file("a = ")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Message("en", "a", nil); err == nil || c.Has("en", "a") {
		t.Error("a language that cannot be read has words")
	}
	if _, err := c.Missing(); err == nil {
		t.Error("nothing is missing in a language that cannot be read")
	}
}

// TestManner: a variant stands before the words of the catalogue, plurals and
// fillings too, and can be taken back; what no catalogue has is an error.
func TestManner(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	folder := fstest.MapFS{
		"text.de.toml":    file("you = \"Sie\"\nhello = \"Hallo {{.}}, Sie\"\nsame = \"Tag\"\n[n]\none = \"Sie: {{.Count}} Tag\"\nother = \"Sie: {{.Count}} Tage\"\n"),
		"text.en.toml":    file("you = \"you\"\nhello = \"Hello {{.}}\"\nsame = \"day\"\n[n]\none = \"{{.Count}} day\"\nother = \"{{.Count}} days\"\n"),
		"text.de-du.toml": file("you = \"Du\"\nhello = \"Hallo {{.}}, Du\"\n[n]\none = \"Du: {{.Count}} Tag\"\nother = \"Du: {{.Count}} Tage\"\n"),
	}
	c, err := NewCatalogue(folder)
	if err != nil {
		t.Fatal(err)
	}
	says := func(want ...string) {
		t.Helper()
		you, _ := c.Message("de", "you", nil)
		hello, _ := c.Message("de", "hello", "Anna")
		days, err := c.Plural("de", "n", 2)
		same, _ := c.Message("de", "same", nil)
		english, _ := c.Message("en", "you", nil)
		if got := []string{you, hello, days, same, english}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	}
	says("Sie", "Hallo Anna, Sie", "Sie: 2 Tage", "Tag", "you")
	loud := func(lang, words string) string {
		if lang == "de" {
			words = strings.ReplaceAll(words, "Tag", "TAG")
		}
		return words
	}
	if err := c.Speak(Manner{Variant: "du", Say: loud}); err != nil {
		t.Fatal(err)
	}
	says("Du", "Hallo Anna, Du", "Du: 2 TAGe", "TAG", "you")
	if err := c.Speak(Manner{}); err != nil {
		t.Fatal(err)
	}
	says("Sie", "Hallo Anna, Sie", "Sie: 2 Tage", "Tag", "you")
	folder["text.de-du.toml"] = file("who = \"Du\"\n")
	if err := c.Speak(Manner{Variant: "du"}); err == nil {
		t.Error("words for a key that there is not")
	}
	says("Sie", "Hallo Anna, Sie", "Sie: 2 Tage", "Tag", "you")
}

func TestDay(t *testing.T) {
	day := time.Date(2026, 7, 11, 0, 0, 0, 0, time.UTC)
	if de, en := Day("de", day), Day("en", day); de != "Samstag, 11.\u00a0Juli\u00a02026" || en != "Saturday, 11\u00a0July\u00a02026" {
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
		"open":           {at(11, 18, 30), time.Time{}, false, "18:30\u00a0Uhr", "6:30\u00a0pm"},
		"with an end":    {at(11, 10, 0), at(11, 14, 0), false, "10\u00a0bis\u00a014\u00a0Uhr", "10\u00a0am\u00a0to\u00a02\u00a0pm"},
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
		-1: {"", ""}, 0: {"heute", "today"}, 1: {"morgen", "tomorrow"}, 2: {"übermorgen", "in 2\u00a0days"}, 10: {"in 10\u00a0Tagen", "in 10\u00a0days"}, 15: {"", ""},
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
		ShortDate("de", day, now): "Sa.,\u00a011.\u00a0Juli", ShortDate("de", next, now): "Sa.,\u00a02.\u00a0Januar\u00a02027",
		ShortRange("de", day, day.Add(4*time.Hour), false, now): "Sa.,\u00a011.\u00a0Juli, 10\u00a0bis\u00a014\u00a0Uhr",
		ShortRange("de", day, day.AddDate(0, 0, 1), true, now):  "Sa.,\u00a011. bis So.,\u00a012.\u00a0Juli",
		ShortRange("de", day, day.AddDate(0, 0, 1), false, now): "Sa.,\u00a011.\u00a0Juli, 10\u00a0Uhr bis So.,\u00a012.\u00a0Juli, 10\u00a0Uhr",
		ShortRange("en", next, time.Time{}, false, now):         "Sat,\u00a02\u00a0January\u00a02027, 10\u00a0am",
		ShortRange("de", day, next, true, now):                  "Sa.,\u00a011.\u00a0Juli\u00a02026 bis Sa.,\u00a02.\u00a0Januar\u00a02027",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLately: what is over is said as people do, and a number stays with what it
// counts.
func TestLately(t *testing.T) {
	now := time.Date(2026, 7, 11, 0, 30, 0, 0, time.UTC)
	for got, want := range map[string]string{
		Lately("de", now.Add(-10*time.Minute), now):                         "Heute, 0:20\u00a0Uhr",
		Lately("de", now.Add(-time.Hour), now):                              "Gestern, 23:30\u00a0Uhr",
		Lately("en", now.Add(-time.Hour), now):                              "Yesterday, 11:30\u00a0pm",
		Lately("de", now.AddDate(0, 0, -2), now):                            "Do.,\u00a09.\u00a0Juli, 0:30\u00a0Uhr",
		Lately("de", now.AddDate(-1, 0, 0), now):                            "Fr.,\u00a011.\u00a0Juli\u00a02025, 0:30\u00a0Uhr",
		Lately("de", now.AddDate(0, 0, 1), now):                             "So.,\u00a012.\u00a0Juli, 0:30\u00a0Uhr",
		Lately("de", now.Add(-time.Hour).In(time.FixedZone("", 7200)), now): "Heute, 1:30\u00a0Uhr",
		ShortDateTime("en", now, now.AddDate(1, 0, 0)):                      "Sat,\u00a011\u00a0July\u00a02026, 12:30\u00a0am",
		Hold("Nach 730 Tagen", 730):                                         "Nach 730\u00a0Tagen",
		Hold("3 Angebote", 3):                                               "3\u00a0Angebote",
		Hold("Raum 13 ist für 3 Personen", 3):                               "Raum 13 ist für 3\u00a0Personen",
		Hold("keine Angebote", 0):                                           "keine Angebote",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
