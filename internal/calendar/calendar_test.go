package calendar

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/emersion/go-ical"
)

func load(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestZones: by the rules in the file every clock shows what Go's shows.
func TestZones(t *testing.T) {
	for name, years := range map[string][2]int{
		"Europe/Berlin": {2026, 2028}, "America/New_York": {2026, 2026}, "Australia/Sydney": {2026, 2027}, "Asia/Kolkata": {2026, 2026},
		"Africa/Casablanca": {2024, 2027}, // by the moon
		"Europe/Moscow":     {2013, 2016}, // changed for good in 2014
		"America/Sao_Paulo": {2018, 2020}, // ended summer time
		"Africa/Cairo":      {2022, 2024}, // began it again, on Fridays and Thursdays
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, name)
			first, last := time.Date(years[0], 1, 1, 0, 0, 0, 0, time.UTC), time.Date(years[1], 12, 31, 0, 0, 0, 0, time.UTC)
			z := zone(l, first, last)
			for at := first; at.Before(last); at = at.Add(7 * time.Hour) {
				if got, want := shown(t, z, at), at.In(l).Format(offset); got != want {
					t.Fatalf("at %v the file says %s, want %s", at, got, want)
				}
			}
		})
	}
}

// shown gives the offset that the rules of z name for an instant.
func shown(t *testing.T, z *ical.Component, at time.Time) string {
	t.Helper()
	var began time.Time
	in := ""
	for _, c := range z.Children {
		from, err := time.Parse(offset, c.Props.Get(ical.PropTimezoneOffsetFrom).Value)
		if err != nil {
			t.Fatal(err)
		}
		_, seconds := from.Zone()
		set, err := c.RecurrenceSet(time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		start, err := c.Props.DateTime(ical.PropDateTimeStart, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		onsets := []time.Time{start}
		if set != nil {
			onsets = append(onsets, set.Between(start, at.AddDate(0, 0, 2), true)...)
		}
		for _, p := range c.Props.Values(ical.PropRecurrenceDates) {
			o, err := p.DateTime(time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			onsets = append(onsets, o)
		}
		for _, o := range onsets {
			if o = o.Add(-time.Duration(seconds) * time.Second); !o.After(at) && o.After(began) {
				began, in = o, c.Props.Get(ical.PropTimezoneOffsetTo).Value
			}
		}
	}
	return in
}

func TestFold(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", 300), strings.Repeat("ä", 300), strings.Repeat("a", 74) + "ää", strings.Repeat("🎪", 80), ""} {
		folded := string(fold([]byte("X:" + text + "\r\nY:1\r\n")))
		for line := range strings.SplitSeq(strings.TrimSuffix(folded, "\r\n"), "\r\n") {
			if len(line) > maxLine || strings.ToValidUTF8(line, "?") != line {
				t.Errorf("the line %q has %d bytes", line, len(line))
			}
		}
		if got := strings.ReplaceAll(folded, "\r\n ", ""); got != "X:"+text+"\r\nY:1\r\n" {
			t.Errorf("unfolded it is %q", got)
		}
	}
}

func TestSetText(t *testing.T) {
	p := ical.Props{}
	SetText(p, "SUMMARY", "a\r\nb\x00\t;,\\\xff")
	if got := p.Get("SUMMARY").Value; got != "a\\nb\t\\;\\,\\\\" {
		t.Errorf("%q", got)
	}
	if SetText(p, "LOCATION", "\x01"); p.Get("LOCATION") != nil {
		t.Error("nothing is written")
	}
	q := ical.NewProp("ORGANIZER")
	if SetParam(q, "CN", "a\"b\r\n"); q.Params.Get("CN") != "a'b" {
		t.Errorf("%q", q.Params)
	}
}

// source is a kind of thing for tests.
type source struct {
	by    string
	since time.Time
	err   error
	list  []*ical.Component
}

func (s *source) Components(_ context.Context, by string, since time.Time) ([]*ical.Component, error) {
	s.by, s.since = by, since
	return s.list, s.err
}

func TestFeed(t *testing.T) {
	e := ical.NewComponent(ical.CompEvent)
	e.Props.SetText(ical.PropUID, "1")
	at := time.Date(2026, 7, 11, 19, 0, 0, 0, load(t, "Europe/Berlin"))
	e.Props.SetDateTime(ical.PropDateTimeStamp, at.UTC())
	e.Props.SetDateTime(ical.PropDateTimeStart, at)
	s := &source{list: []*ical.Component{e}}
	f := &Feed{Zone: load(t, "Europe/Berlin"), Sources: []Source{s, &source{}}}
	get := func(method, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/kalender.ics", nil)
		r.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		if err := f.Serve(w, r, "club", "Dorf", "https://here.test/"); err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := get("GET", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != MediaType || strings.Count(w.Body.String(), "BEGIN:VEVENT") != 1 {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), w.Body)
	}
	if ago := time.Since(s.since); s.by != "club" || ago < past || ago > past+time.Minute {
		t.Errorf("asked for %q since %v", s.by, s.since)
	}
	etag := w.Header().Get("ETag")
	if same := get("GET", etag); same.Code != 304 || same.Body.Len() != 0 || etag == "" {
		t.Errorf("what is known is answered %d with %s", same.Code, same.Body)
	}
	if head := get("HEAD", ""); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != etag {
		t.Errorf("HEAD: %d %v %s", head.Code, head.Header(), head.Body)
	}
	e.Props.SetText(ical.PropSummary, "Neu")
	if w := get("GET", etag); w.Code != 200 {
		t.Errorf("what has changed is answered %d", w.Code)
	}
	s.list = nil
	if cal, err := ical.NewDecoder(bytes.NewReader(get("GET", "").Body.Bytes())).Decode(); err != nil || len(cal.Events()) != 0 {
		t.Errorf("an empty calendar: %v", err)
	}
	f.Zone = time.UTC
	if _, err := ical.NewDecoder(bytes.NewReader(get("GET", "").Body.Bytes())).Decode(); err != nil {
		t.Errorf("an empty calendar in UTC: %v", err)
	}
	s.err = errors.New("disk")
	if err := f.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), "", "", ""); err == nil {
		t.Error("an error is lost")
	}
}
