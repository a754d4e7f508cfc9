package app

import (
	"fmt"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/object"
)

// TestReach: editors see how far what their club publishes goes, in numbers that
// name nobody, also as a file.
func TestReach(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("=Sommerfest")
		v.meet(lena)
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Schön", "")))
		for i := range 3 {
			id := v.meet(fmt.Sprintf("https://viele.test/u/%d", i))
			v.receive(`{"id":"%s/f","type":"Follow","actor":"%[1]s","object":"%[2]s"}`, id, v.club.ID)
		}
		v.event("Fest ohne Echo")
		ids := []string{e.ID}
		if list, err := v.Objects.ListBy(t.Context(), object.Viewer{}, v.club.ID, object.Page{}); err == nil {
			for _, o := range list {
				ids = append(ids, o.ID)
			}
		}
		each, err := v.Objects.CountEach(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if one, err := v.Objects.Count(t.Context(), id); err != nil || one != each[id] {
				t.Errorf("%s: counted at once %+v, by itself %+v, %v", id, each[id], one, err)
			}
		}
		if each[e.ID].Likes != 1 || each[e.ID].Replies != 1 || len(ids) < 3 {
			t.Errorf("%+v of %d", each[e.ID], len(ids))
		}
		v.person("redaktion@example.org", account.Editor, "tsv")
		b := v.signedIn("redaktion@example.org")
		b.open("/vereine/tsv")
		b.shows(200, "Reichweite")
		if w := v.get("/vereine/tsv/kalender.ics", "*/*"); w.Code != 200 {
			t.Fatal(w.Code)
		}
		if err := v.readers.Flush(t.Context()); err != nil || v.count("readers", "feed = 'calendar'", "readers = 1") != 1 {
			t.Errorf("the calendar is not counted: %v", err)
		}
		b.open("/vereine/tsv/reichweite")
		b.shows(200, "Reichweite: TSV", "viele.test", "andere Server", "1 mal Gefällt mir", "1 Antwort", "=Sommerfest", "So wird gezählt")
		b.hides("b.test")
		w := b.ask("GET", "/vereine/tsv/reichweite.csv", "*/*", nil)
		for _, line := range []string{"Folgen dem Verein,,4\r\n", "Wo die wohnen, die folgen\",viele.test,3\r\n", "=Sommerfest,1\r\n"} {
			if !strings.Contains(w.Body.String(), line) {
				t.Errorf("the table lacks %q:\n%s", line, w.Body)
			}
		}
		if strings.Contains(w.Body.String(), "b.test") {
			t.Error("the table names a server of one")
		}
	})
}
