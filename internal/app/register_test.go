package app

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/problem"
)

// fill fills the form with this button and presses it after the time that a
// person needs.
func (b *browser) fill(button string, fields map[string]string) {
	b.v.t.Helper()
	f := b.formWith(button)
	for name, value := range fields {
		f.values.Set(name, value)
	}
	b.v.passed("registration form", &f)
	b.post(f)
}

// link gives the path of the link of a letter.
func (v *village) link(m mailtest.Message) string {
	v.t.Helper()
	for _, l := range m.Links() {
		if path, ours := strings.CutPrefix(l, "https://here.test"); ours && len(path) > 1 {
			return path
		}
	}
	v.t.Fatalf("no link in %s", m.Text)
	return ""
}

// said looks whether a letter says all of it, in text and HTML.
func (v *village) said(m mailtest.Message, words ...string) {
	v.t.Helper()
	flat := regexp.MustCompile(`\s+`).ReplaceAllString(m.Text, " ")
	for _, w := range words {
		if !strings.Contains(flat, w) && !strings.Contains(m.Subject, w) {
			v.t.Errorf("the letter %q lacks %q:\n%s", m.Subject, w, m.Text)
		}
	}
}

var annaAndClub = map[string]string{
	"club": "Brieftaubenzüchterverein „Heimkehr“ Süd e. V.", "field": "nature", "register": "VR 123", "contact": "Herr Taube, 0123",
	"name": "Anna Taube", "email": "anna@tauben.test", "rules": "1",
}

// comesAgain looks at an application that was refused and sent again as the town
// hall does, which has chosen one mail a day.
func (v *village) comesAgain(hall *browser) {
	v.t.Helper()
	v.choose(v.find("ruth@example.org"), notification.Choices{notification.Application: notification.Daily})
	v.tells(soon().Add(time.Minute))
	v.tells(time.Now().Add(25 * time.Hour))
	v.said(v.Mail.Wait(v.t, "ruth@example.org"), "Neues vom", "reicht seinen Antrag noch einmal ein")
	hall.open("/rathaus")
	hall.shows(200, "Verein, Antrag kommt wieder")
	hall.open("/rathaus/antraege")
	hall.shows(200, "Frau Falke", "Kommt wieder", "Abgelehnt von", "Bitte eine Ansprechperson nennen.")
}

// TestAClubRegisters: form, letter, password, approval, first event.
func TestAClubRegisters(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.marked()
		b := v.browser()
		b.open("/anmelden")
		b.shows(200, "Verein eintragen oder Konto anlegen")
		b.open("/registrieren")
		b.fill("Konto anlegen", map[string]string{"club": "", "handle": "tsv", "name": "", "email": "nichts"})
		b.shows(422, "hat schon ein anderer Verein", "keine Mailadresse", "Hausregeln", "5 Angaben")
		b.fill("Konto anlegen", map[string]string{"handle": ""})
		b.fill("Konto anlegen", annaAndClub)
		b.shows(200, "Bitte sehen Sie in Ihre Mails")
		if v.count("accounts") != 1 || v.count("actors", "type = 'Group'") != 1 {
			t.Error("there is an account or a club before the address is confirmed")
		}
		m := v.Mail.Wait(t, "anna@tauben.test")
		v.said(m, "Guten Tag Anna Taube,", "Heimkehr", "drei Tage")
		link := v.link(m)
		b.open(link)
		b.open(link) // a program that looks at letters opens it too
		b.shows(200, "Guten Tag, Anna Taube!")
		b.send("Mailadresse bestätigen", map[string]string{"password": "kurz"})
		b.shows(422, "8 bis 128 Zeichen")
		b.send("Mailadresse bestätigen", map[string]string{"password": satz})
		b.shows(200, "Ihre Mailadresse ist bestätigt", "Der Antrag liegt beim Rathaus", "brieftaubenzuechterverein", "VR 123", "Herr Taube")
		again := v.browser()
		again.open(link)
		again.shows(410, "gilt nicht mehr")

		const page = "/vereine/brieftaubenzuechterverein"
		v.waits(b, page)
		b.open(page + "/antrag")
		b.send("Speichern", map[string]string{"handle": "Heimkehr", "contact": ""})
		b.shows(200, "Der Antrag ist beim Rathaus")

		hall := v.signedIn("ruth@example.org")
		v.tells(soon())
		m = v.Mail.Wait(t, "ruth@example.org")
		v.said(m, "Heimkehr", "möchte dabei sein", "/rathaus/antraege", "/konto/einstellungen")
		if link := m.Header.Get("List-Unsubscribe"); !strings.Contains(link, "application") {
			t.Errorf("the letter about an application cannot be ended: %q", link)
		}
		hall.open("/neues")
		hall.shows(200, "möchte dabei sein")
		hall.open("/rathaus")
		hall.shows(200, "1 Antrag wartet", "Heimkehr", "@heimkehr@here.test")
		hall.open("/rathaus/antraege")
		hall.shows(200, "Anna Taube", "anna@tauben.test", "VR 123", "Natur und Garten")
		hall.follow("/rathaus/antraege?ablehnen=")
		hall.send("Ablehnen", nil)
		hall.shows(422, "höchstens 1000 Zeichen")
		hall.send("Ablehnen", map[string]string{"reason": "Bitte eine Ansprechperson nennen."})
		hall.shows(200, "Kein Antrag wartet")
		m = v.Mail.Wait(t, "anna@tauben.test")
		v.said(m, "zurückgegeben", "Bitte eine Ansprechperson nennen.")
		b.open(v.link(m))
		b.shows(200, "Das schreibt das Rathaus", "Bitte eine Ansprechperson nennen.")
		b.send("Beim Rathaus einreichen", map[string]string{"contact": "Frau Falke"})
		b.shows(200, "Der Antrag liegt beim Rathaus")

		v.comesAgain(hall)
		hall.send("Freigeben", nil)
		hall.shows(200, "Freigegeben", "Kein Antrag wartet")
		m = v.Mail.Wait(t, "anna@tauben.test")
		v.said(m, "@heimkehr@here.test", "Der nächste Schritt")
		b.open(v.link(m))
		if b.path != "/entwuerfe" {
			t.Errorf("the letter about a club with drafts leads to %s", b.path)
		}
		b.follow("/veranstaltungen/neu?entwurf=")
		b.send("Veröffentlichen", nil)
		b.shows(200, "Auflass", "veröffentlicht")
		v.has("/vereine/heimkehr", 200, []string{"Heimkehr", "Auflass", "Wir lassen fliegen."}, []string{"nur Sie"})
		if w := v.get("/.well-known/webfinger?resource=acct:heimkehr@here.test", ""); w.Code != 200 {
			t.Errorf("WebFinger: %d", w.Code)
		}
	})
}

// waits looks at a club that nobody has approved yet with one of its editors: what
// they write is kept, and others see nothing of it.
func (v *village) waits(b *browser, page string) {
	v.t.Helper()
	b.open(page)
	b.shows(200, "Noch nicht öffentlich", "Heimkehr")
	b.hides("Weitersagen", `rel="nofollow"`)
	for _, accept := range []string{html, as2} {
		if w := v.get(page, accept); w.Code != 404 || strings.Contains(w.Body.String(), "Heimkehr") {
			v.t.Errorf("others get %d of a club that waits", w.Code)
		}
	}
	b.open(page + "/aendern")
	b.send("Speichern", map[string]string{"summary": "Wir lassen fliegen."})
	b.shows(200, "Das Profil ist geändert")
	b.open("/veranstaltungen/neu")
	b.hides(">Veröffentlichen<")
	b.send("Bis zur Freigabe sichern", map[string]string{"name": "Auflass", "text": "Mit Kaffee"})
	b.shows(422, "Auflass", "Mit Kaffee")
	b.send("Vorschau ansehen", map[string]string{"start-date": "10.7.2027"})
	b.shows(200, "Auf dem Aushang")
	if v.count("drafts") != 0 {
		v.t.Error("a form with a fault, or a preview, is kept")
	}
	b.send("Bis zur Freigabe sichern", nil)
	b.shows(200, "noch nicht freigegeben", "als Entwurf gesichert", "Auflass")
	b.open("/pinnwand/neu")
	b.send("Bis zur Freigabe sichern", map[string]string{"text": ""})
	b.shows(422)
	b.send("Bis zur Freigabe sichern", map[string]string{"text": "Wir suchen Tauben."})
	b.shows(200, "noch nicht freigegeben", "Tauben")
	if w := b.ask(http.MethodPost, "/antworten", html, url.Values{"club": {"brieftaubenzuechterverein"}, "id": {"https://b.test/x"}, "text": {"x"}}); w.Code != 403 && w.Code != 404 {
		v.t.Errorf("a club that waits answers: %d", w.Code)
	}
	if v.count("objects") != 0 || v.count("drafts") != 2 {
		v.t.Error("what a club that waits has written is published")
	}
}

// TestNobodyLearnsWhoIsThere: a known address gets another letter, and the page
// is the same.
func TestNobodyLearnsWhoIsThere(t *testing.T) {
	shows(t, "T-RATE-08 registering with an address that is there", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		var pages []string
		for _, email := range []string{"anna@example.org", "neu@example.org"} {
			b := v.browser()
			b.open("/registrieren?fuer=mich")
			b.fill("Konto anlegen", map[string]string{"name": "Böser Text", "email": email, "rules": "1"})
			b.shows(200)
			pages = append(pages, b.path+b.page)
		}
		if pages[0] != pages[1] {
			t.Error("the pages differ")
		}
		known, fresh := v.Mail.Wait(t, "anna@example.org"), v.Mail.Wait(t, "neu@example.org")
		v.said(known, "Sie haben schon ein Konto")
		v.said(fresh, "Bitte bestätigen Sie")
		if strings.Contains(known.Text, "Böser") {
			t.Error("who registers writes into the letter of somebody else")
		}
		v.said(known, "https://here.test/anmelden/vergessen")
		b := v.browser()
		b.open(v.link(known))
		if b.shows(200, "Passwort"); b.path != "/anmelden" {
			t.Errorf("the letter leads to %s", b.path)
		}
		b.open("/registrieren?fuer=person")
		b.shows(200, "Ihr Name")
		b.hides(`name="club"`)
		if v.count("accounts") != 1 {
			t.Error("an account was made")
		}
		// A club that was typed is still there after signing in.
		b.open("/registrieren")
		b.fill("Konto anlegen", map[string]string{"club": "Chor", "name": "A", "email": "anna@example.org", "rules": "1"})
		m := v.Mail.Wait(t, "anna@example.org")
		b.open(v.link(m))
		b.shows(200, "Sie haben schon ein Konto")
		b = v.signedIn("anna@example.org")
		b.open(v.link(m))
		b.send("Beim Rathaus einreichen", nil)
		b.shows(200, "Antrag: Chor")
		b.open(v.link(m))
		b.shows(410)
	})
}

// TestAPersonRegisters: who waits is let in, or refused and forgotten.
func TestAPersonRegisters(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		hall := v.signedIn("ruth@example.org")
		for _, name := range []string{"bert", "carla"} {
			b := v.browser()
			b.open("/registrieren?fuer=mich")
			b.fill("Konto anlegen", map[string]string{"name": name, "email": name + "@example.org", "rules": "1"})
			b.open(v.link(v.Mail.Wait(t, name+"@example.org")))
			b.send("Mailadresse bestätigen", map[string]string{"password": satz})
			b.shows(200, "Mein Konto", "Das Rathaus sieht noch nach")
			hall.open("/rathaus/antraege")
			hall.shows(200, name+"@example.org", "Person")
			if name == "bert" {
				hall.send("Freigeben", nil)
				v.said(v.Mail.Wait(t, "bert@example.org"), "freigegeben")
				b.open("/konto")
				b.hides("Das Rathaus sieht noch nach")
				continue
			}
			hall.follow("/rathaus/antraege?ablehnen=")
			hall.send("Ablehnen", map[string]string{"reason": "Wir kennen Sie nicht."})
			v.said(v.Mail.Wait(t, "carla@example.org"), "Wir kennen Sie nicht.")
			b.open("/konto")
			b.shows(200, "Für alle, die für einen Verein schreiben")
		}
		if v.count("accounts") != 2 {
			t.Error("who was refused is still there")
		}
	})
}

// TestWhoMayRegister: open lets in at once, closed and a town without mail send
// people to the town hall.
func TestWhoMayRegister(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(c *config.Config)
		says   string
	}{
		"closed":       {func(c *config.Config) { c.Registration = config.Closed }, "Konten legt hier das Rathaus an"},
		"without mail": {func(c *config.Config) { c.SMTP = config.Defaults().SMTP }, "Konten legt hier das Rathaus an"},
		"open":         {func(c *config.Config) { c.Registration = config.Open }, "dann ist Ihr Verein dabei"},
	} {
		t.Run(name, func(t *testing.T) {
			v := found(t, migrated.SQLite(t), tc.change)
			b := v.browser()
			b.open("/registrieren")
			b.shows(200, tc.says)
			if name != "open" {
				if w := b.ask(http.MethodPost, "/registrieren", html, url.Values{"name": {"x"}}); w.Code != 200 || !strings.Contains(w.Body.String(), "Rathaus") || v.count("registrations") != 0 {
					t.Errorf("the form is taken: %d", w.Code)
				}
				v.handsOver(name == "without mail")
				return
			}
			b.fill("Konto anlegen", annaAndClub)
			b.open(v.link(v.Mail.Wait(t, "anna@tauben.test")))
			b.send("Mailadresse bestätigen", map[string]string{"password": satz})
			b.shows(200, "Ihre Mailadresse ist bestätigt", "Veranstaltung ankündigen", "Heimkehr")
			v.has("/vereine/brieftaubenzuechterverein", 200, []string{"Heimkehr"}, nil)
		})
	}
}

// handsOver: invitations work all the same; without mail the link is shown once.
func (v *village) handsOver(byHand bool) {
	v.t.Helper()
	v.person("ruth@example.org", account.Townhall)
	b := v.signedIn("ruth@example.org")
	b.open("/vereine/tsv/personen")
	b.send("Einladen", map[string]string{"email": "bert@example.org"})
	if !byHand {
		b.shows(200, "Die Einladung ist unterwegs")
		b.hides("/einladung/")
		return
	}
	b.shows(200, "Geben Sie diesen Link weiter")
	link := regexp.MustCompile(`/einladung/\w+`).FindString(b.page)
	b.open("/vereine/tsv/personen")
	b.hides(link)
	bert := v.browser()
	bert.open(link)
	bert.send("Einladung annehmen", map[string]string{"name": "Bert", "password": satz, "rules": "1"})
	bert.shows(200, "Sie schreiben jetzt mit")
}

// TestProgramsAreKeptOut: what a program sends is asked again, with all that was
// typed, and too much is not taken.
func TestProgramsAreKeptOut(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b := v.browser()
		b.open("/registrieren")
		fields := map[string]string{}
		for k, value := range annaAndClub {
			fields[k] = value
		}
		b.send("Konto anlegen", fields) // at once
		b.shows(422, "noch einmal ab", "Heimkehr", "anna@tauben.test", "VR 123")
		fields["homepage"] = "https://pillen.test"
		b.fill("Konto anlegen", fields)
		b.shows(422, "noch einmal ab", "Heimkehr")
		b.hides("pillen")
		if v.count("registrations") != 0 {
			t.Error("it was taken")
		}
	})
}

// TestPeopleOfAClub: inviting, accepting with and without an account, roles, and
// the last owner.
func TestPeopleOfAClub(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		anna, carla := v.person("anna@example.org", account.Editor), v.person("carla@example.org", account.Editor)
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", anna.ID, actor.Owner); err != nil {
			t.Fatal(err)
		}
		b := v.signedIn("anna@example.org")
		b.open("/vereine/tsv/personen")
		b.send("Nur noch Redaktion", nil)
		b.shows(422, "braucht jemanden im Vorstand")
		if w := b.ask(http.MethodPost, "/vereine/tsv/personen", html, url.Values{"act": {"leave"}}); w.Code != 422 || !strings.Contains(w.Body.String(), "braucht jemanden im Vorstand") {
			t.Errorf("the last owner leaves: %d", w.Code)
		}
		b.send("Einladen", map[string]string{"email": "kein"})
		b.shows(422, "keine Mailadresse")
		b.send("Einladen", map[string]string{"email": "anna@example.org"})
		b.shows(422, "schreibt schon für den Verein")
		b.send("Einladen", map[string]string{"email": "bert@example.org"})
		b.shows(200, "Die Einladung ist unterwegs", "bert@example.org", "gilt bis")
		withdrawn := v.Mail.Wait(t, "bert@example.org")
		v.said(withdrawn, "Anna editor lädt Sie ein", "TSV")
		b.send("Einladung zurücknehmen", nil)
		bert := v.browser()
		bert.open(v.link(withdrawn))
		bert.shows(410, "gilt nicht mehr")
		b.send("Einladen", map[string]string{"email": "bert@example.org", "role": "owner"})
		bert.open(v.link(v.Mail.Wait(t, "bert@example.org")))
		bert.shows(200, "Anna editor lädt Sie ein.")
		bert.send("Einladung annehmen", map[string]string{"name": "Bert", "password": "kurz"})
		bert.shows(422, "8 bis 128 Zeichen", "Hausregeln")
		bert.send("Einladung annehmen", map[string]string{"name": "Bert", "password": satz, "rules": "1"})
		bert.shows(200, "Sie schreiben jetzt mit", "Anna editor", "Vorstand")
		if v.count("applications") != 0 {
			t.Error("who is invited waits")
		}

		b.open("/vereine/tsv/personen")
		b.send("Einladen", map[string]string{"email": "carla@example.org", "role": "editor"})
		m := v.Mail.Wait(t, "carla@example.org")
		c := v.browser()
		c.open(v.link(m))
		c.shows(200, "Anmelden und annehmen")
		c = v.signedIn("carla@example.org")
		c.open(v.link(m))
		c.shows(200, "Sie sind angemeldet als")
		c.send("Einladung annehmen", nil)
		c.shows(200, "Sie schreiben jetzt mit", "veröffentlicht, ändert das Profil")
		c.hides("anna@example.org", "Einladen")
		c.open(v.link(m))
		c.shows(410)
		for _, act := range []url.Values{
			{"act": {"role"}, "account": {carla.ID}, "role": {"owner"}}, {"act": {"remove"}, "account": {anna.ID}}, {"act": {"invite"}, "email": {"x@example.org"}, "role": {"owner"}}, {"act": {"withdraw"}, "id": {"x"}},
		} {
			if w := c.ask(http.MethodPost, "/vereine/tsv/personen", html, act); w.Code != 403 {
				t.Errorf("an editor may %v: %d", act, w.Code)
			}
		}
		v.lastOwnerLeaves(anna.ID, ruth.Email)
	})
}

// lastOwnerLeaves: the club of somebody who leaves for good goes to the town
// hall, which names others or takes it all.
func (v *village) lastOwnerLeaves(first, staff string) {
	t := v.t
	t.Helper()
	if err := v.Clubs.RemoveEditor(t.Context(), first, "tsv", first); err != nil {
		t.Fatal(err)
	}
	bertID := v.find("bert@example.org")
	left, err := v.Accounts.Clubs(t.Context(), nil, bertID)
	if err != nil || len(left) != 1 || left[0].Fate() != account.Ownerless {
		t.Errorf("%v %v", left, err)
	}
	v.leave(bertID)
	v.said(v.Mail.Wait(t, staff), "TSV hat niemanden mehr im Vorstand")
	hall := v.signedIn(staff)
	hall.open("/rathaus")
	hall.shows(200, "Vereine ohne Vorstand", "TSV")
	hall.open("/vereine/tsv/personen")
	hall.send("In den Vorstand aufnehmen", nil)
	hall.shows(200, "Die Rolle ist geändert")
	hall.open("/rathaus")
	hall.hides("Vereine ohne Vorstand")
	hall.open("/vereine/tsv/personen")
	hall.send("Austragen", nil)
	hall.shows(200, "Noch schreibt niemand")
	if v.count("orphans") != 1 || v.count("editors") != 0 {
		t.Error("the town hall has taken the last one, and the club is nobody's")
	}
}

// TestARequestIsKeptAndTakenBack: a club that is begun can be continued, and
// what is left lying is forgotten.
func TestARequestIsKeptAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		b.open("/vereine")
		b.shows(200, "Ihr Verein fehlt?")
		b.open("/registrieren")
		b.shows(200, "Verein eintragen")
		b.hides("Hausregeln lesen")
		b.send("Später weitermachen", map[string]string{"club": "Chor der TSV"})
		b.shows(200, "Der Antrag ist gesichert", "chor_der_tsv")
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus/antraege")
		hall.shows(200, "Kein Antrag wartet")
		if _, err := v.Clubs.Change(t.Context(), anna.ID, "chor_der_tsv", club.Change{Active: true}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("who asks approves: %v", err)
		}
		b.open("/konto")
		b.shows(200, "Chor der TSV", "noch nicht freigegeben")
		b.open("/vereine/chor_der_tsv/antrag")
		b.send("Beim Rathaus einreichen", map[string]string{"handle": "tsv"})
		b.shows(422, "hat schon ein anderer Verein")
		b.send("Antrag zurückziehen", nil)
		b.shows(200, "Der Antrag ist zurückgezogen")
		b.hides("Chor der TSV")
		b.open("/registrieren")
		b.send("Später weitermachen", map[string]string{"club": "Chor der TSV"})
		if err := v.Clubs.Sweep(t.Context()); err != nil || v.count("actors", "state = 'requested'") != 1 {
			t.Errorf("a fresh request is swept: %v", err)
		}
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE applications SET changed = '2020-01-01 00:00:00+00:00'"); err != nil {
			t.Fatal(err)
		}
		if err := v.Clubs.Sweep(t.Context()); err != nil || v.count("actors", "state = 'requested'") != 0 || v.count("actor_keys") != 3 { // of the instance, the relay and the TSV
			t.Errorf("an old request stays: %v, %d keys", err, v.count("actor_keys"))
		}
		for i := range 4 {
			_, err := v.Clubs.AskFor(t.Context(), anna, club.Ask{Name: "Verein"}, false)
			if (err != nil) != (i == 3) || i == 3 && problem.KindOf(err) != problem.TooMany {
				t.Errorf("club %d: %v", i, err)
			}
		}
	})
}

// leave takes a person out of all clubs as leaving for good does.
func (v *village) leave(accountID string) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := v.Clubs.LeaveAll(ctx, tx, accountID)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// follow opens the first link that begins like this.
func (b *browser) follow(begins string) {
	b.v.t.Helper()
	_, rest, found := strings.Cut(b.page, `href="`+begins)
	if !found {
		b.v.t.Fatalf("%s has no link to %s", b.path, begins)
	}
	end, _, _ := strings.Cut(rest, `"`)
	b.open(begins + end)
}
