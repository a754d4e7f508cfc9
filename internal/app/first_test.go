package app

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// pending is a post of the club that waits for the town hall; it gives its id.
func (v *village) pending(text string) string {
	v.t.Helper()
	o := v.post(text)
	v.set("UPDATE objects SET hidden = TRUE WHERE id = ?", o.ID)
	v.set("INSERT INTO looks (object_id, words, created, shown, by_account) SELECT id, '', published, FALSE, '' FROM objects WHERE id = ?", o.ID)
	return o.ID
}

// TestFirstOfClubs: the first things of a club wait where the town wants it: nobody
// sees or gets them before the town hall has approved them, and its editors see why.
func TestFirstOfClubs(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/durchsehen/woerter")
		ruth.send("Speichern", map[string]string{"clubs": "viele"})
		ruth.shows(422, "Bitte schreiben Sie eine Zahl")
		ruth.send("Speichern", map[string]string{"clubs": "1"})
		ruth.shows(200, "Gespeichert")

		b := v.signedIn("anna@example.org")
		b.open("/pinnwand/neu")
		b.send("Veröffentlichen", map[string]string{"text": "Wir suchen Notenständer."})
		b.shows(200, "wartet auf das Rathaus", "Wartet auf das Rathaus")
		b.open("/entwuerfe")
		b.shows(200, "Wartet auf das Rathaus", "Notenständer")
		list, err := v.Objects.ListPending(t.Context(), []string{v.club.ID})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		o := list[0].Object
		unseen := func() {
			t.Helper()
			for _, list := range []string{"/", "/pinnwand", "/vereine/tsv", "/vereine/tsv/feed.rss", "/suche?q=notenst"} {
				v.has(list, 200, nil, []string{"suchen Notenständer"})
			}
			v.has(path(o.URL), 404, nil, []string{"suchen Notenständer"})
			if w := v.get(path(o.ID), as2); w.Code != 404 {
				t.Errorf("the document: %d", w.Code)
			}
			if n := v.count("activities", "object_id = '"+o.ID+"'"); n != 0 {
				t.Errorf("%d activities tell of it", n)
			}
		}
		unseen()
		ruth.open("/rathaus")
		ruth.shows(200, "Durchsehen")
		ruth.open("/rathaus/durchsehen")
		ruth.shows(200, "Notenständer", "Einer der ersten Einträge dieses Vereins", "Freigeben")
		ruth.open("/rathaus/verborgenes")
		ruth.hides("Notenständer")
		ruth.open("/rathaus/durchsehen?zurueck=" + o.ID)
		ruth.send("Zurückgeben", nil)
		ruth.shows(422, "was anders sein soll")
		ruth.send("Zurückgeben", map[string]string{"reason": "Bitte sagen Sie, wohin man sie bringt."})
		ruth.shows(200, "zurückgegeben")
		ruth.hides("Notenständer")

		b.open(path(o.URL))
		b.shows(200, "Vom Rathaus zurückgegeben", "wohin man sie bringt")
		b.open("/entwuerfe")
		b.shows(200, "wohin man sie bringt")
		b.open(path(o.URL) + "/aendern")
		b.send("Speichern", map[string]string{"text": "Wir suchen Notenständer, bitte in die Schule."})
		b.shows(200, "Wartet auf das Rathaus")
		unseen()
		if err := v.Moderation.DecideFirst(t.Context(), anna.ID, o.ID, true, ""); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor approves: %v", err)
		}
		ruth.open("/rathaus/durchsehen")
		f := ruth.formWith("Freigeben")
		ruth.post(f)
		ruth.shows(200, "ist jetzt öffentlich")
		ruth.post(f) // pressed once more
		v.approved(t, o, anna)
	})
}

// approved: all learn of it once, and what comes after it waits no more.
func (v *village) approved(t *testing.T, o *object.Object, anna *account.Account) {
	t.Helper()
	v.has("/pinnwand", 200, []string{"in die Schule"}, nil)
	_, created := v.sent(activity.Create)
	if n := v.count("activities", "type = 'Create'"); n != 1 || created.Object.ID != o.ID && !strings.Contains(created.ID, "/activities/") || v.count("deliveries", "activity_id = '"+created.ID+"'") != 1 {
		t.Errorf("%d are told: %+v", n, created)
	}
	if n := v.count("ledger", "act IN ('thing.return', 'thing.approve')"); n != 2 {
		t.Errorf("%d rows in the log", n)
	}
	if _, err := v.Posts.Create(t.Context(), anna.ID, post.Draft{AttributedTo: v.club.ID, Text: "Danke, alle da."}); err != nil {
		t.Fatal(err)
	}
	if n := v.count("looks", "decided IS NULL"); n != 0 {
		t.Errorf("%d wait after the first one", n)
	}
	v.has("/pinnwand", 200, []string{"Danke, alle da"}, nil)
}

// TestFirstOfClubsIsDeleted: what nobody has seen is deleted without a word, and
// what the town hall writes itself waits for nobody.
func TestFirstOfClubsIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		if err := v.Moderation.SetWatch(t.Context(), actor.Operator, "", "0", "2"); err != nil {
			t.Fatal(err)
		}
		o, err := v.Posts.Create(t.Context(), anna.ID, post.Draft{AttributedTo: v.club.ID, Text: "Doch nicht."})
		if err != nil {
			t.Fatal(err)
		}
		d, err := v.Moderation.Decide(t.Context(), moderation.Verdict{By: actor.Operator, Target: o.ID, Act: moderation.Hide, Basis: moderation.House, Rule: "§ 1", Reason: "So nicht."})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Moderation.End(t.Context(), actor.Operator, d.ID); err != nil {
			t.Fatal(err)
		}
		v.has("/pinnwand", 200, nil, []string{"Doch nicht."})
		if err := v.Activities.DeleteObject(t.Context(), anna.ID, o.ID); err != nil {
			t.Fatal(err)
		}
		if n := v.count("activities") + v.count("looks"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		v.event("Sommerfest") // the operator
		v.has("/veranstaltungen", 200, []string{"Sommerfest"}, nil)
	})
}
