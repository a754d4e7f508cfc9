package application

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// from gives the draft of somebody elsewhere who comes in by a door.
func (d *desk) from(who Draft, door, origin string, i int) Draft {
	who.AccountID, who.Door, who.OriginID, who.ActorID = "", door, fmt.Sprint(origin, i), fmt.Sprintf("https://%s.test/p%03d", door, i)
	who.Key, who.Old, who.Able = OriginKey(who.OriginID), door == ByTown, door == ByTown
	return who
}

// arrive applies as what comes in by the door does: what comes from elsewhere in
// the transaction in which it was received.
func (d *desk) arrive(ctx context.Context, who Draft) (h *Helper, twice bool, err error) {
	if who.Door == "" {
		return d.Apply(ctx, who)
	}
	err = d.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		h, twice, err = d.ApplyIn(ctx, tx, who)
		return err
	})
	return h, twice, err
}

// patiently does it again when the database was too busy on a slow machine, as
// who is told so does.
func patiently(do func() error) error {
	for range 20 {
		if err := do(); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return context.DeadlineExceeded
}

// neverMore waits, and looks all the time how many have a place.
func (d *desk) neverMore(wait *sync.WaitGroup, places int) {
	d.t.Helper()
	done := make(chan struct{})
	go func() { wait.Wait(); close(done) }()
	for {
		n, err := d.db.Read().NewSelect().Table("commitments").Where("state = ?", Taken).Count(d.t.Context())
		d.ok(err)
		if n > int64(places) {
			d.t.Fatalf("%d have one of %d places", n, places)
		}
		select {
		case <-done:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestThe200AtOnceGet50Places: through all doors at the same time, and one after
// the other by the seq that they got.
func TestThe200AtOnceGet50Places(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 48*time.Hour, 50)
		const people, places = 200, 50
		errs := make([]error, people)
		ids := make([]string, people)
		var wait sync.WaitGroup
		for i := range people {
			wait.Go(func() {
				who := draft(fmt.Sprintf("P%03d", i), "a")
				switch i % 4 {
				case 1: // by mail, with a link that confirms
					who.AccountID, who.Email = "", fmt.Sprintf("p%03d@example.org", i)
				case 2: // from another town
					who = d.from(who, ByTown, "https://b.test/ap/activities/", i)
				case 3: // by a direct message
					who = d.from(who, ByMessage, "https://mastodon.test/n/", i)
				}
				ids[i] = who.Key
				for range 2 { // a double click, or what is delivered twice
					err := patiently(func() error {
						h, _, err := d.arrive(t.Context(), who)
						if err == nil && h.State == Unconfirmed {
							err = d.Confirm(t.Context(), h.ID)
						}
						return err
					})
					if err != nil && errs[i] == nil {
						errs[i] = err
					}
				}
			})
		}
		d.neverMore(&wait, places)
		for _, err := range errs {
			d.ok(err)
		}
		var rows []*Commitment
		d.ok(d.db.Read().NewSelect().Model(&rows).OrderExpr("seq").Scan(t.Context()))
		if len(rows) != people {
			t.Fatalf("%d of %d have or wait for a place", len(rows), people)
		}
		for i, c := range rows {
			if want := map[bool]string{true: Taken, false: Waiting}[i < places]; c.State != want || i > 0 && c.Seq == rows[i-1].Seq {
				t.Fatalf("number %d in the order has seq %d and is %s, not %s", i+1, c.Seq, c.State, want)
			}
		}
		// Thirty give theirs back, all at once: the first thirty who wait get them.
		for _, c := range rows[:30] {
			wait.Go(func() { _ = patiently(func() error { return d.GiveBack(t.Context(), c.HelperID, "a") }) })
		}
		d.neverMore(&wait, places)
		rows = nil
		d.ok(d.db.Read().NewSelect().Model(&rows).OrderExpr("seq").Scan(t.Context()))
		for i, c := range rows {
			if want := map[bool]string{true: Taken, false: Waiting}[i < places]; c.State != want {
				t.Fatalf("after that number %d is %s, not %s", i+1, c.State, want)
			}
		}
		n, err := d.Need(t.Context(), d.db.Read(), needID)
		d.ok(err)
		if n.Shifts[0].Taken != places || n.Taken != places {
			t.Errorf("counted are %d places", n.Shifts[0].Taken)
		}
	})
}
