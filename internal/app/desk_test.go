package app

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/mail"
)

// TestTheDeskIsDoneInPlace: what waits is listed by kind, the oldest first, and
// whoever does one thing stays in the section in which it stood.
func TestTheDeskIsDoneInPlace(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus")
		b.shows(200, "0 Meldungen sind offen")
		b.hides("Barrieren (", "Meldungen (")
		e := v.event("Sommerfest")
		for i, said := range []string{"Das erste stimmt nicht", "Das zweite auch nicht"} {
			v.receive(`{"id":"https://b.test/r/%d","type":"Flag","actor":"%s","object":["%s"],"content":"%s"}`, i, lena, e.ID, said)
		}
		v.writes(mail.Letter{Cause: "x", To: "weg@example.org", Lang: "de", Subject: "Hallo", Text: []string{"Geheim"}})
		v.Mail.Refuse("weg@example.org", 550, 9)
		v.delivered("")
		reader := v.browser()
		for _, contact := range []string{"bitte an blind@example.org", "0171 2345678"} {
			reader.open("/barriere-melden")
			f := reader.formWith("Meldung abschicken")
			v.passed("barrier form", &f)
			f.values.Set("what", "Der Kontrast fehlt bei "+contact[:5])
			f.values.Set("contact", contact)
			reader.post(f)
			reader.shows(200, "Danke für Ihre Meldung")
		}

		b.open("/rathaus")
		b.shows(200, "Meldungen (2)", "Barrieren (2)", "Mails, die nicht angekommen sind (1)", "weg@example.org")
		b.hides("Geheim")
		b.follow("/rathaus?antwort=")
		b.send("Antwort senden", nil)
		b.shows(422, "Bitte schreiben Sie eine Antwort", "Barrieren (2)")
		b.send("Antwort senden", map[string]string{"answer": "Der Kontrast ist jetzt besser."})
		b.shows(200, "Die Antwort ist unterwegs", "Barrieren (1)", "Meldungen (2)")
		if m := v.Mail.Wait(t, "blind@example.org"); !strings.Contains(m.Text, "Der Kontrast ist jetzt besser.") || !strings.Contains(m.Text, "bei bitte") {
			t.Errorf("the answer says %q", m.Text)
		}
		if n := v.count("reports", "contact LIKE '%blind%'"); n != 0 {
			t.Error("whom to answer is still known")
		}
		b.hides("Antworten") // a telephone number is called

		f := b.formWith("Erledigt")
		if f.values.Get("at") != "reports" {
			t.Fatalf("the first form stands in %q", f.values.Get("at"))
		}
		b.post(f)
		b.shows(200, "Die Meldung ist erledigt", "Meldungen (1)", "Barrieren (1)")
		if n := v.count("reports", "closed IS NULL AND content = 'Das zweite auch nicht'"); n != 1 {
			t.Error("the oldest is not the first")
		}
		for range 3 {
			b.send("Erledigt", nil)
		}
		b.shows(200, "0 Meldungen sind offen", "Die Mail steht nicht mehr in der Liste")
		b.hides("(1)")
	})
}

// TestAnApplicationIsRefusedOnTheDesk with its reason, without leaving it.
func TestAnApplicationIsRefusedOnTheDesk(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Resident)
		anna := v.signedIn("anna@example.org")
		anna.open("/registrieren")
		anna.fill("Beim Rathaus einreichen", map[string]string{"club": "Brieftauben", "contact": "Frau Taube"})
		anna.shows(200, "Der Antrag liegt beim Rathaus")
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus")
		b.shows(200, "Anträge (1)", "Brieftauben")
		b.follow("/rathaus?ablehnen=")
		b.send("Ablehnen", nil)
		b.shows(422, "höchstens 1000 Zeichen", "Anträge (1)")
		b.send("Ablehnen", map[string]string{"reason": "Bitte eine Ansprechperson nennen."})
		b.shows(200, "Abgelehnt", "0 Anträge warten")
		b.hides("Anträge (")
	})
}
