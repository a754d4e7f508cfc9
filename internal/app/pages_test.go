package app

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/web/locale"
)

func (v *village) get(path, accept string) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	v.handler().ServeHTTP(w, r)
	return w
}

const (
	html = "text/html"
	as2  = "application/activity+json"
)

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p := v.event("Sommerfest"), v.post("Schlüssel gefunden")
		gone := v.post("weg")
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, gone.ID); err != nil {
			t.Fatal(err)
		}
		path := func(id string) string { return strings.TrimPrefix(id, "https://here.test") }
		for _, tc := range []struct {
			path, accept string
			status       int
			says         string // in the body, or where it leads
		}{
			{"/", html, 200, "Sommerfest"},
			{"/", as2, 303, "/ap/instance"},
			{"/vereine", html, 200, "TSV"},
			{"/vereine/tsv", html, 200, "@tsv@here.test"},
			{"/vereine/TSV", html, 200, "@tsv@here.test"},
			{"/vereine/tsv", as2, 303, path(v.club.ID)},
			{"/vereine/none", html, 404, "gibt es nicht"},
			{"/veranstaltungen", html, 200, "Sommerfest"},
			{path(e.URL), html, 200, "Sa., 10. Juli 2027, 19 bis 23 Uhr"},
			{path(e.URL), as2, 303, path(e.ID)},
			{"/pinnwand", html, 200, "Schlüssel gefunden"},
			{path(p.URL), html, 200, "Schlüssel gefunden"},
			{"/pinnwand/none", html, 404, "gibt es nicht"},
			{path(gone.URL), html, 410, "gelöscht"},
			{path(gone.ID), as2, 410, `"Tombstone"`},
			{path(gone.ID), html, 410, "gelöscht"},
			{path(e.ID), html, 303, path(e.URL)},
			{path(e.ID), as2, 200, `"type":"Event"`},
			{path(e.ID), "*/*", 200, `"type":"Event"`},
			{path(e.ID) + "/replies", as2, 200, `"totalItems":0`},
			{path(e.ID) + "/likes", as2, 200, `"totalItems":0`},
			{path(e.ID) + "/shares", as2, 200, `"totalItems":0`},
			{path(e.ID) + "/organizers", as2, 200, v.club.ID},
			{path(v.club.ID), as2, 200, `"type":"Group"`},
			{path(v.club.ID), html, 303, "/vereine/tsv"},
			{path(v.club.ID) + "/outbox", as2, 200, `"totalItems":2`},
			{path(v.club.ID) + "/outbox?page=true", as2, 200, `"Create"`},
			{path(v.club.ID) + "/followers", as2, 200, `"totalItems":0`},
			{path(v.club.ID) + "/following", as2, 200, `"totalItems":0`},
			{path(v.club.ID) + "/featured", as2, 200, `"orderedItems":[]`},
			{path(v.club.ID) + "/events", as2, 200, `"totalItems":1`},
			{path(v.club.ID) + "/events?page=true", as2, 200, e.ID},
			{path(v.club.ID) + "/empty/members", as2, 200, `"totalItems":0`},
			{"/ap/instance", as2, 200, `"type":"Application"`},
			{"/ap/instance/outbox", as2, 200, `"totalItems":0`},
			{"/ap/places/TWFya3RwbGF0eg", as2, 200, "Marktplatz"},
			{"/ap/places/xxxx", as2, 404, "error"},
			{"/ap/actors/none", as2, 404, "error"},
			{"/ap/inbox", as2, 405, "error"},
			{"/.well-known/webfinger?resource=acct:TSV@HERE.test", "", 200, `"subject":"acct:tsv@here.test"`},
			{"/.well-known/webfinger?resource=" + v.club.ID, "", 200, v.club.ID},
			{"/.well-known/webfinger?resource=https://here.test/vereine/tsv", "", 200, v.club.ID},
			{"/.well-known/webfinger?resource=https://here.test/", "", 200, "/ap/instance"},
			{"/.well-known/webfinger?resource=acct:tsv@elsewhere.test", "", 404, "error"},
			{"/.well-known/webfinger", "", 400, "resource"},
			{"/.well-known/host-meta", "", 200, "lrdd"},
			{"/.well-known/nodeinfo", "", 200, "/nodeinfo/2.1"},
			{"/nodeinfo/2.0", "", 200, `"aushang"`},
			{"/nodeinfo/2.1", "", 200, `"repository"`},
			{"/healthz", "", 200, "ok"},
			{"/readyz", "", 200, "ready"},
			{"/nowhere", html, 404, "gibt es nicht"},
			{"/media/none.jpg", "", 404, ""},
		} {
			w := v.get(tc.path, tc.accept)
			if body := spaced(w.Body.String()) + w.Header().Get("Location"); w.Code != tc.status || !strings.Contains(body, tc.says) {
				t.Errorf("%s as %q: %d, want %d with %q in\n%.600s", tc.path, tc.accept, w.Code, tc.status, tc.says, body)
			}
			if strings.HasPrefix(w.Header().Get("Content-Type"), as2) && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s is no JSON", tc.path)
			}
			if strings.HasPrefix(tc.path, "/ap/objects/") && tc.accept == as2 && tc.status == 200 && w.Header().Get("Content-Type") != as2 {
				t.Errorf("%s is served as %s", tc.path, w.Header().Get("Content-Type"))
			}
		}
	})
}

// TestHandleDomain: a handle may have a shorter domain than the ids; both
// domains answer for it, with the short one as subject.
func TestHandleDomain(t *testing.T) {
	v := found(t, migrated.SQLite(t), func(c *config.Config) { c.Origin, c.HandleDomain = "https://brett.dorf.test", "dorf.test" })
	for _, resource := range []string{"acct:tsv@dorf.test", "acct:tsv@brett.dorf.test", v.club.ID, "https://brett.dorf.test/vereine/tsv"} {
		w := v.get("/.well-known/webfinger?resource="+resource, "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"subject":"acct:tsv@dorf.test"`) || !strings.Contains(w.Body.String(), v.club.ID) {
			t.Errorf("%s: %d %s", resource, w.Code, w.Body)
		}
	}
	if w := v.get("/.well-known/webfinger?resource=acct:tsv@test", ""); w.Code != 404 {
		t.Errorf("another domain: %d", w.Code)
	}
	if w := v.get("/vereine/tsv", html); !strings.Contains(w.Body.String(), "@tsv@dorf.test") {
		t.Error("the page shows another handle")
	}
}

// ownScript is a file of ours, the only kind of script that a page may have.
var ownScript = regexp.MustCompile(`<script type="module" src="/assets/js/[a-z]+\.[0-9a-f]+\.js"></script>`)

// TestPagesOfHostileWords: what others call themselves is text.
func TestPagesOfHostileWords(t *testing.T) {
	shows(t, "T-XSS-01 T-XSS-04 names and answers of others", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest <b>&")
		v.receive(`{"id":"https://b.test/u","type":"Update","actor":"%s","object":{"id":"%s","type":"Person","name":"<script>x</script>Lena\u202e","preferredUsername":"lena","inbox":"%s/inbox"}}`, lena, lena, lena)
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, `Hallo<img src=x onerror=alert(1)><a href='javascript:x'>y</a>`, "")))
		body := spaced(v.get(strings.TrimPrefix(e.URL, "https://here.test"), html).Body.String())
		if !strings.Contains(body, "Hallo") || !strings.Contains(body, "@lena@b.test") {
			t.Fatalf("the reply is not shown:\n%s", body)
		}
		body = strings.Replace(body, `<script type="application/ld+json">`, "", 1) // data, which no browser runs
		body = ownScript.ReplaceAllString(body, "")
		for _, bad := range []string{"<script", "onerror", "javascript:", "\u202e", "<img src=x"} {
			if strings.Contains(body, bad) {
				t.Errorf("the page has %q", bad)
			}
		}
	})
}

func TestCancelledAndMoved(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		start := "2027-07-11T18:00"
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Start: &start}); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Unwetter"); err != nil {
			t.Fatal(err)
		}
		body := spaced(v.get(strings.TrimPrefix(e.URL, "https://here.test"), html).Body.String())
		for _, want := range []string{"Abgesagt", "Unwetter", "So., 11. Juli 2027, 18 bis 22 Uhr", "bisher Sa., 10. Juli 2027", "vom Verein"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		if strings.Contains(body, "2 Antworten") {
			t.Error("the club's own notices count as answers")
		}
		n, update := v.sent("Update")
		if o := update.Object.Object; n != 2 || o.Status != "CANCELLED" || o.EventStatus != "EventCancelled" || o.Name != "Abgesagt: Sommerfest" {
			t.Errorf("%d updates, the last one %+v", n, update.Object.Object)
		}
	})
}

// TestWordsAreComplete: every word is there in every language.
func TestWordsAreComplete(t *testing.T) {
	c, err := locale.NewCatalogue(parts...)
	if err != nil {
		t.Fatal(err)
	}
	if missing, err := c.Missing(); err != nil || len(missing) > 0 {
		t.Errorf("missing words: %v, %v", missing, err)
	}
}
