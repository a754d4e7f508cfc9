package proof

import (
	"net/http"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestProofBetweenTwoTowns is the proof between two instances of Aushang: a club of the one follows a club of the other.
func TestProofBetweenTwoTowns(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		port := connected(t).freePort(t)
		dorf := found(t, "dorf.test", port, url)
		nachbar := found(t, "nachbar.test", port, databasetest.SQLite(t))
		club := dorf.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		choir := nachbar.make(t, "club", "add", "--handle", "chor", "--name", "Chor Nachbarort", "--active")
		dorf.serve(t)
		nachbar.serve(t)

		nachbar.verb(t, "club", "follow", "chor", "--who", "@tsv@"+dorf.host)
		until(t, patience, "the Follow is accepted", func() (int, string) {
			followers, following := dorf.count(t, club.ID, "followers"), nachbar.count(t, choir.ID, "following")
			if followers != 1 || following != 1 {
				return 0, "the two do not agree yet"
			}
			return 1, ""
		})
		act(t, "the club of %s follows the club of %s and is accepted", nachbar.host, dorf.host)

		event := dorf.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end, "--place", place,
			"--image", lampions(t), "--alt", altText)
		post := dorf.make(t, "post", "add", "--club", "tsv", "--text", "Wer hat einen Schlüsselbund gefunden?")
		if r := nachbar.remote(t, "Sommerfest", event.ID); r.author != club.ID {
			t.Errorf("the event is stored as written by %q, want %q", r.author, club.ID)
		}
		nachbar.remote(t, "Schlüsselbund", post.ID)
		act(t, "the neighbours store the event and the post")

		dorf.verb(t, "event", "change", event.ID, "--name", "Großes Sommerfest")
		nachbar.remote(t, "Großes Sommerfest", event.ID)
		dorf.verb(t, "club", "change", "tsv", "--name", "TSV Dorf 1901")
		nachbar.remote(t, "TSV Dorf 1901", club.ID)
		dorf.verb(t, "event", "cancel", event.ID, "--reason", "Unwetter")
		nachbar.remote(t, "Abgesagt", event.ID)
		act(t, "change, profile change and cancellation arrive")

		dorf.verb(t, "delete", event.ID)
		until(t, patience, "the event is deleted at the neighbours", func() (int, string) {
			for _, s := range nachbar.stores(t, "Sommerfest") {
				if s.id == event.ID && strings.Contains(s.text, "Sommerfest") {
					return 1, "still stored: " + s.text
				}
			}
			return 0, ""
		})
		if answer := dorf.get(t, event.ID, activityJSON); answer.status != http.StatusGone {
			t.Errorf("GET %s: %d, want 410", event.ID, answer.status)
		}
		act(t, "the deletion arrives")

		nachbar.verb(t, "club", "unfollow", "chor", "--who", "@tsv@"+dorf.host)
		until(t, patience, "the Undo arrives", func() (int, string) {
			n := dorf.count(t, club.ID, "followers")
			if n != 0 {
				return n, "the club still has a follower"
			}
			return n, ""
		})
		act(t, "and so does the Undo of the Follow")
		dorf.signedModern(t, nachbar.host)
		nachbar.signedModern(t, dorf.host)
		act(t, "both have signed with Ed25519 and never had to knock with RSA")
	})
}

// signedModern wants the town to remember of a host that it takes Ed25519, and no other knock that it took.
func (w *town) signedModern(t *testing.T, host string) {
	t.Helper()
	db, err := database.Open(t.Context(), w.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lane struct {
		Knock   string
		Ed25519 outbox.Support `bun:"ed25519"`
	}
	until(t, patience, "a delivery to "+host+" is written down", func() (int, string) {
		err := db.Read().NewSelect().TableExpr("hosts").Column("knock", "ed25519").Where("host = ?", host).
			Where("last_success IS NOT NULL").Scan(t.Context(), &lane)
		if err != nil {
			return 0, err.Error()
		}
		return 1, ""
	})
	if lane.Knock != "" || lane.Ed25519 != outbox.Verifies {
		t.Errorf("%s remembers of %s: %+v", w.host, host, lane)
	}
}
