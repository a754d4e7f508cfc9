package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/database"
)

// The states of a received activity. Only a pending one has a body still.
const (
	pending = "pending"
	applied = "applied"
	refused = "refused"
	ignored = "ignored" // of a type that we know nothing to do with
	undone  = "undone"  // its Undo came first
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
	Error      string
	Received   time.Time
}

// group is how many waiting requests one transaction takes at most.
const group = 100

// Queue is the durable inbox: what it has accepted survives a crash. It
// implements inbox.Queue. One goroutine per process commits whatever has
// queued, so that many requests share one fsync.
type Queue struct {
	db   *database.DB
	wait chan *waitingRow
}

type waitingRow struct {
	row   *received
	fresh bool
	done  chan error
}

// Queue gives the durable inbox. Run must be running for Receive to return.
func (s *Activities) Queue() *Queue {
	return &Queue{db: s.db, wait: make(chan *waitingRow, 4*group)}
}

// Receive stores r and returns when it is safely on disk. fresh is false for
// an activity that the same actor sent before.
func (q *Queue) Receive(ctx context.Context, r inbox.Received) (fresh bool, err error) {
	w := &waitingRow{done: make(chan error, 1), row: &received{
		ActivityID: r.ActivityID, ActorID: r.ActorID, Type: r.Type, Body: r.Body,
		// To the second, like the drain's clock: it is due now, not when the
		// second is over.
		State: pending, DueAt: r.At.Truncate(time.Second), Received: r.At,
	}}
	select {
	case q.wait <- w:
	case <-ctx.Done():
		return false, fmt.Errorf("receive activity: %w", ctx.Err())
	}
	select {
	case err := <-w.done:
		return w.fresh, err
	case <-ctx.Done():
		return false, fmt.Errorf("receive activity: %w", ctx.Err())
	}
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
// stored each is tried alone, so that one row does not speak for all.
func (q *Queue) answer(ctx context.Context, batch []*waitingRow) {
	err := q.commit(ctx, batch)
	if err != nil && len(batch) > 1 {
		for _, w := range batch {
			w.done <- q.commit(ctx, []*waitingRow{w})
		}
		return
	}
	for _, w := range batch {
		w.done <- err
	}
}

func (q *Queue) commit(ctx context.Context, batch []*waitingRow) error {
	return q.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, w := range batch {
			err := tx.NewInsert().Model(w.row).On("CONFLICT (activity_id, actor_id) DO NOTHING").
				Returning("seq").Scan(ctx, &w.row.Seq)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("store received activity: %w", err)
			}
			w.fresh = err == nil
		}
		database.Ring(ctx)
		return nil
	})
}

// remember is how long a received activity is known again.
const remember = 30 * 24 * time.Hour

// Forget removes what was received or deleted elsewhere so long ago that nobody
// sends it again.
func (s *Activities) Forget(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*received)(nil)).
			Where("state <> ?", pending).Where("received < ?", s.now().Add(-remember)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget received activities: %w", err)
		}
		return s.objects.Forget(ctx, tx, s.now().Add(-remember))
	})
}
