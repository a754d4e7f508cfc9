package activity

import (
	"context"
	"fmt"
	"sync"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/database"
)

// task is a claimed row with what it says.
type task struct {
	row  *received
	a    *as.Activity
	asks string // the host that must be asked first
	err  error  // of preparing it
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

// room is how many activities wait for which host. Where there is none for
// more, rows stay where they are: nothing is begun that only waits for its turn.
type room struct {
	mu    sync.Mutex
	hosts map[string]int
	total int64
}

// left gives how many more may wait, and the hosts that have their share.
func (r *room) left() (n int64, full []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for host, n := range r.hosts {
		if n >= drainShare {
			full = append(full, host)
		}
	}
	return drainFetches - r.total, full
}

// fits tells whether n more may wait for host.
func (r *room) fits(host string, n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hosts[host]+n <= drainShare
}

func (r *room) enter(host string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hosts == nil {
		r.hosts = map[string]int{}
	}
	r.hosts[host]++
	r.total++
}

func (r *room) leave(host string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total--
	if r.hosts[host]--; r.hosts[host] == 0 {
		delete(r.hosts, host)
	}
}

// someReady and someToAsk ask whether there is anything to claim; readyRows and
// askingRows find it in order of arrival. An author of whom somebody is at work
// on a row is left alone, so that one author's activities stay in order.
var (
	someReady = database.NewStatement("SELECT 1 FROM inbox WHERE state = 'pending' AND asks = '' AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) LIMIT 1")
	someToAsk = database.NewStatement("SELECT 1 FROM inbox WHERE state = 'pending' AND asks <> '' AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) LIMIT 1")
	readyRows = database.NewStatement("SELECT seq, activity_id, actor_id, type, body, attempts, error, received FROM inbox " +
		"WHERE state = 'pending' AND asks = '' AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) AND " + unleased + " AND " + behindNone + " ORDER BY seq LIMIT ?")
)

// unleased is the condition that nobody is at work on anything of the author.
const unleased = "NOT EXISTS (SELECT 1 FROM inbox o WHERE o.state = 'pending' AND o.actor_id = inbox.actor_id AND o.lease_until >= ?)"

// claim leases up to a group of rows that lack nothing, and as many others as
// there is room for; nothing of an author behind a row for which something must
// be fetched: that comes when the row is done. On PostgreSQL claims take turns,
// or two processes could each take a row of the same author at the same moment.
func (d *Drain) claim(ctx context.Context) (tasks []*task, more bool, err error) {
	if due, err := d.due(ctx); err != nil || !due {
		return nil, false, err
	}
	err = d.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if d.s.db.Dialect() == database.Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", int64(claimLock)); err != nil {
				return err
			}
		}
		rows, err := d.rows(ctx, tx)
		if err != nil {
			return err
		}
		tasks, more, err = d.choose(ctx, tx, rows)
		if err != nil || len(tasks) == 0 {
			return err
		}
		var ids []int64
		for _, t := range tasks {
			ids = append(ids, t.row.Seq)
		}
		_, err = tx.NewUpdate().Model((*received)(nil)).Set("lease_until = ?", d.s.now().Add(drainLease)).
			Set("owner = ?", d.owner).Where("seq IN (?)", bun.List(ids)).Where("state = ?", pending).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("claim received activities: %w", err)
	}
	d.hand.take(tasks)
	for _, t := range tasks {
		if t.asks != "" {
			d.room.enter(t.asks)
		}
	}
	return tasks, more, nil
}

func (d *Drain) due(ctx context.Context) (bool, error) {
	statements := []*database.Statement{someReady}
	if n, _ := d.room.left(); n > 0 {
		statements = append(statements, someToAsk)
	}
	for _, some := range statements {
		if due, err := some.Exists(ctx, d.s.db.Read(), d.s.now(), d.s.now()); err != nil || due {
			if err != nil {
				err = fmt.Errorf("look for received activities: %w", err)
			}
			return due, err
		}
	}
	return false, nil
}

// rows gives what may be claimed: first what needs nothing.
func (d *Drain) rows(ctx context.Context, tx bun.Tx) ([]*received, error) {
	list, err := d.readyRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	n, full := d.room.left()
	if n <= 0 {
		return list, nil
	}
	now := d.s.now()
	var asking []*received
	q := tx.NewSelect().Model(&asking).Where("state = ?", pending).Where("asks <> ''").Where("due_at <= ?", now).
		Where("lease_until IS NULL OR lease_until < ?", now).Where(unleased, now).
		Where("NOT EXISTS (SELECT 1 FROM inbox o WHERE o.actor_id = inbox.actor_id AND o.state = 'pending' AND o.due_at <= ? AND o.seq < inbox.seq)", now).
		Order("seq").Limit(n)
	if len(full) > 0 {
		q = q.Where("asks NOT IN (?)", bun.List(full))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return append(list, asking...), nil
}

func (d *Drain) readyRows(ctx context.Context, tx bun.Tx) ([]*received, error) {
	now := d.s.now()
	rows, err := readyRows.Query(ctx, tx, now, now, now, now, group)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var list []*received
	for rows.Next() {
		row := &received{State: pending}
		if err := rows.Scan(&row.Seq, &row.ActivityID, &row.ActorID, &row.Type, &row.Body, &row.Attempts, &row.Error, &row.Received); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

var setAsks = database.NewStatement("UPDATE inbox SET asks = ? WHERE seq = ?")

// choose takes those of rows that can be begun now. What turns out to ask
// another host than it says is found by the next claim.
func (d *Drain) choose(ctx context.Context, tx bun.Tx, rows []*received) (tasks []*task, more bool, err error) {
	blocked, asked := map[string]bool{}, map[string]int{} // authors, hosts
	for _, row := range rows {
		if blocked[row.ActorID] {
			continue
		}
		if blocked[row.ActorID] = d.hand.has(row.Seq); blocked[row.ActorID] {
			continue
		}
		t := d.read(ctx, tx, row)
		if t.asks != "" {
			blocked[row.ActorID] = true
			if t.asks != row.Asks {
				if _, err := setAsks.Exec(ctx, tx, t.asks, row.Seq); err != nil {
					return nil, false, err
				}
				more = true
				continue
			}
			if asked[t.asks]++; !d.room.fits(t.asks, asked[t.asks]) {
				more = true // for another host
				continue
			}
		}
		tasks = append(tasks, t)
	}
	return tasks, more || len(tasks) >= group, nil
}

// read tells what a row says, and whether another server must be asked.
func (d *Drain) read(ctx context.Context, tx bun.Tx, row *received) *task {
	t := &task{row: row}
	if t.a, t.err = d.s.decoded.take(row); t.err == nil {
		t.asks, t.err = d.s.asks(ctx, tx, t.a)
	}
	return t
}
