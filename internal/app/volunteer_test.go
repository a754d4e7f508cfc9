package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/logging"
	"codeberg.org/aushang/aushang/internal/object"
)

// need is an opportunity of the village's club with two shifts.
type need struct {
	*village
	id, path string
	shifts   [2]string
}

// needing puts one there; its shifts have so many places.
func (v *village) needing(places ...int) *need {
	v.t.Helper()
	key := uuid.Must(uuid.NewV7()).String()
	n := &need{village: v, id: v.Actors.Site().ObjectID(key), path: "/ehrenamt/" + key}
	now := time.Now().UTC().Truncate(time.Second)
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		o := &object.Object{ID: n.id, Type: "Opportunity", Local: true, AttributedTo: v.club.ID, Name: "Kuchen verkaufen", Content: "<p>Beim Fest</p>", URL: v.Config.Origin + n.path, Visibility: object.Public, Published: now, Received: now}
		if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO opportunities (object_id, published, times, timezone, contact, minimum_age, requirements) VALUES (?, ?, 'once', 'Europe/Berlin', 'club', 16, ',police,')", n.id, now); err != nil {
			return err
		}
		for i, p := range places {
			n.shifts[i] = uuid.Must(uuid.NewV7()).String()
			start := now.Add(time.Duration(72+2*i) * time.Hour)
			if _, err := tx.ExecContext(ctx, "INSERT INTO shifts (id, opportunity_id, starts_at, ends_at, places) VALUES (?, ?, ?, ?, ?)", n.shifts[i], n.id, start, start.Add(90*time.Minute), p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

// volunteer fills the form with this button, and chooses shifts.
func (n *need) volunteer(b *browser, button string, fields map[string]string, shifts ...string) {
	n.t.Helper()
	f := b.formWith(button)
	for name, value := range fields {
		f.values.Set(name, value)
	}
	f.values["shift"] = shifts
	n.passed("volunteer form", &f)
	b.post(f)
}

// helper gives the id of the only application with this name.
func (n *need) helper(name string) string {
	n.t.Helper()
	list, err := n.Applications.List(n.t.Context(), actor.Operator, &application.Need{ID: n.id, ClubID: n.club.ID})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, h := range list {
		if h.Name == name {
			return h.ID
		}
	}
	n.t.Fatalf("%s has not applied", name)
	return ""
}

// TestSomebodyHelps goes with an account from the form to the certificate.
func TestSomebodyHelps(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1, 1)
		v.person("rosa@example.org", account.Resident)
		v.person("anna@example.org", account.Editor, "tsv")
		v.marked()
		rosa, anna := v.signedIn("rosa@example.org"), v.signedIn("anna@example.org")
		rosa.open("/meine-einsaetze")
		rosa.shows(200, "noch für nichts beworben")
		rosa.open(n.path + "/mitmachen")
		rosa.shows(200, "Einsatz übernehmen", "Mindestalter: 16 Jahre", "Führungszeugnis", "noch 1 Platz frei")
		n.volunteer(rosa, "Weiter zur Durchsicht", map[string]string{"name": "", "phone": "abc"})
		rosa.shows(422, "Ihren Namen", "mindestens eine Schicht", "ab 16 Jahren", "Das ist keine Telefonnummer")
		n.volunteer(rosa, "Weiter zur Durchsicht", map[string]string{"name": "Rosa Rot", "phone": "03535 12", "message": "Ich backe auch.", "old": "1", "able": "1"}, n.shifts[0])
		rosa.shows(200, "Das geht an TSV", "Rosa Rot", "03535 12", "Ich backe auch.", "sieht der Verein nicht")
		if v.count("helpers") != 0 {
			t.Error("something was sent before it was seen")
		}
		sure := rosa.formWith("Jetzt senden")
		rosa.send("Jetzt senden", nil)
		rosa.shows(200, "Ihre Bewerbung ist beim Verein", "Beworben", "für Sie vorgemerkt")
		own := strings.Split(rosa.path, "?")[0]
		rosa.post(sure) // a double click
		rosa.shows(200, "Beworben")
		rosa.open(n.path + "/mitmachen")
		if rosa.path != own || v.count("helpers") != 1 {
			t.Errorf("who has applied is led to %s; %d applications", rosa.path, v.count("helpers"))
		}
		v.said(v.Mail.Wait(t, "rosa@example.org"), "Ihre Bewerbung ist da", "Kuchen verkaufen")

		one := n.talks(rosa, anna, own)
		n.swaps(rosa, anna, own)
		n.finishes(rosa, anna, own, one)
	})
}

// talks has the club write, the person answer and the club accept, and gives
// where the club sees it.
func (n *need) talks(rosa, anna *browser, own string) string {
	v, t := n.village, n.t
	t.Helper()
	v.tells(soon())
	m := v.Mail.Wait(t, "anna@example.org")
	v.said(m, "möchte bei TSV helfen", "Kuchen verkaufen")
	if strings.Contains(m.Text, "Rosa") {
		t.Errorf("the mail names who applied:\n%s", m.Text)
	}
	anna.open(n.path + "/bewerbungen")
	anna.shows(200, "Warten auf Ihre Antwort", "Rosa Rot", "0 von 1 zugesagt, 1 vorgemerkt", "0 von 1 zugesagt")
	one := n.path + "/bewerbungen/" + n.helper("Rosa Rot")
	anna.open(one)
	anna.shows(200, "Rosa Rot", "03535 12", "Ich backe auch.", "sieht der Verein nicht")
	anna.hides("rosa@example.org")
	stale := anna.formWith("Zusagen")
	anna.send("Nachricht senden", map[string]string{"text": "Können Sie Kopfrechnen?"})
	anna.shows(200, "Die Nachricht ist unterwegs", "Im Gespräch")
	m = v.Mail.Wait(t, "rosa@example.org")
	v.said(m, "Können Sie Kopfrechnen?", "TSV")
	if strings.Contains(m.Text+m.Header.Get("Reply-To"), "anna@example.org") {
		t.Error("the letter shows the address of the editor")
	}
	rosa.open(v.link(m))
	rosa.shows(200, "Können Sie Kopfrechnen?")
	rosa.send("Nachricht senden", map[string]string{"text": "Ja, sehr gern!"})
	rosa.shows(200, "Ja, sehr gern!")
	anna.post(stale)
	anna.shows(409, "Inzwischen hat sich hier etwas geändert", "Ja, sehr gern!")
	anna.send("Absagen", nil)
	anna.shows(422, "in ein, zwei Sätzen")
	anna.send("Zusagen", nil)
	anna.shows(200, "Zugesagt", "Die Person sieht es bei ihrer Bewerbung")
	v.said(v.Mail.Wait(t, "rosa@example.org"), "Zusage: Kuchen verkaufen")

	return one
}

// swaps has the person take, offer, keep and give back a shift, and looks at the
// lists of the day.
func (n *need) swaps(rosa, anna *browser, own string) {
	t := n.t
	t.Helper()
	rosa.open(own)
	rosa.shows(200, "Ihr Platz", "Weitere Schichten")
	rosa.send("Auch übernehmen", nil)
	rosa.shows(200, "Ihr Wunsch ist gespeichert")
	rosa.send("Zum Tausch anbieten", nil)
	rosa.shows(200, "zum Tausch angeboten", "Doch behalten")
	rosa.send("Doch behalten", nil)
	rosa.send("Zurückgeben", nil)
	rosa.shows(200, "Schicht wirklich zurückgeben?")
	rosa.send("Ja, zurückgeben", nil)
	rosa.shows(200, "Die Schicht ist zurückgegeben")
	rosa.open(own + "/kalender.ics")
	rosa.shows(200)
	if got := rosa.page; strings.Count(got, "BEGIN:VEVENT") != 1 || !strings.Contains(got, "SUMMARY:Kuchen verkaufen") || !strings.Contains(got, "STATUS:CONFIRMED") {
		t.Errorf("the calendar is\n%s", got)
	}
	anna.open(n.path + "/bewerbungen/liste")
	anna.shows(200, "Rosa Rot", "03535 12")
	anna.open(n.path + "/bewerbungen.csv")
	if !strings.Contains(anna.page, "Rosa Rot,03535 12,") || strings.Contains(anna.page, "rosa@example.org") {
		t.Errorf("the sheet is\n%s", anna.page)
	}
}

// finishes has the club finish and both sides agree on the hours.
func (n *need) finishes(rosa, anna *browser, own, one string) {
	v, t := n.village, n.t
	t.Helper()
	anna.open(one)
	anna.hides("Einsatz abschließen", "Stunden eintragen") // it is three days ahead
	v.Applications.SetClock(func() time.Time { return time.Now().Add(75 * time.Hour).UTC().Truncate(time.Second) })
	anna.open(one)
	anna.send("Einsatz abschließen", nil)
	anna.shows(200, "Erledigt")
	v.said(v.Mail.Wait(t, "rosa@example.org"), "Danke: Kuchen verkaufen")
	rosa.open(own)
	rosa.send("Stunden eintragen", map[string]string{"hours": "viele"})
	rosa.shows(422, "als Zahl")
	rosa.send("Stunden eintragen", map[string]string{"hours": "1,5 Stunden"})
	rosa.shows(200, "Sie haben 1,5 Stunden eingetragen")
	rosa.open(own + "/nachweis")
	rosa.shows(404)
	anna.open(one)
	anna.shows(200, "Die andere Seite hat 1,5 Stunden eingetragen")
	anna.send("Ja, das stimmt", nil)
	anna.shows(200, "Beide Seiten sagen: 1,5 Stunden.")
	rosa.open(own)
	rosa.follow(own + "/nachweis")
	rosa.shows(200, "Ehrenamtsnachweis", "Rosa Rot", "1,5 Stunden", "TSV")
	rosa.open("/meine-einsaetze")
	rosa.shows(200, "Bestätigte Zeit bisher: 1,5 Stunden", "Erledigt")
}

// TestSomebodyHelpsByMail goes without an account, by the links of letters alone.
func TestSomebodyHelpsByMail(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1)
		v.person("anna@example.org", account.Editor, "tsv")
		anna, b := v.signedIn("anna@example.org"), v.browser()
		b.open(n.path + "/mitmachen")
		b.shows(200, "Sie brauchen kein Konto")
		typed := map[string]string{"name": "Bert Blau", "email": "bert@example.org", "old": "1", "able": "1", "shows": "1"}
		f := b.formWith("Link schicken lassen")
		for name, value := range typed {
			f.values.Set(name, value)
		}
		f.values.Set("shift", n.shifts[0])
		b.post(f)
		b.shows(422, "noch einmal ab", "Bert Blau") // sent at once, as programs do
		typed["email"] = "nichts"
		n.volunteer(b, "Link schicken lassen", typed, n.shifts[0])
		b.shows(422, "anna@example.org")
		typed["email"] = "bert@example.org"
		n.volunteer(b, "Link schicken lassen", typed, n.shifts[0])
		b.shows(200, "Bitte sehen Sie in Ihre Mails", "Der Verein weiß noch nichts")
		m := v.Mail.Wait(t, "bert@example.org")
		v.said(m, "Bitte bestätigen Sie", "Kuchen verkaufen", "zwei Tage")
		link := v.link(m)
		anna.open(n.path + "/bewerbungen")
		anna.shows(200, "Noch hat sich niemand beworben")
		b.open(link)
		b.open(link) // a program that looks at letters opens it too
		b.shows(200, "Noch nicht bestätigt", "Das wird gesendet", "Bert Blau", "bert@example.org")
		b.send("Bestätigen und senden", nil)
		b.shows(200, "Ihre Bewerbung ist jetzt beim Verein", "für Sie vorgemerkt")
		v.said(v.Mail.Wait(t, "bert@example.org"), "Ihre Bewerbung ist da")
		b.send("Speichern", map[string]string{"phone": "0170 1"})
		b.shows(200, "Ihre Angaben sind geändert", "0170 1")
		anna.open(n.path + "/bewerbungen")
		anna.shows(200, "Bert Blau")
		anna.follow(n.path + "/bewerbungen/")
		anna.shows(200, "bert@example.org", "0170 1") // he chose that

		// With the same address again: the page says the same, the letter says it.
		again := v.browser()
		again.open(n.path + "/mitmachen")
		n.volunteer(again, "Link schicken lassen", typed, n.shifts[0])
		again.shows(200, "Bitte sehen Sie in Ihre Mails")
		v.said(v.Mail.Wait(t, "bert@example.org"), "schon beworben")
		again.open(n.path + "/mitmachen")
		again.shows(200, "besetzt, Sie wären Nummer 1")
		typed["email"], typed["name"] = "cora@example.org", "Cora"
		n.volunteer(again, "Link schicken lassen", typed, n.shifts[0])
		again.open(v.link(v.Mail.Wait(t, "cora@example.org")))
		again.send("Bestätigen und senden", nil)
		again.shows(200, "Warteliste", "Nummer 1")
		v.Mail.Wait(t, "cora@example.org")
		b.open(link)
		b.send("Bewerbung zurückziehen", nil)
		b.shows(200, "Bewerbung wirklich zurückziehen?")
		b.send("Ja, zurückziehen", nil)
		b.shows(200, "Sie haben Ihre Bewerbung zurückgezogen")
		v.said(v.Mail.Wait(t, "cora@example.org"), "für Sie vorgemerkt", "noch nicht zugesagt")

		// What is forgotten, and what is none, leads on.
		v.Applications.SetClock(func() time.Time { return time.Now().Add(200 * 24 * time.Hour).UTC().Truncate(time.Second) })
		if err := v.Applications.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := v.Applications.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{link, "/einsatz/x", link[:len(link)-2], "/einsatz/" + strings.Repeat("0", 32) + ".x"} {
			b.open(path)
			b.shows(410, "gilt nicht mehr")
			if got := b.ask(http.MethodPost, path, html, url.Values{"act": {"withdraw"}}); got.Code != 410 {
				t.Errorf("%s is obeyed: %d", path, got.Code)
			}
		}
	})
}

// TestLettersOfApplicationsAreLimited: nobody fills strangers' mailboxes with them.
func TestLettersOfApplicationsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(0)
		b := v.browser()
		for i := range 4 {
			b.open(n.path + "/mitmachen")
			n.volunteer(b, "Link schicken lassen", map[string]string{"name": "Wer", "email": "fremd@example.org", "old": "1", "able": "1"}, n.shifts[0])
			if want := map[bool]int{true: 200, false: 429}[i < 3]; b.status != want {
				t.Errorf("number %d gets %d, not %d", i+1, b.status, want)
			}
		}
	})
}

// What must stand nowhere but before the club and the person.
const (
	markName    = "Marleneqx Geheimnis"
	markMail    = "marlene.qx@verborgen.example"
	markMessage = "Geheimbotschaftqx"
)

// TestWhoHelpsIsNobodysBusiness: name, address and words of who applies stand in
// no page, feed, document or log that others see, in no activity and in no mail
// to others.
func TestWhoHelpsIsNobodysBusiness(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n, w := v.needing(2), v.world()
		diary := new(diary)
		v.log = logging.JSON(diary, slog.LevelDebug)
		v.marked()
		b := v.browser()
		b.open(n.path + "/mitmachen")
		n.volunteer(b, "Link schicken lassen", map[string]string{"name": markName, "email": markMail, "message": markMessage, "old": "1", "able": "1"}, n.shifts[0])
		link := v.link(v.Mail.Wait(t, markMail))
		b.open(link)
		b.send("Bestätigen und senden", nil)
		id := n.helper(markName)
		if err := v.Applications.Reply(t.Context(), id, markMessage); err != nil {
			t.Fatal(err)
		}
		if err := v.Applications.Accept(t.Context(), actor.Operator, n.id, id, 0); err != nil {
			t.Fatal(err)
		}
		v.tells(soon())
		v.delivered(markMail)
		marks := []string{"Marleneqx", "marlene.qx", "Geheimbotschaftqx", strings.TrimPrefix(link, "/einsatz/")}
		rows := rowsOf(v, w)
		for _, path := range []string{n.path, n.path + "/mitmachen", n.path + "/mitmachen/danke", n.path + "/bewerbungen", n.path + "/bewerbungen/" + id, n.path + "/bewerbungen.csv", n.path + "/bewerbungen/liste", "/ehrenamt", "/meine-einsaetze", "/meine-einsaetze/" + id, "/suche?q=geheimbotschaftqx", "/neues", "/rathaus"} {
			rows["GET "+path] = entry{path: path}
		}
		for route, row := range rows {
			if row.path == "" || !strings.HasPrefix(route, "GET ") {
				continue
			}
			for _, who := range []viewer{nobody, foreign, neighbour, other, hall, admin} {
				accept := html
				if who == foreign {
					accept = as2
				}
				got := w.browsers[who].ask(http.MethodGet, row.path, accept, url.Values{})
				for _, mark := range marks {
					if strings.Contains(got.Body.String(), mark) && !strings.Contains(row.path, strings.ToLower(mark)) {
						t.Errorf("%s shows %q to %s", row.path, mark, who)
					}
				}
			}
		}
		for _, line := range diary.lines() {
			for _, mark := range marks {
				if strings.Contains(line, mark) {
					t.Errorf("the log says %q: %s", mark, line)
				}
			}
		}
		var bodies []string
		if err := v.db.Read().NewSelect().TableExpr("activities").ColumnExpr("body").Scan(t.Context(), &bodies); err != nil {
			t.Fatal(err)
		}
		for _, who := range viewers {
			for _, m := range v.Mail.Messages(addressOf(who)) {
				bodies = append(bodies, m.Subject+m.Text+m.HTML)
			}
		}
		for _, body := range bodies {
			for _, mark := range marks {
				if strings.Contains(body, mark) {
					t.Errorf("%q goes out in %s", mark, body)
				}
			}
		}
		// And those whose it is see it.
		w.browsers[editor].open(n.path + "/bewerbungen/" + id)
		w.browsers[editor].shows(200, markName, markMessage)
		w.browsers[editor].hides(markMail) // not shown by choice
	})
}

// TestWhoLeavesTakesApplicationsAlong: and they stand in the download before.
func TestWhoLeavesTakesApplicationsAlong(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1)
		rosa := v.person("rosa@example.org", account.Resident)
		draft := application.Draft{Key: uuid.NewString(), OpportunityID: n.id, AccountID: rosa.ID, Name: "Rosa Rot", Message: "Ich backe auch.", Language: "de", Old: true, Able: true, Shifts: []string{n.shifts[0]}}
		if _, _, err := v.Applications.Apply(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
		b := v.signedIn("rosa@example.org")
		files := unzip(t, b.fetch("/konto/daten"))
		var own []map[string]any
		if err := json.Unmarshal([]byte(files["einsaetze.json"]), &own); err != nil || len(own) != 1 || own[0]["message"] != "Ich backe auch." {
			t.Errorf("the download says %s, %v", files["einsaetze.json"], err)
		}
		if _, _, err := v.RemovePerson(t.Context(), rosa.ID, rosa.ID); err != nil {
			t.Fatal(err)
		}
		if v.count("helpers", "name <> '' OR account_id <> '' OR message <> ''") != 0 || v.count("commitments") != 0 {
			t.Error("something of who left stays")
		}
		if n.helper("") == "" || v.count("shifts", "taken > 0") != 0 {
			t.Error("the club does not see that somebody is missing")
		}
	})
}
