package activity

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/database"
)

const (
	// drainLease is how long a claimed row is left alone by other processes.
	drainLease = 2 * time.Minute
	// drainFetches is how many activities may wait for other servers at once,
	// and drainShare how many of them for one server.
	drainFetches = 32
	drainShare   = 4
	// maxFetches is how many requests to other servers one received activity
	// may cause.
	maxFetches = 20
	// claimLock makes claims on PostgreSQL take turns.
	claimLock = 0x647261696e // "drain"
)

// Drain applies what the inbox has accepted and not applied at once, in the
// order of arrival. Make one with Activities.Drain.
type Drain struct {
	applier
	owner   string
	fetches sync.WaitGroup
	hand    hand
	room    room
}

// Drain gives the worker that hands received activities to mux. owner names
// this process, the same after a restart.
func (s *Activities) Drain(mux *inbox.Mux[bun.Tx], owner string, log *slog.Logger) *Drain {
	return &Drain{applier: applier{s: s, mux: mux, log: log}, owner: owner}
}

// Run applies pending activities until ctx ends, woken by the bell and once a
// second without it.
func (d *Drain) Run(ctx context.Context) error {
	rings, stop := d.s.db.Bell()
	defer stop()
	if err := d.free(ctx); err != nil {
		d.log.Error("drain: free leases", "error", err)
	}
	defer d.fetches.Wait()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		more, err := d.round(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Error("drain", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rings:
		case <-tick.C:
		}
	}
}

// round claims what is due and applies what lacks nothing. For the rest it
// does not wait. more tells whether there may be more to claim at once.
func (d *Drain) round(ctx context.Context) (more bool, err error) {
	tasks, more, err := d.claim(ctx)
	if err != nil {
		return false, err
	}
	var ready []*task
	for _, t := range tasks {
		if t.asks != "" {
			d.fetches.Go(func() { d.fetch(ctx, t) })
		} else {
			ready = append(ready, t)
		}
	}
	err = d.apply(ctx, ready)
	d.hand.drop(ready...)
	return more, err
}

// fetch gets what t lacks, and applies it. All of it ends well before the
// lease does.
func (d *Drain) fetch(ctx context.Context, t *task) {
	defer d.hand.drop(t)
	fetching, stop := context.WithTimeout(transport.WithBudget(ctx, maxFetches), drainLease/2)
	t.err = d.mux.Ready(fetching, t.a)
	stop()
	d.room.leave(t.asks)
	if ctx.Err() != nil {
		return // the next life of this process, or another one, finds the row
	}
	if err := d.apply(ctx, []*task{t}); err != nil {
		d.log.Error("drain", "error", err)
	}
}

// ours tells whether a row is still ours to apply: it may have been undone since
// it was claimed, even by another task of the same transaction, or another
// process may have it after the lease. On PostgreSQL it stays so until the
// transaction ends.
var (
	ours     = database.NewStatement("SELECT 1 FROM inbox WHERE seq = ? AND owner = ? AND state = 'pending'")
	oursLock = database.NewStatement("SELECT 1 FROM inbox WHERE seq = ? AND owner = ? AND state = 'pending' FOR UPDATE")
)

func (d *Drain) ours(ctx context.Context, tx bun.Tx, row *received) (bool, error) {
	statement := ours
	if d.s.db.Dialect() == database.Postgres {
		statement = oursLock
	}
	ok, err := statement.Exists(ctx, tx, row.Seq, d.owner)
	if err != nil {
		return false, fmt.Errorf("look whose activity it is: %w", err)
	}
	return ok, nil
}

// apply hands tasks on, all in one transaction, and leaves out what is not ours
// any more.
func (d *Drain) apply(ctx context.Context, tasks []*task) error {
	if len(tasks) == 0 {
		return nil
	}
	states := make([]string, len(tasks))
	err := d.s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		for i, t := range tasks {
			states[i] = ""
			if ok, err := d.ours(ctx, tx, t.row); err != nil {
				return err
			} else if !ok {
				continue
			}
			row, err := *t.row, t.err // Write may run this again
			if err == nil {
				var failed error
				if err, failed = d.applier.apply(ctx, tx, t.a); failed != nil {
					return failed
				}
			}
			d.verdict(&row, err)
			states[i] = row.State
			if err := settle(ctx, tx, &row, row.Body); err != nil {
				return err
			}
		}
		database.Ring(ctx)
		return nil
	})
	if err != nil {
		return fmt.Errorf("apply received activities: %w", err)
	}
	for _, state := range states {
		if state != "" {
			countInbox.Inc(state)
		}
	}
	return nil
}

// free gives back the leases of this process's earlier life.
func (d *Drain) free(ctx context.Context) error {
	return d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*received)(nil)).Set("lease_until = NULL").Set("owner = ''").
			Where("owner = ?", d.owner).Where("state = ?", pending).Exec(ctx)
		return err
	})
}
