package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// fanOut kills the program while posts go out to many hosts.
type fanOut struct {
	*town
	hosts   []*federationtest.Host
	inboxes []string

	mu      sync.Mutex
	arrived int
	mark    int // the arrival at which the program dies
	held    bool
	dead    chan struct{}
}

// sent is what became of the deliveries.
type sent struct {
	kills, deliveries, lost, doubled, most int
	// begun is how many deliveries were in flight for all that the database
	// knew at the kills, mostBegun at one of them.
	begun, mostBegun int
	// unknown is how many were doubled that the database did not know as begun.
	unknown int
	took    time.Duration
}

// newFanOut makes a town whose club has followers on n hosts.
func newFanOut(t *testing.T, url, tags, prefix string, n int) *fanOut {
	t.Helper()
	w := found(t, url, tags)
	w.serve()
	f := gather(w, prefix, n)
	f.serve()
	return f
}

// gather gives the club followers on n hosts. The program does not run then: it
// looks at names again when it starts.
func gather(w *town, prefix string, n int) *fanOut {
	w.t.Helper()
	w.kill()
	f := &fanOut{town: w}
	f.hosts, f.inboxes = f.followed(prefix, n)
	for _, h := range f.hosts {
		h.Answer(func(*http.Request) (int, string) {
			f.arrival()
			return http.StatusAccepted, ""
		})
	}
	return f
}

// arrival kills the program at its moment: before the answer, so that whoever
// is answered is in flight for certain, or a moment later.
func (f *fanOut) arrival() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.arrived++; f.arrived != f.mark {
		return
	}
	victim, dead := f.process.Process, f.dead
	if f.held {
		_ = victim.Kill() // the round waits for its end
		close(dead)
		return
	}
	time.AfterFunc(rand.N(20*time.Millisecond), func() {
		_ = victim.Kill()
		close(dead)
	})
}

// round publishes a post, kills the program at a random moment of its fan-out,
// starts it again, and counts who got the post.
func (f *fanOut) round(into *sent) {
	f.t.Helper()
	begun := f.publishAndDie()
	f.serve()
	f.settled(begun, into)
}

// publishAndDie kills the program at a random moment of a fan-out, and gives
// what the database knows as begun then.
func (f *fanOut) publishAndDie() map[string]bool {
	f.t.Helper()
	f.world.Take()
	dead := make(chan struct{})
	f.mu.Lock()
	f.arrived, f.mark, f.held, f.dead = 0, 1+rand.N(len(f.inboxes)), rand.N(2) == 0, dead
	f.mu.Unlock()
	f.post("Das Training fällt aus.")
	select {
	case <-dead:
	case <-time.After(patience):
		f.t.Fatalf("only %d of %d deliveries arrive", f.world.Arrived(), len(f.inboxes))
	}
	f.kill()
	return f.begun()
}

// settled waits until everybody has the post, and counts.
func (f *fanOut) settled(begun map[string]bool, into *sent) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	if f.world.WaitFor(ctx, f.inboxes) == nil { // who got nothing is counted
		f.idle()
	}
	into.kills++
	into.begun += len(begun)
	into.mostBegun = max(into.mostBegun, len(begun))
	f.judge(f.world.Take(), begun, into)
}

// begun gives the inboxes to which an attempt is written down without a result.
func (f *fanOut) begun() map[string]bool {
	f.t.Helper()
	var list []string
	err := f.look(func(ctx context.Context, db bun.IDB) error {
		return db.NewSelect().TableExpr("deliveries").Column("inbox").Where("attempts > 0").Where("status = 0").Where("error = ''").Scan(ctx, &list)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	set := map[string]bool{}
	for _, inbox := range list {
		set[inbox] = true
	}
	return set
}

// judge counts what arrived of one post.
func (f *fanOut) judge(list []federationtest.Delivery, begun map[string]bool, into *sent) {
	f.t.Helper()
	got, ids := map[string]int{}, map[string]bool{}
	for i := range list {
		d := &list[i]
		if err := d.Verify(f.keys); err != nil {
			f.t.Error(err)
		}
		kind, id := d.Type()
		if kind != "Create" {
			f.t.Errorf("%s got a %s", d.Inbox(), kind)
		}
		ids[id] = true
		got[d.Inbox()]++
	}
	if len(ids) != 1 {
		f.t.Errorf("%d activities arrived, want one: %v", len(ids), ids)
	}
	doubled := 0
	for _, inbox := range f.inboxes {
		into.deliveries++
		switch n := got[inbox]; {
		case n == 0:
			into.lost++
		case n > 1:
			doubled += n - 1
			if !begun[inbox] {
				into.unknown++
			}
		}
	}
	into.doubled += doubled
	into.most = max(into.most, doubled)
}

// torture lets n kills happen.
func (f *fanOut) torture(n int) sent {
	f.t.Helper()
	var s sent
	begin := time.Now()
	for range n {
		f.round(&s)
		if s.lost > 0 {
			break // each costs all our patience
		}
		if s.kills%10 == 0 {
			f.t.Logf("after %d kills: %d lost, %d doubled, %v", s.kills, s.lost, s.doubled, time.Since(begin).Round(time.Second))
		}
	}
	s.took = time.Since(begin)
	return s
}

// err says what is wrong.
func (s sent) err() error {
	switch {
	case s.lost > 0:
		return fmt.Errorf("%d deliveries are lost", s.lost)
	case s.unknown > 0:
		return fmt.Errorf("%d deliveries were doubled that had never been begun", s.unknown)
	}
	return nil
}
