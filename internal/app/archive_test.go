package app

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/problem"
)

// sentOf gives the bodies of the activities of a type that were published, the
// first one first.
func (v *village) sentOf(kind string) []string {
	v.t.Helper()
	var bodies []string
	rows, err := v.db.Pool().QueryContext(v.t.Context(), "SELECT body FROM activities WHERE type = '"+kind+"' ORDER BY id")
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			v.t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		v.t.Fatal(err)
	}
	return bodies
}

// TestArchivedClub: it says that it is not active any more, to readers, to its
// followers and to other servers; nothing else of it is seen, and it comes
// back whole.
func TestArchivedClub(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("ruth@example.org", account.Townhall)
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		e := v.event("Sommerfest")
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/vereine/tsv/archivieren")
		b.shows(200, "Wer dem Verein folgt, erfährt es: 1 Person", "Absagen: 1 Veranstaltung")
		f := b.formWith("Archivieren")
		f.values.Del("events")
		b.post(f)
		b.shows(422, "Bitte sagen Sie, was aus den Veranstaltungen wird")
		b.send("Archivieren", map[string]string{"events": "keep"})
		b.shows(200, "Der Verein ist archiviert", "Aktiv machen")
		b.post(f) // pressed once more
		b.shows(200, "Der Verein ist archiviert")

		v.has("/vereine/tsv", 410, []string{"Dieser Verein ist nicht mehr aktiv", "TSV", `href="/vereine"`}, []string{"Sommerfest"})
		v.has(path(e.URL), 404, nil, []string{"Sommerfest"})
		for _, list := range []string{"/", "/vereine", "/veranstaltungen", "/suche?q=fest", "/kalender.ics", "/sitemap.xml"} {
			v.has(list, 200, nil, []string{"Sommerfest\"", "TSV", "vereine/tsv"})
		}
		for _, gone := range []string{"/vereine/tsv/kalender.ics", "/vereine/tsv/feed.rss", path(v.club.ID) + "/outbox", path(v.club.ID) + "/events", path(v.club.ID) + "/followers", path(e.ID)} {
			if w := v.get(gone, as2); w.Code != 404 {
				t.Errorf("%s: %d", gone, w.Code)
			}
		}
		w := v.get(path(v.club.ID), as2)
		if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, "Dieser Verein ist nicht mehr aktiv.") || !strings.Contains(body, `"discoverable":false`) {
			t.Errorf("the actor: %d %s", w.Code, body)
		}
		for _, name := range []string{"acct:tsv@here.test", v.club.ID, v.club.URL} {
			if w := v.get("/.well-known/webfinger?resource="+name, "*/*"); w.Code != 200 || !strings.Contains(w.Body.String(), v.club.ID) {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
		if w := v.get("/vereine/tsv", as2); w.Code != 303 {
			t.Errorf("the page for programs: %d", w.Code)
		}
		if w := v.get("/vereine/tsv", "*/*"); w.Code != 404 {
			t.Errorf("the page for what reads no page: %d", w.Code)
		}
		v.has("/vereine/none", 404, nil, []string{"nicht mehr aktiv"})
		told := v.sentOf("Update")
		if len(told) != 1 || !strings.Contains(told[0], "nicht mehr aktiv") || v.count("deliveries", "activity_id = (SELECT id FROM activities WHERE type = 'Update')") != 1 {
			t.Errorf("followers are told: %v", told)
		}
		if r := v.receive(`{"id":"https://b.test/f/2","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID); r.State == "applied" {
			t.Errorf("an archived club is followed: %+v", r)
		}

		b.open("/rathaus/vereine/tsv")
		b.send("Aktiv machen", nil)
		b.shows(200, "Gespeichert")
		v.has("/vereine/tsv", 200, []string{"TSV", "Sommerfest"}, []string{"nicht mehr aktiv"})
		told = v.sentOf("Update")
		if len(told) != 2 || strings.Contains(told[1], "nicht mehr aktiv") {
			t.Errorf("followers are told again: %v", told)
		}
	})
}

// TestArchivedWithItsEvents: they are cancelled with the reason before the club
// goes, and stay so.
func TestArchivedWithItsEvents(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		v.event("Herbstfest")
		if _, err := v.Events.CancelAll(t.Context(), anna.ID, v.club.ID, "x"); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor cancels all: %v", err)
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/vereine/tsv/archivieren")
		b.shows(200, "Absagen: 2 Veranstaltungen")
		b.send("Archivieren", map[string]string{"events": "cancel"})
		b.shows(200, "Der Verein ist archiviert")
		if n := v.count("events", "status = 'CANCELLED' AND reason = 'Der Verein ist nicht mehr aktiv.'"); n != 2 {
			t.Errorf("%d are cancelled", n)
		}
		if told := v.sentOf("Update"); len(told) != 3 || !strings.Contains(told[0], "EventCancelled") || !strings.Contains(told[2], `"Group"`) {
			t.Errorf("%d updates: %v", len(told), told)
		}
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Active); err != nil {
			t.Fatal(err)
		}
		v.has(path(e.URL), 200, []string{"Abgesagt", "Der Verein ist nicht mehr aktiv."}, nil)
	})
}

// TestARequestThatIsArchivedTellsNothing: a club that was never public is not
// known to anybody afterwards.
func TestARequestThatIsArchivedTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE actors SET state = 'requested' WHERE preferred_username = 'tsv'"); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Archived); err != nil {
			t.Fatal(err)
		}
		v.has("/vereine/tsv", 410, nil, []string{"TSV"})
		if w := v.get(path(v.club.ID), as2); w.Code != 404 {
			t.Errorf("the actor: %d", w.Code)
		}
		if w := v.get("/.well-known/webfinger?resource=acct:tsv@here.test", "*/*"); w.Code != 404 {
			t.Errorf("the handle: %d", w.Code)
		}
		if len(v.sentOf("Update")) != 0 {
			t.Error("somebody is told")
		}
	})
}

// TestVerifiedClub: the town hall says that it knows a club, on its page and in
// its profile elsewhere, and takes it back; nobody else does.
func TestVerifiedClub(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		if err := v.Clubs.Verify(t.Context(), anna.ID, "tsv", true); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor: %v", err)
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/vereine/tsv")
		b.send("Als geprüft kennzeichnen", nil)
		b.shows(200, "Kennzeichen entfernen")
		v.has("/vereine/tsv", 200, []string{"vom Rathaus geprüft"}, nil)
		if body := v.get(path(v.club.ID), as2).Body.String(); !strings.Contains(body, `"value":"vom Rathaus geprüft"`) {
			t.Errorf("the actor: %s", body)
		}
		name := "TSV 1901"
		if _, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Name: &name}); err != nil {
			t.Fatal(err)
		}
		v.has("/vereine/tsv", 200, []string{name, "vom Rathaus geprüft"}, nil)
		b.open("/rathaus/vereine/tsv")
		b.send("Kennzeichen entfernen", nil)
		v.has("/vereine/tsv", 200, []string{name}, []string{"vom Rathaus geprüft"})
		if body := v.get(path(v.club.ID), as2).Body.String(); strings.Contains(body, "geprüft") {
			t.Errorf("the actor: %s", body)
		}
	})
}
