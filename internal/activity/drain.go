package activity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	// drainLease is how long a claimed row is left alone by other processes.
	drainLease = 2 * time.Minute
	// drainFetches is how many activities may wait for other servers at once.
	drainFetches = 8
	// claimLock makes claims on PostgreSQL take turns.
	claimLock = 0x647261696e // "drain"
)

// Drain applies what the inbox has accepted, in the order of arrival. Make one
// with Activities.Drain.
type Drain struct {
	s     *Activities
	mux   *inbox.Mux[bun.Tx]
	owner string
	log   *slog.Logger
}

// Drain gives the worker that hands received activities to mux. owner names
// this process, the same after a restart.
func (s *Activities) Drain(mux *inbox.Mux[bun.Tx], owner string, log *slog.Logger) *Drain {
	return &Drain{s: s, mux: mux, owner: owner, log: log}
}

// Run applies pending activities until ctx ends, woken by the bell and once a
// second without it.
func (d *Drain) Run(ctx context.Context) error {
	rings, stop := d.s.db.Bell()
	defer stop()
	if err := d.free(ctx); err != nil {
		d.log.Error("drain: free leases", "error", err)
	}
	var fetches sync.WaitGroup
	defer fetches.Wait()
	slots := make(chan struct{}, drainFetches)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		n, err := d.round(ctx, slots, &fetches)
		if err != nil && ctx.Err() == nil {
			d.log.Error("drain", "error", err)
		}
		if n == group && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rings:
		case <-tick.C:
		}
	}
}

// task is a claimed row with what it says.
type task struct {
	row *received
	a   *as.Activity
	err error // of preparing it
}

func (d *Drain) round(ctx context.Context, slots chan struct{}, fetches *sync.WaitGroup) (int, error) {
	rows, err := d.claim(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var ready []*task
	for _, row := range rows {
		t := &task{row: row}
		if t.a, t.err = as.Decode(row.Body); t.err != nil {
			t.err = problem.Discard(t.err)
		}
		if t.err != nil || !d.s.needsFetch(ctx, t.a) {
			ready = append(ready, t)
			continue
		}
		fetches.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			t.err = d.mux.Ready(ctx, t.a)
			if err := d.apply(ctx, []*task{t}); err != nil {
				d.log.Error("drain", "error", err)
			}
		})
	}
	return len(rows), d.apply(ctx, ready)
}

func (d *Drain) due(db bun.IDB) *bun.SelectQuery {
	now := d.s.now()
	return db.NewSelect().Where("inbox.state = ?", pending).Where("inbox.due_at <= ?", now).
		Where("(inbox.lease_until IS NULL OR inbox.lease_until < ?)", now)
}

// claim leases up to a group of rows. On PostgreSQL another process may be at
// work: an author of whom it holds a row is left to it, so that one author's
// activities stay in order. Claims take turns, or two processes could each
// take a row of the same author at the same moment.
func (d *Drain) claim(ctx context.Context) ([]*received, error) {
	some, err := d.due(d.s.db.Read()).Model((*received)(nil)).Exists(ctx)
	if err != nil || !some {
		return nil, err
	}
	var rows []*received
	err = d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows = nil
		q := d.due(tx).Model(&rows).Order("inbox.seq").Limit(group)
		if d.s.db.Dialect() == database.Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", int64(claimLock)); err != nil {
				return err
			}
			q = q.Where("NOT EXISTS (SELECT 1 FROM inbox o WHERE o.actor_id = inbox.actor_id AND o.state = ? AND o.owner <> ? AND o.lease_until >= ?)",
				pending, d.owner, d.s.now())
		}
		if err := q.Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, 0, len(rows))
		for _, row := range rows {
			ids = append(ids, row.Seq)
		}
		_, err := tx.NewUpdate().Model((*received)(nil)).Set("lease_until = ?", d.s.now().Add(drainLease)).
			Set("owner = ?", d.owner).Where("seq IN (?)", bun.List(ids)).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim received activities: %w", err)
	}
	return rows, nil
}

// apply hands tasks on, all in one transaction and each in its own savepoint.
func (d *Drain) apply(ctx context.Context, tasks []*task) error {
	if len(tasks) == 0 {
		return nil
	}
	err := d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, t := range tasks {
			err := t.err
			if err == nil {
				err = tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return d.dispatch(ctx, tx, t.a) })
			}
			if err := d.settle(ctx, tx, t.row, err); err != nil {
				return err
			}
		}
		database.Ring(ctx)
		return nil
	})
	if err != nil {
		return fmt.Errorf("apply received activities: %w", err)
	}
	return nil
}

// dispatch decides whether the sender may, and hands a to its function.
func (d *Drain) dispatch(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	sender, err := d.s.actors.Find(ctx, tx, a.Actor)
	if err != nil {
		return fmt.Errorf("find sender: %w", err)
	}
	if sender.Blocked {
		return problem.Discard(problem.Forbiddenf("%s is kept out", sender.Host))
	}
	owner := ""
	stored, err := d.s.objects.Stored(ctx, tx, about(a.Object))
	switch {
	case err == nil:
		owner = stored.AttributedTo
	case problem.KindOf(err) != problem.NotFound:
		return err
	}
	if err := authorise(a, owner); err != nil {
		return err
	}
	return d.mux.Dispatch(ctx, tx, a)
}

// settle writes down what became of a row. What is wrong in itself is refused;
// any other error keeps the row for another time.
func (d *Drain) settle(ctx context.Context, tx bun.Tx, row *received, err error) error {
	row.Owner, row.LeaseUntil, row.Error = "", time.Time{}, ""
	row.Attempts++
	switch {
	case err == nil:
		row.State, row.Body, row.DueAt = applied, nil, time.Time{}
	case errors.Is(err, inbox.ErrUnhandled):
		row.State, row.Body, row.DueAt = ignored, nil, time.Time{}
	case final(err):
		row.State, row.Body, row.DueAt, row.Error = refused, nil, time.Time{}, err.Error()
		d.log.Info("activity refused", "type", row.Type, "actor", row.ActorID, "error", err)
	default:
		row.DueAt, row.Error = d.s.now().Add(patience(row.Attempts)), err.Error()
		d.log.Warn("activity kept for later", "type", row.Type, "actor", row.ActorID, "error", err)
	}
	_, err = tx.NewUpdate().Model(row).
		Column("state", "body", "due_at", "attempts", "lease_until", "owner", "error").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("settle received activity: %w", err)
	}
	return nil
}

// final tells whether trying again cannot help.
func final(err error) bool {
	switch problem.KindOf(err) {
	case problem.Invalid, problem.Forbidden, problem.NotFound, problem.Gone, problem.Conflict:
		return true
	}
	return problem.IsDiscard(err)
}

// patience is how long an activity that could not be applied waits: a minute,
// doubling up to a day.
func patience(attempts int) time.Duration {
	return min(time.Minute<<min(attempts, 12), 24*time.Hour)
}

// free gives back the leases of this process's earlier life.
func (d *Drain) free(ctx context.Context) error {
	return d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*received)(nil)).Set("lease_until = NULL").Set("owner = ''").
			Where("owner = ?", d.owner).Where("state = ?", pending).Exec(ctx)
		return err
	})
}
