package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
)

// about publishes an event of a category at a place.
func (v *village) about(clubID, name, start, end, category, place string) *event.Event {
	v.t.Helper()
	e, err := v.Events.Create(v.t.Context(), actor.Operator, event.Draft{
		AttributedTo: clubID, Name: name, Start: start, End: end, Category: category, Place: place,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return e
}

// says tells what is wrong with a page: which of the words it has to say it
// lacks, and which of the others it says.
func (v *village) says(what, address string, status int, has, lacks []string) {
	v.t.Helper()
	w := v.get(address, html)
	if w.Code != status {
		v.t.Errorf("%s: %s is answered with %d, want %d", what, address, w.Code, status)
	}
	body := spaced(w.Body.String())
	for _, s := range has {
		if !strings.Contains(body, s) {
			v.t.Errorf("%s: %s lacks %q", what, address, s)
		}
	}
	for _, s := range lacks {
		if strings.Contains(body, s) {
			v.t.Errorf("%s: %s has %q", what, address, s)
		}
	}
}

// TestEventChoices: what a reader can choose on the list, together and alone,
// and what it says of that.
func TestEventChoices(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		choir := v.second()
		v.about(v.club.ID, "Turnfest", "2027-07-10T10:00", "", "sport", "Sportplatz")
		v.about(choir.ID, "Serenade", "2027-07-10T19:00", "", "music", "Pfarrgarten")
		v.about(choir.ID, "Probe", "2027-07-11T19:00", "", "music", "")
		v.about(choir.ID, "Sitzung", "2027-07-12T19:00", "", "", "Pfarrgarten")
		for what, tc := range map[string]struct {
			query      string
			status     int
			has, lacks []string
		}{
			"all":            {"", 200, []string{"4 Veranstaltungen", "Turnfest", "Probe", `<option value="Pfarrgarten">`, `<option value="chor">Chor`, `value="musik"`}, []string{"Nicht gezeigt", "Wegnehmen"}},
			"a category":     {"?thema=musik", 200, []string{"2 Veranstaltungen", "Serenade", "Probe", "Nicht gezeigt: 1 ohne Angabe zum Thema", `value="musik" selected`, "/kalender.ics?thema=musik"}, []string{"Turnfest", "Sitzung</a>"}},
			"by its key":     {"?thema=music", 200, []string{"Serenade", `value="musik" selected`}, []string{"Turnfest"}},
			"a place":        {"?ort=Pfarrgarten", 200, []string{"Serenade", "Sitzung", "Nicht gezeigt: 1 ohne Angabe zum Ort"}, []string{"Turnfest", "Probe"}},
			"a club":         {"?verein=tsv", 200, []string{"1 Veranstaltung<", "Turnfest"}, []string{"Serenade"}},
			"all of them":    {"?thema=musik&ort=Pfarrgarten&verein=chor&tag=10.7.2027", 200, []string{"Serenade", "am Sa., 10. Juli 2027", "/kalender.ics?ort=Pfarrgarten&amp;thema=musik&amp;verein=chor"}, []string{"Probe", "Turnfest", "Sitzung"}},
			"nothing there":  {"?thema=glaube", 200, []string{"Dafür ist nichts angekündigt", "Nicht gezeigt: 1"}, []string{"Serenade"}},
			"a wrong topic":  {"?thema=quatsch&verein=chor", 422, []string{"Das Thema „quatsch“ gibt es hier nicht", "Thema: „quatsch“ gibt es hier nicht", `<a href="/veranstaltungen?verein=chor">Ohne diese Angabe`, "here.test/kalender.ics?verein=chor<"}, []string{"Serenade", "kalender.ics?thema=quatsch"}},
			"a wrong period": {"?wann=gestern", 422, []string{"Zeitraum: „gestern“ gibt es hier nicht", `<a href="/veranstaltungen">Ohne diese Angabe`}, []string{"Serenade"}},
			"another place":  {"?ort=%3Cb%3EMond", 200, []string{"Dafür ist nichts angekündigt", "&lt;b&gt;Mond"}, []string{"<b>Mond"}},
			"in English":     {"?thema=musik&lang=en", 200, []string{"2 events", "Not shown: 1"}, []string{"Nicht gezeigt"}},
		} {
			v.says(what, "/veranstaltungen"+tc.query, tc.status, tc.has, tc.lacks)
		}
		body := v.get("/veranstaltungen?thema=musik&verein=chor", html).Body.String()
		for _, without := range []string{`href="/veranstaltungen?verein=chor"`, `href="/veranstaltungen?thema=musik"`} {
			if !strings.Contains(body, without) {
				t.Errorf("no choice can be taken back by %s", without)
			}
		}
	})
}

// TestEventPeriods: the chips lead to what is on then, and count the same.
func TestEventPeriods(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		now := time.Now().In(v.Config.Location())
		day := func(n int) string { return now.AddDate(0, 0, n).Format(time.DateOnly) }
		v.on(v.club.ID, "Kuchenbasar", day(0), "")
		v.on(v.club.ID, "Morgenlauf", day(1), "")
		v.on(v.club.ID, "Jahrestreffen", day(60), "")
		saturday := now.AddDate(0, 0, (6-int(now.Weekday())+7)%7)
		if now.Weekday() == time.Sunday {
			saturday = now
		}
		v.on(v.club.ID, "Wochenendfest", saturday.Format(time.DateOnly), "")
		for when, tc := range map[string]struct{ has, lacks []string }{
			"heute":      {[]string{"Kuchenbasar"}, []string{"Jahrestreffen"}},
			"morgen":     {[]string{"Morgenlauf"}, []string{"Kuchenbasar", "Jahrestreffen"}},
			"wochenende": {[]string{"Wochenendfest"}, []string{"Jahrestreffen"}},
			"woche":      {[]string{"Kuchenbasar", "Wochenendfest"}, []string{"Jahrestreffen"}},
			"monat":      {[]string{"Kuchenbasar"}, []string{"Jahrestreffen"}},
		} {
			v.says(when, "/veranstaltungen?wann="+when, 200, append(tc.has, `aria-current="true"`), tc.lacks)
			n, err := v.Events.CountWhen(t.Context(), when)
			if err != nil || n != strings.Count(v.get("/veranstaltungen?wann="+when, html).Body.String(), `class="event event--agenda"`) {
				t.Errorf("%s: %d events are counted (%v)", when, n, err)
			}
		}
		if _, err := v.Events.CountWhen(t.Context(), "gestern"); err == nil {
			t.Error("what was yesterday is counted")
		}
	})
}

// TestMonthAndWeek: the tables of a month and of a week, how they lead on, and
// where they end.
func TestMonthAndWeek(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		choir := v.second()
		v.about(v.club.ID, "Turnfest", "2027-07-10T10:00", "2027-07-11T18:00", "sport", "Sportplatz")
		e := v.about(choir.ID, "Serenade", "2027-07-10T19:00", "", "music", "Pfarrgarten")
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Regen"); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			v.about(choir.ID, "Probe", "2027-07-15T19:00", "", "music", "")
		}
		v.says("July", "/veranstaltungen/monat/2027-07", 200, []string{
			"Juli 2027", `<th scope="col">`, "<caption", `href="/veranstaltungen?tag=2027-07-10"`, `href="/veranstaltungen?tag=2027-07-11"`, "10 Uhr bis So., 11. Juli 2027", "Turnfest",
			`class="off"`, "2 weitere", `href="/veranstaltungen/monat/2027-06"`, `href="/veranstaltungen/monat/2027-08"`, `href="/veranstaltungen/monat/2027-07?thema=musik"`, "/veranstaltungen/woche/2027-W26",
		}, []string{`tag=2027-07-12"`})
		v.says("music in July", "/veranstaltungen/monat/2027-07?thema=musik", 200, []string{
			"Serenade", `href="/veranstaltungen/monat/2027-08?thema=musik"`, `href="/veranstaltungen?tag=2027-07-10&amp;thema=musik"`,
		}, []string{"Turnfest"})
		v.says("May", "/veranstaltungen/monat/2027-05", 200, []string{"Hier ist noch Platz", "Mai 2027"}, []string{"tag=2027-05"})
		v.says("a week", "/veranstaltungen/woche/2027-W27", 200, []string{
			"Mo., 5. bis So., 11. Juli 2027", `<th scope="row">`, "Samstag, 10. Juli", "bis 18 Uhr", "Nichts angekündigt", "Regen", `href="/veranstaltungen/woche/2027-W26"`, `href="/veranstaltungen/woche/2027-W28"`,
		}, []string{"Probe"})
		v.says("a week in English", "/veranstaltungen/woche/2027-W28?verein=chor&lang=en", 200, []string{"Thursday, 15 July", "Probe", "verein=chor"}, []string{"Turnfest"})
		for _, gone := range []string{"monat/2050-01", "monat/1999-12", "monat/2027-13", "monat/2027-7", "monat/quatsch", "woche/2027-W54", "woche/2090-W01", "woche/2027-27", "monat", "woche"} {
			v.says("there is no such view", "/veranstaltungen/"+gone, 404, nil, nil)
		}
		for _, address := range []string{"/veranstaltungen/monat/2027-07?thema=quatsch", "/veranstaltungen/woche/2027-W27?verein=none"} {
			w := v.get(address, html)
			if to := w.Header().Get("Location"); w.Code != 303 || !strings.HasPrefix(to, "/veranstaltungen?") || v.get(to, html).Code != 422 {
				t.Errorf("%s: %d to %s", address, w.Code, to)
			}
		}
		last := time.Now().AddDate(10, 0, 0).Format("2006-01")
		if body := v.get("/veranstaltungen/monat/"+last, html).Body.String(); strings.Contains(body, `rel="next`) || !strings.Contains(body, `rel="prev nofollow"`) {
			t.Error("the last month leads on")
		}
	})
}

// TestSelectedCalendars: what was chosen on the list can be subscribed to.
func TestSelectedCalendars(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		choir := v.second()
		v.about(v.club.ID, "Turnfest", "2027-07-10T10:00", "", "sport", "Sportplatz")
		v.about(choir.ID, "Serenade", "2027-07-10T19:00", "", "music", "Pfarrgarten")
		v.about(choir.ID, "Probe", "2027-07-13T19:00", "", "music", "")
		for query, want := range map[string]struct {
			status     int
			has, lacks []string
		}{
			"":                               {200, []string{"Turnfest", "Serenade", "Probe", "CATEGORIES:Musik", "CATEGORIES:Sport und Gesundheit"}, nil},
			"?thema=musik":                   {200, []string{"Serenade", "Probe", "Musik"}, []string{"Turnfest"}},
			"?thema=musik&wann=wochenende":   {200, []string{"Serenade", "Musik\\, Dieses Wochenende"}, []string{"Turnfest", "Probe"}},
			"?wann=heute":                    {200, []string{"Turnfest", "Probe"}, nil},
			"?verein=tsv&ort=Sportplatz":     {200, []string{"Turnfest"}, []string{"Serenade"}},
			"?thema=quatsch":                 {404, nil, []string{"VCALENDAR"}},
			"?verein=none":                   {404, nil, []string{"VCALENDAR"}},
			"?wann=quatsch&thema=musik":      {404, nil, nil},
			"?ort=" + url.QueryEscape("Mü%"): {200, []string{"VCALENDAR"}, []string{"VEVENT"}},
		} {
			w := v.get("/kalender.ics"+query, "")
			if w.Code != want.status {
				t.Errorf("%s: %d", query, w.Code)
			}
			body := strings.ReplaceAll(w.Body.String(), "\r\n ", "")
			for _, s := range want.has {
				if !strings.Contains(body, s) {
					t.Errorf("%s lacks %s", query, s)
				}
			}
			for _, s := range want.lacks {
				if strings.Contains(body, s) {
					t.Errorf("%s has %s", query, s)
				}
			}
		}
	})
}

// TestEventPage: what the page of an event says when all is well, after it was
// moved, and when it is cancelled.
func TestEventPage(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.about(v.club.ID, "Sommerfest & Musik", "2027-07-10T19:00", "2027-07-11T01:00", "festival", "Festwiese")
		v.on(v.club.ID, "Ausflug", "2027-07-20", "")
		address := path(e.URL)
		v.says("all is well", address, 200, []string{
			"Samstag, 10. Juli 2027", "19 bis 1 Uhr", "Festwiese", "Feste und Märkte", `href="/veranstaltungen?thema=feste"`, "Ausflug", "Mehr von diesem Verein", `href="#teilen"`, `id="teilen"`,
			`"keywords":"Feste und Märkte"`, `href="/folgen?uri=`, "Sommerfest &amp; Musik",
		}, []string{"Verlegt", "Abgesagt", "Fest & M"})
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Start: new("2027-07-17T19:00")}); err != nil {
			t.Fatal(err)
		}
		v.says("moved", address, 200, []string{
			"Der Termin wurde verlegt", "<del>Sa., 10. Juli 2027, 19 Uhr</del>", "<ins>Sa., 17. Juli 2027, 19 bis 1 Uhr</ins>", "EventRescheduled", `"previousStartDate":"2027-07-10T19:00:00+02:00"`,
		}, []string{"Abgesagt"})
		v.says("moved, in the list", "/veranstaltungen?tag=17.7.2027", 200, []string{"Verlegt", "bisher Sa., 10. Juli 2027, 19 Uhr"}, nil)
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Hochwasser"); err != nil {
			t.Fatal(err)
		}
		v.says("cancelled", address, 200, []string{`<del class="p-name">`, "Die Veranstaltung fällt aus", "Hochwasser", "date--off", "EventCancelled"}, []string{"Der Termin wurde verlegt"})
		none := v.on(v.club.ID, "Irgendwo", "2027-08-01T10:00", "")
		v.says("without a place", path(none.URL), 200, []string{"Der Ort wird noch bekannt gegeben", "10 Uhr"}, []string{"p-location", "dt-end"})
	})
}

// TestEventOver: what is past says so, and leads on.
func TestEventOver(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.on(v.club.ID, "Altes Fest", "2020-07-10T19:00", "2020-07-10T23:00")
		v.says("over", path(e.URL), 200, []string{"Vorbei", "Freitag, 10. Juli 2020"}, []string{"in -", "heute"})
		v.says("over, by its day", "/veranstaltungen?tag=10.7.2020", 200, []string{"Altes Fest", "Juli 2020"}, nil)
		v.says("over, in the list", "/veranstaltungen", 200, []string{"Im Moment steht nichts an"}, []string{"Altes Fest"})
	})
}

// TestEventMicroformats: programs that read h-event find what the page says.
func TestEventMicroformats(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.about(v.club.ID, "Sommerfest", "2027-07-10T19:00", "2027-07-10T23:00", "festival", "Festwiese")
		base, err := url.Parse(e.URL)
		if err != nil {
			t.Fatal(err)
		}
		data := microformats.Parse(strings.NewReader(v.get(path(e.URL), html).Body.String()), base)
		var found *microformats.Microformat
		for _, item := range data.Items {
			if item.Type[0] == "h-event" {
				found = item
			}
		}
		if found == nil {
			t.Fatalf("there is no h-event among %+v", data.Items)
		}
		for property, want := range map[string]string{
			"name": "Sommerfest", "start": "2027-07-10T19:00:00+02:00", "end": "2027-07-10T23:00:00+02:00", "location": "Festwiese", "category": "Feste und Märkte", "url": e.URL, "uid": e.ID,
		} {
			if got := found.Properties[property]; len(got) != 1 || fmt.Sprint(got[0]) != want {
				t.Errorf("%s is %v, want %s", property, got, want)
			}
		}
		organizer, ok := found.Properties["organizer"][0].(*microformats.Microformat)
		if !ok || organizer.Type[0] != "h-card" || fmt.Sprint(organizer.Properties["name"]) != "[TSV]" || fmt.Sprint(organizer.Properties["url"]) != "["+v.club.URL+"]" {
			t.Errorf("who invites is %+v", found.Properties["organizer"])
		}
		var published struct {
			Type string `json:"@type"`
			Name string `json:"name"`
		}
		_, rest, _ := strings.Cut(v.get(path(e.URL), html).Body.String(), `<script type="application/ld+json">`)
		text, _, _ := strings.Cut(rest, "</script>")
		if err := json.Unmarshal([]byte(text), &published); err != nil || published.Type != "Event" || published.Name != "Sommerfest" {
			t.Errorf("schema.org is told %+v (%v)", published, err)
		}
	})
}

// TestCategoryTravels: the category of an event is what others are told, and a
// wrong one is refused.
func TestCategoryTravels(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.about(v.club.ID, "Serenade", "2027-07-10T19:00", "", "Musik", "")
		category := func() string {
			var doc struct{ Category string }
			if err := json.Unmarshal(v.get(path(e.ID), as2).Body.Bytes(), &doc); err != nil {
				t.Fatal(err)
			}
			return doc.Category
		}
		if got := category(); got != "MUSIC" {
			t.Errorf("others are told %s", got)
		}
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Category: new("")}); err != nil {
			t.Fatal(err)
		}
		if got := category(); got != "MEETING" {
			t.Errorf("without a category others are told %s", got)
		}
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Category: new("quatsch")}); err == nil || !strings.Contains(err.Error(), "music, culture") {
			t.Errorf("a wrong category: %v", err)
		}
	})
}

// TestListsFillNoMemory: addresses that anybody can make up are not kept.
func TestListsFillNoMemory(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.about(v.club.ID, "Serenade", "2027-07-10T19:00", "", "music", "Pfarrgarten")
		r := v.read()
		for _, address := range []string{
			"/veranstaltungen", "/veranstaltungen?thema=musik", "/veranstaltungen?verein=tsv", "/kalender.ics", "/kalender.ics?thema=musik",
			"/veranstaltungen/monat/" + time.Now().Format("2006-01"),
		} {
			r.remembers(address, html)
		}
		kept := func(address string) (found bool) {
			r.get(address, html)
			r.prepared.Report(func(string, int64, int64) {})
			r.get(address, html)
			r.prepared.Report(func(string, int64, int64) { found = true })
			return found
		}
		for _, address := range []string{
			"/veranstaltungen?ort=Pfarrgarten", "/veranstaltungen?tag=2027-07-10", "/veranstaltungen?thema=musik&verein=tsv", "/veranstaltungen?nach=" + e.Key(), "/veranstaltungen?thema=music", "/veranstaltungen?x=1",
			"/veranstaltungen?verein=TSV", "/kalender.ics?ort=Pfarrgarten", "/kalender.ics?x=1", "/veranstaltungen/monat/2034-07", "/veranstaltungen/monat/2027-07?thema=musik", "/veranstaltungen/woche/2034-W10",
			"/veranstaltungen?wann=heute", // nothing is on
		} {
			if kept(address) {
				t.Errorf("%s is kept", address)
			}
		}
	})
}

// TestManyOnOneDay: the list goes on where it ended, counts all and stops.
func TestManyOnOneDay(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		err := fillEvents(t.Context(), v, 45)
		if err != nil {
			t.Fatal(err)
		}
		v.says("the first page", "/veranstaltungen", 200, []string{"45 Veranstaltungen", "Weiter mit Sonntag, 11. Juli 2027"}, []string{">Zurück<"})
		body := v.get("/veranstaltungen", html).Body.String()
		_, rest, _ := strings.Cut(body, `href="/veranstaltungen?nach=`)
		key, _, _ := strings.Cut(rest, `"`)
		v.says("the second page", "/veranstaltungen?nach="+key, 200, []string{"45 Veranstaltungen", ">Zurück<"}, []string{"Weiter mit"})
	})
}

func fillEvents(ctx context.Context, v *village, n int) error {
	for i := range n {
		_, err := v.Events.Create(ctx, actor.Operator, event.Draft{AttributedTo: v.club.ID, Name: fmt.Sprint("Übung ", i), Start: "2027-07-11T19:00"})
		if err != nil {
			return err
		}
	}
	return nil
}
