package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// another makes another active club.
func (v *village) another(handle, name string) *club.Club {
	v.t.Helper()
	c, err := v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{Handle: handle, Name: name, Active: true})
	if err != nil {
		v.t.Fatal(err)
	}
	return c
}

// TestMerge: one club becomes a part of another one. What it published stays under
// its ids, its people, drafts, invitations and followers go on, and other servers
// are told that it moved.
func TestMerge(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		chor := v.another("chor", "Chor Neu")
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		paul := v.person("paul@example.org", account.Editor, "chor")
		v.set("UPDATE editors SET role = 'owner' WHERE account_id = '" + anna.ID + "'")
		v.set("UPDATE editors SET role = 'owner' WHERE account_id = '" + paul.ID + "'")
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		e, p := v.event("Sommerfest"), v.post("Wer hat den Schlüssel?")
		if err := v.Activities.Pin(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		a := v.signedIn("anna@example.org")
		a.open("/veranstaltungen/neu")
		a.send("Als Entwurf sichern", map[string]string{"name": "Herbstball"})

		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/vereine/tsv")
		b.open("/rathaus/vereine/tsv/zusammenlegen")
		b.send("Weiter", map[string]string{"into": ""})
		b.shows(422, "Bitte wählen Sie einen aktiven Verein")
		b.send("Weiter", map[string]string{"into": "tsv"})
		b.shows(422, "nicht Teil von sich selbst")
		if err := v.Settings.Speak(t.Context(), actor.Operator, v.club.ID); err != nil {
			t.Fatal(err)
		}
		b.send("Weiter", map[string]string{"into": "chor"})
		b.shows(422, "spricht das Rathaus")
		if err := v.Settings.Speak(t.Context(), actor.Operator, ""); err != nil {
			t.Fatal(err)
		}
		b.send("Weiter", map[string]string{"into": "chor"})
		b.hides("0 offene Einladungen")
		b.shows(200, "1 Person schreibt künftig", "2 Einträge zeigt", "1 Person folgt", "1 Entwurf zieht um", "sind danach nicht mehr zu sehen", "Zurücknehmen lässt sich das nicht")
		if v.count("actors", "merged IS NOT NULL") != 0 {
			t.Fatal("looking merges")
		}
		f := b.formWith("Endgültig zusammenlegen")
		b.post(f)
		b.shows(200, "Die Vereine sind zusammengelegt", "Mit diesem Verein zusammengelegt:")
		b.post(f) // pressed once more
		if n := v.count("ledger", "act = 'club.merge' AND target = 'tsv' AND detail = 'tsv > chor'"); n != 1 {
			t.Errorf("%d rows in the log", n)
		}
		b.open("/veranstaltungen")
		if !strings.Contains(b.page, `value="chor"`) {
			t.Error("whoever looks for events does not find the club that stays")
		}
		b.hides(`value="tsv"`)
		b.open("/rathaus/vereine/tsv")
		b.shows(200, "ist der Verein Teil von", "Chor Neu")

		v.mergedOnTheWire(t, chor)
		v.mergedForReaders(t, chor, e)
		v.mergedForEditors(t, anna, paul, e)
		if err := v.Clubs.Return(t.Context(), actor.Operator, "tsv"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("it is taken back: %v", err)
		}
	})
}

// mergedOnTheWire: the club that stays names the other one first, then that one
// says where it is, then comes the Move; its documents stay.
func (v *village) mergedOnTheWire(t *testing.T, chor *club.Club) {
	t.Helper()
	if got, want := v.sentAll(), []string{"Accept", "Create", "Create", "Add " + v.club.ID + "/featured", "Remove " + v.club.ID + "/featured", "Update " + chor.ID, "Move " + chor.ID}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	_, move := v.sent(activity.Move)
	if move.Object.ID != v.club.ID || v.count("deliveries", "activity_id = '"+move.ID+"'") != 1 {
		t.Errorf("%+v", move)
	}
	read := func(id string) (doc struct {
		AlsoKnownAs []string
		MovedTo     string
	},
	) {
		w := v.get(path(id), as2)
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != 200 {
			t.Fatal(w.Code, err)
		}
		return doc
	}
	if doc := read(v.club.ID); doc.MovedTo != chor.ID {
		t.Errorf("the part: %+v", doc)
	}
	if doc := read(chor.ID); !slices.Contains(doc.AlsoKnownAs, v.club.ID) || doc.MovedTo != "" {
		t.Errorf("the whole: %+v", doc)
	}
	if w := v.get("/.well-known/webfinger?resource=acct:tsv@here.test", "*/*"); w.Code != 200 || !strings.Contains(w.Body.String(), v.club.ID) {
		t.Errorf("the handle: %d", w.Code)
	}
	if w := v.get("/vereine/tsv", as2); w.Code != 303 || !strings.HasSuffix(w.Header().Get("Location"), path(v.club.ID)) {
		t.Errorf("the page for programs: %d %s", w.Code, w.Header().Get("Location"))
	}
	r := v.receive(`{"id":"https://b.test/f/2","type":"Follow","actor":"https://b.test/users/new","object":"%s"}`, v.club.ID)
	if n := v.count("follows", "object_id = '"+v.club.ID+"'"); n > 1 {
		t.Errorf("somebody new follows the part: %d %+v", n, r)
	}
}

// mergedForReaders: the page of the part leads to that of the whole, where its
// entries stand; it is in no list itself.
func (v *village) mergedForReaders(t *testing.T, chor *club.Club, e *event.Event) {
	t.Helper()
	for from, to := range map[string]string{"": "", "/personen": "/personen", "/aendern?x=1": "/aendern?x=1", page.PosterPath: page.PosterPath} {
		if w := v.get("/vereine/tsv"+from, html); w.Code != 301 || w.Header().Get("Location") != "/vereine/chor"+to {
			t.Errorf("%s: %d %s", from, w.Code, w.Header().Get("Location"))
		}
	}
	v.has("/vereine/chor", 200, []string{"Sommerfest", "Wer hat den Schlüssel?"}, nil)
	v.has(path(e.URL), 200, []string{"Sommerfest"}, nil)
	for _, list := range []string{"/vereine/chor/kalender.ics", "/vereine/tsv/kalender.ics", "/vereine/tsv/feed.rss", "/veranstaltungen?verein=chor", "/veranstaltungen?verein=tsv", "/veranstaltungen", "/kalender.ics"} {
		v.has(list, 200, []string{"Sommerfest"}, nil)
	}
	for _, list := range []string{"/pinnwand?verein=chor", "/pinnwand?verein=tsv", "/vereine/chor/feed.atom"} {
		v.has(list, 200, []string{"Schlüssel"}, nil)
	}
	for _, list := range []string{"/vereine", "/sitemap/vereine.xml", "/suche?q=tsv"} {
		if w := v.get(list, html); strings.Contains(w.Body.String(), "/vereine/tsv\"") || strings.Contains(w.Body.String(), "/vereine/tsv<") {
			t.Errorf("%s shows the part", list)
		}
	}
	v.has("/folgen?uri="+v.club.ID, 200, []string{"Chor Neu"}, nil)
}

// mergedForEditors: they write for the whole from now on, may still change what
// the part published, and those who follow the whole learn of it.
func (v *village) mergedForEditors(t *testing.T, anna, paul *account.Account, e *event.Event) {
	t.Helper()
	if n := v.count("editors", "actor_id = '"+v.club.ID+"'"); n != 0 {
		t.Errorf("%d still write for the part", n)
	}
	if n := v.count("editors", "account_id = '"+anna.ID+"' AND role = 'editor'"); n != 1 {
		t.Errorf("an owner of the part is an owner of the whole")
	}
	if n := v.count("drafts", "actor_id <> '"+v.club.ID+"' "); n != 1 {
		t.Errorf("%d drafts have moved", n)
	}
	v.set("DELETE FROM follows")
	v.receive(`{"id":"https://b.test/f/3","type":"Follow","actor":"%s","object":"%s"}`, lena, mustMoveTo(t, v))
	for _, who := range []string{"anna@example.org", "paul@example.org"} {
		b := v.signedIn(who)
		b.open(path(e.URL) + "/aendern")
		b.send("Speichern", map[string]string{"name": "Sommerfest von " + who[:4]})
		b.shows(200, "Sommerfest von "+who[:4])
	}
	if n := v.count("deliveries", "object_id = '"+e.ID+"' AND activity_id IN (SELECT id FROM activities WHERE type = 'Update')"); n != 2 {
		t.Errorf("%d changes reach who follows the whole, want 2", n)
	}
	if _, err := v.Posts.Create(t.Context(), paul.ID, post.Draft{AttributedTo: v.club.ID, Text: "Neu"}); err == nil {
		t.Error("something new is published in the name of the part")
	}
	b := v.signedIn("paul@example.org")
	b.open("/konto")
	b.shows(200, "Chor Neu")
	b.hides("@tsv@")
	// What is archived, limited or shut out takes its parts along.
	if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "chor", actor.Archived); err != nil {
		t.Fatal(err)
	}
	v.has(path(e.URL), 404, nil, []string{"Sommerfest"})
	if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "chor", actor.Active); err != nil {
		t.Fatal(err)
	}
	v.has(path(e.URL), 200, []string{"Sommerfest"}, nil)
}

// mustMoveTo gives the id of the club that the first one is a part of.
func mustMoveTo(t *testing.T, v *village) string {
	t.Helper()
	a, err := v.Actors.Find(t.Context(), v.db.Read(), v.club.ID)
	if err != nil || !a.Part() {
		t.Fatal(err)
	}
	return a.MovedTo
}

// TestMergeTwice: what is a part goes along when the whole becomes a part itself.
func TestMergeTwice(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.another("chor", "Chor")
		halle := v.another("halle", "Hallenverein")
		v.event("Sommerfest")
		for _, pair := range [][2]string{{"tsv", "chor"}, {"chor", "halle"}} {
			if err := v.Clubs.Merge(t.Context(), actor.Operator, pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		if got := mustMoveTo(t, v); got != halle.ID {
			t.Errorf("it is a part of %s", got)
		}
		v.has("/vereine/halle", 200, []string{"Sommerfest"}, nil)
		for _, wrong := range [][2]string{{"halle", "tsv"}, {"halle", "none"}, {"halle", "halle"}} {
			if err := v.Clubs.Merge(t.Context(), actor.Operator, wrong[0], wrong[1]); problem.Field(err) != "into" {
				t.Errorf("%v: %v", wrong, err)
			}
		}
		anna := v.person("anna@example.org", account.Editor, "halle")
		if err := v.Clubs.Merge(t.Context(), anna.ID, "halle", "chor"); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor merges: %v", err)
		}
	})
}
