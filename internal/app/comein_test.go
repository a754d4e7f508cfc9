package app

import (
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
