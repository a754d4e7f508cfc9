package app

import (
	"net/url"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/web/locale"
)

// registers has a person come in by the form, who waits for the town hall then.
func (v *village) registers(name string) *browser {
	v.t.Helper()
	b := v.browser()
	b.open("/registrieren?fuer=mich")
	b.fill("Konto anlegen", map[string]string{"name": name, "email": name + "@example.org", "rules": "1"})
	b.open(v.link(v.Mail.Wait(v.t, name+"@example.org")))
	b.send("Mailadresse bestätigen", map[string]string{"password": satz})
	b.shows(200, "Das Rathaus sieht noch nach")
	return b
}

// TestAnInvitationIsNoWayAround: who waits for the town hall goes on waiting, and
// the invitation works afterwards.
func TestAnInvitationIsNoWayAround(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor)
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", anna.ID, actor.Owner); err != nil {
			t.Fatal(err)
		}
		bert := v.registers("bert")
		b := v.signedIn("anna@example.org")
		b.open("/vereine/tsv/personen")
		b.send("Einladen", map[string]string{"email": "bert@example.org", "role": "owner"})
		b.shows(200, "Die Einladung ist unterwegs")
		link := v.link(v.Mail.Wait(t, "bert@example.org"))
		bert.open(link)
		bert.shows(200, "noch nicht freigegeben")
		bert.hides("Einladung annehmen")
		w := bert.ask("POST", link, html, nil)
		if w.Code != 409 || !strings.Contains(w.Body.String(), "noch nicht freigegeben") || v.count("editors") != 1 || v.count("applications", "state = 'asked'") != 1 {
			t.Errorf("an invitation lets in who waits: %d", w.Code)
		}
		bert.open("/konto")
		bert.shows(200, "Das Rathaus sieht noch nach")
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus/antraege")
		hall.send("Freigeben", nil)
		bert.open(link)
		bert.send("Einladung annehmen", nil)
		bert.shows(200, "Sie schreiben jetzt mit")
	})
}

// TestInvitationsAreCounted: nobody's mailbox is filled by inviting, whoever does
// it.
func TestInvitationsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor)
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", anna.ID, actor.Owner); err != nil {
			t.Fatal(err)
		}
		for i, email := range []string{"anna", "ruth", "anna", "ruth"} {
			b := v.signedIn(email + "@example.org")
			b.open("/vereine/tsv/personen")
			b.send("Einladen", map[string]string{"email": "bert+" + email + "@example.org", "role": "editor"})
			if i < 3 {
				b.shows(200, "Die Einladung ist unterwegs")
			} else {
				b.shows(422, "gingen schon viele Einladungen")
			}
		}
	})
}

// TestChangesHaveWords: each change of how somebody signs in has a letter and a
// line in the list, in both languages.
func TestChangesHaveWords(t *testing.T) {
	words, err := locale.NewCatalogue(parts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range account.EventKinds {
		for _, lang := range account.Languages {
			for _, key := range []string{"letter." + kind + ".subject", "letter." + kind + ".text", "townhall.event." + kind} {
				if !words.Has(lang, key) {
					t.Errorf("%s has no words in %s", key, lang)
				}
			}
		}
	}
}

// TestAPasswordIsRemoved: who has another way to sign in needs no password.
func TestAPasswordIsRemoved(t *testing.T) {
	atService(t, func(t *testing.T, v *village, p *provider) {
		v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		b.open("/konto/passwort")
		b.hides("Passwort entfernen")
		b.send("Passwort ändern", map[string]string{"password": "Passwort123"})
		b.shows(422, "probieren andere zuerst")
		if w := b.ask("POST", "/konto/passwort", html, url.Values{"act": {"remove"}}); w.Code != 422 || !strings.Contains(w.Body.String(), "letzter Weg") {
			t.Errorf("the last way in is removed: %d", w.Code)
		}
		p.comes(b, claims{"sub": "1", "name": "Anna", "email": "anna@example.org", "email_verified": true})
		b.send("Verbinden", nil)
		v.said(v.Mail.Wait(t, "anna@example.org"), "Anmeldedienst ist verbunden", "Stadt-Konto")
		b.open("/konto/passwort")
		b.send("Passwort entfernen", nil)
		b.shows(200, "Ihr Passwort ist entfernt", "Mein Konto")
		v.said(v.Mail.Wait(t, "anna@example.org"), "Ihr Passwort ist entfernt")
		b.open("/konto/passwort")
		b.shows(200, "Passwort festlegen")
		b.hides("Passwort entfernen")
	})
}

// TestAnAddressThatIsNotFree: who confirms an address that somebody had until
// lately reads so, in place of the same form again.
func TestAnAddressThatIsNotFree(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor)
		if err := v.Accounts.RequestAddress(t.Context(), anna.ID, "neu@example.org", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		confirm := v.link(v.Mail.Wait(t, "neu@example.org"))
		if err := v.Accounts.ConfirmAddress(t.Context(), anna.ID, confirm[strings.LastIndexByte(confirm, '/')+1:]); err != nil {
			t.Fatal(err)
		}
		v.Mail.Wait(t, "anna@example.org") // that the address is to change
		b := v.browser()
		b.open("/registrieren?fuer=mich")
		b.fill("Konto anlegen", map[string]string{"name": "Eve", "email": "anna@example.org", "rules": "1"})
		b.open(v.link(v.Mail.Wait(t, "anna@example.org")))
		b.send("Mailadresse bestätigen", map[string]string{"password": satz})
		b.shows(409, "gehörte bis vor kurzem zu einem anderen Konto")
	})
}
