package app

import (
	"net/url"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

// TestAnnouncements: the town hall makes its own profile and announces; others
// follow it, read, answer, and learn of changes and of the end.
func TestAnnouncements(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		b, reader := v.signedIn("ruth@example.org"), v.browser()
		reader.open("/bekanntmachungen")
		reader.shows(200, "Noch keine Bekanntmachung")
		b.open("/rathaus/bekanntmachungen")
		b.shows(200, "Profil des Rathauses anlegen")
		b.send("Profil anlegen", map[string]string{"handle": "Das Rathaus", "name": ""})
		b.shows(422, "Bitte prüfen Sie 2 Angaben")
		b.send("Profil anlegen", map[string]string{"handle": "rathaus", "name": "Rathaus Musterdorf"})
		b.shows(200, "Das Rathaus hat jetzt ein Profil", "@rathaus@here.test", "Anna townhall")
		voice, err := v.Settings.Voice(t.Context())
		if err != nil || voice == nil || voice.Type != actor.Group {
			t.Fatal(voice, err)
		}
		if w := v.get("/.well-known/webfinger?resource=acct:rathaus@here.test", "*/*"); w.Code != 200 || !strings.Contains(w.Body.String(), voice.ID) {
			t.Errorf("WebFinger says %d %s", w.Code, w.Body)
		}
		tsv := v.club.ID
		if v.club, err = v.Clubs.Find(t.Context(), "rathaus"); err != nil {
			t.Fatal(err)
		}
		v.meet(lena)
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, voice.ID)
		if n, err := v.Actors.Followers(t.Context(), v.db.Read(), voice.ID); err != nil || n != 1 {
			t.Fatalf("%d follow, %v", n, err)
		}

		b.open("/pinnwand/neu?verein=rathaus")
		b.send("Veröffentlichen", map[string]string{"text": "Die Hauptstraße ist am Montag gesperrt. Bitte parken Sie am Festplatz."})
		b.shows(200, "Bekanntmachung", "Die Hauptstraße ist am Montag gesperrt")
		_, created := v.sent(activity.Create)
		if created.Actor != voice.ID {
			t.Errorf("it is announced by %s", created.Actor)
		}
		id := created.Object.ID
		notice := "/pinnwand/" + actor.Key(id)
		for _, path := range []string{"/pinnwand", "/", "/bekanntmachungen"} {
			reader.open(path)
			reader.shows(200, "Die Hauptstraße ist am Montag gesperrt", "Bekanntmachungen")
		}
		reader.leads("/vereine/rathaus/feed.atom")
		reader.open("/vereine/rathaus/feed.atom")
		if !strings.Contains(reader.page, "Hauptstraße") {
			t.Error("the feed lacks it")
		}
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, id, "Wie lange denn?", "")))
		reader.open(notice)
		reader.shows(200, "Wie lange denn?")

		v.changesAndEnds(b, voice.ID, id)
		reader.open("/bekanntmachungen")
		reader.shows(200, "Noch keine Bekanntmachung")
		reader.hides("Hauptstraße")

		if err := v.Settings.Speak(t.Context(), anna.ID, tsv); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor sets who speaks: %v", err)
		}
		if got := v.signedIn("anna@example.org").ask("POST", "/pinnwand/neu", html, url.Values{"club": {"rathaus"}, "text": {"Steuern runter"}}); got.Code != 403 && got.Code != 422 {
			t.Errorf("an editor of a club announces: %d", got.Code)
		}
		b.open("/rathaus/bekanntmachungen")
		b.send("Nicht mehr für das Rathaus sprechen lassen", nil)
		b.shows(200, "spricht nicht mehr für das Rathaus", "Profil des Rathauses anlegen")
		b.send("Für das Rathaus sprechen lassen", nil)
		b.shows(422, "wählen Sie einen Verein")
		b.send("Für das Rathaus sprechen lassen", map[string]string{"club": "rathaus"})
		b.shows(200, "@rathaus@here.test")
		for _, act := range []string{"town.voice", "town.unvoice"} {
			if v.count("ledger", "act = '"+act+"'") == 0 {
				t.Errorf("the log lacks %s", act)
			}
		}
	})
}

// changesAndEnds changes and deletes an announcement, and looks whether others are
// told.
func (v *village) changesAndEnds(b *browser, voice, id string) {
	t, notice := v.t, "/pinnwand/"+actor.Key(id)
	t.Helper()
	b.open(notice + "/aendern")
	b.send("Speichern", map[string]string{"text": "Die Hauptstraße ist bis Dienstag gesperrt."})
	if _, updated := v.sent(activity.Update); updated.Object.ID != id {
		t.Errorf("the change is of %s", updated.Object.ID)
	}
	b.open("/rathaus/bekanntmachungen")
	b.shows(200, "bis Dienstag gesperrt", "Mitlesende von anderen Plattformen 1")
	b.open(notice + "/loeschen")
	b.send("Endgültig löschen", nil)
	if _, deleted := v.sent(activity.Delete); deleted.Actor != voice {
		t.Errorf("it is deleted by %s", deleted.Actor)
	}
}

// TestWhoWritesAnnouncements: who belongs to the town hall does not write for it
// by that alone; somebody enters him or her.
func TestWhoWritesAnnouncements(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.speaks()
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/bekanntmachungen")
		b.shows(200, "Sie selbst schreiben hier noch nicht")
		b.hides("Bekanntmachung schreiben")
		b.leads("/vereine/rathaus/personen")
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "rathaus", v.find("ruth@example.org"), actor.Editor); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/bekanntmachungen")
		b.leads("/pinnwand/neu?verein=rathaus")
		// A club that is archived speaks for nobody.
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "rathaus", actor.Archived); err != nil {
			t.Fatal(err)
		}
		if voice, err := v.Settings.Voice(t.Context()); err != nil || voice != nil {
			t.Errorf("it speaks as %v, %v", voice, err)
		}
	})
}

// speaks gives the town hall a profile and gives its id.
func (v *village) speaks() string {
	v.t.Helper()
	id, err := v.foundVoice(v.t.Context(), actor.Operator, "rathaus", "Rathaus Musterdorf", "Amtlich")
	if err != nil {
		v.t.Fatal(err)
	}
	v.speaksFor(id)
	return id
}

// speaksFor lets a club speak for the town hall.
func (v *village) speaksFor(id string) {
	v.t.Helper()
	if err := v.Settings.Speak(v.t.Context(), actor.Operator, id); err != nil {
		v.t.Fatal(err)
	}
}

// TestAlertLeadsToANotice: what stands at the head of every page leads to what
// the town hall announced, as long as that is there.
func TestAlertLeadsToANotice(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.person("ruth@example.org", account.Townhall)
		id := v.speaks()
		o, err := v.Posts.Create(ctx, actor.Operator, post.Draft{AttributedTo: id, Text: "Das Wasser ist abgestellt"})
		if err != nil {
			t.Fatal(err)
		}
		b, reader := v.signedIn("ruth@example.org"), v.browser()
		b.open("/rathaus/hinweise")
		b.send("Hinweis zeigen", map[string]string{"severity": "warning", "german": "Kein Wasser", "notice": o.Key()})
		b.shows(200, "Der Hinweis ist gespeichert", "Zur Bekanntmachung")
		reader.open("/vereine")
		reader.shows(200, "Warnung: Kein Wasser Mehr dazu")
		reader.leads(path(o.URL))
		if err := v.Activities.DeleteObject(ctx, actor.Operator, o.ID); err != nil {
			t.Fatal(err)
		}
		reader.open("/vereine")
		reader.shows(200, "Kein Wasser")
		reader.hides("Mehr dazu")
		err = v.Settings.Announce(ctx, actor.Operator, "", town.Alert{Severity: town.Info, German: "x", ObjectID: o.ID})
		if len(problem.FieldsOf(err)) == 0 {
			t.Errorf("an alert leads to what is gone: %v", err)
		}
	})
}
