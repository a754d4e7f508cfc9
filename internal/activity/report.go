package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
)

// missingFor is how long an inbox must have answered 404 until it is forgotten.
const missingFor = 7 * 24 * time.Hour

// What Finish asks and writes, for a few deliveries each time.
var (
	ourLanes     = database.NewStatement(selectOurs)
	lockOurLanes = database.NewStatement(selectOurs + " FOR UPDATE")
	// someMissing asks whether any inbox answered 404.
	someMissing = database.NewStatement("SELECT 1 FROM deliveries WHERE state = 'failed' AND status = 404 LIMIT 1")
	dropArrived = database.NewStatement("DELETE FROM deliveries WHERE id IN (?)")
	nextDue     = database.NewStatement("SELECT host, MIN(due_at) AS due_at FROM deliveries WHERE state = 'waiting' AND host IN (?) GROUP BY host")
	keepLanes   = database.NewStatement("UPDATE hosts SET " + setHealth + " WHERE host IN (?)")
	endLanes    = database.NewStatement("UPDATE hosts SET " + setHealth + ", due_at = ?, lease_until = NULL, owner = '' WHERE host IN (?)")
)

const selectOurs = "SELECT host, wakes FROM hosts WHERE owner = ? AND host IN (?) ORDER BY host"

// Finish writes down what became of deliveries, what is known of their hosts
// now, and gives lanes back that ended. due tells whether one of those is due
// again.
func (l *Lanes) Finish(ctx context.Context, owner string, reports []outbox.Report) (due bool, err error) {
	err = l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		lanes, err := l.ours(ctx, tx, owner, reports)
		if err != nil {
			return fmt.Errorf("find lanes: %w", err)
		}
		if err := l.afterSending(ctx, tx, reports); err != nil {
			return fmt.Errorf("write attempts: %w", err)
		}
		// First, since what failed beside a success keeps its own next time.
		if err := release(ctx, tx, returned(reports), l.now()); err != nil {
			return err
		}
		if err := l.finishDeliveries(ctx, tx, reports); err != nil {
			return fmt.Errorf("finish deliveries: %w", err)
		}
		due, err = l.finishLanes(ctx, tx, lanes, reports)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("write results: %w", err)
	}
	countReports(reports)
	return due, nil
}

// ours gives the lanes of the reports that owner still holds, and locks them in
// the order of their hosts, as publishing does. Whoever publishes now waits and
// wakes them afterwards; whoever has published is seen in their count of wakes.
func (l *Lanes) ours(ctx context.Context, tx bun.Tx, owner string, reports []outbox.Report) (map[string]*lane, error) {
	hosts := make([]string, len(reports))
	for i, r := range reports {
		hosts[i] = r.Host
	}
	find := ourLanes
	if l.db.Dialect() == database.Postgres {
		find = lockOurLanes
	}
	var rows []*lane
	if err := find.All(ctx, tx, &rows, owner, database.List[string](hosts)); err != nil {
		return nil, err
	}
	lanes := make(map[string]*lane, len(rows))
	for _, row := range rows {
		lanes[row.Host] = row
	}
	return lanes, nil
}

// finishDeliveries removes what arrived, and notes of the rest why it did not.
func (l *Lanes) finishDeliveries(ctx context.Context, tx bun.Tx, reports []outbox.Report) error {
	var done, held []int64
	var arrived []string
	for _, r := range reports {
		for _, one := range r.Results {
			switch one.Outcome {
			case outbox.Done:
				done = append(done, one.Delivery.ID)
				arrived = append(arrived, one.Delivery.Inbox)
			case outbox.Held:
				held = append(held, one.Delivery.ID)
			default:
				if err := l.finishUndone(ctx, tx, one); err != nil {
					return err
				}
			}
		}
	}
	if len(done) > 0 {
		if err := l.confirmDeletions(ctx, tx, done); err != nil {
			return err
		}
		if _, err := dropArrived.Exec(ctx, tx, database.List[int64](done)); err != nil {
			return err
		}
		if err := foundAgain(ctx, tx, arrived); err != nil {
			return err
		}
	}
	if len(held) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model((*delivery)(nil)).Set("attempts = attempts - 1").Set("due_at = ?", l.now()).
		Where("id IN (?)", bun.List(held)).Exec(ctx)
	return err
}

// foundAgain forgets that these inboxes were missing: they took something.
func foundAgain(ctx context.Context, tx bun.Tx, inboxes []string) error {
	some, err := someMissing.Exists(ctx, tx)
	if err != nil || !some {
		return err
	}
	_, err = tx.NewDelete().Model((*delivery)(nil)).Where("inbox IN (?)", bun.List(inboxes)).
		Where("state = 'failed'").Where("status = 404").Exec(ctx)
	return err
}

func (l *Lanes) finishUndone(ctx context.Context, tx bun.Tx, r outbox.Result) error {
	forget := r.Outcome == outbox.Forget
	if r.Status == 404 && !forget {
		missing, err := tx.NewSelect().Model((*delivery)(nil)).Where("inbox = ?", r.Delivery.Inbox).Where("state = 'failed'").
			Where("status = 404").Where("last_attempt <= ?", l.now().Add(-missingFor)).Exists(ctx)
		if err != nil {
			return err
		}
		forget = missing
	}
	q := tx.NewUpdate().Model((*delivery)(nil)).Set("status = ?", r.Status).Set("error = ?", r.Error).Where("id = ?", r.Delivery.ID)
	if r.Outcome == outbox.Failed {
		q = q.Set("due_at = ?", r.Next)
	} else {
		q = q.Set("state = ?", failed)
	}
	if _, err := q.Exec(ctx); err != nil {
		return err
	}
	if !forget {
		return nil
	}
	_, err := tx.NewDelete().Model((*actor.Follow)(nil)).
		Where("actor_id IN (SELECT id FROM actors WHERE NOT local AND (inbox = ? OR shared_inbox = ?))", r.Delivery.Inbox, r.Delivery.Inbox).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget inbox: %w", err)
	}
	return nil
}

// ending is how lanes are left. Those that are left in the same way are written
// together.
type ending struct {
	health outbox.Health
	ended  bool
	due    time.Time
}

func (l *Lanes) finishLanes(ctx context.Context, tx bun.Tx, lanes map[string]*lane, reports []outbox.Report) (bool, error) {
	last := map[string]outbox.Report{}
	var ended []string
	for _, r := range reports {
		if r.Ended {
			ended = append(ended, r.Host)
		}
		r.Returned = r.Returned || last[r.Host].Returned
		last[r.Host] = r
	}
	now := l.now()
	next, err := earliest(ctx, tx, ended)
	if err != nil {
		return false, err
	}
	groups, due := map[ending][]string{}, false
	for host, r := range last {
		row := lanes[host]
		if row == nil || !r.Ended && !r.Returned && r.Health.Failures == 0 {
			continue // another process has the lane, or nothing is new
		}
		e := ending{health: r.Health, ended: r.Ended}
		if r.Ended {
			e.due = dueAgain(r, row.Wakes, next[host], now)
			due = due || !e.due.IsZero() && !e.due.After(now)
		}
		groups[e] = append(groups[e], host)
	}
	for e, hosts := range groups {
		put, args := keepLanes, healthOf(e.health)
		if e.ended {
			put, args = endLanes, append(args, e.due)
		}
		if _, err := put.Exec(ctx, tx, append(args, database.List[string](hosts))...); err != nil {
			return false, fmt.Errorf("put lanes to sleep: %w", err)
		}
	}
	return due, nil
}

// returned gives the hosts that answer again.
func returned(reports []outbox.Report) []string {
	var hosts []string
	for _, r := range reports {
		if r.Returned {
			hosts = append(hosts, r.Host)
		}
	}
	return hosts
}

// release lets everything go out that waits for hosts that answer again.
func release(ctx context.Context, tx bun.Tx, hosts []string, now time.Time) error {
	if len(hosts) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model((*delivery)(nil)).Set("due_at = ?", now).
		Where("state = 'waiting'").Where("host IN (?)", bun.List(hosts)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("let go out what waited: %w", err)
	}
	return nil
}

// dueAgain gives when a lane that ended is due, zero when it has nothing: at
// its earliest delivery, or at once if it was woken since it was claimed.
// Comparing the count of wakes loses none, where asking whether rows are left
// does on PostgreSQL. A host that failed is left alone for a while.
func dueAgain(r outbox.Report, wakes int64, next, now time.Time) time.Time {
	due := next
	switch {
	case wakes != r.Wakes:
		due = now
	case due.IsZero():
		return due
	case r.Health.Open():
		due = now // the probe needs nothing that is due
	}
	rest := r.Health.NotBefore
	if wakes == r.Wakes && r.Rest.After(rest) {
		rest = r.Rest
	}
	if rest.After(due) {
		due = rest
	}
	return due
}

// earliest gives for each host when its first delivery is due.
func earliest(ctx context.Context, tx bun.Tx, hosts []string) (map[string]time.Time, error) {
	next := map[string]time.Time{}
	if len(hosts) == 0 {
		return next, nil
	}
	var rows []*delivery
	err := nextDue.All(ctx, tx, &rows, database.List[string](hosts))
	if err != nil {
		return nil, fmt.Errorf("find what is due next: %w", err)
	}
	for _, row := range rows {
		next[row.Host] = row.DueAt
	}
	return next, nil
}
