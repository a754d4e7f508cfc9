package proof

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestRelaySubscriber lets Fedify subscribe to the relay of a town in Mastodon's manner, by a Follow of the Public
// collection: it gets every new public thing once, reads it by its id, and hears of its end.
func TestRelaySubscriber(t *testing.T) {
	port := connected(t).freePort(t)
	dorf := found(t, "dorf.test", port, databasetest.SQLite(t))
	dorf.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
	dorf.serve(t)
	lena := moveIn(t, port, cavage)
	relay := dorf.origin + "/relay"
	if got := lena.lookup(t, "@relay@"+dorf.host); got.ID != relay || got.Inbox != relay+"/inbox" {
		t.Errorf("Fedify finds the relay as %+v", got)
	}
	follow := lena.do(t, "subscribe", values{"relay": relay})
	lena.receives(t, "Accept", follow, func(a activity) bool { return a.Actor == relay })
	act(t, "Fedify follows the Public collection at the relay of %s and is accepted by it", dorf.host)

	event := dorf.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end)
	things := []string{event.ID}
	for _, text := range []string{"Schlüssel gefunden", "Fahrrad gesucht", "Altpapier am Samstag"} {
		things = append(things, dorf.make(t, "post", "add", "--club", "tsv", "--text", text).ID)
	}
	for _, id := range things {
		lena.receives(t, "Announce", id, func(a activity) bool { return a.Actor == relay })
	}
	if got := lena.lookup(t, things[1]); !strings.Contains(got.Content, "Schlüssel gefunden") {
		t.Errorf("Fedify reads what was announced as %+v", got)
	}
	dorf.verb(t, "event", "change", event.ID, "--name", "Großes Sommerfest")
	lena.receives(t, "Update", event.ID)
	dorf.verb(t, "delete", event.ID)
	lena.receives(t, "Delete", event.ID)
	times := map[string]int{}
	for _, a := range lena.received(t) {
		if a.Type == "Announce" {
			times[a.ObjectID]++
		}
		if a.Type == "Create" {
			t.Errorf("a subscriber gets %s too", a.ID)
		}
	}
	for _, id := range things {
		if times[id] != 1 || len(times) != len(things) {
			t.Errorf("announced were %v, each of %v once", times, things)
		}
	}
	act(t, "it gets each of %d new things once, and what becomes of them", len(things))
}
