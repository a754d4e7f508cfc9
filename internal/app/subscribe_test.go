package app

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
)

// ask makes a request with these headers, as pairs.
func (v *village) ask(method, path string, headers ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	v.handler().ServeHTTP(w, r)
	return w
}

func path(address string) string { return strings.TrimPrefix(address, "https://here.test") }

// second adds another club.
func (v *village) second() *club.Club {
	v.t.Helper()
	c, err := v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true})
	if err != nil {
		v.t.Fatal(err)
	}
	return c
}

// on publishes an event of a club at this time.
func (v *village) on(clubID, name, start, end string) *event.Event {
	v.t.Helper()
	e, err := v.Events.Create(v.t.Context(), actor.Operator, event.Draft{AttributedTo: clubID, Name: name, Start: start, End: end})
	if err != nil {
		v.t.Fatal(err)
	}
	return e
}

// summaries gives what stands in a calendar.
func (v *village) summaries(path string) string {
	v.t.Helper()
	w := v.ask("GET", path)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		v.t.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	cal, err := ical.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode()
	if err != nil {
		v.t.Fatal(err)
	}
	var names []string
	for _, e := range cal.Events() {
		s, _ := e.Props.Text(ical.PropSummary)
		names = append(names, s)
	}
	return strings.Join(names, ", ")
}

func TestCalendars(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		if got := v.summaries("/kalender.ics"); got != "" {
			t.Errorf("a town without events has %q", got)
		}
		fest, choir := v.event("Sommerfest"), v.second()
		v.on(choir.ID, "Konzert", "2027-07-01", "")
		day := func(ago int) string { return time.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
		v.on(choir.ID, "Vorbei", day(20), "")
		v.on(choir.ID, "Lange vorbei", day(40), "")
		if got := v.summaries("/kalender.ics"); got != "Vorbei, Konzert, Sommerfest" {
			t.Errorf("the town's calendar has %s", got)
		}
		if got := v.summaries("/vereine/tsv/kalender.ics"); got != "Sommerfest" {
			t.Errorf("the club's calendar has %s", got)
		}
		first := v.ask("GET", path(fest.URL)+"/kalender.ics")
		if same := v.ask("GET", path(fest.URL)+"/kalender.ics", "If-None-Match", first.Header().Get("ETag")); same.Code != 304 {
			t.Errorf("what is known is answered %d", same.Code)
		}
		if head := v.ask("HEAD", "/kalender.ics"); head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("ETag") == "" {
			t.Errorf("HEAD: %d %v", head.Code, head.Header())
		}
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, fest.ID, "Unwetter"); err != nil {
			t.Fatal(err)
		}
		if got := v.summaries(path(fest.URL) + "/kalender.ics"); got != "Abgesagt: Sommerfest" {
			t.Errorf("the cancelled event is %s", got)
		}
		if second := v.ask("GET", path(fest.URL)+"/kalender.ics").Body.String(); !strings.Contains(second, "STATUS:CANCELLED") || strings.Contains(second, "SEQUENCE:0") || !strings.Contains(second, "UID:"+fest.ID) {
			t.Errorf("the cancelled event:\n%s", second)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, fest.ID); err != nil {
			t.Fatal(err)
		}
		for p, want := range map[string]int{path(fest.URL) + "/kalender.ics": 410, "/veranstaltungen/none/kalender.ics": 404, "/vereine/none/kalender.ics": 404, "/vereine/none/feed.rss": 404} {
			if w := v.ask("GET", p); w.Code != want {
				t.Errorf("%s: %d, want %d", p, w.Code, want)
			}
		}
		if got := v.summaries("/kalender.ics"); got != "Vorbei, Konzert" {
			t.Errorf("after the deletion the town's calendar has %s", got)
		}
	})
}

// TestHeads: what programs find in the heads of pages.
func TestHeads(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p := v.event("Sommerfest </script>"), v.post("Schlüssel gefunden")
		allDay := v.on(v.club.ID, "Woche", "2027-08-02", "2027-08-06")
		const calendar, rss = `<link rel="alternate" type="text/calendar" title="`, `<link rel="alternate" type="application/rss&#43;xml" title="`
		for where, want := range map[string][]string{
			"/veranstaltungen": {calendar, `href="/kalender.ics"`, "Kalender abonnieren"},
			"/pinnwand":        {rss, `href="/pinnwand/feed.rss"`, "Pinnwand (RSS)"},
			"/vereine/tsv": {
				calendar, rss, `href="/vereine/tsv/kalender.ics"`, `href="/vereine/tsv/feed.rss"`, "Termine abonnieren", `content="profile"`,
				`"@type":"Organization"`, `"alternateName":"@tsv@here.test"`,
			},
			path(e.URL): {
				calendar, "Zu meinem Kalender hinzufügen", `content="article"`, `"startDate":"2027-07-10T19:00:00+02:00"`, `"endDate":"2027-07-10T23:00:00+02:00"`,
				`"eventStatus":"https://schema.org/EventScheduled"`, `"name":"Marktplatz"`, `"organizer":{"@type":"Organization"`,
			},
			path(allDay.URL): {`"startDate":"2027-08-02"`, `"endDate":"2027-08-06"`},
			path(p.URL):      {`"@type":"SocialMediaPosting"`, `"text":"Schlüssel gefunden"`, `"author":{`, `content="de_DE"`},
		} {
			body := v.get(where, html).Body.String()
			for _, w := range want {
				if !strings.Contains(body, w) {
					t.Errorf("%s lacks %s", where, w)
				}
			}
			if _, rest, ok := strings.Cut(body, `<script type="application/ld+json">`); ok {
				data, _, _ := strings.Cut(rest, "</script>")
				if !json.Valid([]byte(data)) {
					t.Errorf("%s has the data %s", where, data)
				}
			}
		}
	})
}

func TestEventList(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		choir := v.second()
		now := time.Now().In(v.Config.Location())
		today, tomorrow := now.Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly)
		v.on(v.club.ID, "Seit gestern", now.AddDate(0, 0, -1).Format(time.DateOnly), tomorrow)
		v.on(v.club.ID, "Heute Kuchen", today, "")
		v.on(choir.ID, "Probe", "2027-07-11T19:00", "")
		v.on(v.club.ID, "Turnier", "2027-07-10T10:00", "2027-07-12T18:00")
		for query, want := range map[string]struct {
			status int
			has    []string
			lacks  []string
		}{
			"":                             {200, []string{"Läuft schon", ">heute<", ">Samstag, 10. Juli 2027<", ">Sonntag, 11. Juli 2027<", "Probe", "Turnier", ` for="tag">`, ` for="verein">`}, []string{"Alle Veranstaltungen zeigen"}},
			"?tag=2027-07-11":              {200, []string{">Sonntag, 11. Juli 2027<", "Probe", "Turnier", `chip--remove" href="/veranstaltungen"`}, []string{"Kuchen", "Samstag, "}},
			"?tag=11.7.2027&verein=chor":   {200, []string{"Probe", `value="2027-07-11"`, `value="chor" selected`}, []string{"Turnier"}},
			"?verein=tsv":                  {200, []string{"Turnier", "Kuchen"}, []string{"Probe"}},
			"?tag=13.7.2027":               {200, []string{"Dafür ist nichts angekündigt", "Alle Veranstaltungen zeigen"}, []string{"Turnier"}},
			"?tag=31.2.2027&verein=chor":   {422, []string{"„31.2.2027“ ist kein Tag", `aria-invalid="true"`, `tag-error"`, `value="chor" selected`}, []string{"Probe", "angekündigt"}},
			"?tag=%3Cscript%3E":            {422, []string{"„&lt;script&gt;“ ist kein Tag"}, nil},
			"?verein=none":                 {422, []string{"„none“ gibt es hier nicht"}, []string{"Turnier"}},
			"?verein=instance":             {422, []string{"gibt es hier nicht"}, nil},
			"?tag=2027-07-11&lang=en":      {200, []string{">Sunday, 11 July 2027<"}, nil},
			"?tag=2027-07-11&nach=nothing": {200, []string{"nichts angekündigt"}, nil},
		} {
			w := v.get("/veranstaltungen"+query, html)
			body := spaced(w.Body.String())
			if w.Code != want.status {
				t.Errorf("%s: %d, want %d", query, w.Code, want.status)
			}
			for _, s := range want.has {
				if !strings.Contains(body, s) {
					t.Errorf("%s lacks %q", query, s)
				}
			}
			for _, s := range want.lacks {
				if strings.Contains(body, s) {
					t.Errorf("%s has %q", query, s)
				}
			}
		}
	})
}

// TestEventPages: the way to later events keeps what was chosen.
func TestEventPages(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for range 31 {
			v.on(v.club.ID, "Übung", "2027-07-11T19:00", "")
		}
		body := v.get("/veranstaltungen?tag=11.7.2027&verein=TSV", html).Body.String()
		_, rest, ok := strings.Cut(body, ` href="/veranstaltungen?nach=`)
		next, _, _ := strings.Cut(rest, `"`)
		if !ok || !strings.HasSuffix(next, "&amp;tag=11.7.2027&amp;verein=tsv") || strings.Count(body, "Übung") != 30 {
			t.Fatalf("%d events, next %q", strings.Count(body, "Übung"), next)
		}
		body = v.get("/veranstaltungen?nach="+strings.ReplaceAll(next, "&amp;", "&"), html).Body.String()
		if n := strings.Count(body, "Übung"); n != 1 || strings.Contains(body, `"/veranstaltungen?nach=`) {
			t.Errorf("the second page has %d events", n)
		}
	})
}
