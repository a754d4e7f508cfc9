package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
)

// planned keeps an event of the club as a draft that is due at a time, and as a
// template, and gives the id of both.
func (v *village) planned(name string, due time.Time) string {
	v.t.Helper()
	id, fields := page.NewKey(), map[string]string{"name": name, "start-date": "10.07.2027"}
	d := &draft.Draft{ID: id, ActorID: v.club.ID, Kind: event.DraftKind, Title: name, DueAt: due.UTC()}
	d.SetFields(fields)
	if err := v.Drafts.Save(v.t.Context(), actor.Operator, d); err != nil {
		v.t.Fatal(err)
	}
	t := &draft.Template{ID: id, ActorID: v.club.ID, Kind: event.DraftKind, Name: name}
	t.SetFields(fields)
	if err := v.Drafts.SaveTemplate(v.t.Context(), actor.Operator, t); err != nil {
		v.t.Fatal(err)
	}
	return id
}

// editor signs in an editor of the clubs.
func (v *village) editorOf(email string, clubs ...string) (*browser, *account.Account) {
	v.t.Helper()
	a := v.person(email, account.Editor)
	for _, handle := range clubs {
		if err := v.Clubs.AddEditor(v.t.Context(), actor.Operator, handle, a.ID, actor.Editor); err != nil {
			v.t.Fatal(err)
		}
	}
	return v.signedIn(email), a
}

// due lets everything that is planned be due now.
func (v *village) due() {
	v.t.Helper()
	v.set("UPDATE drafts SET due_at = ? WHERE due_at IS NOT NULL", time.Now().UTC().Add(-time.Minute))
}

func (v *village) set(query string, args ...any) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// only gives the id of the only draft.
func (v *village) only() string {
	v.t.Helper()
	list, err := v.Drafts.List(v.t.Context(), []string{v.club.ID})
	if err != nil || len(list) != 1 {
		v.t.Fatalf("%d drafts, %v", len(list), err)
	}
	return list[0].ID
}

// TestDrafts: what an editor begins is kept with all that was typed, whatever
// is missing; nobody but the club's editors learns of it; and it becomes one
// event in the end.
func TestDrafts(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		b.open("/veranstaltungen/neu")
		b.send("Als Entwurf sichern", map[string]string{"name": "Quarkfest", "start-date": "irgendwann im Mai", "image": picture, "plan-date": "bald"})
		b.shows(200, "Ihr Entwurf ist gesichert", "Quarkfest", "Zuletzt gesichert von")
		if b.path != "/entwuerfe" {
			t.Errorf("it leads to %s", b.path)
		}
		id := v.only()
		for _, address := range []string{"/veranstaltungen/" + id, "/ap/objects/" + id, "/suche?q=quarkfest", "/veranstaltungen", "/veranstaltungen/feed.atom", "/kalender.ics", "/vereine/tsv"} {
			if w := v.get(address, html); strings.Contains(w.Body.String(), "Quarkfest</") || strings.HasSuffix(address, id) && w.Code != http.StatusNotFound {
				t.Errorf("%s tells of a draft: %d", address, w.Code)
			}
		}
		if n := v.count("objects") + v.count("activities"); n != 0 {
			t.Errorf("%d objects and activities of a draft", n)
		}
		// Pictures that belong to a draft stay, however old they are.
		v.set("UPDATE uploads SET created = ?", time.Now().UTC().Add(-48*time.Hour))
		b.open("/veranstaltungen/neu?entwurf=" + id)
		b.shows(200, "Quarkfest", "irgendwann im Mai", "bald")
		if !strings.Contains(b.page, `class="uploaded"`) {
			t.Error("the picture is gone")
		}
		b.send("Veröffentlichen", nil)
		b.shows(422, "Das ist kein Datum", "Quarkfest")
		b.send("Veröffentlichen", map[string]string{"start-date": "11.7.2027", "plan-date": "", "decorative": "1"})
		b.shows(200, "Ihre Veranstaltung ist veröffentlicht")
		if n, _ := v.sent(activity.Create); n != 1 || v.count("drafts") != 0 {
			t.Errorf("%d were sent, %d drafts are left", n, v.count("drafts"))
		}
		if w := v.get("/ap/objects/"+id, as2); w.Code != http.StatusOK {
			t.Errorf("the event has another key: %d", w.Code)
		}
	})
}

// TestDraftsOfTwo: a draft that a colleague saved in between is not overwritten
// unseen, neither by saving nor by publishing.
func TestDraftsOfTwo(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna, _ := v.editorOf("anna@example.org", "tsv")
		bert, _ := v.editorOf("bert@example.org", "tsv")
		anna.open("/pinnwand/neu")
		anna.send("Als Entwurf sichern", map[string]string{"text": "Heu zu verschenken"})
		id := v.only()
		anna.open("/pinnwand/neu?entwurf=" + id)
		bert.open("/pinnwand/neu?entwurf=" + id)
		bert.send("Als Entwurf sichern", map[string]string{"text": "Stroh zu verschenken"})
		bert.shows(200, "gesichert")
		for _, button := range []string{"Als Entwurf sichern", "Veröffentlichen"} {
			anna.open("/pinnwand/neu?entwurf=" + id)
			stale := anna.formWith(button)
			stale.values.Set("draft", "1")
			stale.values.Set("text", "Heu und Hafer")
			anna.post(stale)
			anna.shows(409, "Heu und Hafer", "Stroh zu verschenken")
		}
		anna.send("Veröffentlichen", nil)
		anna.shows(200, "Ihr Aushang hängt", "Heu und Hafer")
		bert.open("/entwuerfe")
		bert.shows(200, "Hier liegt nichts")
	})
}

// TestDraftInBetween: what is published is the draft as it was read and never an
// older copy of it: who comes in between wins, whether a clock or a person
// publishes, and nothing that was saved is lost.
func TestDraftInBetween(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, a := v.editorOf("anna@example.org", "tsv")
		v.planned("Quarkfest", time.Now().Add(time.Hour))
		id := v.only()
		find := func() *draft.Draft {
			d, err := v.Drafts.Find(t.Context(), []string{v.club.ID}, id)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		save := func(name string) {
			d := find()
			d.Title = name
			d.SetFields(map[string]string{"name": name, "start-date": "11.7.2027"})
			if err := v.Drafts.Save(t.Context(), a.ID, d); err != nil {
				t.Fatal(err)
			}
		}
		old := find()
		b.open("/entwuerfe")
		button := b.formWith("Jetzt veröffentlichen")
		save("Käsefest")
		if err := v.Drafts.Publish(t.Context(), a.ID, old); !errors.Is(err, draft.ErrStale) {
			t.Errorf("an old copy: %v", err)
		}
		b.post(button)
		b.shows(409, "hat diesen Entwurf inzwischen geändert", "Käsefest")
		for what, between := range map[string]func(){
			"saved":     func() { save("Milchfest") },
			"unplanned": func() { _ = v.Drafts.Unplan(t.Context(), a.ID, id) },
		} {
			d := find()
			d.DueAt = time.Now().UTC().Add(time.Hour)
			if err := v.Drafts.Save(t.Context(), a.ID, d); err != nil {
				t.Fatal(err)
			}
			v.due()
			v.Drafts.Know(event.DraftKind, func(ctx context.Context, by string, d *draft.Draft) error {
				between()
				return v.Events.PublishDraft(ctx, by, d)
			})
			if err := v.Drafts.PublishDue(t.Context()); err != nil || v.count("objects") != 0 || v.count("drafts") != 1 {
				t.Errorf("%s in between: %v, %d objects, %d drafts", what, err, v.count("objects"), v.count("drafts"))
			}
		}
		v.Drafts.Know(event.DraftKind, v.Events.PublishDraft)
		b.open("/veranstaltungen/neu?entwurf=" + id)
		b.send("Veröffentlichen", nil)
		b.shows(200, "veröffentlicht")
		if v.count("objects") != 1 || v.count("drafts") != 0 {
			t.Errorf("%d objects, %d drafts", v.count("objects"), v.count("drafts"))
		}
	})
}

// TestOldDraft: a draft may lie for longer than a form may, and is published
// once when it is sent twice.
func TestOldDraft(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, a := v.editorOf("anna@example.org", "tsv")
		const old = "01800000-0000-7000-8000-000000000001"
		d := &draft.Draft{ID: old, ActorID: v.club.ID, Kind: "post"}
		d.SetFields(map[string]string{"text": "Alt, aber gut", "kind": "offer"})
		if err := v.Drafts.Save(t.Context(), a.ID, d); err != nil {
			t.Fatal(err)
		}
		b.open("/pinnwand/neu?entwurf=" + old)
		form := b.formWith("Veröffentlichen")
		for range 2 {
			b.post(form)
			b.shows(200, "Alt, aber gut")
		}
		if n, _ := v.sent(activity.Create); n != 1 {
			t.Errorf("%d were sent", n)
		}
	})
}

// TestPlanned: what is planned is published when it is due, once, however many
// processes look; "doch nicht" and "jetzt" hold.
func TestPlanned(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		plan := func(name string) {
			b.open("/veranstaltungen/neu")
			b.send("Veröffentlichen", map[string]string{"name": name, "start-date": "11.7.2027", "plan-date": "31.12.2026", "plan-time": "8 Uhr"})
			b.shows(200, "Geplant.", "Erscheint am", name)
		}
		plan("Sommerfest")
		if err := v.Drafts.PublishDue(t.Context()); err != nil || v.count("objects") != 0 {
			t.Fatalf("it appeared too early: %v", err)
		}
		b.send("Planung aufheben", nil)
		b.shows(200, "nicht mehr geplant", "In Arbeit")
		v.due()
		if err := v.Drafts.PublishDue(t.Context()); err != nil || v.count("objects") != 0 {
			t.Fatalf("it appeared although it was not to: %v", err)
		}
		b.open("/veranstaltungen/neu?entwurf=" + v.only())
		b.shows(200, "31.12.2026", "8 Uhr")
		b.send("Veröffentlichen", nil)
		b.shows(200, "Geplant.")
		v.due()
		failed := make(chan error, 4)
		for range cap(failed) {
			go func() { failed <- v.Drafts.PublishDue(context.Background()) }()
		}
		for range cap(failed) {
			<-failed // of several at once some may have come too late
		}
		if err := v.Drafts.PublishDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, _ := v.sent(activity.Create); n != 1 || v.count("drafts") != 0 || v.count("events") != 1 {
			t.Errorf("%d were sent, %d events, %d drafts", n, v.count("events"), v.count("drafts"))
		}
		plan("Herbstfest")
		b.send("Jetzt veröffentlichen", nil)
		b.shows(200, "Es ist veröffentlicht", "Hier liegt nichts")
		if n, _ := v.sent(activity.Create); n != 2 {
			t.Errorf("%d were sent", n)
		}
		b.open("/veranstaltungen/neu")
		b.send("Veröffentlichen", map[string]string{"name": "X", "start-date": "11.7.2027", "plan-date": "1.1.2020", "plan-time": "25 Uhr"})
		b.shows(422, "Das ist keine Uhrzeit")
		b.send("Veröffentlichen", map[string]string{"plan-time": "9"})
		b.shows(422, "Dieser Zeitpunkt ist vorbei")
		b.send("Veröffentlichen", map[string]string{"plan-date": ""})
		b.shows(422, "an welchem Tag es erscheinen soll")
		b.send("Veröffentlichen", map[string]string{"plan-date": "12.7.2027"})
		b.shows(422, "Bis dahin ist die Veranstaltung vorbei", "Veröffentlichen am: Bis dahin")
		b.hides("Dieser Tag ist schon vorbei")
		b.send("Veröffentlichen", nil)
		b.shows(422, "Bis dahin ist die Veranstaltung vorbei") // sending it again changes nothing
	})
}

// TestPlannedByNobody: what may not be published any more when it is due stays
// a draft, says why, and is told to those who write for the club.
func TestPlannedByNobody(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		_, a := v.editorOf("anna@example.org", "tsv")
		b, _ := v.editorOf("bert@example.org", "tsv")
		save := func(by string, fields map[string]string) {
			d := &draft.Draft{ID: page.NewKey(), ActorID: v.club.ID, Kind: "event", Title: "Quarkfest", DueAt: time.Now().UTC().Add(time.Hour)}
			d.SetFields(fields)
			if err := v.Drafts.Save(t.Context(), by, d); err != nil {
				t.Fatal(err)
			}
			v.due()
		}
		for what, tc := range map[string]struct {
			fields  map[string]string
			prepare func()
			says    string
		}{
			"who planned it may not any more": {map[string]string{"name": "Quarkfest", "start-date": "11.7.2027"}, func() {
				v.set("DELETE FROM editors WHERE account_id = ?", a.ID)
			}, "schreibt nicht mehr für diesen Verein"},
			"who planned it has left": {map[string]string{"name": "Quarkfest", "start-date": "11.7.2027"}, func() {
				v.set("UPDATE drafts SET account_id = ''")
			}, "schreibt nicht mehr für diesen Verein"},
			"its form is wrong": {map[string]string{"name": "Quarkfest"}, func() {}, "es fehlt noch etwas"},
		} {
			save(a.ID, tc.fields)
			tc.prepare()
			if err := v.Drafts.PublishDue(t.Context()); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if v.count("objects") != 0 {
				t.Fatalf("%s: it appeared", what)
			}
			b.open("/neues")
			b.shows(200, "konnte nicht erscheinen", "Quarkfest")
			b.open("/entwuerfe")
			b.shows(200, tc.says)
			if letter := v.Mail.Wait(t, "bert@example.org"); !strings.Contains(letter.Subject, "Quarkfest") || !strings.Contains(letter.Text, "/entwuerfe") {
				t.Errorf("%s: the letter says %q, %q", what, letter.Subject, letter.Text)
			}
			v.set("DELETE FROM drafts")
			if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", a.ID, actor.Editor); err != nil {
				t.Fatal(err)
			}
		}
		save(a.ID, map[string]string{"name": "Quarkfest", "start-date": "11.7.2027"})
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Archived); err != nil {
			t.Fatal(err)
		}
		if err := v.Drafts.PublishDue(t.Context()); err != nil || v.count("drafts", "failed = 'club'") != 1 {
			t.Errorf("a draft of a club that is not active: %v", err)
		}
	})
}

// TestTemplates: a form is kept as a template without its day, begins the next
// one, and gets another name or goes.
func TestTemplates(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		b.open("/veranstaltungen/neu")
		b.hides("Mit einer Vorlage beginnen")
		b.send("Veröffentlichen", map[string]string{"name": "Chorprobe", "start-date": "13.8.2027", "start-time": "19:30", "place": "Pfarrsaal", "template": "1"})
		b.shows(200, "veröffentlicht")
		b.open("/veranstaltungen/neu")
		b.shows(200, "Mit einer Vorlage beginnen", "Chorprobe")
		list, err := v.Drafts.Templates(t.Context(), []string{v.club.ID}, "")
		if err != nil || len(list) != 1 {
			t.Fatalf("%d templates, %v", len(list), err)
		}
		b.open("/veranstaltungen/neu?vorlage=" + list[0].ID)
		b.shows(200, "Chorprobe", "19:30", "Pfarrsaal")
		b.hides("13.08.2027", "13.8.2027")
		b.send("Veröffentlichen", map[string]string{"start-date": "18.7.2027"})
		b.shows(200, "veröffentlicht")
		if n := v.count("events"); n != 2 {
			t.Errorf("%d events", n)
		}
		b.open("/vorlagen/" + list[0].ID)
		b.send("Speichern", map[string]string{"name": "Probe"})
		b.shows(200, "hat jetzt diesen Namen", "Probe")
		b.open("/pinnwand/neu")
		b.hides("Mit einer Vorlage beginnen") // it is one of events
		b.open("/pinnwand/neu?vorlage=" + list[0].ID)
		b.shows(404)
		b.open("/vorlagen/" + list[0].ID + "/loeschen")
		form := b.formWith("Endgültig löschen")
		b.post(form)
		b.shows(200, "Die Vorlage ist gelöscht")
		b.post(form)
		b.shows(404, "nicht mehr da")
		if n := v.count("events"); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

// TestAgain: an event of last year begins a new one on the same weekday of the
// coming one, with all else and its picture.
func TestAgain(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		e, err := v.Events.Create(t.Context(), actor.Operator, event.Draft{
			AttributedTo: v.club.ID, Name: "Kirmes", Start: "2027-07-10T19:00", End: "2027-07-12T23:00", Place: "Festplatz",
			Picture: &object.Upload{Image: strings.NewReader(picture), Alt: "Ein Karussell"},
		})
		if err != nil {
			t.Fatal(err)
		}
		b.open(strings.TrimPrefix(e.URL, v.Config.Origin))
		b.shows(200, "Als Vorlage nehmen")
		b.open("/veranstaltungen/neu?von=" + e.Key())
		b.shows(200, "Kirmes", "Festplatz", "08.07.2028", "10.07.2028", "19:00", "Ein Karussell") // both are Saturdays
		b.send("Veröffentlichen", nil)
		b.shows(200, "veröffentlicht", "Kirmes")
		if n := v.count("attachments"); n != 2 {
			t.Errorf("%d pictures", n)
		}
	})
}

// TestPreview: a form is shown as it stands here, and as Mastodon shows it.
func TestPreview(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		b.open("/veranstaltungen/neu")
		b.send("Vorschau ansehen", map[string]string{"name": "Kirmes", "start-date": "10.7.2027", "place": "Festplatz", "text": "Mit **Karussell**.", "image": picture, "alt": "Ein Karussell"})
		b.shows(200, "Auf dem Aushang", "Bei Mastodon", "here.test/veranstaltungen/", "nur diese Angaben")
		here, there, _ := strings.Cut(b.page, `class="fedi"`)
		there, _, _ = strings.Cut(there, "</aside>")
		if !strings.Contains(here, "<strong>Karussell</strong>") || strings.Contains(there, "<strong>Karussell</strong>") {
			t.Error("the text of an event stands here, and not on Mastodon")
		}
		if strings.Count(here+there, `alt="Ein Karussell"`) != 2 {
			t.Error("the picture does not stand in both")
		}
		b.open("/veranstaltungen/neu")
		b.send("Vorschau ansehen", map[string]string{"name": "Kirmes", "start-date": "10.7.2027"})
		b.shows(200, "nur diese Angaben")
		b.hides("Den ganzen Text liest man hier")
		b.open("/pinnwand/neu")
		b.send("Vorschau ansehen", map[string]string{"text": strings.Repeat("Heu und **Stroh**. ", 80)})
		b.shows(200, "Mastodon klappt lange Texte ein")
		if n := v.count("objects") + v.count("drafts"); n != 0 {
			t.Errorf("a preview left %d rows", n)
		}
	})
}

// TestSeveralClubs: who writes for several clubs chooses one, the last one
// first.
func TestSeveralClubs(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.second()
		b, _ := v.editorOf("anna@example.org", "tsv", "chor")
		first := func() string {
			b.open("/pinnwand/neu")
			return b.formWith("Veröffentlichen").values.Get("club")
		}
		for _, handle := range []string{"tsv", "chor", "tsv"} {
			b.open("/pinnwand/neu")
			b.send("Veröffentlichen", map[string]string{"club": handle, "text": "Guten Morgen"})
			b.shows(200, "Ihr Aushang hängt")
			v.set("UPDATE edits SET at = ? WHERE act = 'Create' AND object_id <> (SELECT MAX(id) FROM objects)", time.Now().UTC().Add(-time.Hour))
			if got := first(); got != handle {
				t.Errorf("after %s the form begins with %s", handle, got)
			}
		}
		// Changing the club of a draft loses nothing.
		b.send("Als Entwurf sichern", map[string]string{"club": "tsv", "text": "Heu"})
		b.open("/pinnwand/neu?entwurf=" + v.only())
		b.send("Als Entwurf sichern", map[string]string{"club": "chor"})
		b.shows(200, "Heu", "Chor")
	})
}

// TestOwnNoticesAreNoReplies: that an event has moved stands under it, and is
// no answer.
func TestOwnNoticesAreNoReplies(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		start := "2027-07-11T18:00"
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Start: &start}); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(e.URL, v.Config.Origin)
		v.has(path, 200, []string{"Geändert:"}, []string{"1 Antwort"})
		v.meet(lena)
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Schade", "")))
		v.has(path, 200, []string{"Geändert:", "1 Antwort"}, []string{"2 Antworten"})
	})
}
