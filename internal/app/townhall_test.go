package app

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
)

func TestTownHall(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.shows(200, "Rathaus")
		b.open("/rathaus/vereine")
		b.send("Verein aufnehmen", map[string]string{"name": "", "handle": "Ä"})
		b.shows(422, "Bitte prüfen Sie 2 Angaben", "2 bis 30 Zeichen")
		b.send("Verein aufnehmen", map[string]string{"name": "Chor Dorf", "handle": "tsv"})
		b.shows(422, "hat schon ein anderer Verein")
		b.send("Verein aufnehmen", map[string]string{"handle": "chor"})
		b.shows(200, "Der Verein ist dabei", "Chor Dorf")

		b.open("/rathaus/personen")
		b.send("Person aufnehmen", map[string]string{"name": "Berta", "email": "berta@example.org", "role": "admin"})
		b.shows(422, "Diese Rolle vergibt nur die Verwaltung", "berta@example.org")
		b.send("Person aufnehmen", map[string]string{"role": "editor"})
		b.shows(200, "Schicken Sie der Person diesen Link", "https://here.test/anmelden/einmal/")
		link := b.oneTimeLink()
		b.open("/rathaus/personen")
		b.hides(link)
		b.send("Person aufnehmen", map[string]string{"name": "Berta", "email": "berta@example.org", "role": "editor"})
		b.shows(422, "gibt es schon ein Konto")

		b.open("/rathaus/vereine")
		b.shows(200, "ohne Vorstand")
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "chor", v.find("berta@example.org"), actor.Owner); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/vereine/chor")
		b.shows(200, "Berta", "Vorstand", "Personen einladen und Rollen ändern")

		berta := v.browser()
		berta.open(link)
		berta.shows(200, "Guten Tag, Berta!")
		berta.send("Passwort festlegen und anmelden", map[string]string{"password": "kurz"})
		berta.shows(422, "8 bis 128 Zeichen")
		berta.send("Passwort festlegen und anmelden", map[string]string{"password": satz})
		berta.shows(200, "Mein Konto", "Chor Dorf", "Vorstand")
		other := v.browser()
		other.open(link)
		other.shows(410, "gilt nicht mehr")
		for _, path := range []string{"/rathaus", "/rathaus/vereine", "/rathaus/personen", "/rathaus/zustellungen"} {
			berta.open(path)
			berta.shows(403)
		}

		b.open("/rathaus/vereine/chor")
		b.follow("/rathaus/vereine/chor/archivieren")
		b.shows(200, "Dieser Verein ist nicht mehr aktiv", "0 Personen")
		b.hides("Was wird aus den Veranstaltungen")
		b.send("Archivieren", nil)
		b.shows(200, "Der Verein ist archiviert")
		reader := v.browser()
		reader.open("/vereine/chor")
		reader.shows(410, "Dieser Verein ist nicht mehr aktiv", "Chor Dorf war auf dieser Plattform")
		berta.open("/konto")
		berta.shows(200, "Chor Dorf", "archiviert", "Hier schreibt gerade niemand")
		b.send("Aktiv machen", nil)
		b.open("/vereine/chor/personen")
		b.send("Austragen", nil)
		b.shows(200, "Noch schreibt niemand")
		reader.open("/vereine/chor")
		reader.shows(200, "Chor Dorf")

		b.open("/rathaus/personen")
		account := v.find("berta@example.org")
		b.open("/rathaus/personen/" + account)
		b.send("Speichern", map[string]string{"role": "townhall"})
		b.shows(422, "Diese Rolle vergibt nur die Verwaltung")
		b.send("Speichern", map[string]string{"role": "resident"})
		b.shows(200, "Gespeichert")
		b.send("Neuen Link ausstellen", nil)
		b.shows(200, "https://here.test/anmelden/einmal/")
	})
}

// oneTimeLink gives the path of the one-time link that the page shows.
func (b *browser) oneTimeLink() string {
	b.v.t.Helper()
	for _, w := range strings.Fields(b.text()) {
		if path, ok := strings.CutPrefix(w, "https://here.test"); ok && strings.HasPrefix(path, "/anmelden/einmal/") {
			return path
		}
	}
	b.v.t.Fatal("the page shows no one-time link")
	return ""
}

// find gives the id of an account.
func (v *village) find(email string) string {
	v.t.Helper()
	a, err := v.Accounts.FindEmail(v.t.Context(), email)
	if err != nil {
		v.t.Fatal(err)
	}
	return a.ID
}

func TestTidying(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		for path, says := range map[string]string{
			"/rathaus/meldungen": "Keine Meldung wartet", "/rathaus/verborgenes": "Nichts ist verborgen", "/rathaus/zustellungen": "Alles ist angekommen",
		} {
			b.open(path)
			b.shows(200, says)
		}
		e := v.event("Sommerfest")
		v.receive("%s", create("https://evil.test/c/1", mala, note("https://evil.test/n/1", mala, public, e.ID, "Kauft Pillen", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, toClub(v), e.ID, "Ganz im Vertrauen", "")))
		v.receive(`{"id":"https://b.test/r/1","type":"Flag","actor":"%s","object":["%s","https://here.test/ap/actors/none"],"content":"Das stimmt nicht"}`, lena, e.ID)
		b.open("/rathaus")
		b.shows(200, "1 wartet")
		b.open("/rathaus/meldungen")
		b.shows(200, "Das stimmt nicht", "@lena@b.test", "Sommerfest")
		b.send("Erledigt", nil)
		b.shows(200, "Die Meldung ist erledigt", "Keine Meldung wartet")

		for _, id := range []string{"https://evil.test/n/1", "https://b.test/n/2"} {
			if err := v.Activities.Hide(t.Context(), actor.Operator, id, true); err != nil {
				t.Fatal(err)
			}
		}
		b.open("/rathaus/verborgenes")
		b.shows(200, "Kauft Pillen", "Eine Nachricht, die nicht öffentlich ist")
		b.hides("Ganz im Vertrauen")
		b.send("Wieder zeigen", nil)
		b.shows(200, "Es ist wieder zu sehen")

		b.open("/rathaus/sperren")
		b.send("Nachschlagen", map[string]string{"domain": "Evil.Test."})
		b.send("Eintragen", map[string]string{"severity": "block"})
		b.shows(200, "Eingetragen", "evil.test")
		reader := v.browser()
		reader.open(strings.TrimPrefix(e.URL, "https://here.test"))
		reader.hides("Kauft Pillen")
		b.follow("/rathaus/sperren/eintrag")
		b.send("Eintrag entfernen", nil)
		b.shows(200, "Der Eintrag ist entfernt")

		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE deliveries SET attempts = 3, status = 500, error = 'kaputt', state = 'failed'"); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/zustellungen")
		b.shows(200, "b.test", "1 ist endgültig gescheitert")
		b.send("Jetzt versuchen", nil)
		b.shows(200, "Wird jetzt versucht", "1 Sendung wartet")
		b.hides("endgültig gescheitert")
		if v.count("hosts", "host = 'b.test'", "due_at IS NOT NULL") != 1 {
			t.Error("the lane sleeps on")
		}
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE hosts SET strikes = 5, failures = 9, standing = 2"); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/zustellungen")
		b.shows(200, "wartet seit", "nur noch ab und zu")
		b.send("Verwerfen", nil)
		b.shows(200, "Verworfen", "Alles ist angekommen")
		if v.count("deliveries") != 0 {
			t.Error("what was forgotten waits still")
		}
	})
}
