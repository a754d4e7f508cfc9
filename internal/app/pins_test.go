package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// featured gives the ids of what the club has pinned, as others read it.
func (v *village) featured() []string {
	v.t.Helper()
	var c struct {
		TotalItems   int
		OrderedItems []string
	}
	w := v.get(path(v.club.ID)+"/featured", as2)
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || c.OrderedItems == nil || c.TotalItems != len(c.OrderedItems) {
		v.t.Fatalf("featured: %v: %s", err, w.Body)
	}
	return c.OrderedItems
}

// TestPins: what is pinned is listed in order, five at most, until it is deleted
// or over; followers hear of each.
func TestPins(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const by = actor.Operator
		fest, note := v.event("Sommerfest"), v.post("Wer kommt mit?")
		for _, id := range []string{fest.ID, note.ID, note.ID} { // pinned twice is pinned once
			if err := v.Activities.Pin(t.Context(), by, id); err != nil {
				t.Fatal(err)
			}
		}
		if got := v.featured(); !slices.Equal(got, []string{note.ID, fest.ID}) {
			t.Errorf("featured: %v", got)
		}
		n, add := v.sent(activity.Add)
		if n != 2 || add.Target != v.club.ID+"/featured" || add.Object.ID != note.ID || !slices.Contains(add.Cc, v.club.Followers) {
			t.Errorf("%d of %+v", n, add)
		}
		if err := v.Activities.RaisePin(t.Context(), by, fest.ID); err != nil || v.featured()[0] != fest.ID {
			t.Errorf("raised: %v, %v", v.featured(), err)
		}
		body := v.has("/vereine/tsv", 200, []string{"Angeheftet", "Sommerfest"}, nil)
		if strings.Index(body, "Angeheftet") > strings.Index(body, "Über uns") {
			t.Error("it does not stand first")
		}
		for i := range 3 {
			if err := v.Activities.Pin(t.Context(), by, v.post(fmt.Sprint("Aushang ", i)).ID); err != nil {
				t.Fatal(err)
			}
		}
		sixth := v.post("einer zu viel")
		if err := v.Activities.Pin(t.Context(), by, sixth.ID); problem.Field(err) != "thing" {
			t.Errorf("a sixth: %v", err)
		}
		if err := v.Activities.DeleteObject(t.Context(), by, note.ID); err != nil || slices.Contains(v.featured(), note.ID) || v.count("pins") != 4 {
			t.Errorf("deleted: %v, %v", v.featured(), err)
		}
		v.ended(t, fest)
		if slices.Contains(v.featured(), fest.ID) {
			t.Error("what is over is still there")
		}
		if err := v.Activities.TidyPins(t.Context()); err != nil || v.count("pins") != 3 {
			t.Errorf("%d pins, %v", v.count("pins"), err)
		}
		if n, remove := v.sent(activity.Remove); n != 1 || remove.Object.ID != fest.ID || remove.Target != v.club.ID+"/featured" {
			t.Errorf("%d of %+v", n, remove)
		}
		if err := v.Activities.Pin(t.Context(), by, fest.ID); problem.Field(err) != "thing" {
			t.Errorf("what is over is pinned: %v", err)
		}
	})
}

// ended lets an event have been yesterday.
func (v *village) ended(t *testing.T, e *event.Event) {
	t.Helper()
	err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Table("events").Set("start_time = ?", time.Now().Add(-30*time.Hour).UTC()).
			Set("end_time = ?", time.Now().Add(-24*time.Hour).UTC()).Where("object_id = ?", e.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPinOfWhatIsGone: the form says so at its field.
func TestPinOfWhatIsGone(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.event("Sommerfest")
	b, _ := v.editorOf("anna@example.org", "tsv")
	b.open("/vereine/tsv/angeheftet")
	f := b.formWith("Anheften")
	f.values.Set("thing", page.NewKey())
	b.post(f)
	b.shows(422, "Diesen Eintrag gibt es nicht mehr", "Sommerfest")
}

// TestPinPages: an editor pins from the page of a thing, in order, and takes it
// back; those of other clubs do not.
func TestPinPages(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		fest, note := v.event("Sommerfest"), v.post("Wer kommt mit?")
		v.person("redaktion@example.org", account.Editor, "tsv")
		b := v.signedIn("redaktion@example.org")
		b.open(path(fest.URL))
		b.shows(200, "Oben anheften")
		b.open("/vereine/tsv/angeheftet?ding=" + fest.Key())
		b.shows(200, "Noch ist nichts angeheftet", "Sommerfest", "Wer kommt mit?")
		b.send("Anheften", nil)
		b.shows(200, "Der Eintrag steht jetzt ganz oben")
		if got := v.featured(); !slices.Equal(got, []string{fest.ID}) {
			t.Fatalf("pinned: %v", got)
		}
		b.send("Anheften", nil)
		b.send("Nach oben", nil)
		if got := v.featured(); !slices.Equal(got, []string{fest.ID, note.ID}) {
			t.Errorf("pinned: %v", got)
		}
		b.hides("Etwas anheften")
		b.send("Lösen", nil)
		b.shows(200, "nicht mehr angeheftet")
		if got := v.featured(); !slices.Equal(got, []string{note.ID}) {
			t.Errorf("pinned: %v", got)
		}
		for i := range 5 {
			if p := v.post(fmt.Sprint("Aushang ", i)); i < 4 {
				if err := v.Activities.Pin(t.Context(), actor.Operator, p.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.open("/vereine/tsv/angeheftet")
		b.send("Anheften", nil)
		b.shows(422, "Es sind schon 5 Einträge angeheftet")
		other := v.second()
		v.person("andere@example.org", account.Editor, other.PreferredUsername)
		stranger := v.find("andere@example.org")
		if err := v.Activities.Unpin(t.Context(), stranger, note.ID); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("another club's editor: %v", err)
		}
	})
}
