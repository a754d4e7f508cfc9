package proof

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestProofCommandLine proves that the running server agrees with the command line within a second.
func TestProofCommandLine(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		w := found(t, "dorf.test", connected(t).freePort(t), database)
		club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		w.serve(t)
		agrees(t, w, club, w.reader)
	})
}

// TestProofCommandLineWithTwoProcesses proves the same with two servers on one database.
func TestProofCommandLineWithTwoProcesses(t *testing.T) {
	n := connected(t)
	w := found(t, "dorf.test", n.freePort(t), databasetest.PostgreSQL(t))
	club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
	w.serve(t)
	// The second process stands at an address that nobody uses in this test.
	elsewhere := n.addresses["nachbar.test"]
	second := n.reader(elsewhere)
	w.ready(t, second, w.start(t, elsewhere))
	agrees(t, w, club, w.reader, second)
}

// agrees changes and deletes with the command line and asks all servers after each verb.
func agrees(t *testing.T, w *town, club made, servers ...*reader) {
	t.Helper()
	event := w.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end)
	post := w.make(t, "post", "add", "--club", "tsv", "--text", "Wer hat einen Schlüsselbund gefunden?")
	for i, server := range servers {
		// The second look of each answers from prepared bytes.
		for range 2 {
			server.serves(t, event, http.StatusOK, "Sommerfest")
			server.serves(t, post, http.StatusOK, "Schlüsselbund")
			server.serves(t, club, http.StatusOK, "TSV Dorf")
		}
		act(t, "server %d serves what the command line made", i+1)
	}
	w.verb(t, "event", "change", event.ID, "--name", "Herbstfest")
	for i, server := range servers {
		server.serves(t, event, http.StatusOK, "Herbstfest")
		act(t, "server %d serves the changed event within a second", i+1)
	}
	w.verb(t, "club", "change", "tsv", "--name", "Turnverein")
	for i, server := range servers {
		server.serves(t, club, http.StatusOK, "Turnverein")
		act(t, "server %d serves the changed club within a second", i+1)
	}
	for _, m := range []made{event, post} {
		w.verb(t, "delete", m.ID)
		for i, server := range servers {
			server.serves(t, m, http.StatusGone, "")
			act(t, "server %d answers 410 for the deleted %s within a second", i+1, m.ID)
		}
	}
	for _, server := range servers {
		listed := until(t, promptly, "the lists forget it", func() (page, string) {
			p := server.get(t, w.origin+"/", html)
			if strings.Contains(p.body, "Herbstfest") {
				return p, "the front page still names it"
			}
			return p, ""
		})
		if listed.status != http.StatusOK {
			t.Errorf("GET /: %d", listed.status)
		}
	}
}

// serves wants a thing at its id and its page, with a status and a text in the body, within the promised second.
func (r *reader) serves(t *testing.T, m made, status int, text string) {
	t.Helper()
	for _, look := range []struct{ address, accept string }{{m.ID, activityJSON}, {m.URL, html}} {
		until(t, promptly, "GET "+look.address, func() (page, string) {
			p := r.get(t, look.address, look.accept)
			if p.status != status || !strings.Contains(p.body, text) {
				return p, fmt.Sprintf("status %d, want %d with %q:\n%.2000s", p.status, status, text, p.body)
			}
			return p, ""
		})
	}
}
