package app

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/object"
)

// manage is the page where an editor deals with what came from elsewhere.
func manage(id string) string { return "/antworten?" + url.Values{"id": {id}}.Encode() }

// toClub addresses something to the club alone.
func toClub(v *village) string { return `"to":["` + v.club.ID + `"]` }

func TestNews(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("anna@example.org")
		b.open("/neues")
		b.shows(200, "Noch nichts Neues")
		e := v.event("Sommerfest")
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive(`{"id":"https://b.test/s/1","type":"Announce","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wir kommen!", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, toClub(v), "", "Ganz im Vertrauen", "")))
		v.receive("%s", create("https://b.test/c/3", lena, note("https://b.test/n/3", lena, public+`,"cc":["`+v.club.ID+`"]`, "", "Kennt ihr den TSV?", "")))
		v.receive(`{"id":"https://b.test/r/1","type":"Flag","actor":"%s","object":["%s"],"content":"Gefällt mir nicht"}`, lena, e.ID)
		b.open("/neues")
		b.shows(200, "folgt jetzt TSV.", "gefällt ein Eintrag von TSV:", "teilt einen Eintrag von TSV:", "hat TSV geantwortet:", "Wir kommen!", "hat TSV erwähnt:",
			"Ganz im Vertrauen", "Kennt ihr den TSV?", "Nur für Sie: nicht öffentlich", "@lena@b.test", "Eine Meldung ist eingegangen", "Gefällt mir nicht", "7 neu")
		b.send("Alles als gelesen markieren", nil)
		b.shows(200, "Wir kommen!")
		b.hides("Alles als gelesen markieren", "7 neu")
		v.receive(`{"id":"https://b.test/u/1","type":"Undo","actor":"%s","object":{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}}`, lena, lena, e.ID)
		b.open("/neues")
		b.hides("gefällt ein Eintrag")
		// The town hall sees reports, and nobody else's letters.
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/neues")
		ruth.shows(200, "Gefällt mir nicht")
		ruth.hides("Ganz im Vertrauen", "Wir kommen")
	})
}

// TestAnswer: an editor answers, and what leaves the house names whom.
func TestAnswer(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Wann genau?", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, toClub(v), e.ID, "Ganz im Vertrauen", "")))
		b := v.signedIn("anna@example.org")
		page := strings.TrimPrefix(e.URL, "https://here.test")
		b.open(page)
		b.shows(200, "Wann genau?", "Ganz im Vertrauen", "Antworten, verbergen, melden", "1 Antwort")
		b.open(manage("https://b.test/n/1"))
		b.shows(200, "Antwort von", "@lena@b.test", "Im Namen von")
		b.send("Antwort abschicken", map[string]string{"text": " "})
		b.shows(422, "Der Text ist leer")
		f := b.formWith("Antwort abschicken")
		f.values.Set("text", "Um **sieben**.")
		b.post(f)
		b.shows(200, "Ihre Antwort ist unterwegs")
		b.post(f) // a second click
		n, last := v.sent("Create")
		if n != 2 {
			t.Fatalf("%d Creates", n)
		}
		answer := last.Object.Object
		if answer.InReplyTo != "https://b.test/n/1" || len(answer.Tag) != 1 || answer.Tag[0].Type != "Mention" || answer.Tag[0].Href != lena || answer.Tag[0].Name != "@lena@b.test" {
			t.Errorf("%+v", answer)
		}
		if !as.IsPublic(last.To[0]) || last.Cc[len(last.Cc)-1] != lena || !strings.Contains(answer.Content, "<strong>sieben</strong>") {
			t.Errorf("to %v cc %v: %s", last.To, last.Cc, answer.Content)
		}
		if v.count("deliveries", "inbox = 'https://b.test/lena/inbox'") == 0 {
			t.Error("it is on no lane")
		}
		reader := v.browser()
		reader.open(page)
		reader.shows(200, "Um sieben", "2 Antworten", "vom Verein")
		reader.hides("Ganz im Vertrauen", "/antworten")

		b.open(manage("https://b.test/n/2"))
		b.send("Antwort abschicken", map[string]string{"text": "Das bleibt unter uns."})
		b.shows(200, "Ihre Antwort ist unterwegs")
		_, last = v.sent("Create")
		if len(last.To) != 1 || last.To[0] != lena || len(last.Cc) != 0 {
			t.Errorf("to %v cc %v", last.To, last.Cc)
		}
		for _, path := range []string{page, "/", "/pinnwand", "/vereine/tsv", strings.TrimPrefix(last.Object.Object.ID, "https://here.test"), strings.TrimPrefix(v.club.ID, "https://here.test") + "/outbox?page=true"} {
			for _, accept := range []string{html, as2} {
				if w := v.get(path, accept); strings.Contains(w.Body.String(), "unter uns") {
					t.Errorf("%s tells it", path)
				}
			}
		}
		b.open(page)
		b.shows(200, "Das bleibt unter uns")
	})
}

func TestHideReportKeepAway(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		v.meet(eve)
		if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true}); err != nil {
			t.Fatal(err)
		}
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("bert@example.org", account.Editor, "chor")
		v.person("ruth@example.org", account.Townhall)
		e := v.event("Sommerfest")
		v.receive("%s", create("https://evil.test/c/1", mala, note("https://evil.test/n/1", mala, public, e.ID, "Kauft Pillen", "")))
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, toClub(v), e.ID, "Ganz im Vertrauen", "")))
		page := strings.TrimPrefix(e.URL, "https://here.test")
		reader, anna, bert, ruth := v.browser(), v.signedIn("anna@example.org"), v.signedIn("bert@example.org"), v.signedIn("ruth@example.org")

		bert.open(manage("https://evil.test/n/1"))
		bert.shows(404)
		ruth.open(manage("https://b.test/n/1")) // a letter to a club is for the club
		ruth.shows(404)
		ruth.open(manage("https://evil.test/n/1"))
		ruth.shows(200, "Kauft Pillen", "Verbergen")
		ruth.hides("Antwort abschicken", "Fernhalten")

		anna.open(manage("https://evil.test/n/1"))
		hide := anna.formWith("Diese Antwort verbergen")
		bert.post(hide)
		bert.shows(404)
		anna.post(hide)
		anna.shows(200, "Die Antwort ist verborgen")
		reader.open(page)
		reader.hides("Kauft Pillen", "1 Antwort")
		if c := v.counts(e.ID); c.Replies != 0 {
			t.Errorf("%+v", c)
		}
		anna.send("Diese Antwort wieder zeigen", nil)
		reader.open(page)
		reader.shows(200, "Kauft Pillen", "1 Antwort")

		anna.open(manage("https://evil.test/n/1"))
		anna.send("Dem Rathaus melden", map[string]string{"comment": "Reklame", "forward": "1"})
		anna.shows(200, "Die Meldung ist beim Rathaus")
		var flag struct {
			Actor   string
			Object  []string
			Content string
		}
		var body []byte
		if err := v.db.Pool().QueryRowContext(t.Context(), "SELECT body FROM activities WHERE type = 'Flag'").Scan(&body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &flag); err != nil || flag.Actor != "https://here.test/ap/instance" || flag.Object[0] != mala || flag.Content != "Reklame" || strings.Contains(string(body), "Anna") {
			t.Errorf("%s, %v", body, err)
		}
		ruth.open("/neues")
		ruth.shows(200, "Reklame")

		v.receive(`{"id":"https://evil.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, mala, v.club.ID)
		v.receive(`{"id":"https://evil.test/l/1","type":"Like","actor":"%s","object":"%s"}`, mala, e.ID)
		anna.open(manage("https://evil.test/n/1"))
		anna.send("Fernhalten", map[string]string{"target": "host"})
		anna.shows(200, "Von dort kommt nichts mehr")
		if n, reject := v.sent("Reject"); n != 1 || reject.Object.Activity.ID != "https://evil.test/f/1" || v.followers() != 0 {
			t.Errorf("%d Rejects, %d followers", n, v.followers())
		}
		v.receive("%s", create("https://evil.test/c/2", mala, note("https://evil.test/n/2", mala, public, e.ID, "Noch mehr Pillen", "")))
		v.receive(`{"id":"https://evil.test/l/2","type":"Like","actor":"%s","object":"%s"}`, mala, e.ID)
		v.receive(`{"id":"https://evil.test/f/2","type":"Follow","actor":"%s","object":"%s"}`, mala, v.club.ID)
		if n, _ := v.sent("Reject"); n != 2 || v.followers() != 0 {
			t.Errorf("%d Rejects, %d followers", n, v.followers())
		}
		if c := v.counts(e.ID); c != (object.Counts{}) {
			t.Errorf("%+v", c)
		}
		anna.open(page)
		anna.hides("Pillen")
	})
}

func TestClubProfile(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a := v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/vereine/tsv/aendern")
		b.shows(403) // an editor writes, an owner changes the club
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", a.ID, actor.Owner); err != nil {
			t.Fatal(err)
		}
		b.open("/vereine/tsv/aendern")
		other := v.signedIn("anna@example.org")
		other.open("/vereine/tsv/aendern")
		b.send("Speichern", map[string]string{"name": ""})
		b.shows(422, "einen Namen mit höchstens 100 Zeichen")
		b.send("Speichern", map[string]string{"name": "TSV 1901", "summary": "Sport für *alle*", "image": picture, "alt": "Wappen"})
		b.shows(200, "Das Profil ist geändert", "Wappen")
		if n, update := v.sent("Update"); n != 1 || update.Object.Actor.Name != "TSV 1901" || update.Object.Actor.Icon.Name != "Wappen" {
			t.Errorf("%d Updates: %+v", n, update)
		}
		other.send("Speichern", map[string]string{"summary": "Nur Fußball"})
		other.shows(409, "Nur Fußball", "Sport für *alle*", "TSV 1901")
		other.send("Speichern", map[string]string{"name": "TSV 1901"})
		other.shows(200, "Nur Fußball")
		b.open("/vereine/tsv")
		b.shows(200, "TSV 1901", "Nur Fußball", "Profil ändern")

		v.meet(mala)
		if err := v.Activities.KeepAway(t.Context(), a.ID, v.club.ID, mala); err != nil {
			t.Fatal(err)
		}
		b.open("/vereine/tsv/aendern")
		b.shows(200, mala)
		b.send("Wieder zulassen", nil)
		b.shows(200, "Wieder zugelassen")
		b.hides(mala)
	})
}
