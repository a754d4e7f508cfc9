package event

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/term"
)

var update = flag.Bool("update", false, "write the golden files again")

// fair is an event as it comes out of the database.
func fair(key string, change func(e *Event)) *Event {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	e := &Event{
		Object: object.Object{
			ID: "https://here.test/ap/objects/" + key, URL: "https://here.test/veranstaltungen/" + key, Type: Type, Name: "Sommerfest",
			Content: "<p>Musik &amp; Tanz,<br>auch bei Regen; komm!</p>", Published: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
			Author: &actor.Actor{Name: `TSV "Die Löwen": Musterdorf`, URL: "https://here.test/vereine/tsv"},
		},
		Details: Details{
			StartTime: time.Date(2026, 7, 11, 19, 0, 0, 0, berlin), EndTime: time.Date(2026, 7, 11, 23, 0, 0, 0, berlin),
			Timezone: "Europe/Berlin", Place: "Marktplatz, vor der Kirche", Status: Confirmed,
		},
	}
	if change != nil {
		change(e)
	}
	return e
}

func fairs() []*Event {
	return []*Event{
		fair("1", nil),
		fair("2-changed", func(e *Event) { e.Updated, e.Category = e.Published.Add(time.Hour), "festival" }),
		fair("3-cancelled", func(e *Event) {
			e.Status, e.Reason, e.Updated = Cancelled, "Unwetter", e.Published.Add(2*time.Hour)
		}),
		fair("4-all-day", func(e *Event) {
			y, m, d := e.StartTime.Date()
			e.AllDay, e.StartTime = true, time.Date(y, m, d, 0, 0, 0, 0, e.Location())
			e.EndTime = lastSecond(e.StartTime.AddDate(0, 0, 1))
		}),
		fair("5-clock-changes", func(e *Event) { // from 19 to 10 o'clock are sixteen hours that night
			e.StartTime = time.Date(2026, 10, 24, 19, 0, 0, 0, e.Location())
			e.EndTime = time.Date(2026, 10, 25, 10, 0, 0, 0, e.Location())
		}),
		fair("6-open-end", func(e *Event) { e.EndTime = time.Time{} }),
		fair("7-long", func(e *Event) { e.Name = strings.Repeat("Übergrößenträgerärger ", 8) + "zu\x00\r Ende" }),
		fair("8-elsewhere", func(e *Event) {
			there, err := time.LoadLocation("America/New_York")
			if err != nil {
				panic(err)
			}
			e.Timezone, e.StartTime, e.EndTime = there.String(), e.StartTime.In(there), e.EndTime.In(there)
		}),
	}
}

func encode(t *testing.T, events ...*Event) []byte {
	t.Helper()
	c := calendar.Calendar{Name: "Musterdorf", URL: "https://here.test/veranstaltungen", Zone: fair("", nil).Details.Location()}
	for _, e := range events {
		c.Components = append(c.Components, e.component(term.Book{TermList: Presets()}))
	}
	body, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestCalendarFile compares a whole file, byte by byte.
func TestCalendarFile(t *testing.T) {
	got := encode(t, fairs()...)
	const golden = "testdata/kalender.ics"
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("the file differs (-want +got); go test -update writes it again:\n%s", d)
	}
	for line := range bytes.SplitSeq(got, []byte("\r\n")) {
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
}

// TestCalendarSpeaksAsTheEvent: that it does not take place is said in its
// language.
func TestCalendarSpeaksAsTheEvent(t *testing.T) {
	for language, want := range map[string]string{"": "Abgesagt: Hail", "de": "Abgesagt: Hail", "en": "Cancelled: Hail"} {
		e := fair("1", func(e *Event) { e.Language, e.Status, e.Reason = language, Cancelled, "Hail" })
		if got := e.description(); !strings.HasPrefix(got, want+"\n") {
			t.Errorf("in %q: %q", language, got)
		}
	}
}

// TestCalendarIsRead: another program understands what was meant.
func TestCalendarIsRead(t *testing.T) {
	cal, err := ical.NewDecoder(bytes.NewReader(encode(t, fairs()...))).Decode()
	if err != nil {
		t.Fatal(err)
	}
	text := func(p ical.Props, name string) string {
		s, err := p.Text(name)
		if err != nil {
			t.Error(err)
		}
		return s
	}
	if text(cal.Props, "X-WR-CALNAME") != "Musterdorf" || cal.Props.Get(ical.PropRefreshInterval).Params.Get(ical.ParamValue) != "DURATION" {
		t.Errorf("%v", cal.Props)
	}
	read := cal.Events()
	if len(read) != len(fairs()) {
		t.Fatalf("%d events", len(read))
	}
	for i, e := range fairs() {
		p := read[i].Props
		if text(p, ical.PropUID) != e.ID || text(p, ical.PropLocation) != e.Place || text(p, ical.PropSummary) != strings.NewReplacer("\x00", "", "\r", "").Replace(e.title(e.Language)) || text(p, ical.PropStatus) != e.Status {
			t.Errorf("%s is read as %v", e.ID, p)
		}
		start, err := read[i].DateTimeStart(e.Details.Location())
		if err != nil || !start.Equal(e.StartTime) {
			t.Errorf("%s starts %v, want %v (%v)", e.ID, start, e.StartTime, err)
		}
	}
	for i, want := range []string{"0", "3600", "7200"} { // SEQUENCE rises with each change
		if got := read[i].Props.Get(ical.PropSequence).Value; got != want {
			t.Errorf("sequence %s, want %s", got, want)
		}
	}
	if d := text(read[0].Props, ical.PropDescription); d != "Musik & Tanz,\nauch bei Regen; komm!" {
		t.Errorf("description %q", d)
	}
	if p := read[3].Props; p.Get(ical.PropDateTimeStart).Value != "20260711" || p.Get(ical.PropDateTimeEnd).Value != "20260713" || p.Get(ical.PropDateTimeStart).Params.Get("VALUE") != "DATE" {
		t.Errorf("two whole days are %v", p)
	}
	start, _ := read[4].DateTimeStart(nil)
	if end, err := read[4].DateTimeEnd(nil); err != nil || end.Sub(start) != 16*time.Hour {
		t.Errorf("over the end of summer time it takes %v (%v)", end.Sub(start), err)
	}
	if read[5].Props.Get(ical.PropDateTimeEnd) != nil {
		t.Error("an open end has an end")
	}
}
