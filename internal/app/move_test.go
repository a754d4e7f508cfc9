package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// neighbourhood is another server whose actors are found by WebFinger; each
// is at /NAME and has further properties.
func (o *outside) neighbourhood(t *testing.T, people map[string]string) (host string) {
	t.Helper()
	host = o.name("good.example", goodIP)
	o.serve(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if resource := r.URL.Query().Get("resource"); resource != "" {
			name, _, _ = strings.Cut(strings.TrimPrefix(resource, "acct:"), "@")
		}
		more, ok := people[name]
		switch id := "https://" + host + "/" + name; {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Query().Has("resource"):
			_ = json.NewEncoder(w).Encode(webfinger.JRD{Subject: r.URL.Query().Get("resource"), Links: []webfinger.Link{{Rel: "self", Type: as.MediaType, Href: id}}})
		default:
			w.Header().Set("Content-Type", as2)
			_, _ = fmt.Fprint(w, strings.Replace(person(id, more), `"eve"`, `"`+name+`"`, 1))
		}
	})
	return host
}

// sentAll lists what the club sent, in order: types, and of an Update what it
// says of where the club lives.
func (v *village) sentAll() (list []string) {
	v.t.Helper()
	var bodies [][]byte
	err := v.db.Read().NewSelect().Table("activities").Column("body").Where("actor_id = ?", v.club.ID).Order("id").Scan(v.t.Context(), &bodies)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, body := range bodies {
		var a struct {
			Type, Target string
			Object       json.RawMessage
		}
		if err := json.Unmarshal(body, &a); err != nil {
			v.t.Fatal(err)
		}
		var moved struct{ MovedTo string }
		_ = json.Unmarshal(a.Object, &moved) // an id is none
		list = append(list, strings.TrimSpace(a.Type+" "+a.Target+moved.MovedTo))
	}
	return list
}

// TestClubMoves: a club of ours moves where it is known as what it was, once in
// seven days, and comes back.
func TestClubMoves(t *testing.T) {
	among(t, "T-ID-19 a club of ours moves", func(t *testing.T, o *outside) {
		ours := `,"alsoKnownAs":["` + o.club.ID + `"]`
		host := o.neighbourhood(t, map[string]string{
			"new": ours, "other": ours, "stranger": "", "part": `,"alsoKnownAs":["` + o.club.ID + `#me"]`, "moved": ours + `,"movedTo":"https://c.test/x"`,
		})
		const by = actor.Operator
		for name, want := range map[string]string{
			"nobody": "no such account", "stranger": "does not name the club", "part": "does not name the club", "moved": "has itself moved",
		} {
			_, err := o.Clubs.Move(t.Context(), by, "tsv", "@"+name+"@"+host)
			if problem.Field(err) != "to" || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, who := range []string{"", "new", "@tsv@here.test", "@new@nowhere.invalid.example"} {
			if _, err := o.Clubs.Move(t.Context(), by, "tsv", who); problem.Field(err) != "to" {
				t.Errorf("%q: %v", who, err)
			}
		}
		if len(o.sentAll()) != 0 {
			t.Fatalf("sent: %v", o.sentAll())
		}
		old := o.post("Wer kommt mit?")
		o.meet(lena)
		follow := `{"id":"https://b.test/f/%d","type":"Follow","actor":"` + lena + `","object":"` + o.club.ID + `"}`
		o.receive(follow, 1)
		for range 2 { // the second time nothing happens
			if _, err := o.Clubs.Move(t.Context(), by, "tsv", "new@"+host); err != nil {
				t.Fatal(err)
			}
		}
		there := "https://" + host + "/new"
		if got, want := o.sentAll(), []string{"Create", "Accept", "Update " + there, "Move " + there}; !slices.Equal(got, want) {
			t.Errorf("sent %q, want %q", got, want)
		}
		_, move := o.sent(activity.Move)
		if move.Object.ID != o.club.ID || !slices.Equal(move.To, []string{o.club.Followers}) || o.count("deliveries", "activity_id = '"+move.ID+"'") != 1 {
			t.Errorf("%+v", move)
		}
		if _, err := o.Clubs.Move(t.Context(), by, "tsv", "@other@"+host); problem.Field(err) != "to" {
			t.Errorf("it moves on: %v", err)
		}
		o.movedAway(t, old.URL, there, follow)
		if err := o.Clubs.Return(t.Context(), by, "tsv"); err != nil {
			t.Fatal(err)
		}
		if o.post("Wieder da"); o.actor(o.club.ID).MovedTo != "" {
			t.Error("it is still away")
		}
		if got := o.sentAll(); got[len(got)-2] != "Update" {
			t.Errorf("sent %q", got)
		}
		if _, err := o.Clubs.Move(t.Context(), by, "tsv", "@other@"+host); problem.Field(err) != "to" || !strings.Contains(err.Error(), "seven days") {
			t.Errorf("it moves again within a week: %v", err)
		}
		o.aged(t, 8*24*time.Hour)
		if _, err := o.Clubs.Move(t.Context(), by, "tsv", "@other@"+host); err != nil {
			t.Errorf("after a week: %v", err)
		}
	})
}

// movedAway looks at a club that has moved: it publishes nothing, is followed by
// nobody new, and stays readable.
func (o *outside) movedAway(t *testing.T, old, there, follow string) {
	t.Helper()
	_, err := o.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: o.club.ID, Text: "Neu"})
	if problem.KindOf(err) != problem.Conflict {
		t.Errorf("it publishes: %v", err)
	}
	o.receive(follow, 2) // once more, by who follows it already
	if n, _ := o.sent(activity.Reject); n != 0 || o.followers() != 1 {
		t.Errorf("a follower is refused")
	}
	o.meet(mala)
	o.receive(`{"id":"https://evil.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, mala, o.club.ID)
	if n, _ := o.sent(activity.Reject); n != 1 || o.followers() != 1 {
		t.Errorf("%d rejects, %d followers", n, o.followers())
	}
	if w := o.get(path(o.club.ID), as2); !strings.Contains(w.Body.String(), `"movedTo":"`+there+`"`) {
		t.Errorf("the document says %s", w.Body)
	}
	o.has(path(old), 200, []string{"Wer kommt mit?"}, nil)
	o.has("/vereine/tsv", 200, []string{"Dieser Verein ist umgezogen", `href="` + there + `"`, "Wer kommt mit?"}, []string{"Diesem Verein folgen"})
	o.has("/vereine", 200, []string{"umgezogen"}, nil)
}

// aged lets the club have moved longer ago.
func (v *village) aged(t *testing.T, by time.Duration) {
	t.Helper()
	err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*actor.Actor)(nil)).Set("moved = ?", time.Now().Add(-by).UTC()).Where("id = ?", v.club.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestClubComes: a club names what it was before, and who follows that follows it
// here, be it one of ours.
func TestClubComes(t *testing.T) {
	among(t, "T-ID-19 a club comes here", func(t *testing.T, o *outside) {
		host := o.neighbourhood(t, map[string]string{"old": "", "second": ""})
		old := "https://" + host + "/old"
		reader := o.second()
		follow := func(state, id string) {
			err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				return o.Actors.PutFollow(ctx, tx, &actor.Follow{ID: id, ActorID: reader.ID, ObjectID: old, State: state})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		come := func(n int) string {
			return o.receive(`{"id":"%s/move/%d","type":"Move","actor":"%[1]s","object":"%[1]s","target":"%[3]s"}`, old, n, o.club.ID).State
		}
		for range 2 {
			if _, err := o.Clubs.AddFormer(t.Context(), actor.Operator, "tsv", "@second@"+host); err != nil {
				t.Fatal(err)
			}
		}
		follow(actor.FollowAccepted, "https://here.test/ap/activities/f")
		if _, err := o.Actors.Refresh(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		if state := come(1); state == "applied" {
			t.Error("it comes where it is not named")
		}
		if _, err := o.Clubs.AddFormer(t.Context(), actor.Operator, "tsv", "old@"+host); err != nil {
			t.Fatal(err)
		}
		if state := come(2); state != "applied" {
			t.Errorf("it comes: %s", state)
		}
		if f, err := o.Actors.FindFollow(t.Context(), o.db.Read(), reader.ID, o.club.ID); err != nil || f.State != actor.FollowAccepted {
			t.Errorf("the other club follows: %+v, %v", f, err)
		}
		if _, err := o.Actors.FindFollow(t.Context(), o.db.Read(), reader.ID, old); problem.KindOf(err) != problem.NotFound {
			t.Errorf("and still follows the old one: %v", err)
		}
		if n := o.count("activities", "type = 'Undo'", "actor_id = '"+reader.ID+"'"); n != 1 {
			t.Errorf("the old one is told %d times", n)
		}
		if err := o.Clubs.RemoveFormer(t.Context(), actor.Operator, "tsv", old); err != nil {
			t.Fatal(err)
		}
		if got := o.actor(o.club.ID).AlsoKnownAs; !slices.Equal(got, []string{"https://" + host + "/second"}) {
			t.Errorf("named are %v", got)
		}
		if n, _ := o.sent(activity.Update); n != 3 {
			t.Errorf("%d updates, want one for each change", n)
		}
	})
}

// TestMovePages: an owner moves a club by its page and takes that back.
func TestMovePages(t *testing.T) {
	among(t, "pages of a move", func(t *testing.T, o *outside) {
		host := o.neighbourhood(t, map[string]string{"new": `,"alsoKnownAs":["` + o.club.ID + `"]`, "stranger": ""})
		o.person("vorstand@example.org", account.Editor)
		if err := o.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", o.find("vorstand@example.org"), actor.Owner); err != nil {
			t.Fatal(err)
		}
		b := o.signedIn("vorstand@example.org")
		b.open("/vereine/tsv/umziehen")
		b.shows(200, "Umziehen: TSV", "@tsv@here.test")
		b.send("Adresse prüfen", map[string]string{"to": "@stranger@" + host})
		b.shows(422, "noch nicht als frühere Adresse eingetragen")
		b.send("Adresse prüfen", map[string]string{"to": "@new@" + host})
		b.shows(200, "Wirklich umziehen?", "@new@")
		if n, _ := o.sent(activity.Move); n != 0 {
			t.Error("it has moved already")
		}
		b.send("Jetzt umziehen", nil)
		b.shows(200, "Der Verein ist umgezogen. Alle", "Umzug zurücknehmen")
		b.open("/vereine/tsv")
		b.hides("Veranstaltung ankündigen")
		b.open("/veranstaltungen/neu")
		b.shows(403)
		b.open("/vereine/tsv/umziehen")
		b.send("Umzug zurücknehmen", nil)
		b.shows(200, "Der Umzug ist zurückgenommen")
		b.send("Als frühere Adresse eintragen", map[string]string{"from": "@stranger@" + host})
		b.shows(200, "Die frühere Adresse ist eingetragen")
		b.send("Entfernen", nil)
		b.shows(200, "Die frühere Adresse ist entfernt")
		if a := o.actor(o.club.ID); a.MovedTo != "" || len(a.AlsoKnownAs) != 0 {
			t.Errorf("%+v", a)
		}
	})
}
