package proof

import (
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// agreed is one line of `aushang peer list`.
type agreed struct {
	Host, State, Paused string
	In, Out             []string
}

// peers waits until the town says this of another one, "" for nothing.
func (w *town) peers(t *testing.T, with *town, state string) agreed {
	t.Helper()
	return until(t, patience, w.host+" says of "+with.host+": "+state, func() (agreed, string) {
		var found agreed
		for _, one := range decode[[]agreed](t, w.verb(t, "peer", "list", "--json")) {
			if one.Host == with.host {
				found = one
			}
		}
		if found.State != state {
			return found, "it says " + found.State
		}
		return found, ""
	})
}

// shows waits until the page of the region, or of the agreements, has these words.
func (w *town) shows(t *testing.T, path string, words ...string) {
	t.Helper()
	until(t, patience, w.host+path+" shows "+strings.Join(words, ", "), func() (page, string) {
		p := w.get(t, w.origin+path, html)
		for _, word := range words {
			if !strings.Contains(p.body, word) {
				return p, "it lacks " + word
			}
		}
		return p, ""
	})
}

// hides wants none of these words there, now.
func (w *town) hides(t *testing.T, path string, words ...string) {
	t.Helper()
	p := w.get(t, w.origin+path, html)
	for _, word := range words {
		if strings.Contains(p.body, word) {
			t.Errorf("%s%s shows %q", w.host, path, word)
		}
	}
}

// TestThreeTowns lets three towns agree, each a process with a name and TLS of its own: A with B, B with C. What C publishes
// reaches A only once A asks for it; scopes, a pause and the end hold, and the page of the agreements tells the truth.
func TestThreeTowns(t *testing.T) {
	port := connected(t).freePort(t)
	a, b, c := found(t, "dorf.test", port, databasetest.SQLite(t)), found(t, "nachbar.test", port, databasetest.SQLite(t)), found(t, "drittort.test", port, databasetest.SQLite(t))
	for i, w := range []*town{a, b, c} {
		w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV "+string(rune('A'+i)), "--active")
		w.serve(t)
	}
	const region, verbund = "/region", "/region/verbund"
	b.make(t, "event", "add", "--club", "tsv", "--name", "Vorfrühlingsfest", "--start", start, "--end", end)

	a.verb(t, "peer", "add", b.host, "--asks", "events,clubs", "--gives", "events,announcements", "--trusted", "--purpose", "Gemeinsamer Kalender")
	b.peers(t, a, "asking")
	b.hides(t, verbund, a.host)
	b.verb(t, "peer", "accept", a.host, "--asks", "events,announcements", "--gives", "events", "--trusted") // narrower: no clubs
	if got := a.peers(t, b, "live"); !slices.Equal(got.In, []string{"events"}) {
		t.Errorf("A gets %v of B, which gives events alone", got.In)
	}
	c.verb(t, "peer", "add", b.host, "--trusted")
	b.peers(t, c, "asking")
	b.verb(t, "peer", "accept", c.host, "--trusted")
	c.peers(t, b, "live")
	a.shows(t, region, "Vorfrühlingsfest")
	c.shows(t, region, "Vorfrühlingsfest")
	a.shows(t, verbund, b.host, "Gemeinsamer Kalender")
	b.shows(t, verbund, a.host, c.host)
	act(t, "A and B, and B and C have agreed; what B had published has come to both")

	cs := c.make(t, "event", "add", "--club", "tsv", "--name", "Drachenfest", "--start", start, "--end", end)
	c.make(t, "post", "add", "--club", "tsv", "--text", "Turnhalle gesperrt")
	b.shows(t, region, "Drachenfest", "Turnhalle gesperrt")
	b.make(t, "post", "add", "--club", "tsv", "--text", "Nur bei B")
	bs := b.make(t, "event", "add", "--club", "tsv", "--name", "Brunnenfest", "--start", start, "--end", end)
	a.shows(t, region, "Brunnenfest")
	a.hides(t, region, "Drachenfest", "Turnhalle", "Nur bei B", "TSV C")
	a.hides(t, verbund, c.host)
	if n := len(a.stores(t, c.host)); n != 0 {
		t.Errorf("A stores %d things of C without having asked", n)
	}
	act(t, "B tells A nothing of C, and of its own only what was agreed")

	a.verb(t, "peer", "pause", b.host)
	a.hides(t, region, "Brunnenfest", "Vorfrühlingsfest")
	a.shows(t, verbund, "Pausiert von uns")
	b.shows(t, verbund, "Pausiert von dort")
	b.make(t, "event", "add", "--club", "tsv", "--name", "Pausenfest", "--start", start, "--end", end)
	b.verb(t, "event", "change", bs.ID, "--name", "Großes Brunnenfest")
	a.make(t, "event", "add", "--club", "tsv", "--name", "Apfelfest", "--start", start, "--end", end)
	a.hides(t, region, "Pausenfest")
	b.hides(t, region, "Apfelfest")
	a.verb(t, "peer", "resume", b.host)
	a.shows(t, region, "Pausenfest", "Großes Brunnenfest", "Vorfrühlingsfest")
	b.shows(t, region, "Apfelfest")
	act(t, "a pause hides at once, and afterwards nothing is lost on either side")

	a.verb(t, "peer", "add", c.host, "--asks", "events", "--asks-near", "Riesa", "--asks-km", "30", "--gives", "", "--trusted")
	c.peers(t, a, "asking")
	c.verb(t, "peer", "accept", a.host, "--asks", "", "--gives", "events", "--trusted")
	a.shows(t, region, "Drachenfest")
	a.hides(t, region, "Turnhalle")
	c.make(t, "event", "add", "--club", "tsv", "--name", "Fernfest", "--place", "Dresden", "--start", start, "--end", end)
	c.make(t, "event", "add", "--club", "tsv", "--name", "Nahfest", "--place", "Riesa", "--start", start, "--end", end)
	a.shows(t, region, "Nahfest")
	if left := a.stores(t, "Fernfest"); len(left) != 0 {
		t.Errorf("A has asked for what is near Riesa and got %v", left)
	}
	a.shows(t, verbund, "im Umkreis von 30 km um Riesa")
	act(t, "C's entries reach A as soon as A asks C, and only what lies near the place that A has named")

	a.parts(t, b, c, cs.ID)
}

// parts wants what is deleted at C to go at A, and B to end what it has agreed with A.
func (w *town) parts(t *testing.T, b, c *town, deleted string) {
	t.Helper()
	const region, verbund = "/region", "/region/verbund"
	a := w
	c.verb(t, "delete", deleted)
	until(t, patience, "the deletion arrives", func() (page, string) {
		p := a.get(t, a.origin+region, html)
		if strings.Contains(p.body, "Drachenfest") {
			return p, "A shows it still"
		}
		return p, ""
	})
	b.verb(t, "peer", "remove", a.host)
	b.hides(t, region, "Apfelfest")
	a.peers(t, b, "ended")
	a.hides(t, region, "Pausenfest", "Brunnenfest")
	a.hides(t, verbund, b.host)
	if left := b.stores(t, "Apfelfest"); len(left) != 0 {
		t.Errorf("B has kept %v", left)
	}
	b.make(t, "event", "add", "--club", "tsv", "--name", "Nachspiel", "--start", start, "--end", end)
	c.shows(t, region, "Nachspiel")
	a.hides(t, region, "Nachspiel")
	act(t, "the end cleans up on both sides and holds")
}
