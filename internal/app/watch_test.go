package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/watch"
)

// watches fills the form that keeps a search, after the time that a person
// needs.
func (b *browser) watches(fields map[string]string) {
	b.v.t.Helper()
	f := b.formWith("Suche merken")
	for name, value := range fields {
		f.values.Set(name, value)
	}
	b.v.passed("saved search form", &f)
	b.post(f)
}

// looksOut lets the town look through kept searches as if it were then.
func (v *village) looksOut(at time.Time) {
	v.t.Helper()
	if err := v.Watcher.Tell(v.t.Context(), at); err != nil {
		v.t.Fatal(err)
	}
}

// nextRounds are a morning on which letters of the day go out, and the next
// Monday.
func (v *village) nextRounds() (day, monday time.Time) {
	local := time.Now().In(v.Config.Location())
	day = time.Date(local.Year(), local.Month(), local.Day()+1, 7, 1, 0, 0, v.Config.Location())
	for monday = day; monday.Weekday() != time.Monday; {
		monday = monday.AddDate(0, 0, 1)
	}
	return day, monday
}

func last(t *testing.T, letters []mailtest.Message, n int) mailtest.Message {
	t.Helper()
	if len(letters) != n {
		t.Fatalf("%d letters, want %d", len(letters), n)
	}
	return letters[n-1]
}

// TestWatchByMail: nobody is written to who has not confirmed it; what is new is
// told once, and the link of every letter changes and ends it.
func TestWatchByMail(t *testing.T) {
	const anna = "anna@example.org"
	each(t, func(t *testing.T, v *village) {
		v.lies()
		v.seeks("Schon da", nil)
		v.set("UPDATE objects SET published = ?, received = ?", time.Now().Add(-time.Hour).UTC(), time.Now().Add(-time.Hour).UTC())
		b := v.browser()
		b.open("/ehrenamt?gelegentlich=1")
		b.shows(200, "Suche merken?")
		b.open("/ehrenamt/merken?gelegentlich=1")
		b.shows(200, "Herzfelde, Gelegentlich, wie es passt", "Montags um 7 Uhr")
		b.send("Suche merken", map[string]string{"email": "Anna@Example.org"})
		b.shows(422, "noch einmal ab") // as programs do
		b.watches(map[string]string{"email": "nichts", "pace": "hourly"})
		b.shows(422, "Das ist keine Mailadresse", "Bitte wählen Sie eine der Antworten.")
		b.watches(map[string]string{"email": "Anna@Example.org", "pace": "daily"})
		b.shows(200, "Fast fertig")
		day, _ := v.nextRounds()
		v.seeks("Zu früh", nil)
		v.looksOut(day)
		asked := last(t, v.delivered(anna), 1)
		v.said(asked, "Bitte bestätigen", "Herzfelde, Gelegentlich")
		link := v.link(asked)
		b.open(link)
		b.shows(200, "Möchten Sie Mails zu dieser Suche?", anna, "noch nicht bestätigt")
		b.send("Ja, Suche merken", nil)
		b.shows(200, "Die Suche ist gemerkt.")
		b.hides("noch nicht bestätigt")
		v.seeks("Garten gießen", nil)
		v.seeks("Passt nicht", func(d *opportunity.Draft) { d.Times = opportunity.Recurring })
		v.looksOut(day)
		news := last(t, v.delivered(anna), 2)
		v.said(news, "neue Einsätze, die zu Ihnen passen", "Garten gießen", "Freibad", "https://here.test/ehrenamt/")
		if strings.Contains(news.Text, "Passt nicht") || strings.Contains(news.Text, "Schon da") {
			t.Errorf("too much is told:\n%s", news.Text)
		}
		// Neither the same round nor the next one tells it again.
		v.looksOut(day)
		v.looksOut(day.AddDate(0, 0, 1))
		last(t, v.delivered(anna), 2)
		v.seeks("Kuchen backen", nil)
		v.looksOut(day.AddDate(0, 0, 2))
		again := last(t, v.delivered(anna), 3)
		if v.said(again, "1 neuer Einsatz", "Kuchen backen"); strings.Contains(again.Text, "Garten") {
			t.Error("the same is told twice")
		}
		b.open(link)
		b.send("Speichern", map[string]string{"pace": "weekly"})
		b.shows(200, "Ab jetzt schreiben wir in diesem Abstand.")
		b.send("Suche beenden", nil)
		b.shows(200, "Sie bekommen dazu keine Mails mehr.")
		b.open(link)
		b.shows(410, "Diese Suche ist beendet")
		v.seeks("Danach", nil)
		v.looksOut(day.AddDate(0, 0, 9))
		last(t, v.delivered(anna), 3)
	})
}

// TestWatchEndsAtOnce: a program for mails ends all letters without a button (RFC
// 8058), and a link that is none does nothing.
func TestWatchEndsAtOnce(t *testing.T) {
	v := found(t, "sqlite:"+t.TempDir()+"/aushang.db")
	b := v.browser()
	for _, query := range []string{"?gelegentlich=1", "?abruf=1"} {
		b.open("/ehrenamt/merken" + query)
		b.watches(map[string]string{"email": "anna@example.org", "pace": "daily"})
		b.shows(200, "Fast fertig")
	}
	link := v.link(v.delivered("anna@example.org")[0])
	if w := v.browser().ask(http.MethodPost, link+"x", html, url.Values{"List-Unsubscribe": {"One-Click"}}); w.Code != http.StatusGone {
		t.Errorf("a wrong link: %d", w.Code)
	}
	if n := v.count("saved_searches", "TRUE"); n != 2 {
		t.Fatalf("%d searches, want 2", n)
	}
	if w := v.browser().ask(http.MethodPost, link, html, url.Values{"List-Unsubscribe": {"One-Click"}}); w.Code != http.StatusSeeOther {
		t.Errorf("the end: %d", w.Code)
	}
	if n := v.count("saved_searches", "TRUE"); n != 0 {
		t.Errorf("%d searches are left", n)
	}
	// What nobody confirms is forgotten.
	b.open("/ehrenamt/merken?abruf=1")
	b.watches(map[string]string{"email": "berta@example.org", "pace": "daily"})
	v.Watcher.SetClock(func() time.Time { return time.Now().AddDate(0, 0, 8).UTC() })
	if err := v.Watcher.Sweep(t.Context()); err != nil || v.count("saved_searches", "TRUE") != 0 {
		t.Errorf("%d are left, %v", v.count("saved_searches", "TRUE"), err)
	}
}

// TestWatchWithAnAccount: several searches come in one letter, one thing once, at
// the pace of each; they go with the person.
func TestWatchWithAnAccount(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.lies()
		rosa := v.person("rosa@example.org", account.Resident)
		b := v.signedIn("rosa@example.org")
		keep := func(query, pace string) {
			t.Helper()
			b.open("/ehrenamt/merken?" + query)
			b.send("Suche merken", map[string]string{"pace": pace})
			b.shows(200, "Gemerkte Suchen", "Die Suche ist gemerkt.")
		}
		keep("gelegentlich=1", watch.Daily)
		keep("gruppen=1", watch.Daily)
		keep("abruf=1", watch.Weekly)
		keep("gelegentlich=1", watch.Weekly) // the same again is one search
		keep("gelegentlich=1", watch.Daily)
		if n := v.count("saved_searches", "account_id = '"+rosa.ID+"'"); n != 3 {
			t.Errorf("%d searches, want 3", n)
		}
		b.open("/konto")
		b.shows(200, "Gemerkte Suchen")
		day, monday := v.nextRounds()
		v.seeks("Beides", func(d *opportunity.Draft) { d.ForGroups = true })
		v.seeks("Auf Abruf", func(d *opportunity.Draft) { d.Times = opportunity.OnCall })
		if day.Weekday() != time.Monday {
			v.looksOut(day)
			letter := last(t, v.delivered("rosa@example.org"), 1)
			if strings.Count(letter.Text, "Beides") != 1 || strings.Contains(letter.Text, "Auf Abruf") {
				t.Errorf("the letter of the day:\n%s", letter.Text)
			}
		}
		v.looksOut(monday)
		v.said(v.delivered("rosa@example.org")[len(v.delivered("rosa@example.org"))-1], "Auf Abruf")
		b.open("/konto/suchen")
		b.send("Alle Suchen beenden", nil)
		b.shows(200, "Alle Suchen sind beendet.", "Sie haben keine Suche gemerkt")
		keep("gelegentlich=1", watch.Daily)
		if _, _, err := v.RemovePerson(t.Context(), actor.Operator, rosa.ID); err != nil {
			t.Fatal(err)
		}
		if n := v.count("saved_searches", "TRUE"); n != 0 {
			t.Errorf("%d searches stay when their person leaves", n)
		}
	})
}

// TestWatchOfAnotherPerson: nobody changes the searches of others.
func TestWatchOfAnotherPerson(t *testing.T) {
	v := found(t, "sqlite:"+t.TempDir()+"/aushang.db")
	v.person("rosa@example.org", account.Resident)
	v.person("otto@example.org", account.Resident)
	rosa, otto := v.signedIn("rosa@example.org"), v.signedIn("otto@example.org")
	for _, b := range []*browser{rosa, otto} {
		b.open("/ehrenamt/merken?abruf=1")
		b.send("Suche merken", nil)
		b.shows(200, "Die Suche ist gemerkt.")
	}
	f := rosa.formWith("Suche beenden")
	otto.open("/konto/suchen")
	otto.post(f)
	if n := v.count("saved_searches", "TRUE"); n != 2 {
		t.Errorf("%d searches are left, want 2", n)
	}
	for range watch.Most {
		rosa.open("/ehrenamt/merken?" + url.Values{"kann": {time.Now().String()[11:29]}}.Encode())
		rosa.send("Suche merken", nil)
	}
	rosa.shows(429, "Sie haben schon 20 Suchen gemerkt.")
}
