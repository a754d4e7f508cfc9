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
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// The states of a received activity. Only a pending one has a body still.
const (
	pending = "pending"
	applied = "applied"
	refused = "refused"
	ignored = "ignored" // of a type that we know nothing to do with
	undone  = "undone"  // its Undo came first
	// withdrawn is what was applied and then undone: its actor's server may send
	// it again with the same id, nobody else.
	withdrawn = "withdrawn"
)

// received is an activity from elsewhere. The row stays for thirty days, so
// that the same one is not applied twice.
type received struct {
	bun.BaseModel `bun:"table:inbox,alias:inbox"`

	Seq        int64  `bun:"seq,pk,autoincrement"`
	ActivityID string // with ActorID it is unique
	ActorID    string
	Type       string
	Body       []byte
	State      string
	Attempts   int
	DueAt      time.Time `bun:",nullzero"`
	LeaseUntil time.Time `bun:",nullzero"`
	Owner      string
	// Asks is the host that must be asked before it can be applied.
	Asks     string
	Error    string
	Received time.Time
}

// group is how many waiting requests one transaction takes at most.
const group = 100

// longest is how long a sender waits at most. Then it is asked to come again;
// should what it sent be stored after all, it is known when it comes.
const longest = 20 * time.Second

// Queue is the durable inbox: what it has accepted survives a crash. It
// implements inbox.Queue. One goroutine per process commits whatever has
// queued, so that many requests share one fsync, and applies in the same
// transaction what needs nothing from elsewhere.
type Queue struct {
	applier
	wait chan *waitingRow
}

// waitingRow is a request that waits for its activity to be safe.
type waitingRow struct {
	inbox.Received
	fresh bool
	left  int64  // seq of the row that is left to the drain, 0 for none
	state string // what became of a fresh row
	// careful says that applying it failed before: it gets a savepoint.
	careful bool
	done    chan error
}

// Queue gives the durable inbox, which hands to mux what it can apply itself.
// Run must be running for Receive to return.
func (s *Activities) Queue(mux *inbox.Mux[bun.Tx], log *slog.Logger) *Queue {
	return &Queue{applier: applier{s: s, mux: mux, log: log}, wait: make(chan *waitingRow, 4*group)}
}

// Receive stores r and returns when it is safely on disk. fresh is false for
// an activity that the same actor sent before.
func (q *Queue) Receive(ctx context.Context, r inbox.Received) (fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	w := &waitingRow{Received: r, done: make(chan error, 1)}
	select {
	case q.wait <- w:
	case <-ctx.Done():
		return false, fmt.Errorf("receive activity: %w", ctx.Err())
	}
	return w.safe(ctx)
}

// Run commits what Receive is given, until ctx ends.
func (q *Queue) Run(ctx context.Context) error {
	for {
		var batch []*waitingRow
		select {
		case <-ctx.Done():
			return nil
		case w := <-q.wait:
			batch = append(batch, w)
		}
	gather:
		for len(batch) < group {
			select {
			case w := <-q.wait:
				batch = append(batch, w)
			default:
				break gather
			}
		}
		q.answer(context.WithoutCancel(ctx), batch)
	}
}

// answer commits batch and tells each waiting request. When the whole cannot be
// stored each is tried alone, so that one row does not speak for all; but not
// when the database is busy or full, which it would be for each of them.
func (q *Queue) answer(ctx context.Context, batch []*waitingRow) {
	err := q.commit(ctx, batch)
	if err != nil && len(batch) > 1 && problem.KindOf(err) != problem.Unavailable {
		for _, w := range batch {
			w.done <- q.commit(ctx, []*waitingRow{w})
		}
		return
	}
	for _, w := range batch {
		w.done <- err
	}
}

// errCareful says that the transaction must be made anew, with a savepoint for
// what failed in it.
var errCareful = errors.New("an activity cannot be applied")

// maxTries is how often a transaction is made before all in it get a savepoint.
const maxTries = 3

// commit stores batch in one transaction. Nearly all activities can be applied,
// and a savepoint for each costs SQLite a copy of every page that it touches: so
// they get one only where something has failed, and the whole is done again.
func (q *Queue) commit(ctx context.Context, batch []*waitingRow) error {
	err := q.store(ctx, batch)
	for try := 1; errors.Is(err, errCareful); try++ {
		for _, w := range batch {
			w.careful = w.careful || try >= maxTries
		}
		err = q.store(ctx, batch)
	}
	if err != nil {
		return err
	}
	for _, w := range batch {
		if w.left != 0 {
			q.s.decoded.put(w.left, w.Activity)
		} else if w.fresh {
			countInbox.Inc(w.state)
		}
	}
	return nil
}

func (q *Queue) store(ctx context.Context, batch []*waitingRow) error {
	return q.s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		b, err := q.s.backlog(ctx, tx)
		if err != nil {
			return err
		}
		for _, w := range batch {
			if err := q.take(ctx, tx, w, b); err != nil {
				return err
			}
		}
		database.Ring(ctx)
		return nil
	})
}

var insertReceived = database.NewStatement("INSERT INTO inbox (activity_id, actor_id, type, body, state, attempts, due_at, asks, received) " +
	"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (activity_id, actor_id) DO NOTHING RETURNING seq")

// take stores w, and applies it unless it is left to the drain. A row that is
// applied at once is never written with its body.
func (q *Queue) take(ctx context.Context, tx bun.Tx, w *waitingRow, b *backlog) error {
	later, asks, err := q.forDrain(ctx, tx, w, b)
	if err != nil {
		return err
	}
	// To the second, like the drain's clock: it is due now, not when the second
	// is over.
	row := &received{ActorID: w.ActorID, Type: w.Type, Body: w.Body, State: pending, DueAt: w.At.Truncate(time.Second), Asks: asks, Received: w.At}
	if !later {
		row.Body, row.State, row.Attempts, row.DueAt = nil, applied, 1, time.Time{}
	}
	w.left = 0
	if w.fresh, err = q.insert(ctx, tx, w, row); err != nil || !w.fresh {
		return err
	}
	if later {
		w.left = row.Seq
		b.authors[w.ActorID] = true
		return nil
	}
	w.state = applied
	if !w.careful {
		if err = q.dispatch(ctx, tx, w.Activity); err != nil {
			w.careful = true
			return errors.Join(errCareful, err)
		}
		return nil
	}
	err, failed := q.apply(ctx, tx, w.Activity)
	if failed != nil || err == nil {
		return failed
	}
	row.Attempts = 0 // verdict counts it
	q.verdict(row, err)
	w.state = row.State
	return settle(ctx, tx, row, w.Body)
}

var dropWithdrawn = database.NewStatement("DELETE FROM inbox WHERE activity_id = ? AND actor_id = ? AND state = '" + withdrawn + "'")

// insert stores row for w. fresh is false when it was received before; some
// servers use the same id when a person follows again after an Undo.
func (q *Queue) insert(ctx context.Context, tx bun.Tx, w *waitingRow, row *received) (fresh bool, err error) {
	for range 2 {
		err = insertReceived.Scan(ctx, tx, []any{w.ActivityID, w.ActorID, w.Type, row.Body, row.State, row.Attempts, row.DueAt, row.Asks, w.At}, &row.Seq)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return false, fmt.Errorf("store received activity: %w", err)
		}
		if w.PassedOn {
			return false, nil
		}
		res, err := dropWithdrawn.Exec(ctx, tx, w.ActivityID, w.ActorID)
		if err != nil {
			return false, fmt.Errorf("forget withdrawn activity: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return false, err
		}
	}
	return false, nil
}

// forDrain tells whether w must wait for the drain, and which host must be asked
// for it: something must be fetched, something earlier of its author waits too,
// or the drain is behind anyway.
func (q *Queue) forDrain(ctx context.Context, tx bun.Tx, w *waitingRow, b *backlog) (later bool, asks string, err error) {
	if w.Activity == nil {
		return true, "", nil
	}
	if asks, err = q.s.asks(ctx, tx, w.Activity); err != nil || asks != "" {
		return true, asks, err
	}
	if b.behind || b.authors[w.ActorID] || !b.asking {
		return b.behind || b.authors[w.ActorID], "", nil
	}
	later, err = authorWaits.Exists(ctx, tx, w.ActorID, q.s.now())
	return later, "", err
}

// backlog is what waits for the drain.
type backlog struct {
	authors map[string]bool // who has something due
	behind  bool            // more is due than the drain takes at once
	// asking says that something waits for other servers, and so perhaps does its
	// author, who is not among authors then.
	asking bool
}

// findBacklog leaves out what waits for another server and what is behind that:
// it is not the drain that is slow.
var (
	findBacklog = database.NewStatement("SELECT actor_id FROM inbox WHERE state = 'pending' AND asks = '' AND due_at <= ? AND " + behindNone + " ORDER BY due_at LIMIT ?")
	someAsking  = database.NewStatement("SELECT 1 FROM inbox WHERE state = 'pending' AND asks <> '' AND due_at <= ? LIMIT 1")
	authorWaits = database.NewStatement("SELECT 1 FROM inbox WHERE actor_id = ? AND state = 'pending' AND due_at <= ? LIMIT 1")
)

// behindNone is the condition that nothing earlier of the author waits for
// another server.
const behindNone = "NOT EXISTS (SELECT 1 FROM inbox o WHERE o.actor_id = inbox.actor_id AND o.state = 'pending' AND o.asks <> '' AND o.due_at <= ? AND o.seq < inbox.seq)"

func (s *Activities) backlog(ctx context.Context, tx bun.Tx) (*backlog, error) {
	b, n := &backlog{authors: map[string]bool{}}, 0
	var err error
	if b.asking, err = someAsking.Exists(ctx, tx, s.now()); err != nil {
		return nil, fmt.Errorf("find waiting activities: %w", err)
	}
	rows, err := findBacklog.Query(ctx, tx, s.now(), s.now(), group)
	if err != nil {
		return nil, fmt.Errorf("find waiting activities: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for ; rows.Next(); n++ {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find waiting activities: %w", err)
		}
		b.authors[id] = true
	}
	b.behind = n == group
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find waiting activities: %w", err)
	}
	return b, nil
}

// decoded hands what the queue leaves to the drain of the same process over as
// it was decoded, by seq. It is a shortcut: the row has the body.
type decoded struct {
	mu   sync.Mutex
	list map[int64]*as.Activity
}

func (d *decoded) put(seq int64, a *as.Activity) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.list == nil || len(d.list) >= 4*group { // what other processes took
		d.list = map[int64]*as.Activity{}
	}
	d.list[seq] = a
}

func (d *decoded) take(row *received) (*as.Activity, error) {
	d.mu.Lock()
	a := d.list[row.Seq]
	delete(d.list, row.Seq)
	d.mu.Unlock()
	if a != nil {
		return a, nil
	}
	a, err := as.Decode(row.Body)
	if err != nil {
		return nil, problem.Discard(err)
	}
	return a, nil
}

// Forget removes what was received or deleted elsewhere so long ago that nobody
// sends it again, and what came from elsewhere and nobody here dealt with.
func (s *Activities) Forget(ctx context.Context) error {
	days, err := retention.All(ctx, s.db.Read())
	if err != nil {
		return err
	}
	before := days.Before(retention.Received, s.now())
	return errors.Join(
		s.db.Prune(ctx, "inbox", "seq", "state <> ? AND received < ?", pending, before),
		s.forgetDeliveries(ctx, before),
		s.forgetPrivate(ctx),
		s.forgetDeletions(ctx, days.Before(retention.Deletion, s.now())),
		s.objects.Forget(ctx, before),
		s.objects.ForgetForeign(ctx, days.Before(retention.Foreign, s.now())),
		s.actors.ForgetForeign(ctx, days.Before(retention.Foreign, s.now())),
	)
}
