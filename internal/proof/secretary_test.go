package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// secretary is a person before a real browser.
type secretary struct {
	*town
	state string
}

// visits does one thing at the town's pages and gives what came of it.
func (s *secretary) visits(t *testing.T, step string, args ...string) string {
	t.Helper()
	c := exec.Command("node", append([]string{"browser/secretary.mjs", step}, args...)...)
	c.Env = append(os.Environ(), "ORIGIN="+s.origin, "ADDRESS="+s.address(), "STATE="+s.state)
	said, err := c.Output()
	if err != nil {
		complaint := ""
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as it comes from Output
			complaint = string(exit.Stderr)
		}
		t.Fatalf("the secretary: %s: %v\n%s", step, err, complaint)
	}
	return decode[struct{ Gave string }](t, said).Gave
}

// TestProofSecretary: a person in a browser and a server that others wrote.
func TestProofSecretary(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		port := connected(t).freePort(t)
		w := found(t, "dorf.test", port, database)
		club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		anna := decode[struct {
			Link string `json:"one_time_url"`
		}](t, w.verb(t, "person", "add", "--email", "anna@example.org", "--name", "Anna", "--role", "editor", "--json"))
		w.verb(t, "club", "editor", "--club", "tsv", "--email", "anna@example.org", "--role", "editor")
		lena := moveIn(t, port, rfc9421)
		w.serve(t)
		lena.do(t, "follow", values{"actor": club.ID})
		s := &secretary{town: w, state: filepath.Join(t.TempDir(), "state.json")}

		s.visits(t, "arrive", anna.Link, "ein ganzer Satz als Passwort")
		act(t, "the secretary uses her one-time link")
		page := s.visits(t, "publish", "Sommerfest", "10.7.", place, lampions(t), altText)
		id := lena.lookup(t, page).ID
		event := lena.receives(t, "Create", id).Object
		if event == nil || event.Name != "Sommerfest" || event.Location == nil || event.Location.Name != place || event.Image == nil || event.Image.Name != altText {
			t.Errorf("Fedify reads %+v", event)
		}
		act(t, "what she published in the browser, Fedify has: %s, %s, %q", event.Name, place, altText)

		first := lena.do(t, "reply", values{"object": id, "text": "Wer bringt Kuchen mit?"})
		w.remote(t, "Kuchen", first)
		s.visits(t, "answer", "Kuchen", "Wir alle.")
		answer := until(t, patience, "Fedify receives the answer", func() (activity, string) {
			for _, a := range lena.received(t) {
				if a.Type == "Create" && a.Object != nil && a.Object.InReplyTo == first {
					return a, ""
				}
			}
			return activity{}, "no answer to " + first
		})
		if !slices.Contains(answer.Object.Mentions, lena.actor) || !strings.Contains(answer.Object.Content, "Wir alle.") || answer.Actor != club.ID {
			t.Errorf("Fedify reads the answer as %+v", answer.Object)
		}
		act(t, "she sees the reply under Neues and answers; Fedify has the answer, which mentions %s", lena.handle)

		second := lena.do(t, "reply", values{"object": id, "text": "Kauft Pillen"})
		w.remote(t, "Pillen", second)
		s.visits(t, "hide", "Pillen")
		all := w.everything(t, club)
		all.never(t, "Pillen", second)
		all.has(t, page, "Kuchen")
		if n := w.count(t, id, "replies"); n != 1 {
			t.Errorf("%s counts %d replies, want 1", id, n)
		}
		act(t, "a second reply is hidden, and gone from %d answers and from the count", len(all))
	})
}
