package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
)

// saga is what one author does, in the right order. AUTHOR stands for the
// author, EVENT for an event of ours, CLUB for our club.
type saga struct {
	name  string
	steps []string
}

const (
	sagaNote  = `{"id":"AUTHOR/n","type":"Note","attributedTo":"AUTHOR","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["CLUB"],"inReplyTo":"EVENT","published":"2026-07-01T10:00:00Z","content":"<p>%s</p>"%s}`
	sagaEvent = `{"id":"AUTHOR/e","type":"Event","attributedTo":"AUTHOR","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["CLUB"],"name":"%s","startTime":"2027-07-01T10:00:00Z","published":"2026-07-01T10:00:00Z"%s}`
	sagaActor = `{"id":"AUTHOR","type":"Person","inbox":"AUTHOR/inbox","preferredUsername":"x","name":"%s"%s}`
)

var sagas = func() []saga {
	n := 0
	act := func(kind, object string) string {
		n++
		return fmt.Sprintf(`{"id":"AUTHOR/a/%d","type":"%s","actor":"AUTHOR","object":%s}`, n, kind, object)
	}
	does := func(id, kind, target string) string {
		return fmt.Sprintf(`{"id":"AUTHOR/%s","type":"%s","actor":"AUTHOR","object":"%s"}`, id, kind, target)
	}
	updated := func(hour int) string { return fmt.Sprintf(`,"updated":"2026-07-01T%d:00:00Z"`, hour) }
	note := func(text string, more string) string { return fmt.Sprintf(sagaNote, text, more) }
	event := func(name string, more string) string { return fmt.Sprintf(sagaEvent, name, more) }
	person := func(name string, more string) string { return fmt.Sprintf(sagaActor, name, more) }
	like, follow, share := does("l", "Like", "EVENT"), does("f", "Follow", "CLUB"), does("s", "Announce", "EVENT")
	return []saga{
		{"a note that is corrected twice", []string{act("Create", note("eins", "")), act("Update", note("zwei", updated(11))), act("Update", note("drei", updated(12)))}},
		{"a note that is corrected and withdrawn", []string{act("Create", note("eins", "")), act("Update", note("zwei", updated(11))), act("Update", note("drei", updated(12))), act("Delete", `"AUTHOR/n"`)}},
		{"an event that is moved and called off", []string{act("Create", event("Fest", "")), act("Update", event("Fest im Saal", updated(11))), act("Update", event("Fest im Saal", updated(12)+`,"status":"CANCELLED"`))}},
		{"a like that is taken back", []string{like, act("Undo", like)}},
		{"a like that is taken back by its id", []string{like, act("Undo", `"AUTHOR/l"`)}},
		{"everything taken back", []string{follow, like, act("Undo", follow), act("Undo", like)}},
		{"a share that is taken back, and a like that is not", []string{share, like, act("Undo", share)}},
		{"an answer, a like and a follow", []string{act("Create", note("eins", "")), like, follow}},
		{"a name that changes twice", []string{act("Update", person("Anna", updated(11))), act("Update", person("Anna Berta", updated(12)))}},
		{"somebody who leaves", []string{act("Create", note("eins", "")), act("Update", person("Anna", updated(11))), like, act("Delete", `"AUTHOR"`)}},
	}
}()

// orders gives every order of n things.
func orders(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range orders(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// left is what is stored of what an author did, and not taken back.
func (v *village) left(by string) []string {
	v.t.Helper()
	var list []string
	for _, query := range []string{
		"SELECT 'object ' || o.id || ' ' || o.type || ' ' || o.in_reply_to || ' ' || o.visibility || ' ' || o.name || o.content || ' ' || COALESCE(CAST(o.updated AS TEXT), '') || " +
			"COALESCE(e.status, '') || CASE WHEN o.hidden THEN ' hidden' ELSE '' END FROM objects o LEFT JOIN events e ON e.object_id = o.id WHERE o.attributed_to = ? AND o.deleted IS NULL",
		"SELECT 'reaction ' || type || ' ' || object_id || ' ' || id FROM reactions WHERE actor_id = ?",
		"SELECT 'follow ' || object_id || ' ' || id || ' ' || state FROM follows WHERE actor_id = ?",
		"SELECT 'actor ' || name || ' ' || state FROM actors WHERE id = ?",
	} {
		var rows []string
		if err := v.db.Read().NewRaw(query+" ORDER BY 1", by).Scan(v.t.Context(), &rows); err != nil {
			v.t.Fatal(err)
		}
		list = append(list, rows...)
	}
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], by, "AUTHOR")
	}
	return list
}

// TestAnyOrder lets everything that one author does arrive in every order, on
// both ways: applied as it arrives, and by the drain.
func TestAnyOrder(t *testing.T) {
	shows(t, "T-ORD-01 T-ORD-02 T-ORD-05 every order ends in the same state", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		people := 0
		for _, s := range sagas {
			var want []string
			for _, order := range orders(len(s.steps)) { // the right one first
				people++
				v.undecoded = people%2 == 1
				by := v.meet(fmt.Sprintf("https://b.test/p%d", people))
				fill := strings.NewReplacer("AUTHOR", by, "EVENT", e.ID, "CLUB", v.club.ID)
				for _, step := range order {
					v.receive("%s", fill.Replace(s.steps[step]))
				}
				got := v.left(by)
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, in the order %v, by the drain %v:\n%s", s.name, order, v.undecoded, diff)
				}
			}
		}
		if n := v.count("inbox", "state = 'pending'"); n != 0 {
			t.Errorf("%d are still pending", n)
		}
	})
}

// TestNewsOfOldThings: what is corrected long after it was written is no news,
// what arrives late is.
func TestNewsOfOldThings(t *testing.T) {
	shows(t, "T-ORD-07 an old note that is corrected", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		old := func(id string) string {
			return strings.Replace(note(id, lena, public, e.ID, "alt", `,"updated":"2026-07-02T10:00:00Z"`), "2026-07-01T10:00:00Z", "2024-07-01T10:00:00Z", 1)
		}
		v.receive(`{"id":"https://b.test/u/1","type":"Update","actor":"%s","object":%s}`, lena, old("https://b.test/n/1"))
		v.receive("%s", create("https://b.test/c/2", lena, old("https://b.test/n/2")))
		received := map[string]int{}
		for _, n := range v.news() {
			received[n.ObjectID] = n.Received.Year()
		}
		if received["https://b.test/n/1"] != 2024 || received["https://b.test/n/2"] < 2026 {
			t.Errorf("received in %v", received)
		}
	})
}

func (v *village) news() []*notification.Notification {
	v.t.Helper()
	list, err := v.Notifications.List(v.t.Context(), []string{v.club.ID}, notification.Span{Limit: 50})
	if err != nil {
		v.t.Fatal(err)
	}
	return list
}

// TestTheSameAtOnce: however often and by however many ways the same arrives.
func TestTheSameAtOnce(t *testing.T) {
	shows(t, "T-ORD-04 an answer that arrives twenty times", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		answer := note(id, lena, `"to":["https://www.w3.org/ns/activitystreams#Public","`+v.club.ID+`"]`, e.ID, "da", `,"updated":"2026-07-02T10:00:00Z"`)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				v.receive("%s", create("https://b.test/c", lena, answer))
				v.receive(`{"id":"https://b.test/u/%d","type":"Update","actor":"%s","object":%s}`, i, lena, answer)
			})
		}
		all.Wait()
		if news := v.news(); len(news) != 1 || len(v.texts(object.Viewer{}, e.ID)) != 1 {
			t.Errorf("%d pieces of news, %d answers", len(news), len(v.texts(object.Viewer{}, e.ID)))
		}
	})
}

// state gives what the inbox says of an activity now, without waiting.
func (v *village) state(id string) row {
	v.t.Helper()
	var r row
	if err := v.db.Read().NewSelect().Model(&r).Where("activity_id = ?", id).Scan(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	return r
}

// hand gives an activity to a queue.
func hand(t *testing.T, q inbox.Queue, document string) error {
	t.Helper()
	body := []byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + document[1:])
	a, err := as.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Receive(t.Context(), inbox.Received{Activity: a, ActivityID: a.ID, ActorID: a.Actor, Type: a.Type, Body: body, At: time.Now().UTC()})
	return err
}

// TestAtOnce: what needs nothing is applied when it is answered, unless
// something earlier of its author waits.
func TestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(eve)
		e := v.event("Sommerfest")
		like := func(by, id string) string {
			return fmt.Sprintf(`{"id":"https://b.test/%s","type":"Like","actor":"%s","object":"%s"}`, id, by, e.ID)
		}
		undo := func(by, id string) string {
			return fmt.Sprintf(`{"id":"https://b.test/undo/%s","type":"Undo","actor":"%s","object":%s}`, id, by, like(by, id))
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(hand(t, v.queue, like(lena, "l/1")))
		if r := v.state("https://b.test/l/1"); r.State != "applied" || r.Body != nil || r.Attempts != 1 || v.counts(e.ID).Likes != 1 {
			t.Errorf("a like is %+v when it is answered", r)
		}
		must(hand(t, v.queue, undo(lena, "l/1")))
		// Another process is at work on something of lena.
		must(v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO inbox (activity_id, actor_id, type, body, state, due_at, lease_until, owner, received) VALUES (?, ?, 'Like', ?, 'pending', ?, ?, 'other', ?)",
				"https://b.test/l/2", lena, []byte(`{"@context":"https://www.w3.org/ns/activitystreams",`+like(lena, "l/2")[1:]), time.Now().UTC().Truncate(time.Second), time.Now().UTC().Add(time.Hour), time.Now().UTC()).Exec(ctx)
			return err
		}))
		must(hand(t, v.queue, undo(lena, "l/2")))
		must(hand(t, v.queue, like(eve, "l/3")))
		v.receive("%s", like(eve, "l/4")) // the drain had its time
		if r := v.state("https://b.test/undo/l/2"); r.State != "pending" || r.Body == nil {
			t.Errorf("an undo that came later than something that waits is %+v", r)
		}
		if r := v.state("https://b.test/l/3"); r.State != "applied" {
			t.Errorf("a like by somebody else is %+v", r)
		}
		must(v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE inbox SET lease_until = NULL, owner = '' WHERE owner = 'other'")
			return err
		}))
		v.receive("%s", undo(lena, "l/2")) // is there, and is waited for
		if n := v.counts(e.ID).Likes; n != 1 {
			t.Errorf("%d likes: the undo overtook", n)
		}
		// What waits for another day does not come back after its undo.
		must(v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO inbox (activity_id, actor_id, type, body, state, attempts, due_at, received) VALUES (?, ?, 'Like', ?, 'pending', 3, ?, ?)",
				"https://b.test/l/5", lena, []byte("{}"), time.Now().UTC().Add(time.Hour), time.Now().UTC()).Exec(ctx)
			return err
		}))
		must(hand(t, v.queue, undo(lena, "l/5")))
		if r := v.state("https://b.test/l/5"); r.State != "undone" || r.Body != nil {
			t.Errorf("what was undone while it waited is %+v", r)
		}
	})
}

// TestOneBadActivity: a fault of ours keeps the activity for later and spoils
// none of those that are committed with it.
func TestOneBadActivity(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		broken := errors.New("broken")
		mux := new(inbox.Mux[bun.Tx])
		mux.Handle(activity.Like, "", func(ctx context.Context, tx bun.Tx, a *as.Activity) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, '')", a.ID); err != nil {
				return err
			}
			if strings.HasSuffix(a.ID, "/7/like") {
				return broken
			}
			if strings.HasSuffix(a.ID, "/8/like") {
				_, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, '')", a.ID) // fails in the database
				return err
			}
			return nil
		})
		q := v.Activities.Queue(mux, v.log)
		ctx, stop := context.WithCancel(t.Context())
		var running, all sync.WaitGroup
		running.Go(func() { _ = q.Run(ctx) })
		settings := v.count("settings")
		for i := range 20 {
			by := v.meet(fmt.Sprintf("https://b.test/p/%d", i))
			all.Go(func() {
				if err := hand(t, q, fmt.Sprintf(`{"id":"%s/like","type":"Like","actor":"%s","object":"%s"}`, by, by, e.ID)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		stop()
		running.Wait()
		if n := v.count("inbox", "state = 'applied'"); n != 18 || v.count("settings") != settings+18 {
			t.Errorf("%d are applied, %d rows are left of them", n, v.count("settings")-settings)
		}
		for _, id := range []string{"https://b.test/p/7/like", "https://b.test/p/8/like"} {
			if r := v.state(id); r.State != "pending" || r.Body == nil || r.Attempts != 1 || r.Error == "" {
				t.Errorf("%s: %+v", id, r)
			}
		}
	})
}
