package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// laneTest is a village with followers on two hosts whose lanes a test works on
// by hand.
type laneTest struct {
	*village
	lanes *activity.Lanes
	now   time.Time
}

func eachLane(t *testing.T, test func(t *testing.T, l *laneTest)) {
	t.Helper()
	each(t, func(t *testing.T, v *village) {
		l := &laneTest{village: v, lanes: v.Activities.Lanes(), now: time.Now().UTC().Add(time.Minute)}
		for _, id := range []string{lena, eve, "https://c.test/carl"} {
			v.meet(id)
			v.receive(`{"id":"%s/follow","type":"Follow","actor":"%s","object":"%s"}`, id, id, v.club.ID)
		}
		// The Accepts are not what these tests are about.
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "DELETE FROM deliveries"); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "DELETE FROM hosts")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, l)
	})
}

// claim takes what is due for owner, by the name of the host.
func (l *laneTest) claim(owner string) map[string]outbox.Lane {
	l.t.Helper()
	list, err := l.lanes.Claim(l.t.Context(), outbox.Claim{
		Owner: owner, Now: l.now, Lease: 30 * time.Second, Limits: [outbox.Standings]int{256, 256, 256}, Batch: 50,
		Next: func(n int) time.Time { return l.now.Add(time.Duration(n) * time.Hour) },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	lanes := map[string]outbox.Lane{}
	for _, lane := range list {
		lanes[lane.Host] = lane
	}
	return lanes
}

// finish ends a lane with these outcomes of its deliveries.
func (l *laneTest) finish(owner string, lane outbox.Lane, health outbox.Health, results ...outbox.Result) (due bool) {
	l.t.Helper()
	for i := range results {
		results[i].Delivery = lane.Deliveries[i]
	}
	due, err := l.lanes.Finish(l.t.Context(), owner, []outbox.Report{{
		Host: lane.Host, Results: results, Health: health, Returned: lane.Health.Failures > health.Failures, Ended: true, Wakes: lane.Wakes,
	}})
	if err != nil {
		l.t.Fatal(err)
	}
	return due
}

func (l *laneTest) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

var (
	done = outbox.Result{Outcome: outbox.Done, Status: 202}
	held = outbox.Result{Outcome: outbox.Held}
)

func TestLaneOrder(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		e := l.event("Sommerfest")
		if err := l.Activities.DeleteObject(t.Context(), "operator", e.ID); err != nil {
			t.Fatal(err)
		}
		l.post("etwas anderes")
		lanes := l.claim("a")
		if len(lanes) != 2 {
			t.Fatalf("%d lanes are due", len(lanes))
		}
		if n := len(l.claim("b")); n != 0 {
			t.Errorf("%d leased lanes were claimed", n)
		}
		first := lanes["c.test"].Deliveries
		if len(first) != 2 || first[0].ObjectID != e.ID || first[1].ObjectID == e.ID || first[0].Attempts != 1 || len(first[0].Body) == 0 || first[0].ActorID != l.club.ID {
			t.Fatalf("begun %+v", first)
		}
		if !l.finish("a", lanes["c.test"], outbox.Health{LastSuccess: l.now}, done, held) {
			t.Error("the lane sleeps with something due")
		}
		second := l.claim("a")["c.test"].Deliveries
		if len(second) != 2 || second[0].Attempts != 1 || second[1].Attempts != 1 {
			t.Errorf("then %+v", second)
		}
		for _, d := range second {
			if d.ID == first[0].ID {
				t.Error("what is done is begun again")
			}
		}
	})
}

// TestLaneOwner: whoever lost a lane writes what arrived, and changes nothing
// of the lane.
func TestLaneOwner(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		lane := l.claim("a")["c.test"]
		l.now = l.now.Add(time.Minute) // the lease runs out
		if n := len(l.claim("b")); n != 2 {
			t.Fatalf("%d lanes", n)
		}
		l.finish("a", lane, outbox.Health{Failures: 3}, done)
		if n := l.count("hosts", "host = 'c.test'", "owner = 'b'", "failures = 0"); n != 1 {
			t.Error("another process's lane was changed")
		}
		if n := l.count("deliveries", "host = 'c.test'"); n != 0 {
			t.Error("what arrived waits still")
		}
	})
}

// TestLaneHeld: a lane on which its owner is still at work is not taken again
// when its lease has run out, and is nobody else's then.
func TestLaneHeld(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		l.claim("a")
		l.now = l.now.Add(time.Minute) // the clock makes a step
		c := outbox.Claim{
			Owner: "a", Now: l.now, Lease: 30 * time.Second, Limits: [outbox.Standings]int{256, 256, 256}, Batch: 50,
			Next: func(int) time.Time { return l.now.Add(time.Hour) },
			Held: func(host string) bool { return host == "c.test" },
		}
		lanes, err := l.lanes.Claim(t.Context(), c)
		l.must(err)
		if len(lanes) != 1 || lanes[0].Host != "b.test" {
			t.Errorf("claimed %+v", lanes)
		}
		if n := l.count("deliveries", "host = 'c.test'", "attempts = 1"); n != 1 {
			t.Error("what is being sent was begun again")
		}
		if n := len(l.claim("b")); n != 0 {
			t.Errorf("%d lanes in work were claimed by another", n)
		}
		l.now = l.now.Add(time.Minute)
		c.Owner, c.Now = "b", l.now
		if lanes, err = l.lanes.Claim(t.Context(), c); err != nil || len(lanes) != 2 {
			t.Errorf("a lane that another one left is lost: %+v, %v", lanes, err)
		}
	})
}

// TestLaneWakeOrder: two transactions that publish to the same hosts in opposite
// orders, as batches of received activities do, do not wait for each other.
func TestLaneWakeOrder(t *testing.T) {
	v := found(t, migrated.PostgreSQL(t))
	v.meet(lena)
	v.meet("https://c.test/carl")
	orders := [][2]string{{lena, "https://c.test/carl"}, {"https://c.test/carl", lena}}
	var both, all sync.WaitGroup
	both.Add(len(orders))
	var runs atomic.Int32
	for _, order := range orders {
		half := sync.OnceFunc(func() { both.Done(); both.Wait() })
		all.Go(func() {
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				runs.Add(1)
				for _, to := range order {
					a := &as.Activity{Type: as.Like, To: []string{to}, Object: as.Item{ID: to}}
					if err := v.Activities.Publish(ctx, tx, v.club.Actor, a); err != nil {
						return err
					}
					half()
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := runs.Load(); n != 2 {
		t.Errorf("two transactions ran %d times: they deadlocked", n)
	}
	if n := v.count("hosts", "due_at IS NOT NULL", "wakes = 2"); n != 2 {
		t.Errorf("%d lanes were woken by both", n)
	}
}

func TestLaneSleep(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		lane := l.claim("a")["c.test"]
		l.post("zwei") // while the lane is worked on
		l.finish("a", lane, outbox.Health{LastSuccess: l.now}, done)
		again := l.claim("a")["c.test"]
		if len(again.Deliveries) != 1 {
			t.Fatalf("the wake-up was lost: %+v", again)
		}
		failing := outbox.Health{Failures: 1, LastFailure: l.now, Strikes: 1, FirstStrike: l.now}
		l.finish("a", again, failing, outbox.Result{Outcome: outbox.Failed, Error: "away", Next: l.now.Add(time.Hour)})
		if due, ok := l.claim("a")["c.test"]; ok {
			t.Errorf("a lane that sleeps is due: %+v", due)
		}
		l.now = l.now.Add(3 * time.Hour)
		due := l.claim("a")["c.test"]
		if len(due.Deliveries) != 1 || due.Deliveries[0].Attempts != 2 || due.Health.Failures != 1 || due.Health.Standing() != outbox.Failing {
			t.Errorf("after three hours %+v", due)
		}
	})
}

// TestLaneBreaker: an open breaker holds against what is published meanwhile
// and for every process; the probe needs nothing that is due; and a host that
// answers gets all that waited.
func TestLaneBreaker(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		probe := l.now.Add(30 * time.Minute)
		open := outbox.Health{Failures: 5, LastFailure: l.now, Strikes: 5, FirstStrike: l.now, NotBefore: probe}
		l.finish("a", l.claim("a")["c.test"], open, outbox.Result{Outcome: outbox.Failed, Error: "silent", Next: l.now.Add(24 * time.Hour)})
		l.post("zwei")
		l.post("drei")
		l.now = l.now.Add(20 * time.Minute)
		if due, ok := l.claim("b")["c.test"]; ok {
			t.Errorf("a host whose breaker is open is tried: %+v", due)
		}
		l.now = l.now.Add(11 * time.Minute)
		lane := l.claim("b")["c.test"]
		if len(lane.Deliveries) != 1 || lane.Deliveries[0].Attempts != 1 || !lane.Health.Open() {
			t.Fatalf("the probe is %+v", lane)
		}
		if !l.finish("b", lane, outbox.Health{LastSuccess: l.now, Knock: outbox.RFC9421}, done) {
			t.Error("nothing is due though the host is back")
		}
		rest := l.claim("a")["c.test"]
		if len(rest.Deliveries) != 2 || rest.Health.Failures != 0 || rest.Health.Open() || rest.Health.Knock != outbox.RFC9421 {
			t.Errorf("then %+v", rest)
		}
	})
}

// TestLaneFewestAttempts: one delivery that always fails keeps no other from
// being tried (T-DOS-23).
func TestLaneFewestAttempts(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		l.finish("a", l.claim("a")["c.test"], outbox.Health{Failures: 1}, outbox.Result{Outcome: outbox.Failed, Next: l.now})
		second := l.post("zwei")
		lane := l.claim("a")["c.test"]
		if len(lane.Deliveries) != 2 || lane.Deliveries[0].ObjectID != second.ID {
			t.Errorf("begun %+v", lane.Deliveries)
		}
	})
}

// TestLaneReturned: when a host answers again what waits is due at once, but
// for what it refused just now.
func TestLaneReturned(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		long := l.now.Add(-time.Hour)
		l.post("eins")
		l.finish("a", l.claim("a")["c.test"], outbox.Health{Failures: 1, LastFailure: long}, outbox.Result{Outcome: outbox.Failed, Next: l.now.Add(24 * time.Hour)})
		l.post("zwei")
		l.post("drei")
		lane := l.claim("a")["c.test"]
		if len(lane.Deliveries) != 2 {
			t.Fatalf("%+v", lane)
		}
		l.finish("a", lane, outbox.Health{LastSuccess: l.now}, done, outbox.Result{Outcome: outbox.Failed, Status: 500, Next: l.now.Add(time.Hour)})
		again := l.claim("a")["c.test"].Deliveries
		if len(again) != 1 || again[0].ID == lane.Deliveries[1].ID {
			t.Errorf("due is %+v", again)
		}
	})
}

// TestLaneFree: what an earlier life of the process had begun is due at once.
func TestLaneFree(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		l.claim("a")
		l.must(l.lanes.Free(t.Context(), "b"))
		if n := len(l.claim("b")); n != 0 {
			t.Errorf("%d lanes of another process were freed", n)
		}
		l.must(l.lanes.Free(t.Context(), "a"))
		lanes := l.claim("a")
		if len(lanes) != 2 {
			t.Fatalf("%d lanes", len(lanes))
		}
		for _, lane := range lanes {
			if len(lane.Deliveries) == 0 || lane.Deliveries[0].Attempts != 2 {
				t.Errorf("%s: %+v", lane.Host, lane.Deliveries)
			}
		}
	})
}

func TestLaneResults(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		lanes := l.claim("a")
		if len(lanes["b.test"].Deliveries) != 2 { // lena and eve have no shared inbox
			t.Fatalf("%+v", lanes)
		}
		l.finish("a", lanes["c.test"], outbox.Health{}, outbox.Result{Outcome: outbox.Forget, Status: 410, Error: "gone"})
		l.finish("a", lanes["b.test"], outbox.Health{}, done, outbox.Result{Outcome: outbox.Final, Status: 404, Error: "not found"})
		waiting, err := l.Activities.Deliveries(t.Context(), "")
		l.must(err)
		if len(waiting) != 2 || waiting[0].State != "failed" || waiting[1].State != "failed" || waiting[0].Status != 404 || waiting[0].Error != "not found" {
			t.Errorf("%+v", waiting)
		}
		if l.followers() != 2 {
			t.Errorf("%d followers: the inbox that is gone was not forgotten", l.followers())
		}
		if only, err := l.Activities.Deliveries(t.Context(), "c.test"); err != nil || len(only) != 1 {
			t.Errorf("%+v, %v", only, err)
		}
	})
}

// TestLaneMissingInbox: an inbox that answers 404 is forgotten when it still
// does after a week, and not when it took something in between.
func TestLaneMissingInbox(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		missing := outbox.Result{Outcome: outbox.Final, Status: 404, Error: "not found"}
		l.now = l.now.Add(-8 * 24 * time.Hour)
		l.must(l.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE hosts SET due_at = NULL")
			return err
		}))
		turn := func(result outbox.Result) {
			l.post("noch etwas")
			l.must(l.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				if _, err := tx.NewUpdate().Table("deliveries").Set("due_at = ?", l.now).Where("state = 'waiting'").Exec(ctx); err != nil {
					return err
				}
				_, err := tx.NewUpdate().Table("hosts").Set("due_at = ?", l.now).Where("TRUE").Exec(ctx)
				return err
			}))
			l.finish("a", l.claim("a")["c.test"], outbox.Health{}, result)
		}
		turn(missing)
		turn(done)
		l.now = l.now.Add(8 * 24 * time.Hour)
		turn(missing)
		if l.followers() != 3 {
			t.Fatalf("%d followers: an inbox that took something in between was forgotten", l.followers())
		}
		l.now = l.now.Add(-8 * 24 * time.Hour)
		turn(missing)
		l.now = l.now.Add(8 * 24 * time.Hour)
		turn(missing)
		if l.followers() != 2 {
			t.Errorf("%d followers: the inbox that is missing for a week was not forgotten", l.followers())
		}
	})
}

// TestInboxes: one request for each distinct inbox, nothing for who is kept out
// or gone, and a broken inbox stops nobody.
func TestInboxes(t *testing.T) {
	t.Run("T-DOS-25 a broken inbox stops nobody", func(t *testing.T) { eachLane(t, inboxes) })
}

func inboxes(t *testing.T, l *laneTest) {
	l.must(l.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE actors SET shared_inbox = 'https://b.test/inbox' WHERE host = 'b.test'")
		return err
	}))
	var waiting []activity.Waiting
	for i, broken := range []string{"https://", "", "https:///inbox", `["https://c.test/inbox"]`, "https://c.test/" + strings.Repeat("x", 2<<20)} {
		l.must(l.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Table("actors").Set("inbox = ?", broken).Where("host = 'c.test'").Exec(ctx)
			return err
		}))
		p := l.post(fmt.Sprint("Nummer ", i))
		var err error
		waiting, err = l.Activities.Deliveries(t.Context(), "")
		l.must(err)
		if len(waiting) != i+1 || waiting[i].Inbox != "https://b.test/inbox" {
			t.Errorf("%s: %+v", p.ID, waiting)
		}
	}
	if _, err := l.Moderation.Block(t.Context(), actor.Operator, "b.test"); err != nil {
		t.Fatal(err)
	}
	l.post("zwei")
	if more, err := l.Activities.Deliveries(t.Context(), ""); err != nil || len(more) != len(waiting) {
		t.Errorf("a host that is kept out gets %+v, %v", more, err)
	}
}

// TestLaneHeard: a host that was silent is tried at once when it proves itself
// in a request, and one that speaks and never listens is not tried each time.
func TestLaneHeard(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		long := l.now.Add(-time.Hour)
		open := outbox.Health{Failures: 7, LastFailure: long, Strikes: 5, FirstStrike: long, NotBefore: l.now.Add(6 * time.Hour)}
		lane := l.claim("a")["c.test"]
		l.finish("a", lane, open, outbox.Result{Outcome: outbox.Failed, Error: "silent", Next: l.now.Add(24 * time.Hour)})
		if _, ok := l.claim("a")["c.test"]; ok {
			t.Fatal("a silent host is due")
		}
		hearing := l.Activities.Hearing(l.log)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { hearing.Run(ctx) })
		t.Cleanup(func() { stop(); running.Wait() })
		bell, mute := l.db.Bell()
		t.Cleanup(mute)
		hear := hearing.Verifier(verified("https://c.test/carl"))
		if _, err := hear.Verify(nil, nil); err != nil {
			t.Fatal(err)
		}
		select {
		case <-bell:
		case <-time.After(30 * time.Second):
			t.Fatal("nobody heard it")
		}
		probe := l.claim("a")["c.test"]
		if len(probe.Deliveries) != 1 {
			t.Fatalf("the probe is %+v", probe)
		}
		open.LastFailure = time.Now().UTC()
		l.finish("a", probe, open, outbox.Result{Outcome: outbox.Failed, Error: "silent", Next: l.now.Add(24 * time.Hour)})
		l.must(hearing.Wake(t.Context(), "c.test", "b.test"))
		if _, ok := l.claim("a")["c.test"]; ok {
			t.Error("it is tried again though it did not listen just now")
		}
	})
}

// verified is a Verifier that believes everything.
type verified string

func (v verified) Verify(*http.Request, []byte) (signature.Key, error) {
	return signature.Key{Owner: string(v)}, nil
}

func (v verified) KeyID(*http.Request) string { return string(v) }

// TestLaneBlocked: what waits for a host that is kept out now does not go out.
func TestLaneBlocked(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		if _, err := l.Moderation.Block(t.Context(), actor.Operator, "c.test"); err != nil {
			t.Fatal(err)
		}
		if lanes := l.claim("a"); len(lanes) != 1 || len(lanes["b.test"].Deliveries) != 2 {
			t.Errorf("claimed %+v", lanes)
		}
		if l.count("hosts", "host = 'c.test'", "due_at IS NOT NULL") != 0 {
			t.Error("the lane is due again and again")
		}
	})
}

// TestLaneDrop: what was forgotten is gone, also what is in flight just now.
func TestLaneDrop(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		lane := l.claim("a")["c.test"]
		l.must(l.Activities.Drop(t.Context(), actor.Operator, "c.test"))
		l.finish("a", lane, outbox.Health{Failures: 1}, outbox.Result{Outcome: outbox.Failed, Next: l.now})
		if n := l.count("deliveries", "host = 'c.test'"); n != 0 {
			t.Errorf("%d deliveries are left", n)
		}
		if l.count("hosts", "host = 'c.test'", "due_at IS NOT NULL") != 0 {
			t.Error("the lane is due with nothing on it")
		}
		if err := l.Activities.Drop(t.Context(), actor.Operator, "c.test"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("dropped twice: %v", err)
		}
		if err := l.Activities.TryNow(t.Context(), actor.Operator, "c.test"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("tried with nothing there: %v", err)
		}
	})
}

func TestPoison(t *testing.T) {
	shows(t, "T-DOS-23 what cannot be sent stops nothing", func(t *testing.T, v *village) {
		v.meet(lena)
		v.receive(`{"id":"%s/follow","type":"Follow","actor":"%s","object":"%s"}`, lena, lena, v.club.ID)
		l := &laneTest{village: v, lanes: v.Activities.Lanes(), now: time.Now().UTC().Add(time.Minute)}
		poison := l.post("\u202e<script>\u2028\uffff" + strings.Repeat("&", 4000))
		var seen []string
		for range 4 {
			l.now = l.now.Add(15 * 24 * time.Hour)
			lane := l.claim("a")["b.test"]
			var results []outbox.Result
			for _, d := range lane.Deliveries {
				if !json.Valid(d.Body) {
					t.Errorf("%s is no JSON", d.ActivityID)
				}
				seen = append(seen, d.ObjectID)
				results = append(results, outbox.Result{Outcome: outbox.Failed, Status: 500, Error: "it chokes", Next: l.now.Add(24 * time.Hour)})
			}
			l.finish("a", lane, outbox.Health{Failures: 5, Strikes: 5, LastFailure: l.now}, results...)
			l.post("danach")
		}
		others := 0
		for _, id := range seen {
			if id != poison.ID {
				others++
			}
		}
		if others < 3 {
			t.Errorf("only %d others were tried: %v", others, seen)
		}
	})
}
