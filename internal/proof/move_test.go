package proof

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// crowd is how many follow the club that moves.
const crowd = 50

// TestProofOfAMove is the proof that a club takes its followers along to another server, and back: fifty accounts of
// Fedify, which asks both servers for itself before anybody follows.
func TestProofOfAMove(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		port := connected(t).freePort(t)
		dorf := found(t, "dorf.test", port, url)
		nachbar := found(t, "nachbar.test", port, databasetest.SQLite(t))
		old := dorf.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		now := nachbar.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		fedi := moveIn(t, port, rfc9421)
		dorf.serve(t)
		nachbar.serve(t)

		fedi.answer(t, "gather", fedi.send(t, "gather", values{"n": crowd, "actor": old.ID}))
		dorf.followed(t, old.ID, crowd)
		event := dorf.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end, "--place", place)
		post := dorf.make(t, "post", "add", "--club", "tsv", "--text", "Wer hat einen Schlüsselbund gefunden?")
		fedi.receives(t, "Create", post.ID)
		act(t, "%d accounts of Fedify follow the club of %s", crowd, dorf.host)
		dorf.verb(t, "pin", event.ID)
		dorf.verb(t, "pin", post.ID)
		fedi.receives(t, "Add", post.ID)
		fedi.pins(t, old.ID, post.ID, event.ID)
		dorf.verb(t, "unpin", post.ID)
		fedi.receives(t, "Remove", post.ID)
		fedi.pins(t, old.ID, event.ID)
		act(t, "Fedify reads what the club has pinned, in its order, and hears of each change")

		nachbar.verb(t, "club", "move", "tsv", "--from", "@tsv@"+dorf.host)
		dorf.verb(t, "club", "move", "tsv", "--to", "@tsv@"+nachbar.host)
		fedi.receives(t, "Move", old.ID)
		nachbar.followed(t, now.ID, crowd)
		dorf.followed(t, old.ID, 0)
		fedi.trails(t, now.ID, crowd)
		fedi.trails(t, old.ID, 0)
		fedi.movedOnce(t, old.ID)
		act(t, "it moves to %s: all %d follow there, and nobody follows the old one any more", nachbar.host, crowd)

		for _, thing := range []made{event, post, old} {
			if p := dorf.get(t, thing.URL, html); p.status != http.StatusOK {
				t.Errorf("GET %s: %d, it is not readable any more", thing.URL, p.status)
			}
			dorf.document(t, thing.ID)
		}
		fresh := nachbar.make(t, "post", "add", "--club", "tsv", "--text", "Wir sind umgezogen und haben Kuchen.")
		fedi.receives(t, "Create", fresh.ID)
		late := fedi.do(t, "follow", values{"actor": old.ID})
		fedi.receives(t, "Reject", late)
		dorf.followed(t, old.ID, 0)
		act(t, "what it published stays readable, what is new comes from the new place, nobody new follows the old one")

		dorf.verb(t, "club", "move", "tsv", "--back")
		dorf.verb(t, "club", "move", "tsv", "--from", "@tsv@"+nachbar.host)
		nachbar.verb(t, "club", "move", "tsv", "--to", "@tsv@"+dorf.host)
		dorf.followed(t, old.ID, crowd)
		nachbar.followed(t, now.ID, 0)
		fedi.trails(t, old.ID, crowd)
		again := dorf.make(t, "post", "add", "--club", "tsv", "--text", "Wieder zu Hause, der Kuchen ist alle.")
		fedi.receives(t, "Create", again.ID)
		act(t, "it moves back, and all %d are with it", crowd)

		whole := dorf.make(t, "club", "add", "--handle", "sport", "--name", "Sport Dorf", "--active")
		dorf.verb(t, "club", "merge", "tsv", "--into", "sport")
		dorf.followed(t, whole.ID, crowd)
		dorf.followed(t, old.ID, 0)
		fedi.trails(t, whole.ID, crowd)
		dorf.document(t, event.ID)
		act(t, "it becomes a part of another club of %s: all %d follow that one, and what it published stays", dorf.host, crowd)
	})
}

// followed waits until the actor has so many followers.
func (w *town) followed(t *testing.T, actor string, want int) {
	t.Helper()
	until(t, 2*patience, fmt.Sprintf("%s has %d followers", actor, want), func() (int, string) {
		if n := w.count(t, actor, "followers"); n != want {
			return n, fmt.Sprintf("it has %d", n)
		}
		return want, ""
	})
}

// trails wants so many of the crowd to follow the actor.
func (p *fedify) trails(t *testing.T, actor string, want int) {
	t.Helper()
	names := decode[[]string](t, p.answer(t, "trailing", p.send(t, "trailing", values{"actor": actor})))
	if len(names) != want {
		t.Errorf("at Fedify %d follow %s, want %d", len(names), actor, want)
	}
}

// pins wants the actor to have pinned just these things, as Fedify reads them.
func (p *fedify) pins(t *testing.T, actor string, want ...string) {
	t.Helper()
	got := decode[[]string](t, p.answer(t, "featured", p.send(t, "featured", values{"actor": actor})))
	if !slices.Equal(got, want) {
		t.Errorf("Fedify finds %q pinned, want %q", got, want)
	}
}

// movedOnce wants one Move of the actor to have come, after an Update of it.
func (p *fedify) movedOnce(t *testing.T, actor string) {
	t.Helper()
	updated, moves := false, 0
	for _, a := range p.received(t) {
		switch {
		case a.Actor != actor:
		case a.Type == "Update":
			updated = true
		case a.Type == "Move":
			if moves++; !updated {
				t.Errorf("the Move of %s came before its Update", actor)
			}
		}
	}
	if moves != 1 {
		t.Errorf("%d Moves of %s came, want 1", moves, actor)
	}
}
