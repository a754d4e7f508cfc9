package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// waiting puts activities into the inbox, all in one transaction, as they stand
// there when they wait for the drain.
func (v *village) waiting(documents ...string) {
	v.t.Helper()
	v.waitingSince(time.Now().UTC(), documents...)
}

func (v *village) waitingSince(at time.Time, documents ...string) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, d := range documents {
			var head struct{ ID, Type, Actor string }
			if err := json.Unmarshal([]byte(d), &head); err != nil {
				return err
			}
			_, err := tx.NewRaw("INSERT INTO inbox (activity_id, actor_id, type, body, state, due_at, received) VALUES (?, ?, ?, ?, 'pending', ?, ?)",
				head.ID, head.Actor, head.Type, []byte(`{"@context":"https://www.w3.org/ns/activitystreams",`+d[1:]), at.Truncate(time.Second), at).Exec(ctx)
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

// TestSlowHosts: whoever is waited for holds up nobody else, neither those for
// whom another server is asked nor those who need nothing.
func TestSlowHosts(t *testing.T) {
	among(t, "activities that wait for a server that does not answer", func(t *testing.T, o *outside) {
		slow, fast := "https://"+o.name("slow.example", goodIP), "https://"+o.name("fast.example", goodIP)
		e := o.event("Sommerfest")
		open := make(chan struct{})
		defer close(open)
		var waits, most atomic.Int32
		o.serve(func(w http.ResponseWriter, r *http.Request) {
			host := fast
			if strings.HasPrefix(r.Host, "slow") {
				host = slow
				most.Store(max(most.Load(), waits.Add(1)))
				<-open
				waits.Add(-1)
			}
			w.Header().Set("Content-Type", as2)
			_, _ = w.Write([]byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + note(host+r.URL.Path, host+"/anna", public, e.ID, "da", "")[1:]))
		})
		create := func(by string, n int) string {
			host := by[:strings.LastIndex(by, "/")]
			return fmt.Sprintf(`{"id":"%s/c/%d","type":"Create","actor":"%s","object":"%s/n/%d"}`, host, n, by, host, n)
		}
		var many []string
		for i := range 120 {
			by := o.meet(fmt.Sprintf("%s/p%d", slow, i))
			many = append(many, create(by, i), fmt.Sprintf(`{"id":"%s/l","type":"Like","actor":"%s","object":"%s"}`, by, by, e.ID))
		}
		o.waiting(many...)
		anna := o.meet(fast + "/anna")
		o.waiting(create(anna, 1))
		if r := o.settled(fast + "/c/1"); r.State != "applied" {
			t.Errorf("%+v", r)
		}
		if err := hand(t, o.queue, fmt.Sprintf(`{"id":"%s/l","type":"Like","actor":"%s","object":"%s"}`, anna, anna, e.ID)); err != nil {
			t.Fatal(err)
		}
		if r := o.state(anna + "/l"); r.State != "applied" {
			t.Errorf("what needs nothing is %s when it is answered", r.State)
		}
		if err := hand(t, o.queue, fmt.Sprintf(`{"id":"%s/p0/l2","type":"Like","actor":"%s/p0","object":"%s"}`, slow, slow, e.ID)); err != nil {
			t.Fatal(err)
		}
		if r := o.state(slow + "/p0/l2"); r.State != "pending" || o.counts(e.ID).Likes != 1 {
			t.Errorf("what comes behind something that waits is %s, %d likes", r.State, o.counts(e.ID).Likes)
		}
		if n := most.Load(); n > 4 {
			t.Errorf("%d wait for one host", n)
		}
		if n := o.count("inbox", "lease_until IS NOT NULL", "state = 'pending'"); n > 4 {
			t.Errorf("%d are claimed and wait for a turn", n)
		}
	})
}

// TestGivenUp: what fails for a week is not kept for ever.
func TestGivenUp(t *testing.T) {
	among(t, "a server that fails for a week", func(t *testing.T, o *outside) {
		host := "https://" + o.name("far.example", goodIP)
		anna := o.meet(host + "/anna")
		o.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		create := func(n int) string {
			return fmt.Sprintf(`{"id":"%s/c/%d","type":"Create","actor":"%s","object":"%s/n/%d"}`, host, n, anna, host, n)
		}
		o.waitingSince(time.Now().UTC().Add(-8*24*time.Hour), create(1))
		if r := o.settled(host + "/c/1"); r.State != "refused" || r.Body != nil || r.Error == "" {
			t.Errorf("after a week it is %+v", r)
		}
		if r := o.receive("%s", create(2)); r.State != "pending" || r.Body == nil || r.Attempts != 1 {
			t.Errorf("before it is %+v", r)
		}
	})
}
