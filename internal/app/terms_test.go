package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/internal/post"
)

// agreed lets a town ask with terms of its own and the town hall say yes to as much.
func (v *village) agreed(host, terms string, ours peer.Terms) {
	v.t.Helper()
	v.relayOf(host)
	v.meet("https://" + host + "/ap/chor")
	if r := v.asked(host, terms); r.State != "applied" {
		v.t.Fatalf("%s asks: %+v", host, r)
	}
	if err := v.Peers.Accept(v.t.Context(), actor.Operator, host, ours); err != nil {
		v.t.Fatal(err)
	}
}

// TestAgreementTurns: a notice whose kind changes to one that is not shared leaves the
// neighbours, on both sides, and may come back.
func TestAgreementTurns(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const terms = `,"agreement":{"type":"Peering","asks":["%[1]s"],"gives":["%[1]s"]}`
		v.agreed(peerHost, fmt.Sprintf(terms, "wanted"), peer.Terms{Asks: []string{peer.Wanted}, Gives: []string{peer.Wanted}, Trusted: true})
		v.agreed("feste.test", fmt.Sprintf(terms, "events"), peer.Terms{Asks: []string{peer.Events}, Gives: []string{peer.Events}, Trusted: true})
		sent := func(host string) string {
			all := strings.Join(v.sentTo(host), " ")
			return strings.TrimPrefix(strings.TrimPrefix(all, "Accept Follow"), " ")
		}

		o, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Wer hilft beim Umzug?", Kind: post.Wanted})
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{post.Help, post.Wanted} {
			if _, err := v.Posts.Change(t.Context(), actor.Operator, o.ID, post.Change{Text: "Wer hilft beim Umzug am Montag?", Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		if got := sent(peerHost); got != "Create Delete Update" {
			t.Errorf("the town that has what is wanted gets %q", got)
		}
		if got := sent("feste.test"); got != "" {
			t.Errorf("a town that has events alone gets %q", got)
		}
		if body := strings.Join(v.sentOf("Delete"), ""); !strings.Contains(body, `"agreement":{`) || strings.Contains(body, "Umzug") {
			t.Errorf("the Delete says %s", body)
		}
		if n := v.count("deletions"); n != 0 {
			t.Errorf("%d deletions are counted", n)
		}

		const text = `"type":"Note","content":"Leiter %s","tag":[{"type":"Hashtag","name":"#%s"}]`
		stands := func(what string, want bool) {
			t.Helper()
			if n := v.count("objects", "id = 'https://"+peerHost+"/o/1'", "deleted IS NULL"); (n == 1) != want {
				t.Errorf("%s: %d rows", what, n)
			}
			if n := v.count("looks"); n != 0 {
				t.Errorf("%s: %d looks are left", what, n)
			}
		}
		v.from(peerHost, "Create", "1", fmt.Sprintf(text, "gesucht", "Suche"))
		v.has("/region", 200, []string{"Leiter gesucht"}, nil)
		v.from(peerHost, "Update", "1", fmt.Sprintf(text, "geliehen", "Nachbarschaftshilfe"))
		stands("it is help now", false)
		v.from(peerHost, "Update", "1", fmt.Sprintf(text, "wieder gesucht", "Suche"))
		v.has("/region", 200, []string{"Leiter wieder gesucht"}, nil)
		gone := `{"id":"https://%[1]s/d/%[2]d","type":"Delete","actor":"https://%[1]s/ap/chor","object":"https://%[1]s/o/1"%[3]s}`
		v.receive(gone, peerHost, 1, fmt.Sprintf(terms, "wanted"))
		stands("it is withdrawn", false)
		v.from(peerHost, "Update", "1", fmt.Sprintf(text, "noch gesucht", "Suche"))
		v.has("/region", 200, []string{"Leiter noch gesucht"}, nil)
		v.receive(gone, peerHost, 2, "")
		v.from(peerHost, "Update", "1", fmt.Sprintf(text, "nie mehr gesucht", "Suche"))
		stands("it is deleted", false)
	})
}

// TestRegionByTime: what is to come stands there however much was published since, and
// what neither is to come nor open does not; the outbox of the relay is read in order.
func TestRegionByTime(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const terms = `,"agreement":{"type":"Peering","asks":["events"],"gives":["events","wanted"]}`
		v.agreed(peerHost, terms, peer.Terms{Asks: []string{peer.Events, peer.Wanted}, Gives: []string{peer.Events}, Trusted: true})
		now := time.Now().UTC().Truncate(time.Second)
		put := func(key string, published, start, end time.Time) {
			t.Helper()
			id := "https://" + peerHost + "/o/" + key
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				o := &object.Object{ID: id, Type: event.Type, AttributedTo: "https://" + peerHost + "/ap/chor", Name: "Fest " + key, Visibility: object.Public, URL: id, Published: published}
				for _, row := range []any{o, &event.Details{ObjectID: id, StartTime: start, EndTime: end, Timezone: "Europe/Berlin", Status: event.Confirmed}, &peer.Thing{ObjectID: id, Host: peerHost, Scope: peer.Events}} {
					if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		put("aus dem Januar", now.AddDate(-1, 0, 0), now.AddDate(0, 2, 0), time.Time{})
		put("gerade jetzt", now.AddDate(0, -1, 0), now.Add(-time.Hour), now.Add(time.Hour))
		for i := range 40 {
			put(fmt.Sprintf("vorbei %d", i), now.Add(-time.Minute), now.AddDate(0, 0, -3), now.AddDate(0, 0, -2))
		}
		for _, path := range []string{"/region", "/region?ort=" + peerHost} {
			body := v.has(path, 200, []string{"Fest gerade jetzt", "Fest aus dem Januar"}, []string{"vorbei"})
			if strings.Index(body, "gerade jetzt") > strings.Index(body, "aus dem Januar") {
				t.Errorf("%s is not in the order of time", path)
			}
		}
		for _, text := range []string{"Erster Zettel", "Zweiter Zettel"} {
			v.post(text)
		}
		if body := v.get("/relay/outbox?page=true", as2).Body.String(); strings.Index(body, "Zweiter") > strings.Index(body, "Erster") || !strings.Contains(body, "Erster") {
			t.Errorf("the outbox of the relay is %s", body)
		}
		if v.db.Dialect() == database.SQLite {
			plan := v.plan("SELECT id FROM activities AS activity WHERE EXISTS (SELECT 1 FROM actors WHERE actors.id = activity.actor_id) AND activity.public AND activity.type = 'Create' ORDER BY activity.published DESC, activity.id DESC LIMIT 21")
			if !strings.Contains(plan, "activities_created") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("the outbox of the relay is read by %s", plan)
			}
		}
	})
}

// plan says how SQLite goes about a query.
func (v *village) plan(query string) string {
	v.t.Helper()
	rows, err := v.db.Read().QueryContext(v.t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			v.t.Fatal(err)
		}
		plan = append(plan, line)
	}
	if err := rows.Err(); err != nil {
		v.t.Fatal(err)
	}
	return strings.Join(plan, "; ")
}

// nearTerms are those of a town in Cottbus that wants of events and opportunities what
// is around Herzberg alone.
const nearTerms = `,"agreement":{"type":"Peering","asks":["events","opportunities"],"gives":["events","opportunities"],` +
	`"asksWithin":{"type":"Place","name":"Böse Worte","latitude":51.6869,"longitude":13.2202,"radius":50,"units":"km"},` +
	`"location":{"type":"Place","name":"Cottbus","latitude":51.7577,"longitude":14.3289}}`

// TestAgreementNear: of events and opportunities only what lies near a place is given
// and taken; what has no place counts as being in its town.
func TestAgreementNear(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		if err := v.Places.SetHome(t.Context(), actor.Operator, gazetteer.Home{Name: "Musterdorf", Latitude: 51.69, Longitude: 13.22}); err != nil {
			t.Fatal(err)
		}
		if err := v.Places.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		placed := []string{peer.Events, peer.Opportunities}
		v.agreed(peerHost, nearTerms, peer.Terms{Asks: placed, Gives: placed, AsksNear: peer.Near{Km: 50}, Trusted: true})
		if body := strings.Join(v.sentOf("Follow"), ""); !strings.Contains(body, `"asksWithin":{"type":"Place","name":"Musterdorf","latitude":51.69,"longitude":13.22,"radius":50.0,"units":"km"}`) || !strings.Contains(body, `"location":{`) {
			t.Errorf("the terms are told as %s", body)
		}
		v.goesNear(t)
		v.comesNear(t)

		// An area may become smaller, and the other side may say none any more.
		if err := v.Peers.Change(t.Context(), actor.Operator, peerHost, peer.Terms{Asks: placed, Gives: placed, AsksNear: peer.Near{Place: "Riesa", Km: 5}, Trusted: true}); err != nil {
			t.Fatal(err)
		}
		v.has("/region", 200, []string{"Fest an der Elbe"}, []string{"Fest im Nachbardorf"})
		v.has("/region/verbund", 200, []string{"im Umkreis von 5 km um Riesa", "im Umkreis von 50 km um Herzberg", "zählt zum Ort seiner Kommune"}, []string{"Böse Worte"})
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/nachbarn")
		b.shows(200, "im Umkreis von 5 km um Riesa")
		b.open("/rathaus/nachbarn/vereinbarung?ort=" + peerHost)
		b.shows(200, "im Umkreis von 50 km um Herzberg", "Riesa, Sachsen", "11 Einträge warten auf Zustellung")
		for typed, want := range map[string]string{"Nirgendwodorf": "Wir kennen diesen Ort nicht", "Neustadt": "mehrere Orte dieses Namens"} {
			b.send("Ändern", map[string]string{"gives-place": typed, "gives-km": "10"})
			b.shows(422, want)
		}
		b.send("Ändern", map[string]string{"gives-place": "Dresden", "gives-km": ""})
		b.shows(422, "wie viele Kilometer")
		b.send("Ändern", map[string]string{"gives-place": "", "gives-km": "25"})
		if p := v.peering(peerHost); p.GivesNear.Name != "Musterdorf" || p.GivesNear.Km != 25 || p.AsksNear.Km != 5 {
			t.Errorf("the form makes %+v", p)
		}
		v.asked(peerHost, strings.Replace(nearTerms, "asksWithin", "unknown", 1))
		if p := v.peering(peerHost); p.TheirAsksNear != (peer.Area{}) || len(p.OutNear()) != 1 {
			t.Errorf("without an area it is %+v", p)
		}

		// The town was somewhere else: the other side learns it, and gets what is near now.
		before := len(v.sentTo(peerHost))
		if err := v.Places.SetHome(t.Context(), actor.Operator, gazetteer.Home{Name: "Musterdorf", Latitude: 51.7, Longitude: 13.22}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := v.Peers.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := v.sentTo(peerHost)[before:]; strings.Count(strings.Join(got, " "), "Follow") != 1 {
			t.Errorf("after a move it is told %v", got)
		}
	})
}

// goesNear publishes near and far.
func (v *village) goesNear(t *testing.T) {
	t.Helper()
	sent := func(want string, do func() error) {
		t.Helper()
		before := len(v.sentTo(peerHost))
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(v.sentTo(peerHost)[before:], " "); got != want {
			t.Errorf("the town gets %q, want %q", got, want)
		}
	}
	var id string
	publish := func(place string) func() error {
		return func() error {
			e, err := v.Events.Create(t.Context(), actor.Operator, event.Draft{AttributedTo: v.club.ID, Name: "Fest in " + place, Start: "2027-07-10T19:00", Place: place, Text: "Musik."})
			if err == nil {
				id = e.ID
			}
			return err
		}
	}
	to := func(place string) func() error {
		return func() error {
			_, err := v.Events.Change(t.Context(), actor.Operator, id, event.Change{Place: &place})
			return err
		}
	}
	sent("", publish("Kulturpalast, Dresden"))
	sent("Create", publish(""))
	sent("Create", publish("Feuerwehrhaus"))
	sent("Create", publish("Stadthalle, Riesa"))
	sent("Delete", to("Dresden"))
	sent("Update", to("Riesa"))
	n := v.needing(1)
	tell := func() error {
		return v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			o, err := v.Objects.Stored(ctx, tx, n.id)
			if err != nil {
				return err
			}
			return v.Activities.PublishObject(ctx, tx, actor.Operator, "Update", o)
		})
	}
	sent("Update", tell)
	v.set("UPDATE opportunities SET place = 'Dresden'")
	sent("Delete", tell)
	v.set("UPDATE opportunities SET latitude = 51.6, longitude = 13.3")
	sent("Update", tell)
}

// comesNear receives from near and far.
func (v *village) comesNear(t *testing.T) {
	t.Helper()
	day := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	for i, one := range []struct{ name, where, want string }{
		{"Fest ohne Ort", "", "ignored"},
		{"Fest in Dresden", `,"location":{"type":"Place","name":"Dresden"}`, "ignored"},
		{"Fest an der Elbe", `,"location":{"type":"Place","name":"Stadthalle","address":{"type":"PostalAddress","addressLocality":"Riesa"}}`, "applied"},
		{"Fest im Nachbardorf", `,"location":{"type":"Place","name":"Dorfanger","latitude":51.66,"longitude":13.3}`, "applied"},
		{"Fest weit weg", `,"location":{"type":"Place","name":"Herzberg","latitude":48.1,"longitude":11.5}`, "ignored"},
	} {
		r := v.from(peerHost, "Create", fmt.Sprint(i), `"type":"Event","name":"`+one.name+`","content":"<p>Kommt</p>","startTime":"`+day+`"`+one.where)
		if r.State != one.want {
			t.Errorf("%s is %+v", one.name, r)
		}
	}
	v.has("/region", 200, []string{"Fest an der Elbe", "Fest im Nachbardorf"}, []string{"Fest in Dresden", "Fest weit weg"})
}
