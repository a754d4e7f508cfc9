package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// waiting puts activities into the inbox, all in one transaction, as they stand
// there when they wait for the drain.
func (v *village) waiting(documents ...string) {
	v.t.Helper()
	now := time.Now().UTC()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, d := range documents {
			var head struct{ ID, Type, Actor string }
			if err := json.Unmarshal([]byte(d), &head); err != nil {
				return err
			}
			_, err := tx.NewRaw("INSERT INTO inbox (activity_id, actor_id, type, body, state, due_at, received) VALUES (?, ?, ?, ?, 'pending', ?, ?)",
				head.ID, head.Actor, head.Type, []byte(`{"@context":"https://www.w3.org/ns/activitystreams",`+d[1:]), now.Truncate(time.Second), now).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// settled waits until an activity is no longer pending.
func (v *village) settled(id string) row {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if r := v.state(id); r.State != "pending" {
			return r
		}
	}
	v.t.Fatalf("%s is still pending", id)
	return row{}
}

// TestUndoneInTheSameRound: what the drain has claimed and an Undo before it in
// the same transaction takes back is not applied.
func TestUndoneInTheSameRound(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		like := fmt.Sprintf(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.waiting(fmt.Sprintf(`{"id":"https://b.test/u/1","type":"Undo","actor":"%s","object":%s}`, lena, like), like)
		if r := v.settled("https://b.test/u/1"); r.State != "applied" {
			t.Errorf("the undo is %+v", r)
		}
		if r := v.settled("https://b.test/l/1"); r.State != "undone" || r.Body != nil || v.counts(e.ID).Likes != 0 {
			t.Errorf("the like is %+v, %d likes", r, v.counts(e.ID).Likes)
		}
	})
}

// TestLeaseLost: an activity is fetched for and applied once, also when its
// lease ends too early; and not by who no longer has it.
func TestLeaseLost(t *testing.T) {
	among(t, "an activity whose lease ends while it is fetched for", func(t *testing.T, o *outside) {
		host := "https://" + o.name("slow.example", goodIP)
		anna := o.meet(host + "/anna")
		e := o.event("Sommerfest")
		open, begun := make(chan struct{}), make(chan struct{}, 9)
		o.serve(func(w http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			<-open
			w.Header().Set("Content-Type", as2)
			_, _ = w.Write([]byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + note(host+r.URL.Path, anna, public, e.ID, "da", "")[1:]))
		})
		change := func(set string) {
			t.Helper()
			err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.ExecContext(ctx, "UPDATE inbox SET "+set+" WHERE state = 'pending'")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		create := func(n int) string {
			return fmt.Sprintf(`{"id":"%s/c/%d","type":"Create","actor":"%s","object":"%s/n/%d"}`, host, n, anna, host, n)
		}
		by := o.meet("https://b.test/p")
		drained := func(n int) { // the drain had its time
			t.Helper()
			o.undecoded = true
			o.receive(`{"id":"https://b.test/l/%d","type":"Like","actor":"%s","object":"%s"}`, n, by, e.ID)
		}

		o.waiting(create(1))
		<-begun
		change("lease_until = NULL")
		drained(1)
		open <- struct{}{}
		if r := o.settled(host + "/c/1"); r.State != "applied" || r.Attempts != 1 || o.asked.Load() != 1 {
			t.Errorf("%+v after %d fetches", r, o.asked.Load())
		}

		o.waiting(create(2))
		<-begun
		change("owner = 'other'")
		close(open)
		for n := range 5 {
			drained(2 + n)
		}
		if r := o.state(host + "/c/2"); r.State != "pending" || r.Body == nil || r.Attempts != 0 {
			t.Errorf("what another process has is %+v", r)
		}
	})
}
