package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/activity"
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

func (l *laneTest) claim(owner string) []outbox.Lane {
	l.t.Helper()
	lanes, err := l.lanes.Claim(l.t.Context(), owner, l.now, 30*time.Second, 256)
	if err != nil {
		l.t.Fatal(err)
	}
	slices.SortFunc(lanes, func(a, b outbox.Lane) int { return len(a.Host) - len(b.Host) })
	return lanes
}

func (l *laneTest) begin(host, owner string) []outbox.Delivery {
	l.t.Helper()
	list, err := l.lanes.Begin(l.t.Context(), host, owner, l.now, func(n int) time.Time { return l.now.Add(time.Duration(n) * time.Hour) }, 50)
	if err != nil {
		l.t.Fatal(err)
	}
	return list
}

func (l *laneTest) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestLaneOrder(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		e := l.event("Sommerfest")
		if err := l.Activities.DeleteObject(t.Context(), "operator", e.ID); err != nil {
			t.Fatal(err)
		}
		l.post("etwas anderes")
		if n := len(l.claim("a")); n != 2 {
			t.Fatalf("%d lanes are due", n)
		}
		if n := len(l.claim("b")); n != 0 {
			t.Errorf("%d leased lanes were claimed", n)
		}
		if n := len(l.begin("c.test", "b")); n != 0 {
			t.Errorf("%d deliveries of another owner's lane were begun", n)
		}
		first := l.begin("c.test", "a")
		if len(first) != 2 || first[0].ObjectID != e.ID || first[1].ObjectID == e.ID {
			t.Fatalf("begun %+v", first)
		}
		if more := l.begin("c.test", "a"); len(more) != 0 {
			t.Errorf("the deletion overtakes the creation: %+v", more)
		}
		l.must(l.lanes.Finish(t.Context(), []outbox.Result{{Delivery: first[0], Host: "c.test", Outcome: outbox.Done}}))
		if second := l.begin("c.test", "a"); len(second) != 1 || second[0].ObjectID != e.ID {
			t.Errorf("then %+v", second)
		}
	})
}

func TestLaneSleep(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		lane := l.claim("a")[0]
		l.begin(lane.Host, "a")
		l.post("zwei") // while the lane is worked on
		l.must(l.lanes.Sleep(t.Context(), "a", lane, false))
		again := l.claim("a")
		if len(again) != 1 || again[0].Host != lane.Host {
			t.Fatalf("the wake-up was lost: %+v", again)
		}
		list := l.begin(lane.Host, "a")
		if len(list) == 0 {
			t.Fatal("nothing was begun")
		}
		l.must(l.lanes.Finish(t.Context(), []outbox.Result{{Delivery: list[0], Host: lane.Host, Outcome: outbox.Failed, Error: "away", Next: l.now.Add(time.Hour)}}))
		l.must(l.lanes.Sleep(t.Context(), "a", again[0], true))
		if due := l.claim("a"); len(due) != 0 {
			t.Errorf("a lane that sleeps is due: %+v", due)
		}
		l.now = l.now.Add(3 * time.Hour)
		if due := l.claim("a"); len(due) != 2 { // its lease of the other one ran out too
			t.Errorf("%d lanes are due after three hours", len(due))
		}
	})
}

// TestLaneFree: what an earlier life of the process had begun is due at once.
func TestLaneFree(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		for _, lane := range l.claim("a") {
			l.begin(lane.Host, "a")
		}
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
			if n := len(l.begin(lane.Host, "a")); n == 0 {
				t.Errorf("%s: nothing is due", lane.Host)
			}
		}
	})
}

func TestLaneResults(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		l.claim("a")
		list := append(l.begin("c.test", "a"), l.begin("b.test", "a")...)
		if len(list) != 3 { // lena and eve have no shared inbox
			t.Fatalf("%d deliveries", len(list))
		}
		l.must(l.lanes.Finish(t.Context(), []outbox.Result{
			{Delivery: list[0], Host: "c.test", Outcome: outbox.Forget, Status: 410, Error: "gone"},
			{Delivery: list[1], Host: "b.test", Outcome: outbox.Done},
			{Delivery: list[2], Host: "b.test", Outcome: outbox.Final, Status: 404, Error: "not found"},
		}))
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

// TestInboxes: one request for each distinct inbox, nothing for who is kept out
// or gone, and a broken inbox stops nobody.
func TestInboxes(t *testing.T) {
	t.Run("T-DOS-25 a broken inbox stops nobody", func(t *testing.T) { eachLane(t, inboxes) })
}

func inboxes(t *testing.T, l *laneTest) {
	l.must(l.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE actors SET shared_inbox = 'https://b.test/inbox' WHERE host = 'b.test'")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE actors SET inbox = 'https://' WHERE host = 'c.test'")
		return err
	}))
	p := l.post("eins")
	waiting, err := l.Activities.Deliveries(t.Context(), "")
	l.must(err)
	if len(waiting) != 1 || waiting[0].Inbox != "https://b.test/inbox" {
		t.Errorf("%s: %+v", p.ID, waiting)
	}
	if _, err := l.Moderation.Block(t.Context(), "b.test"); err != nil {
		t.Fatal(err)
	}
	l.post("zwei")
	if waiting, err = l.Activities.Deliveries(t.Context(), ""); err != nil || len(waiting) != 1 {
		t.Errorf("a host that is kept out gets %+v, %v", waiting, err)
	}
}

// TestLaneKnock: how a host wants requests signed is known to the next claim,
// also of another process.
func TestLaneKnock(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		for _, lane := range l.claim("a") {
			if lane.Knock != "" {
				t.Errorf("%s: knock %q before any answer", lane.Host, lane.Knock)
			}
			list := l.begin(lane.Host, "a")
			l.must(l.lanes.Finish(t.Context(), []outbox.Result{{Delivery: list[0], Host: lane.Host, Outcome: outbox.Done, Knock: outbox.RFC9421}}))
			l.must(l.lanes.Sleep(t.Context(), "a", lane, false))
		}
		l.post("zwei")
		for _, lane := range l.claim("b") {
			if lane.Knock != outbox.RFC9421 {
				t.Errorf("%s: knock %q", lane.Host, lane.Knock)
			}
		}
	})
}
