package proof

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestProofTownHall: a server that others wrote follows the town hall, reads what
// it announces, answers, and learns that it was deleted.
func TestProofTownHall(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		port := connected(t).freePort(t)
		w := found(t, "dorf.test", port, database)
		hall := w.make(t, "club", "add", "--handle", "rathaus", "--name", "Rathaus Dorf", "--summary", "Amtliche Bekanntmachungen", "--active")
		w.make(t, "site", "voice", "rathaus")
		lena := moveIn(t, port, rfc9421)
		w.serve(t)
		who := lena.lookup(t, "@rathaus@"+w.host)
		if who.Type != "Group" || who.ID != hall.ID || who.Name != "Rathaus Dorf" {
			t.Errorf("Fedify finds %+v", who)
		}
		if accept := lena.receives(t, "Accept", lena.do(t, "follow", values{"actor": hall.ID})); accept.Actor != hall.ID {
			t.Errorf("the Accept comes from %s", accept.Actor)
		}
		act(t, "Fedify follows the town hall, a %s", who.Type)
		notice := w.make(t, "post", "add", "--club", "rathaus", "--text", "Die Hauptstraße ist am Montag gesperrt.")
		got := lena.receives(t, "Create", notice.ID)
		if got.Actor != hall.ID || got.Object == nil || got.Object.Type != "Note" || !strings.Contains(got.Object.Content, "Hauptstraße") {
			t.Errorf("Fedify reads %+v", got)
		}
		w.says(t, w.origin+"/bekanntmachungen", "Hauptstraße")
		act(t, "what the town hall announces, Fedify has: %q", got.Object.Content)
		answer := lena.do(t, "reply", values{"object": notice.ID, "text": "Wie lange denn?"})
		w.remote(t, "lange", answer)
		w.says(t, notice.URL, "Wie lange denn?")
		act(t, "the answer of %s stands below it", lena.handle)
		w.verb(t, "delete", notice.ID)
		lena.receives(t, "Delete", notice.ID)
		act(t, "Fedify learns that it was deleted")
	})
}

// says waits until a page says something.
func (w *town) says(t *testing.T, address, word string) {
	t.Helper()
	until(t, patience, address+" says "+word, func() (page, string) {
		p := w.get(t, address, html)
		if p.status != 200 || !strings.Contains(p.body, word) {
			return p, p.body[:min(len(p.body), 500)]
		}
		return p, ""
	})
}
