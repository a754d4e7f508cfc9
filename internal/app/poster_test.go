package app

import (
	"net/http"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/actor"
)

// TestPoster: what hangs on paper says what is on, and leads back by its code.
func TestPoster(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest & mehr")
		address := path(e.URL) + "/aushang"
		body := spaced(v.get(address, html).Body.String())
		for _, want := range []string{"Sommerfest &amp; mehr</h1>", "10. Juli 2027", "Marktplatz", "TSV", "<p>Musik.</p>", e.URL, `src="/qr` + path(e.URL) + `.svg"`, "noindex"} {
			if !strings.Contains(body, want) {
				t.Errorf("the sheet lacks %s", want)
			}
		}
		if w := v.ask("GET", "/qr"+path(e.URL)+".svg"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<svg") {
			t.Errorf("its code is answered %d", w.Code)
		}
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Sturm"); err != nil {
			t.Fatal(err)
		}
		if body := v.get(address, html).Body.String(); !strings.Contains(body, "<s>Sommerfest") || !strings.Contains(body, "Abgesagt: Sturm") {
			t.Error("the sheet hides that nothing takes place")
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, e.ID); err != nil {
			t.Fatal(err)
		}
		for address, want := range map[string]int{address: 410, "/veranstaltungen/none/aushang": 404, "/vereine/none/aushang": 404, "/vereine/tsv/aushang": 200} {
			if w := v.get(address, html); w.Code != want {
				t.Errorf("%s: %d, want %d", address, w.Code, want)
			}
		}
	})
}
