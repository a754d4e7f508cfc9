package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/database"
)

const (
	// drainLease is how long a claimed row is left alone by other processes.
	drainLease = 2 * time.Minute
	// drainFetches is how many activities may wait for other servers at once,
	// drainPatience how long others wait to be one of them, and crowded when
	// they try again.
	drainFetches  = 32
	drainPatience = 30 * time.Second
	crowded       = 10 * time.Second
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
	owner string
	// slots are those who may wait for other servers.
	slots   chan struct{}
	fetches sync.WaitGroup
	hand    hand
}

// hand is what one process is at work on, by seq. A lease that ends too early,
// because a clock was set or the database was busy, does not give it out again.
type hand struct {
	mu   sync.Mutex
	seqs map[int64]bool
}

func (h *hand) has(seq int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seqs[seq]
}

func (h *hand) take(tasks []*task) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seqs == nil {
		h.seqs = map[int64]bool{}
	}
	for _, t := range tasks {
		h.seqs[t.row.Seq] = true
	}
}

func (h *hand) drop(tasks ...*task) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range tasks {
		delete(h.seqs, t.row.Seq)
	}
}

// Drain gives the worker that hands received activities to mux. owner names
// this process, the same after a restart.
func (s *Activities) Drain(mux *inbox.Mux[bun.Tx], owner string, log *slog.Logger) *Drain {
	return &Drain{applier: applier{s: s, mux: mux, log: log}, owner: owner, slots: make(chan struct{}, drainFetches)}
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
		n, err := d.round(ctx)
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
	row   *received
	a     *as.Activity
	fetch bool  // something is missing
	err   error // of preparing it
}

// round claims what is due and applies what lacks nothing. For the rest it
// does not wait. It gives how many were claimed.
func (d *Drain) round(ctx context.Context) (int, error) {
	tasks, err := d.claim(ctx)
	if err != nil || len(tasks) == 0 {
		return 0, err
	}
	var ready []*task
	for _, t := range tasks {
		if t.fetch {
			d.fetches.Go(func() { d.fetch(ctx, t) })
		} else {
			ready = append(ready, t)
		}
	}
	err = d.apply(ctx, ready)
	d.hand.drop(ready...)
	return len(tasks), err
}

// fetch gets what t lacks, and applies it. All of it ends well before the
// lease does.
func (d *Drain) fetch(ctx context.Context, t *task) {
	defer d.hand.drop(t)
	waiting, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	var err error
	select {
	case d.slots <- struct{}{}:
		fetching, stop := context.WithTimeout(transport.WithBudget(ctx, maxFetches), drainLease/2)
		t.err = d.mux.Ready(fetching, t.a)
		stop()
		<-d.slots
		if ctx.Err() != nil {
			return // the next life of this process, or another one, finds the row
		}
		err = d.apply(ctx, []*task{t})
	case <-waiting.Done():
		err = d.later(ctx, t.row)
	}
	if err != nil {
		d.log.Error("drain", "error", err)
	}
}

// someDue asks whether there is anything to claim; dueRows finds it in order of
// arrival. An author of whom somebody is at work on a row is left alone, so
// that one author's activities stay in order.
var (
	someDue = database.NewStatement("SELECT 1 FROM inbox WHERE state = 'pending' AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) LIMIT 1")
	dueRows = database.NewStatement("SELECT seq, activity_id, actor_id, type, body, attempts, error FROM inbox " +
		"WHERE state = 'pending' AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) " +
		"AND NOT EXISTS (SELECT 1 FROM inbox o WHERE o.state = 'pending' AND o.actor_id = inbox.actor_id AND o.lease_until >= ?) " +
		"ORDER BY seq LIMIT ?")
)

// claim leases up to a group of rows, and nothing of an author behind a row for
// which something must be fetched: that comes when the row is done. On
// PostgreSQL claims take turns, or two processes could each take a row of the
// same author at the same moment.
func (d *Drain) claim(ctx context.Context) ([]*task, error) {
	var one int
	switch err := someDue.Scan(ctx, d.s.db.Read(), []any{d.s.now(), d.s.now()}, &one); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("claim received activities: %w", err)
	}
	var tasks []*task
	err := d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		tasks = nil
		if d.s.db.Dialect() == database.Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", int64(claimLock)); err != nil {
				return err
			}
		}
		rows, err := d.dueRows(ctx, tx)
		if err != nil || len(rows) == 0 {
			return err
		}
		var ids []int64
		fetching := map[string]bool{} // authors
		for _, row := range rows {
			if fetching[row.ActorID] {
				continue
			}
			if d.hand.has(row.Seq) {
				fetching[row.ActorID] = true
				continue
			}
			t := d.read(ctx, tx, row)
			fetching[row.ActorID] = t.fetch
			tasks, ids = append(tasks, t), append(ids, row.Seq)
		}
		if len(ids) == 0 {
			return nil
		}
		_, err = tx.NewUpdate().Model((*received)(nil)).Set("lease_until = ?", d.s.now().Add(drainLease)).
			Set("owner = ?", d.owner).Where("seq IN (?)", bun.List(ids)).Where("state = ?", pending).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim received activities: %w", err)
	}
	d.hand.take(tasks)
	return tasks, nil
}

func (d *Drain) dueRows(ctx context.Context, tx bun.Tx) ([]*received, error) {
	now := d.s.now()
	rows, err := dueRows.Query(ctx, tx, now, now, now, group)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var list []*received
	for rows.Next() {
		row := &received{State: pending}
		if err := rows.Scan(&row.Seq, &row.ActivityID, &row.ActorID, &row.Type, &row.Body, &row.Attempts, &row.Error); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// read tells what a row says, and whether something is missing.
func (d *Drain) read(ctx context.Context, tx bun.Tx, row *received) *task {
	t := &task{row: row}
	if t.a, t.err = d.s.decoded.take(row); t.err == nil {
		t.fetch, t.err = d.s.lacks(ctx, tx, t.a)
	}
	return t
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

// later gives a row back that found nobody to fetch for it.
func (d *Drain) later(ctx context.Context, row *received) error {
	return d.s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		if ok, err := d.ours(ctx, tx, row); err != nil || !ok {
			return err
		}
		return settle(ctx, tx, &received{
			Seq: row.Seq, State: pending, Attempts: row.Attempts, Error: row.Error, DueAt: d.s.now().Add(crowded),
		}, row.Body)
	})
}

// free gives back the leases of this process's earlier life.
func (d *Drain) free(ctx context.Context) error {
	return d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*received)(nil)).Set("lease_until = NULL").Set("owner = ''").
			Where("owner = ?", d.owner).Where("state = ?", pending).Exec(ctx)
		return err
	})
}
