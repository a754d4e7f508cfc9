package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The states of a delivery. One that arrived is no row any more.
const (
	waiting = "waiting"
	failed  = "failed"
)

// delivery is one activity on its way to one inbox.
type delivery struct {
	bun.BaseModel `bun:"table:deliveries,alias:delivery"`

	ID         int64 `bun:"id,pk,autoincrement"`
	ActivityID string
	ObjectID   string
	Host       string
	Inbox      string
	State      string
	Attempts   int
	DueAt      time.Time
	// LastAttempt is zero before the first one.
	LastAttempt time.Time `bun:",nullzero"`
	Status      int
	Error       string
	Created     time.Time

	Activity *sent `bun:"rel:belongs-to,join:activity_id=id"`
}

// lane is the row of a remote host: when it is due, and who is at work on it.
type lane struct {
	bun.BaseModel `bun:"table:hosts,alias:host"`

	Host        string    `bun:"host,pk"`
	DueAt       time.Time `bun:",nullzero"`
	LeaseUntil  time.Time `bun:",nullzero"`
	Owner       string
	Wakes       int64
	Failures    int
	LastSuccess time.Time `bun:",nullzero"`
	Knock       outbox.Knock
}

// Lanes keeps the outbox's lanes in the database. It implements outbox.Store;
// the algorithm is told in docs/adr/0004.
type Lanes struct {
	db  *database.DB
	now func() time.Time
}

// Lanes gives the stored lanes.
func (s *Activities) Lanes() *Lanes {
	return &Lanes{db: s.db, now: func() time.Time { return time.Now().UTC() }}
}

// Free gives back the leases that an earlier life of owner still holds. What
// that life had begun and never finished is due at once: nobody knows whether
// it arrived.
func (l *Lanes) Free(ctx context.Context, owner string) error {
	return l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*delivery)(nil)).Set("due_at = ?", l.now()).
			Where("state = ?", waiting).Where("attempts > 0").Where("status = 0").Where("error = ''").
			Where("host IN (SELECT host FROM hosts WHERE owner = ?)", owner).Exec(ctx)
		if err != nil {
			return fmt.Errorf("free deliveries: %w", err)
		}
		_, err = tx.NewUpdate().Model((*lane)(nil)).Set("lease_until = NULL").Set("owner = ''").Where("owner = ?", owner).Exec(ctx)
		if err != nil {
			return fmt.Errorf("free lanes: %w", err)
		}
		database.Ring(ctx)
		return nil
	})
}

// Claim takes up to limit due lanes that nobody works on, those with a recent
// success first. Without a due lane it writes nothing.
func (l *Lanes) Claim(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]outbox.Lane, error) {
	due := func(db bun.IDB) *bun.SelectQuery {
		return db.NewSelect().Model((*lane)(nil)).Column("host").
			Where("host.due_at <= ?", now).Where("(host.lease_until IS NULL OR host.lease_until < ?)", now)
	}
	some, err := due(l.db.Read()).Exists(ctx)
	if err != nil || !some {
		return nil, err
	}
	var rows []*lane
	err = l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		pick := due(tx).OrderExpr("host.last_success IS NULL, host.last_success DESC, host.host").Limit(int64(limit))
		if l.db.Dialect() == database.Postgres {
			pick = pick.For("UPDATE SKIP LOCKED")
		}
		rows = nil
		return tx.NewUpdate().Model(&rows).Set("owner = ?", owner).Set("lease_until = ?", now.Add(lease)).
			Where("host.host IN (?)", pick).Returning("host, wakes, failures, last_success, knock").Scan(ctx)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("claim lanes: %w", err)
	}
	var lanes []outbox.Lane
	for _, row := range rows {
		lanes = append(lanes, outbox.Lane{Host: row.Host, Wakes: row.Wakes, Failures: row.Failures, LastSuccess: row.LastSuccess, Knock: row.Knock})
	}
	return lanes, nil
}

// Renew holds the leases of hosts until until.
func (l *Lanes) Renew(ctx context.Context, owner string, hosts []string, until time.Time) error {
	if len(hosts) == 0 {
		return nil
	}
	return l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("lease_until = ?", until).
			Where("owner = ?", owner).Where("host IN (?)", bun.List(hosts)).Exec(ctx)
		return err
	})
}

// Begin commits one more attempt and its next time for the due deliveries of
// host, at most one for each object and inbox so that their order holds, and
// gives them with the bytes to send. A lane that owner lost gives none.
func (l *Lanes) Begin(ctx context.Context, host, owner string, now time.Time, next func(attempts int) time.Time, limit int) ([]outbox.Delivery, error) {
	var rows []*delivery
	err := l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows = nil
		err := tx.NewSelect().Model(&rows).Relation("Activity").
			Where("delivery.host = ?", host).Where("delivery.state = ?", waiting).Where("delivery.due_at <= ?", now).
			Where("NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.host = delivery.host AND e.object_id = delivery.object_id AND e.inbox = delivery.inbox AND e.state = 'waiting' AND e.id < delivery.id)").
			Where("EXISTS (SELECT 1 FROM hosts h WHERE h.host = delivery.host AND h.owner = ?)", owner).
			Order("delivery.id").Limit(int64(limit)).Scan(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			row.Attempts++
			row.DueAt, row.LastAttempt = next(row.Attempts), now
			if _, err := tx.NewUpdate().Model(row).Column("attempts", "due_at", "last_attempt").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("begin deliveries to %s: %w", host, err)
	}
	var list []outbox.Delivery
	for _, row := range rows {
		list = append(list, outbox.Delivery{
			ID: row.ID, ActivityID: row.ActivityID, ActorID: row.Activity.ActorID, ObjectID: row.ObjectID,
			Inbox: row.Inbox, Body: row.Activity.Body, Attempts: row.Attempts,
		})
	}
	return list, nil
}

// Finish writes down what became of many deliveries.
func (l *Lanes) Finish(ctx context.Context, results []outbox.Result) error {
	return l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		succeeded, troubled := map[string]bool{}, map[string]bool{}
		var done []int64
		for _, r := range results {
			if r.Outcome == outbox.Done {
				done = append(done, r.Delivery.ID)
				succeeded[r.Host] = true
				continue
			}
			if err := finishUndone(ctx, tx, r); err != nil {
				return err
			}
			troubled[r.Host] = true
		}
		if len(done) > 0 {
			if _, err := tx.NewDelete().Model((*delivery)(nil)).Where("id IN (?)", bun.List(done)).Exec(ctx); err != nil {
				return fmt.Errorf("finish deliveries: %w", err)
			}
		}
		if err := l.noteHosts(ctx, tx, succeeded, troubled); err != nil {
			return err
		}
		return noteKnocks(ctx, tx, results)
	})
}

func finishUndone(ctx context.Context, tx bun.Tx, r outbox.Result) error {
	q := tx.NewUpdate().Model((*delivery)(nil)).Set("status = ?", r.Status).Set("error = ?", r.Error).Where("id = ?", r.Delivery.ID)
	if r.Outcome == outbox.Failed {
		q = q.Set("due_at = ?", r.Next)
	} else {
		q = q.Set("state = ?", failed)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("finish delivery: %w", err)
	}
	if r.Outcome != outbox.Forget {
		return nil
	}
	_, err := tx.NewDelete().Model((*actor.Follow)(nil)).
		Where("actor_id IN (SELECT id FROM actors WHERE NOT local AND (inbox = ? OR shared_inbox = ?))", r.Delivery.Inbox, r.Delivery.Inbox).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget inbox: %w", err)
	}
	return nil
}

func (l *Lanes) noteHosts(ctx context.Context, tx bun.Tx, succeeded, troubled map[string]bool) error {
	if hosts := keys(succeeded); len(hosts) > 0 {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("failures = 0").Set("last_success = ?", l.now()).Where("host IN (?)", bun.List(hosts)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("note success: %w", err)
		}
	}
	if hosts := keys(troubled); len(hosts) > 0 {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("failures = failures + 1").Where("host IN (?)", bun.List(hosts)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("note failure: %w", err)
		}
	}
	return nil
}

// noteKnocks remembers how the hosts want requests to be signed, where that is
// news.
func noteKnocks(ctx context.Context, tx bun.Tx, results []outbox.Result) error {
	hosts := map[outbox.Knock]map[string]bool{}
	for _, r := range results {
		if r.Knock == "" {
			continue
		}
		if hosts[r.Knock] == nil {
			hosts[r.Knock] = map[string]bool{}
		}
		hosts[r.Knock][r.Host] = true
	}
	for knock, set := range hosts {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("knock = ?", string(knock)).
			Where("host IN (?)", bun.List(keys(set))).Where("knock <> ?", string(knock)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("note knock: %w", err)
		}
	}
	return nil
}

// Sleep gives a lane back. It is due again when its earliest delivery is, or at
// once if it was woken since it was claimed: comparing the count of wakes
// loses none, where asking whether rows are left does on PostgreSQL. A lane
// that failed waits at least as long as its failures demand.
func (l *Lanes) Sleep(ctx context.Context, owner string, held outbox.Lane, failing bool) error {
	return l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row := new(lane)
		q := tx.NewSelect().Model(row).Where("host = ?", held.Host).Where("owner = ?", owner)
		if l.db.Dialect() == database.Postgres {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return nil // the lease ran out and another process has the lane
			}
			return fmt.Errorf("put lane to sleep: %w", err)
		}
		due, err := l.earliest(ctx, tx, held.Host)
		if err != nil {
			return err
		}
		switch now := l.now(); {
		case row.Wakes != held.Wakes:
			due = now
			database.Ring(ctx)
		case failing && !due.IsZero() && due.Before(now.Add(outbox.Backoff(row.Failures, nil))):
			due = now.Add(outbox.Backoff(row.Failures, nil))
		}
		row.DueAt, row.LeaseUntil, row.Owner = due, time.Time{}, ""
		_, err = tx.NewUpdate().Model(row).Column("due_at", "lease_until", "owner").WherePK().Exec(ctx)
		return err
	})
}

func (l *Lanes) earliest(ctx context.Context, tx bun.Tx, host string) (time.Time, error) {
	row := new(delivery)
	err := tx.NewSelect().Model(row).Column("due_at").Where("host = ?", host).Where("state = ?", waiting).
		Order("due_at").Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("find earliest delivery to %s: %w", host, err)
	}
	return row.DueAt, nil
}

func keys(m map[string]bool) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return list
}

// notFound turns "no row" into a problem.NotFound with this sentence.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return problem.NotFoundf(format, args...)
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
