package app

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/peer"
)

// peerHost is a town that asks to share with the village.
const peerHost = "muehlrode.test"

// relayOf stores the relay actor of another town.
func (v *village) relayOf(host string) string {
	v.t.Helper()
	id := v.meet("https://" + host + "/relay")
	v.set("UPDATE actors SET type = 'Application', name = '" + strings.ToUpper(host[:1]) + strings.TrimSuffix(host[1:], ".test") + "' WHERE id = '" + id + "'")
	return id
}

// asked lets a town ask with its terms, some words in JSON.
func (v *village) asked(host, terms string) row {
	v.t.Helper()
	return v.receive(`{"id":"https://%[1]s/f/%[3]d","type":"Follow","actor":"https://%[1]s/relay","object":"%[4]s"%[2]s}`, host, terms, time.Now().UnixNano(), v.Actors.Site().RelayID())
}

const usualTerms = `,"agreement":{"type":"Peering","asks":["events","clubs"],"gives":["events","wanted"],"purpose":"Ein Kalender für das Tal"}`

// neighbours has a town ask.
func (v *village) neighbours() {
	v.t.Helper()
	v.relayOf(peerHost)
	if r := v.asked(peerHost, usualTerms); r.State != "applied" {
		v.t.Fatalf("a town asks: %+v", r)
	}
}

// sentTo gives the types of what was put on the lane of a host, in the order in
// which it was.
func (v *village) sentTo(host string) []string {
	v.t.Helper()
	var list []string
	err := v.db.Read().NewRaw("SELECT a.type FROM deliveries d JOIN activities a ON a.id = d.activity_id WHERE d.host = ? ORDER BY d.id", host).Scan(v.t.Context(), &list)
	if err != nil {
		v.t.Fatal(err)
	}
	return list
}

// from lets a club of another town publish something.
func (v *village) from(host, kind, key, rest string) row {
	v.t.Helper()
	return v.receive(`{"id":"https://%[1]s/c/%[3]s-%[5]d","type":"%[2]s","actor":"https://%[1]s/ap/chor","object":{"id":"https://%[1]s/o/%[3]s","attributedTo":"https://%[1]s/ap/chor","url":"https://%[1]s/o/%[3]s",`+
		`"to":["https://www.w3.org/ns/activitystreams#Public"],"published":"2026-06-01T10:00:00Z",%[4]s}}`, host, kind, key, rest, time.Now().UnixNano())
}

// peering gives what was agreed with a host.
func (v *village) peering(host string) *peer.Peer {
	v.t.Helper()
	p, err := v.Peers.Find(v.t.Context(), host)
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// TestAgreement: a town asks, the town hall narrows and accepts, what comes is
// looked at first, a pause loses nothing, and nobody speaks for a third town.
func TestAgreement(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.neighbours()
		v.meet("https://" + peerHost + "/ap/chor")
		day := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
		fest := `"type":"Event","name":"%s","startTime":"` + day + `","content":"<p>Kommt</p>"`
		if r := v.from(peerHost, "Create", "0", strings.Replace(fest, "%s", "Zu früh", 1)); r.State != "ignored" {
			t.Errorf("nothing was agreed, and what comes is %s", r.State)
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus")
		b.shows(200, "Kommunen fragen an", "Ein Kalender für das Tal")
		b.open("/rathaus/nachbarn")
		b.shows(200, "Muehlrode", "Fragt bei Ihnen an")
		b.open("/rathaus/nachbarn/vereinbarung?ort=" + peerHost)
		b.shows(200, "Ein Kalender für das Tal", "Pinnwand: Suche")
		b.send("Annehmen", map[string]string{"gives-clubs": ""}) // narrower than asked
		b.shows(200, "Die Vereinbarung gilt.", "Verbunden")
		p := v.peering(peerHost)
		if p.State != peer.Live || strings.Join(p.In(), " ") != "events wanted" || strings.Join(p.Out(), " ") != "events" || p.Trusted {
			t.Errorf("agreed is %+v", p)
		}
		if got := strings.Join(v.sentTo(peerHost), " "); got != "Accept Follow" {
			t.Errorf("the town is told %s", got)
		}
		if terms := strings.Join(v.sentOf("Accept"), ""); !strings.Contains(terms, `"gives":["events"]`) || !strings.Contains(terms, "aushang:agreement") {
			t.Errorf("the Accept says %s", terms)
		}
		v.has("/region/verbund", 200, []string{"Muehlrode", "Unser Rathaus sieht es sich an"}, []string{"Verzeichnis der Vereine"})

		for name, r := range map[string]row{
			"an event": v.from(peerHost, "Create", "1", strings.Replace(fest, "%s", "Mühlenfest", 1)), "a notice": v.from(peerHost, "Create", "2", `"type":"Note","content":"Fahrrad gesucht","tag":[{"type":"Hashtag","name":"#Suche"}]`),
		} {
			if r.State != "applied" {
				t.Errorf("%s is %+v", name, r)
			}
		}
		if r := v.from(peerHost, "Create", "3", `"type":"Note","content":"Fundbüro zieht um"`); r.State != "ignored" {
			t.Errorf("a kind of notice that was not agreed is %s", r.State)
		}
		v.has("/region", 200, nil, []string{"Mühlenfest", "Fahrrad gesucht"})
		b.open("/rathaus/durchsehen")
		b.shows(200, "Mühlenfest", "Eine Nachbarkommune teilt das mit Ihnen")
		b.open("/rathaus/nachbarn/vereinbarung?ort=" + peerHost)
		b.send("Alles zeigen", nil)
		v.has("/region", 200, []string{"Mühlenfest", "Fahrrad gesucht", peerHost}, nil)

		v.peerPaused(t, b, fest)
		v.thirdTowns(t, fest)
		v.peerEnded(t, b, fest)
		v.loggedPeers(t)
	})
}

// peerPaused pauses with one click: at once nothing shows or goes, and nothing is lost.
func (v *village) peerPaused(t *testing.T, b *browser, fest string) {
	t.Helper()
	before := len(v.sentTo(peerHost))
	b.open("/rathaus/nachbarn")
	b.send("Pausieren", nil)
	b.shows(200, "Pausiert.", "Von Ihnen pausiert")
	v.has("/region", 200, nil, []string{"Mühlenfest", "Fahrrad gesucht"})
	v.has("/region/verbund", 200, []string{"Pausiert von uns"}, nil)
	v.from(peerHost, "Create", "4", strings.Replace(fest, "%s", "Pausenfest", 1))
	if err := v.releaseOf(t.Context(), actor.Operator, peerHost); err != nil {
		t.Fatal(err)
	}
	v.has("/region", 200, nil, []string{"Pausenfest"}) // what was looked at waits for the end of the pause
	v.from(peerHost, "Create", "5", strings.Replace(fest, "%s", "Spätfest", 1))
	wanted := v.hideShared("%Fahrrad gesucht%")
	e := v.event("Unser Pausenfest")
	if got := v.sentTo(peerHost)[before:]; strings.Join(got, " ") != "Follow" {
		t.Errorf("during a pause %v goes there", got)
	}
	b.open("/rathaus/nachbarn")
	b.send("Fortsetzen", nil)
	// What was hidden during the pause stays so, and what is new waits for a look.
	v.has("/region", 200, []string{"Mühlenfest", "Pausenfest"}, []string{"Fahrrad gesucht", "Spätfest"})
	if err := v.releaseOf(t.Context(), actor.Operator, peerHost); err != nil {
		t.Fatal(err)
	}
	if err := v.Activities.Hide(t.Context(), actor.Operator, wanted, false); err != nil {
		t.Fatal(err)
	}
	v.has("/region", 200, []string{"Spätfest", "Fahrrad gesucht"}, nil)
	if err := v.Peers.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := v.sentTo(peerHost)[before:]; !strings.Contains(strings.Join(got, " "), "Update") || !strings.Contains(strings.Join(v.sentOf("Update"), ""), e.ID) {
		t.Errorf("after the pause %v goes there", got)
	}
}

// hideShared hides what came from elsewhere and has such content, and gives its id.
func (v *village) hideShared(content string) string {
	v.t.Helper()
	var id string
	if err := v.db.Read().NewSelect().Table("objects").Column("id").Where("content LIKE ?", content).Scan(v.t.Context(), &id); err != nil {
		v.t.Fatal(err)
	}
	if err := v.Activities.Hide(v.t.Context(), actor.Operator, id, true); err != nil {
		v.t.Fatal(err)
	}
	return id
}

// thirdTowns shows that a town speaks for itself alone.
func (v *village) thirdTowns(t *testing.T, fest string) {
	t.Helper()
	third := strings.Replace(fest, "%s", "Fremdes Fest", 1)
	for name, r := range map[string]row{
		"an announcement of what is on a third server": v.receive(`{"id":"https://%[1]s/a/1","type":"Announce","actor":"https://%[1]s/relay","object":"https://dritt.test/o/1"}`, peerHost),
		"an object of a third server":                  v.receive(`{"id":"https://%[1]s/c/9","type":"Create","actor":"https://%[1]s/ap/chor","object":{"id":"https://dritt.test/o/1","attributedTo":"https://dritt.test/u","to":["as:Public"],`+strings.ReplaceAll(third, "%", "%%")+`}}`, peerHost),
	} {
		if r.State != "refused" {
			t.Errorf("%s is %+v", name, r)
		}
	}
	v.has("/region", 200, nil, []string{"Fremdes Fest"})
}

// peerEnded ends it: what came is gone on this side, and may come again.
func (v *village) peerEnded(t *testing.T, b *browser, fest string) {
	t.Helper()
	b.open("/rathaus/nachbarn/vereinbarung?ort=" + peerHost)
	b.send("Beenden", nil)
	b.shows(200, "Beendet und aufgeräumt.")
	v.has("/region/verbund", 200, nil, []string{"Muehlrode"})
	n, err := v.db.Read().NewSelect().TableExpr("objects").Where("NOT local").Where("attributed_to = ?", "https://"+peerHost+"/ap/chor").Count(t.Context())
	if err != nil || n != 0 {
		t.Errorf("%d things are left, %v", n, err)
	}
	if got := strings.Join(v.sentTo(peerHost), " "); !strings.HasSuffix(got, "Undo Reject") {
		t.Errorf("the town is told %s", got)
	}
	if r := v.from(peerHost, "Create", "5", strings.Replace(fest, "%s", "Nachher", 1)); r.State != "ignored" {
		t.Errorf("what comes afterwards is %s", r.State)
	}
}

func (v *village) loggedPeers(t *testing.T) {
	t.Helper()
	var acts []string
	if err := v.db.Read().NewRaw("SELECT act FROM ledger WHERE act LIKE 'peer.%' ORDER BY seq").Scan(t.Context(), &acts); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(acts, " "); got != "peer.accept peer.pause peer.resume peer.end" {
		t.Errorf("the log says %s", got)
	}
}

// TestRelay: who follows the relay actor, as Mastodon's admins do or a town that
// says no terms, gets each new thing announced once, and is told of changes.
func TestRelay(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		mastodon := v.meet("https://mastodon.test/actor")
		v.set("UPDATE actors SET type = 'Application' WHERE id = '" + mastodon + "'")
		v.relayOf("alt.test")
		v.meet("https://alt.test/ap/chor")
		follow := `{"id":"https://mastodon.test/f/1","type":"Follow","actor":"https://mastodon.test/actor","object":"https://www.w3.org/ns/activitystreams#Public"}`
		if r := v.receive(strings.ReplaceAll(follow, "%", "%%")); r.State != "applied" {
			t.Fatalf("%+v", r)
		}
		if r := v.asked("alt.test", ""); r.State != "applied" {
			t.Fatalf("%+v", r)
		}
		if body := strings.Join(v.sentOf("Accept"), ""); !strings.Contains(body, `"actor":"https://here.test/relay"`) || !strings.Contains(body, "https://mastodon.test/f/1") {
			t.Errorf("the relay answers %s", body)
		}
		for _, is := range []string{`"inbox":"https://here.test/relay/inbox"`, `"type":"Application"`, `"preferredUsername":"relay"`} {
			if body := v.get("/relay", as2).Body.String(); !strings.Contains(body, is) {
				t.Errorf("the relay actor is without %s: %s", is, body)
			}
		}
		e := v.event("Sommerfest")
		v.post("Schlüssel gefunden")
		name := "Großes Sommerfest"
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, e.ID); err != nil {
			t.Fatal(err)
		}
		for host, want := range map[string]string{"mastodon.test": "Accept Announce Announce Update Delete", "alt.test": "Accept Announce Announce Update Announce Delete"} {
			if got := strings.Join(v.sentTo(host), " "); got != want {
				t.Errorf("%s gets %s, want %s", host, got, want)
			}
		}
		if body := v.get("/relay/outbox?page=true", as2).Body.String(); !strings.Contains(body, "Schlüssel gefunden") || strings.Contains(body, "Sommerfest") {
			t.Errorf("the outbox of the relay has %s", body)
		}

		// Without terms it is events and notices, looked at first.
		if err := v.Peers.Accept(t.Context(), actor.Operator, "alt.test", peer.Terms{Asks: peer.Scopes, Gives: peer.Scopes}); err != nil {
			t.Fatal(err)
		}
		if p := v.peering("alt.test"); p.State != peer.Live || p.Terms || p.Trusted || strings.Join(p.In(), " ") != "events announcements wanted offers help" {
			t.Errorf("an agreement without terms is %+v", p)
		}
		if r := v.from("alt.test", "Create", "1", `"type":"Note","content":"Alt und gut"`); r.State != "applied" {
			t.Errorf("what comes is %+v", r)
		}
		v.has("/region", 200, nil, []string{"Alt und gut"})

		undo := `{"id":"https://mastodon.test/u/1","type":"Undo","actor":"https://mastodon.test/actor","object":` + follow + `}`
		v.receive(strings.ReplaceAll(undo, "%", "%%"))
		before := strings.Join(v.sentTo("mastodon.test"), " ")
		v.post("Nach dem Ende")
		if after := strings.Join(v.sentTo("mastodon.test"), " "); after != before {
			t.Errorf("who has left gets %s", strings.TrimPrefix(after, before))
		}
		// A block wins over what was agreed.
		v.keepOut("alt.test")
		before = strings.Join(v.sentTo("alt.test"), " ")
		v.post("Nicht für Gesperrte")
		if after := strings.Join(v.sentTo("alt.test"), " "); after != before {
			t.Errorf("who is blocked gets %s", strings.TrimPrefix(after, before))
		}
		v.has("/region/verbund", 200, nil, []string{"alt.test"})
	})
}
