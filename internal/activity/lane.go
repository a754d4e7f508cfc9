package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
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

// states are all of them. What is looked for by its host is looked for in each,
// since each has an index of its own.
var states = []string{waiting, failed}

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

// lane is the row of a remote host: when it is due, who is at work on it, and
// its outbox.Health.
type lane struct {
	bun.BaseModel `bun:"table:hosts,alias:host"`

	Host       string    `bun:"host,pk"`
	DueAt      time.Time `bun:",nullzero"`
	LeaseUntil time.Time `bun:",nullzero"`
	Owner      string
	Wakes      int64
	// Standing is that of the health, so that claims find it.
	Standing    outbox.Standing
	Failures    int
	LastSuccess time.Time `bun:",nullzero"`
	LastFailure time.Time `bun:",nullzero"`
	Strikes     int
	FirstStrike time.Time `bun:",nullzero"`
	Probes      int
	NotBefore   time.Time `bun:",nullzero"`
	AskedUntil  time.Time `bun:",nullzero"`
	Knock       outbox.Knock
	Ed25519     outbox.Support `bun:"ed25519"`
}

func (l *lane) health() outbox.Health {
	return outbox.Health{
		Failures: l.Failures, LastSuccess: l.LastSuccess, LastFailure: l.LastFailure, Strikes: l.Strikes,
		FirstStrike: l.FirstStrike, Probes: l.Probes, NotBefore: l.NotBefore, Asked: l.AskedUntil, Knock: l.Knock, Ed25519: l.Ed25519,
	}
}

// setHealth is what an update of lanes sets of their health; healthOf gives its
// arguments. What was learned of Ed25519 while the lane was in work must not be
// forgotten.
const setHealth = "standing = ?, failures = ?, last_success = ?, last_failure = ?, strikes = ?, first_strike = ?, probes = ?, " +
	"not_before = ?, asked_until = ?, knock = ?, ed25519 = CASE WHEN ed25519 < ? THEN ? ELSE ed25519 END"

func healthOf(h outbox.Health) []any {
	return []any{
		int(h.Standing()), h.Failures, h.LastSuccess, h.LastFailure, h.Strikes, h.FirstStrike, h.Probes,
		h.NotBefore, h.Asked, string(h.Knock), int(h.Ed25519), int(h.Ed25519),
	}
}

// Lanes keeps the outbox's lanes in the database. It implements outbox.Store;
// the algorithm is told in docs/adr/0004 and 0011.
type Lanes struct {
	db     *database.DB
	actors *actor.Actors
	now    func() time.Time

	mu sync.Mutex
	// bodies are the activities that were delivered lately. Nobody changes one.
	bodies map[string]*sent
}

// keptBodies is how many activities are kept at most.
const keptBodies = 64

// Lanes gives the stored lanes.
func (s *Activities) Lanes() *Lanes {
	return &Lanes{db: s.db, actors: s.actors, now: func() time.Time { return time.Now().UTC() }, bodies: map[string]*sent{}}
}

// Free gives back the leases that an earlier life of owner still holds. What
// that life had begun and never finished is due at once: nobody knows whether
// it arrived.
func (l *Lanes) Free(ctx context.Context, owner string) error {
	return l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("lease_until = NULL").Where("owner = ?", owner).Exec(ctx)
		if err != nil {
			return fmt.Errorf("free lanes: %w", err)
		}
		_, err = tx.NewUpdate().Model((*delivery)(nil)).Set("due_at = ?", l.now()).
			Where("state = ?", waiting).Where("attempts > 0").Where("status = 0").Where("error = ''").
			Where("host IN (SELECT host FROM hosts WHERE owner = ?)", owner).Exec(ctx)
		if err != nil {
			return fmt.Errorf("free deliveries: %w", err)
		}
		if _, err = tx.NewUpdate().Model((*lane)(nil)).Set("owner = ''").Where("owner = ?", owner).Exec(ctx); err != nil {
			return fmt.Errorf("free lanes: %w", err)
		}
		database.Ring(ctx)
		return nil
	})
}

// Claim takes due lanes that nobody works on, and begins what is due on them,
// all in one transaction. Without a due lane it writes nothing.
func (l *Lanes) Claim(ctx context.Context, c outbox.Claim) ([]outbox.Lane, error) {
	some, err := someDue.Exists(ctx, l.db.Read(), c.Now, c.Now)
	if err != nil || !some {
		return nil, err
	}
	var lanes []outbox.Lane
	var begun []*delivery
	err = l.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := l.take(ctx, tx, c)
		if err != nil || len(rows) == 0 {
			return err
		}
		if begun, err = l.begin(ctx, tx, c, rows); err != nil {
			return err
		}
		lanes = nil
		for _, row := range rows {
			lanes = append(lanes, outbox.Lane{Host: row.Host, Wakes: row.Wakes, Health: row.health()})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim lanes: %w", err)
	}
	return lanes, l.fill(ctx, lanes, begun)
}

// isDue is the condition that a lane is due and nobody works on it.
const isDue = "due_at <= ? AND (lease_until IS NULL OR lease_until < ?)"

// What Claim asks and writes, for each group of deliveries.
var (
	someDue  = database.NewStatement("SELECT 1 FROM hosts WHERE " + isDue + " LIMIT 1")
	dueLanes = database.NewStatement(selectDue)
	// lockedLanes are dueLanes on PostgreSQL, where several processes claim.
	lockedLanes = database.NewStatement(selectDue + " FOR UPDATE SKIP LOCKED")
	leaseLanes  = database.NewStatement("UPDATE hosts SET owner = ?, lease_until = ? WHERE host IN (?)")
	dueHeads    = database.NewStatement(heads + " AND d.host IN (?) AND d.due_at <= ? ORDER BY d.host, d.attempts, d.id")
	firstHead   = database.NewStatement(heads + " AND d.host = ? ORDER BY d.attempts, d.id LIMIT 1")
	putAttempts = database.NewStatement("UPDATE deliveries SET attempts = ?, due_at = ?, last_attempt = ? WHERE id IN (?)")
)

const selectDue = "SELECT host, owner, wakes, standing, failures, last_success, last_failure, strikes, first_strike, probes, not_before, asked_until, knock, ed25519 " +
	"FROM hosts WHERE " + isDue + " AND standing = ? ORDER BY due_at, host LIMIT ?"

// heads selects deliveries before which no other of the same object waits for
// the same inbox. Those with the fewest attempts come first: one that always
// fails must not keep the others from being tried. Only a delivery that failed
// before can be too old, so that only its age is read.
const heads = "SELECT d.id, d.activity_id, d.object_id, d.host, d.inbox, d.attempts, CASE WHEN d.attempts > 0 THEN d.created END AS created " +
	"FROM deliveries d WHERE d.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.host = d.host AND e.object_id = d.object_id " +
	"AND e.inbox = d.inbox AND e.state = 'waiting' AND e.id < d.id)"

// take leases due lanes of each standing.
func (l *Lanes) take(ctx context.Context, tx bun.Tx, c outbox.Claim) ([]*lane, error) {
	var rows []*lane
	for standing, limit := range c.Limits {
		if limit == 0 {
			continue
		}
		pick := dueLanes
		if l.db.Dialect() == database.Postgres {
			pick = lockedLanes
		}
		var some []*lane
		if err := pick.All(ctx, tx, &some, c.Now, c.Now, standing, limit); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	rows, err := l.notHeld(ctx, tx, c, rows)
	if err != nil {
		return nil, err
	}
	rows, err = l.admit(ctx, tx, rows)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	_, err = leaseLanes.Exec(ctx, tx, c.Owner, c.Now.Add(c.Lease), database.List[string](names(rows)))
	return rows, err
}

// notHeld leaves out the lanes on which this owner is at work, whose leases ran
// out unnoticed, and renews them: nothing goes out twice side by side.
func (l *Lanes) notHeld(ctx context.Context, tx bun.Tx, c outbox.Claim, rows []*lane) ([]*lane, error) {
	var held, others []*lane
	for _, row := range rows {
		if c.Held != nil && row.Owner == c.Owner && c.Held(row.Host) {
			held = append(held, row)
		} else {
			others = append(others, row)
		}
	}
	if len(held) == 0 {
		return rows, nil
	}
	_, err := tx.NewUpdate().Model((*lane)(nil)).Set("lease_until = ?", c.Now.Add(c.Lease)).Where("host IN (?)", bun.List(names(held))).Exec(ctx)
	return others, err
}

// admit leaves out who is kept out: nothing goes there any more, also of what
// was published before.
func (l *Lanes) admit(ctx context.Context, tx bun.Tx, rows []*lane) ([]*lane, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	blocked, err := l.actors.BlockedAmong(ctx, tx, names(rows))
	if err != nil || len(blocked) == 0 {
		return rows, err
	}
	hosts := slices.Sorted(maps.Keys(blocked))
	_, err = tx.NewUpdate().Model((*delivery)(nil)).Set("state = ?", failed).Set("status = 0").Set("error = 'the host is kept out'").
		Where("state = 'waiting'").Where("host IN (?)", bun.List(hosts)).Exec(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := tx.NewUpdate().Model((*lane)(nil)).Set("due_at = NULL").Where("host IN (?)", bun.List(hosts)).Exec(ctx); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(row *lane) bool { return blocked[row.Host] }), nil
}

func names(rows []*lane) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = row.Host
	}
	return list
}

// begin commits one more attempt and its next time for what is due on lanes, at
// most one for each object and inbox so that their order holds. Where the
// breaker is open one is begun, due or not: the probe.
func (l *Lanes) begin(ctx context.Context, tx bun.Tx, c outbox.Claim, lanes []*lane) ([]*delivery, error) {
	var due, probes []*delivery
	var closed, open []*lane
	for _, lane := range lanes {
		if lane.health().Open() {
			open = append(open, lane)
		} else {
			closed = append(closed, lane)
		}
	}
	if len(closed) > 0 {
		if err := dueHeads.All(ctx, tx, &due, database.List[string](names(closed)), c.Now); err != nil {
			return nil, err
		}
	}
	for _, lane := range open {
		var probe []*delivery
		if err := firstHead.All(ctx, tx, &probe, lane.Host); err != nil {
			return nil, err
		}
		probes = append(probes, probe...)
	}
	begun := append(atMost(c.Batch, due), probes...)
	list := make([]attempt, len(begun))
	for i, row := range begun {
		row.Attempts++
		list[i] = attempt{row.ID, beginning{row.Attempts, c.Now, c.Next(row.Attempts)}}
	}
	return begun, l.beforeSending(ctx, tx, list)
}

// attempt is a delivery that is begun.
type attempt struct {
	id int64
	beginning
}

// beginning is how deliveries are begun. Those that are begun in the same way
// are written together.
type beginning struct {
	attempts  int
	now, next time.Time
}

func writeAttempts(ctx context.Context, tx bun.Tx, list []attempt) error {
	groups := map[beginning][]int64{}
	for _, a := range list {
		groups[a.beginning] = append(groups[a.beginning], a.id)
	}
	for b, ids := range groups {
		if _, err := putAttempts.Exec(ctx, tx, b.attempts, b.next, b.now, database.List[int64](ids)); err != nil {
			return err
		}
	}
	return nil
}

// atMost leaves the first n of each host. list is in the order of hosts.
func atMost(n int, list []*delivery) []*delivery {
	var kept []*delivery
	count := 0
	for i, row := range list {
		if i == 0 || row.Host != list[i-1].Host {
			count = 0
		}
		if count++; count <= n {
			kept = append(kept, row)
		}
	}
	return kept
}

// fill hands to each lane what was begun on it, with the bytes to send.
func (l *Lanes) fill(ctx context.Context, lanes []outbox.Lane, begun []*delivery) error {
	bodies, err := l.bodiesOf(ctx, begun)
	if err != nil {
		return err
	}
	at := make(map[string]int, len(lanes))
	for i, lane := range lanes {
		at[lane.Host] = i
	}
	for _, row := range begun {
		a := bodies[row.ActivityID]
		if a == nil {
			continue // gone since, and its deliveries with it
		}
		lane := &lanes[at[row.Host]]
		lane.Deliveries = append(lane.Deliveries, outbox.Delivery{
			ID: row.ID, ActivityID: row.ActivityID, ActorID: a.ActorID, ObjectID: row.ObjectID,
			Inbox: row.Inbox, Body: a.Body, Attempts: row.Attempts, Queued: row.Created,
		})
	}
	return nil
}

// bodiesOf gives the activities of deliveries. Each is read once.
func (l *Lanes) bodiesOf(ctx context.Context, rows []*delivery) (map[string]*sent, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bodies := map[string]*sent{}
	var missing []string
	for _, row := range rows {
		if _, ok := bodies[row.ActivityID]; !ok {
			bodies[row.ActivityID] = l.bodies[row.ActivityID]
			if bodies[row.ActivityID] == nil {
				missing = append(missing, row.ActivityID)
			}
		}
	}
	if len(missing) == 0 {
		return bodies, nil
	}
	var list []*sent
	if err := l.db.Read().NewSelect().Model(&list).Where("id IN (?)", bun.List(missing)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read activities: %w", err)
	}
	for _, a := range list {
		if len(l.bodies) >= keptBodies {
			clear(l.bodies)
		}
		bodies[a.ID], l.bodies[a.ID] = a, a
	}
	return bodies, nil
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

// notFound turns "no row" into a problem.NotFound with this sentence.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return problem.NotFoundf(format, args...)
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
