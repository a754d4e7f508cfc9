package app

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/opportunity"
)

var jobTitle = regexp.MustCompile(`<h3[^>]*><a href="/ehrenamt/[^"]*">([^<]*)</a></h3>`)

// seeks publishes an opportunity.
func (v *village) seeks(name string, change func(*opportunity.Draft)) *opportunity.Opportunity {
	v.t.Helper()
	d := opportunity.Draft{AttributedTo: v.club.ID, Name: name, Text: "Bitte melden.", Times: opportunity.Flexible, Place: "Freibad"}
	if change != nil {
		change(&d)
	}
	o, err := v.Opportunities.Create(v.t.Context(), actor.Operator, d)
	if err != nil {
		v.t.Fatal(err)
	}
	return o
}

// lies says that the town is Herzberg in Brandenburg.
func (v *village) lies() {
	v.t.Helper()
	if err := v.Places.SetHome(v.t.Context(), actor.Operator, gazetteer.Home{Name: "Herzfelde", Latitude: 51.6869, Longitude: 13.2202}); err != nil {
		v.t.Fatal(err)
	}
}

// helps gives the titles on a page of the list, in their order.
func (v *village) helps(query string, status int) (titles []string, page string) {
	v.t.Helper()
	w := v.get("/ehrenamt"+query, html)
	if w.Code != status {
		v.t.Fatalf("%s: %d", query, w.Code)
	}
	for _, m := range jobTitle.FindAllStringSubmatch(w.Body.String(), -1) {
		titles = append(titles, m[1])
	}
	return titles, w.Body.String()
}

// offers publishes what the tests of finding look for.
func (v *village) offers() {
	v.t.Helper()
	v.seeks("Kuchen verkaufen", func(d *opportunity.Draft) {
		d.Times, d.Day, d.From, d.To = opportunity.Once, time.Now().AddDate(0, 0, 20).Format("02.01.2006"), "14:00", "16:00"
		d.Field, d.ForYoung = "social", true
	})
	v.seeks("Vorlesen", func(d *opportunity.Draft) {
		d.Times, d.Place, d.Weekdays, d.Effort, d.EffortPer, d.Skills = opportunity.Recurring, "Bibliothek, Finsterwalde", 1, "2", "week", "gern vorlesen"
	})
	v.seeks("Garten", func(d *opportunity.Draft) { d.Place, d.ForGroups, d.Effort = "Potsdam", true, "3" })
	v.seeks("Noten erfassen", func(d *opportunity.Draft) { d.Place, d.Remote, d.Times = "", true, opportunity.OnCall })
}

func TestFindWhatIsNear(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.lies()
		v.offers()
		for query, want := range map[string][]string{
			"":                             {"Kuchen verkaufen", "Noten erfassen"},
			"?umkreis=50":                  {"Kuchen verkaufen", "Vorlesen", "Noten erfassen"},
			"?umkreis=egal":                {"Kuchen verkaufen", "Vorlesen", "Garten", "Noten erfassen"},
			"?ort=Potsdam&umkreis=3":       {"Garten", "Noten erfassen"},
			"?ort=herzfelde":               {"Kuchen verkaufen", "Noten erfassen"},
			"?zuhause=1":                   {"Noten erfassen"},
			"?einmalig=1":                  {"Kuchen verkaufen"},
			"?einmalig=1&zuhause=1":        {"Kuchen verkaufen", "Noten erfassen"},
			"?regelmaessig=1&umkreis=egal": {"Vorlesen"},
			"?mo=1&umkreis=egal":           {"Vorlesen", "Garten", "Noten erfassen"},
			"?di=1&umkreis=50":             {"Noten erfassen"},
			"?jugend=1":                    {"Kuchen verkaufen"},
			"?gruppen=1&umkreis=egal":      {"Garten"},
			"?feld=soziales":               {"Kuchen verkaufen"},
			"?aufwand=5&umkreis=egal":      {"Garten"},
			"?aufwand=10&umkreis=egal":     {"Vorlesen", "Garten"},
			"?kann=Vorlesen&umkreis=egal":  {"Vorlesen"},
			"?umkreis=egal&folge=zeit&einmalig=1&regelmaessig=1": {"Kuchen verkaufen", "Vorlesen"},
			"?verein=tsv&umkreis=3":                              {"Kuchen verkaufen", "Noten erfassen"},
			"?umkreis=egal&seite=2":                              nil,
			"?kann=Kochen":                                       nil,
		} {
			got, _ := v.helps(query, 200)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +found):\n%s", query, diff)
			}
		}
		_, page := v.helps("", 200)
		for _, want := range []string{"<b>2\u00a0Einsätze</b> im Umkreis von 25 km um Herzfelde", "Weiter weg:", "umkreis=50", "Freibad, unter 1 km", "GeoNames"} {
			if !strings.Contains(page, want) {
				t.Errorf("the list lacks %q", want)
			}
		}
		if _, page = v.helps("?umkreis=egal", 200); !strings.Contains(page, "Finsterwalde, 3") {
			t.Error("nobody says how far it is to Finsterwalde")
		}
		for query, want := range map[string]string{
			"?kann=Kochen":  "Hier ist gerade nichts dabei",
			"?gruppen=1":    "Überall suchen",
			"?ort=Neustadt": "Welcher Ort ist gemeint?",
		} {
			if _, page := v.helps(query, 200); !strings.Contains(page, want) {
				t.Errorf("%q lacks %q", query, want)
			}
		}
		for query, want := range map[string]string{
			"?ort=Gibtesnicht": "Diesen Ort kennen wir nicht.", "?umkreis=7": "„7“ gibt es hier nicht", "?feld=unfug": "„unfug“ gibt es hier nicht",
			"?aufwand=viel": "„viel“ gibt es hier nicht", "?verein=niemand": "„niemand“ gibt es hier nicht",
		} {
			if got, page := v.helps(query, 422); !strings.Contains(page, want) || len(got) > 0 {
				t.Errorf("%q lacks %q", query, want)
			}
		}
	})
}

// TestFindWhichPlace: who is asked which place is meant gets there by a link, with
// all else that was chosen.
func TestFindWhichPlace(t *testing.T) {
	v := found(t, "sqlite:"+t.TempDir()+"/aushang.db")
	v.lies()
	v.offers()
	b := v.browser()
	b.open("/ehrenamt?ort=Herzberg&zuhause=1")
	b.shows(200, "Welcher Ort ist gemeint?", "Herzberg, Brandenburg", "Herzberg am Harz, Niedersachsen")
	b.hides("Noten erfassen")
	b.open("/ehrenamt?" + url.Values{"ort": {"Herzberg, Brandenburg"}, "zuhause": {"1"}}.Encode())
	b.shows(200, "Noten erfassen", "um Herzberg")
	b.hides("Kuchen verkaufen")
}

// TestFindWhatMoves: what changes its place, what is closed or hidden, and what
// comes from another town is found where it is, or not at all.
func TestFindWhatMoves(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.lies()
		o := v.seeks("Kuchen verkaufen", nil)
		near := func(want bool) {
			t.Helper()
			if got, _ := v.helps("?umkreis=10", 200); slices.Contains(got, "Kuchen verkaufen") != want {
				t.Errorf("%v: want it there: %v", got, want)
			}
		}
		near(true)
		change := func(d opportunity.Draft) {
			t.Helper()
			d.AttributedTo, d.Name, d.Text, d.Times = v.club.ID, "Kuchen verkaufen", "Bitte melden.", opportunity.Flexible
			if _, err := v.Opportunities.Change(t.Context(), actor.Operator, o.ID, opportunity.Change{Draft: d}); err != nil {
				t.Fatal(err)
			}
		}
		change(opportunity.Draft{Place: "Potsdam"})
		near(false)
		change(opportunity.Draft{Place: "04999 Freibad"})
		near(true)
		if err := v.Places.SetHome(t.Context(), actor.Operator, gazetteer.Home{Name: "Anderswo", Latitude: 48, Longitude: 11}); err != nil {
			t.Fatal(err)
		}
		near(true) // the town has moved, and all that is in it
		v.set("UPDATE objects SET hidden = TRUE WHERE id = ?", o.ID)
		v.set("INSERT INTO changes (object_id) VALUES ('')")
		near(false)
		v.set("UPDATE objects SET hidden = FALSE WHERE id = ?", o.ID)
		// The same from another town.
		v.meet(lena)
		v.set("UPDATE objects SET local = FALSE, attributed_to = ? WHERE id = ?", lena, o.ID)
		v.set("UPDATE opportunities SET latitude = 48.01, longitude = 11.01 WHERE object_id = ?", o.ID)
		near(true)
		if _, page := v.helps("?umkreis=10", 200); !strings.Contains(page, "b.test") {
			t.Error("it does not say where it comes from")
		}
		v.block("b.test")
		near(false)
	})
}

func TestFindByFeedAndCalendar(t *testing.T) {
	v := found(t, "sqlite:"+t.TempDir()+"/aushang.db")
	v.lies()
	v.offers()
	titles := func(path string) (all []string) {
		for _, i := range v.feed(path).Items {
			all = append(all, i.Title)
		}
		return all
	}
	for _, form := range []string{"atom", "rss", "json"} {
		if got := titles("/ehrenamt/feed." + form + "?einmalig=1"); len(got) != 1 || !strings.Contains(got[0], "Kuchen") {
			t.Errorf("%s: %v", form, got)
		}
	}
	if got := titles("/ehrenamt/feed.atom?einmalig=1&umkreis=10&zuhause=1"); len(got) != 2 || !strings.Contains(got[0], "Noten") {
		t.Errorf("the newest is not the first: %v", got)
	}
	if got := titles("/ehrenamt/feed.atom"); len(got) != 4 {
		t.Errorf("the feed of all: %v", got)
	}
	w := v.get("/ehrenamt/kalender.ics?einmalig=1&umkreis=3", "text/calendar")
	if body := w.Body.String(); w.Code != 200 || strings.Count(body, "BEGIN:VEVENT") != 1 || !strings.Contains(body, "Kuchen verkaufen") {
		t.Errorf("%d\n%s", w.Code, body)
	}
}

func TestPlacesAreSuggestedAndSet(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		w := v.get("/orte.json?q=bad+belz", "application/json")
		if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `["Bad Belzig, Brandenburg"]` || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := v.get("/orte.json", "application/json"); strings.TrimSpace(w.Body.String()) != "[]" {
			t.Errorf("%s", w.Body)
		}
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/orte")
		b.shows(200, "Wir wissen nicht, wo Ihre Kommune liegt", "GeoNames")
		b.send("Speichern", map[string]string{"place": "Gibtesnicht"})
		b.shows(422, "Diesen Ort kennen wir nicht.")
		b.send("Speichern", map[string]string{"place": "Herzberg"})
		b.shows(422, "Bitte wählen Sie einen.", "Herzberg am Harz, Niedersachsen")
		f := b.formWith("Speichern")
		f.values.Set("which", "Herzberg, Brandenburg") // none is chosen yet
		b.post(f)
		b.shows(200, "Gespeichert.", "Herzberg")
		b.send("Speichern", map[string]string{"place": "Herzfelde", "latitude": "51,7", "longitude": "ost"})
		b.shows(422, "in Grad")
		b.send("Speichern", map[string]string{"place": "Herzfelde", "latitude": "51,7", "longitude": "13,2"})
		b.shows(200, "Herzfelde", "51.7")
		b.send("Wieder aus dem Namen schließen", nil)
		b.shows(200, "Vergessen.", "Wir wissen nicht, wo Ihre Kommune liegt")
	})
}
