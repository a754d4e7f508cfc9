package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/check"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/notification"
)

// soon is when what has just come is told of.
func soon() time.Time { return time.Now().Add(15 * time.Second) }

// tells lets the town tell of news as if it were then.
func (v *village) tells(at time.Time) {
	v.t.Helper()
	if err := v.Courier.Tell(v.t.Context(), at); err != nil {
		v.t.Fatal(err)
	}
}

// marked begins to tell of news: what comes from now on is new.
func (v *village) marked() {
	v.t.Helper()
	v.tells(time.Now().Add(-time.Minute))
}

// delivered waits until every letter is sent, and gives those to an address.
func (v *village) delivered(to string) []mailtest.Message {
	v.t.Helper()
	v.Mail.work(v.t)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if v.count("mails", "state = 'waiting'") == 0 {
			return v.Mail.Messages(to)
		}
	}
	v.t.Fatal("letters wait")
	return nil
}

func (v *village) choose(accountID string, c notification.Choices) {
	v.t.Helper()
	if err := v.Notifications.Choose(v.t.Context(), accountID, c); err != nil {
		v.t.Fatal(err)
	}
}

// writes sends a letter of no special kind.
func (v *village) writes(l mail.Letter) {
	v.t.Helper()
	if err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error { return v.Town.Mail.Send(ctx, tx, l) }); err != nil {
		v.t.Fatal(err)
	}
}

func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		v.person("rosa@example.org", account.Resident)
		b := v.signedIn("anna@example.org")
		b.open("/konto")
		b.shows(200, "Einstellungen")
		b.open("/konto/einstellungen")
		b.shows(200, "Sprache der Seiten und Mails", "Jemand antwortet", "Jemand folgt neu", "Einmal am Tag, um 7 Uhr")
		b.send("Speichern", map[string]string{"reply": "sofort"})
		b.shows(422, "Bitte wählen Sie eine der Antworten.")
		b.open("/konto/einstellungen")
		b.send("Speichern", map[string]string{"name": " "})
		b.shows(422, "höchstens 100 Zeichen")
		b.send("Speichern", map[string]string{"name": "Anna Neumann"})
		b.shows(200, "Ihre Einstellungen sind gespeichert.", "Anna Neumann")
		if a, err := v.Accounts.Find(t.Context(), anna.ID); err != nil || a.Name != "Anna Neumann" {
			t.Errorf("%v, %v", a, err)
		}
		b.open("/konto/einstellungen")
		b.send("Speichern", map[string]string{"language": "fr"})
		b.shows(422, "Bitte wählen Sie eine der Sprachen.")
		b.open("/konto/einstellungen")
		b.send("Speichern", map[string]string{"reply": "never", "like": "daily", "language": "en"})
		b.shows(200, "Your settings are saved.", "Somebody answers", "Somebody likes an entry")
		b.open("/vereine")
		b.shows(200, "Clubs")
		b.open("/vereine?lang=de")
		b.shows(200, "Vereine")
		c, err := v.Notifications.Choices(t.Context(), anna.ID)
		if err != nil || c[notification.Reply] != notification.Never || c[notification.Like] != notification.Daily || c[notification.Follow] != notification.Daily || c[notification.Mention] != notification.AtOnce {
			t.Errorf("%v, %v", c, err)
		}
		for id, want := range map[string]string{anna.ID: "en", "nobody": "de"} {
			if lang, err := v.Accounts.Language(t.Context(), id); lang != want || err != nil {
				t.Errorf("%q, %v", lang, err)
			}
		}
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/konto/einstellungen")
		ruth.shows(200, "Jemand meldet etwas")
		ruth.hides("Jemand antwortet")
		rosa := v.signedIn("rosa@example.org")
		rosa.open("/konto/einstellungen")
		rosa.shows(200, "für keinen Verein")
		rosa.hides("Jemand meldet etwas")
		reader := v.browser()
		reader.open("/vereine")
		reader.shows(200, "Vereine")
	})
}

// TestNewsByMail: what waits for an answer comes at once, in one mail, once, and
// what is between two people is not written into it.
func TestNewsByMail(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		e := v.event("Sommerfest")
		v.receive("%s", create("https://b.test/c/0", lena, note("https://b.test/n/0", lena, public, e.ID, "Von früher", "")))
		v.tells(soon()) // who is new is told of what comes from now on
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE objects SET received = published WHERE id = 'https://b.test/n/0'"); err != nil {
			t.Fatal(err)
		}
		v.mark(time.Now().Add(-time.Minute))
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, toClub(v), "", "Ganz im Vertrauen", "")))
		v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/r/1","type":"Flag","actor":"%s","object":["%s"],"content":"Geheime Meldung"}`, lena, e.ID)
		for range 3 {
			v.tells(soon())
		}
		letters := v.delivered("anna@example.org")
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		m := letters[0]
		if m.Subject != "3 Neuigkeiten für Sie" {
			t.Errorf("%q", m.Subject)
		}
		for _, want := range []string{
			"Guten Tag Anna editor,", "(@lena@b.test) hat TSV geantwortet\n„Wir kommen!“\nhttps://here.test/antworten?id=", "hat TSV erwähnt\nDas ist nicht für alle bestimmt.", "Eine Meldung ist eingegangen.",
			"https://here.test/neues", "https://here.test/konto/einstellungen",
		} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("the mail lacks %q:\n%s", want, m.Text)
			}
		}
		for _, secret := range []string{"Vertrauen", "Geheime Meldung", "gefällt", "folgt jetzt", "Von früher"} {
			if strings.Contains(m.Raw, secret) || strings.Contains(m.Text, secret) || strings.Contains(m.HTML, secret) {
				t.Errorf("the mail has %q", secret)
			}
		}
		if hall := v.delivered("ruth@example.org"); len(hall) != 1 || hall[0].Subject != "Eine Meldung ist eingegangen." || !strings.Contains(hall[0].Text, "https://here.test/rathaus/meldungen") || strings.Contains(hall[0].Text, "Wir kommen") {
			t.Errorf("%+v", hall)
		}
	})
}

// mark sets until when everybody has been told.
func (v *village) mark(at time.Time) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Table("notice_marks").Set("told = ?", at.UTC()).Set("digested = ?", at.UTC()).Where("TRUE").Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestDigest: a mail each morning, if there is anything, of what its reader may
// see and of nothing else.
func TestDigest(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true}); err != nil {
			t.Fatal(err)
		}
		anna, bert := v.person("anna@example.org", account.Editor, "tsv"), v.person("bert@example.org", account.Editor, "chor")
		all := notification.Choices{}
		for _, k := range notification.Kinds {
			all[k] = notification.Daily
		}
		v.choose(anna.ID, all)
		v.choose(bert.ID, all)
		if err := v.Accounts.SetProfile(t.Context(), anna.ID, anna.Name, "en", nil); err != nil {
			t.Fatal(err)
		}
		e := v.event("Sommerfest")
		v.marked()
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, public, e.ID, "Das wird verborgen", "")))
		v.receive("%s", create("https://b.test/c/3", lena, note("https://b.test/n/3", lena, public, e.ID, "Das wird gelöscht", "")))
		v.receive("%s", create("https://b.test/c/4", lena, note("https://b.test/n/4", lena, `"to":["`+lena+`/followers"]`, e.ID, "Nur für die Ihren", "")))
		v.receive("%s", create("https://evil.test/c/1", mala, note("https://evil.test/n/1", mala, public, e.ID, "Kauft Pillen", "")))
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive(`{"id":"https://b.test/l/2","type":"Like","actor":"%s","object":"%s"}`, mala, e.ID)
		v.receive(`{"id":"https://b.test/u/1","type":"Undo","actor":"%s","object":{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}}`, lena, lena, e.ID)
		v.receive(`{"id":"https://b.test/d/3","type":"Delete","actor":"%s","object":"https://b.test/n/3"}`, lena)
		if err := v.Activities.Hide(t.Context(), actor.Operator, "https://b.test/n/2", true); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Moderation.Block(t.Context(), actor.Operator, "evil.test"); err != nil {
			t.Fatal(err)
		}
		v.tells(soon())
		if n := v.count("mails"); n != 0 {
			t.Errorf("%d mails before the morning", n)
		}
		tomorrow := time.Now().Add(25 * time.Hour)
		v.tells(tomorrow)
		v.tells(tomorrow)
		v.tells(tomorrow.Add(time.Minute))
		letters := v.delivered("anna@example.org")
		if len(letters) != 1 {
			t.Fatalf("%d mails", len(letters))
		}
		m := letters[0]
		if !strings.HasPrefix(m.Subject, "News of ") || !strings.Contains(m.Text, "Good day Anna editor,\n\n2 things are new for you:") || !strings.Contains(m.Text, "“Wir kommen!”") || !strings.Contains(m.Text, "now follows TSV") {
			t.Errorf("%q\n%s", m.Subject, m.Text)
		}
		for _, word := range []string{"verborgen", "gelöscht", "Ihren", "Pillen", "likes"} {
			if strings.Contains(m.Text, word) {
				t.Errorf("the digest has %q:\n%s", word, m.Text)
			}
		}
		if others := v.delivered(""); len(others) != 1 {
			t.Errorf("%d mails for one reader", len(others))
		}
		v.tells(tomorrow.Add(24 * time.Hour))
		if n := len(v.delivered("")); n != 1 {
			t.Errorf("a mail of nothing: %d", n)
		}
	})
}

// TestDigestComesAtSeven, in the town's zone, also when the clocks change.
func TestDigestComesAtSeven(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	for now, want := range map[string]string{
		"2027-01-10T05:59:59Z": "2027-01-09T06:00:00Z", "2027-01-10T06:00:00Z": "2027-01-10T06:00:00Z", "2027-03-28T05:30:00Z": "2027-03-28T05:00:00Z",
		"2027-10-31T05:30:00Z": "2027-10-30T05:00:00Z", "2027-10-31T06:00:00Z": "2027-10-31T06:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Courier.Morning(at).Format(time.RFC3339); got != want {
			t.Errorf("at %s the last morning was %s, want %s", now, got, want)
		}
	}
}

// TestNewsAreToldOnce by several processes that tell at the same time.
func TestNewsAreToldOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		second, err := Open(t.Context(), v.Config, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = second.Close() })
		e := v.event("Sommerfest")
		v.marked()
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		at := soon()
		done := make(chan error, 2)
		for _, c := range []func(context.Context, time.Time) error{v.Courier.Tell, second.Courier.Tell} {
			go func() { done <- c(t.Context(), at) }()
		}
		if err := errors.Join(<-done, <-done); err != nil {
			t.Fatal(err)
		}
		if letters := v.delivered("anna@example.org"); len(letters) != 1 {
			t.Errorf("%d letters", len(letters))
		}
	})
}

// TestUnsubscribe: a press of a button, or a program for mails, and no account.
func TestUnsubscribe(t *testing.T) {
	shows(t, "RFC 8058 one click", func(t *testing.T, v *village) {
		v.meet(lena)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		v.marked()
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		v.tells(soon())
		m := v.Mail.Wait(t, "anna@example.org")
		link := strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
		if !strings.HasPrefix(link, "https://here.test/abbestellen/") || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !slices.Contains(m.Links(), link) {
			t.Fatalf("%q, %v", link, m.Header)
		}
		page := strings.TrimPrefix(link, "https://here.test")
		now := func() notification.Choices {
			c, err := v.Notifications.Choices(t.Context(), anna.ID)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		b := v.browser()
		b.open(page)
		b.shows(200, "Mails abbestellen", "Jemand antwortet", "Jemand meldet etwas", "Alle diese Mails abbestellen")
		if now()[notification.Reply] != notification.AtOnce {
			t.Error("whoever opens the link ends mails")
		}
		b.send("Abbestellen", nil) // the first of them
		b.shows(200, "Erledigt", "Jemand antwortet")
		b.hides("Jemand meldet etwas")
		if c := now(); c[notification.Reply] != notification.Never || c[notification.Report] != notification.AtOnce {
			t.Errorf("%v", c)
		}
		if w := v.browser().ask("POST", page, html, url.Values{"List-Unsubscribe": {"One-Click"}}); w.Code != 200 {
			t.Errorf("one click: %d", w.Code)
		}
		if c := now(); !slices.Equal(c.Of(notification.AtOnce), []notification.Kind{notification.Application}) || // which is no news for editors
			c[notification.Follow] != notification.Daily {
			t.Errorf("%v", c)
		}
		for _, forged := range []string{page + "x", strings.Replace(page, "reply", "follow", 1), "/abbestellen/" + anna.ID, "/abbestellen/..", "/abbestellen/" + anna.ID + ".follow."} {
			for _, method := range []string{"GET", "POST"} {
				if w := v.browser().ask(method, forged, html, url.Values{}); w.Code != 410 && w.Code != 404 {
					t.Errorf("%s %s: %d", method, forged, w.Code)
				}
			}
		}
		if now()[notification.Follow] != notification.Daily {
			t.Error("a forged link ends mails")
		}
	})
}

// TestTownhallSeesWhatDidNotArrive.
func TestTownhallSeesWhatDidNotArrive(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/mails")
		ruth.shows(200, "Alle Mails sind angekommen")
		v.Mail.Refuse("weg@example.org", 550, 9)
		v.writes(mail.Letter{Cause: "x", To: "weg@example.org", Lang: "de", Subject: "Hallo", Text: []string{"Geheim"}})
		v.delivered("")
		ruth.open("/rathaus")
		ruth.shows(200, "1 Mail ist nicht angekommen")
		ruth.open("/rathaus/mails")
		ruth.shows(200, "weg@example.org", "nicht angenommen", "no letters for …")
		ruth.hides("Geheim")
		ruth.send("Erledigt", nil)
		ruth.shows(200, "Die Mail steht nicht mehr in der Liste", "Alle Mails sind angekommen")
		ruth.open("/rathaus")
		ruth.hides("nicht angekommen")
	})
}

// TestWithoutMail: a town that sends none works, and says so.
func TestWithoutMail(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		v := found(t, address, func(c *config.Config) { c.SMTP = config.Defaults().SMTP })
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		e := v.event("Sommerfest")
		v.marked()
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		v.tells(soon())
		if v.count("mails") != 0 || v.count("notice_marks") != 0 {
			t.Error("letters are written that nobody sends")
		}
		anna, ruth := v.signedIn("anna@example.org"), v.signedIn("ruth@example.org")
		anna.open("/konto/einstellungen")
		anna.shows(200, "verschickt noch keine Mails")
		ruth.open("/rathaus/mails")
		ruth.shows(200, "Diese Plattform verschickt keine Mails")
	})
}

// TestCheckOfMail: the operator learns whether the mail server takes letters,
// and whether some were refused.
func TestCheckOfMail(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	c := v.Config
	path := filepath.Join(t.TempDir(), "aushang.toml")
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(c.SMTP.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("origin = %q\ndatabase = %q\ndata = %q\n[smtp]\nhost = %q\nport = %q\nusername = %q\npassword_file = %q\nfrom = %q\nca_file = %q\n",
		c.Origin, c.Database, c.Data, c.SMTP.Host, c.SMTP.Port, c.SMTP.Username, secret, c.SMTP.From, c.SMTP.CAFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	is := func(server, letters check.State) {
		t.Helper()
		findings, err := Check(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]check.State{}
		for _, f := range findings {
			got[f.What] = f.State
			if strings.Contains(f.Says, "weg@") || strings.Contains(f.Says, c.SMTP.Password) {
				t.Errorf("check tells %q", f.Says)
			}
		}
		if got["mail server"] != server || got["letters"] != letters {
			t.Errorf("mail server %q, letters %q, want %q and %q: %+v", got["mail server"], got["letters"], server, letters, findings)
		}
	}
	is(check.OK, check.OK)
	v.Mail.Refuse("weg@example.org", 550, 9)
	v.writes(mail.Letter{Cause: "x", To: "weg@example.org", Lang: "de", Subject: "Hallo", Text: []string{"Geheim"}})
	v.delivered("")
	is(check.OK, check.Fault)
	v.Mail.Stop()
	is(check.Fault, check.Fault)
}
