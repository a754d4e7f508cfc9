package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Deletion is something of ours that was deleted, and how many servers were
// told. Its words are gone; what it was and when it stood there is known.
type Deletion struct {
	ActivityID string
	// ActorID is in whose name it was published and deleted.
	ActorID  string
	ObjectID string
	// Type is that of what was deleted, "" for an actor. Reply is true for an
	// answer and for a notice about something.
	Type  string
	Reply bool
	// Published is zero for an actor.
	Published time.Time
	// Created is when it was deleted.
	Created time.Time
	// Told counts the inboxes that were told, Confirmed those that took it.
	// Waiting will be tried again, Failed was given up or refused.
	Told, Confirmed, Waiting, Failed int
}

// Key is the last segment of the activity's id, which pages use.
func (d *Deletion) Key() string { return actor.Key(d.ActivityID) }

// Told says what became of a Delete at one inbox.
type Told struct {
	Host, Inbox string
	// Confirmed is when the server took it, zero when it has not.
	Confirmed time.Time
	// State is "waiting", "failed" or, for what was confirmed or dropped, "".
	State string
	// Next is when it is tried again, LastAttempt when it was last tried.
	Next, LastAttempt time.Time
	Status            int
	Error             string
}

// deletion and told are the rows.
type deletion struct {
	bun.BaseModel `bun:"table:deletions,alias:deletion"`
	ActivityID    string `bun:"activity_id,pk"`
	ActorID       string
	ObjectID      string
	Created       time.Time
}

type told struct {
	bun.BaseModel `bun:"table:told,alias:told"`
	ActivityID    string `bun:"activity_id,pk"`
	Inbox         string `bun:"inbox,pk"`
	Host          string
	Confirmed     time.Time `bun:",nullzero"`
}

// noteDeletion remembers who is told that something was deleted.
func (s *Activities) noteDeletion(ctx context.Context, tx bun.Tx, row *sent, deliveries []*delivery) error {
	d := &deletion{ActivityID: row.ID, ActorID: row.ActorID, ObjectID: row.ObjectID, Created: row.Published}
	if _, err := tx.NewInsert().Model(d).Exec(ctx); err != nil {
		return fmt.Errorf("note deletion: %w", err)
	}
	rows := make([]*told, len(deliveries))
	for i, one := range deliveries {
		rows[i] = &told{ActivityID: row.ID, Inbox: one.Inbox, Host: one.Host}
	}
	for chunk := range slices.Chunk(rows, 500) {
		if _, err := tx.NewInsert().Model(&chunk).Exec(ctx); err != nil {
			return fmt.Errorf("note who is told: %w", err)
		}
	}
	return nil
}

var (
	// someTold asks whether anybody has not confirmed a deletion. It is asked for
	// each batch of what arrived.
	someTold = database.NewStatement("SELECT 1 FROM told WHERE confirmed IS NULL LIMIT 1")
	confirm  = database.NewStatement("UPDATE told SET confirmed = ? WHERE confirmed IS NULL " +
		"AND (activity_id, inbox) IN (SELECT activity_id, inbox FROM deliveries WHERE id IN (?))")
)

// confirmDeletions notes of deliveries that arrived which deletions they were.
// It is done before their rows go.
func (l *Lanes) confirmDeletions(ctx context.Context, tx bun.Tx, done []int64) error {
	some, err := someTold.Exists(ctx, tx)
	if err != nil || !some {
		return err
	}
	if _, err := confirm.Exec(ctx, tx, l.now(), database.List[int64](done)); err != nil {
		return fmt.Errorf("note who confirmed: %w", err)
	}
	return nil
}

// Deletions lists what was deleted in the name of actorID, "" for all of us, the
// latest first. before is the ActivityID of the last one of the page before, or
// "". Who may see it is decided by who asks.
func (s *Activities) Deletions(ctx context.Context, actorID, before string, limit int) ([]*Deletion, error) {
	page := s.db.Read().NewSelect().Model((*deletion)(nil)).OrderExpr("deletion.created DESC, deletion.activity_id DESC").Limit(int64(limit))
	if actorID != "" {
		page = page.Where("deletion.actor_id = ?", actorID)
	}
	if before != "" {
		page = page.Where("(deletion.created, deletion.activity_id) < (SELECT b.created, b.activity_id FROM deletions b WHERE b.activity_id = ?)", before)
	}
	return s.countTold(ctx, page)
}

// countTold adds to deletions what they were and who was told.
func (s *Activities) countTold(ctx context.Context, page *bun.SelectQuery) ([]*Deletion, error) {
	var list []*Deletion
	err := s.db.Read().NewSelect().TableExpr("(?) AS d", page).
		Join("LEFT JOIN objects AS o ON o.id = d.object_id").
		Join("LEFT JOIN told AS t ON t.activity_id = d.activity_id").
		Join("LEFT JOIN deliveries AS v ON v.activity_id = t.activity_id AND v.inbox = t.inbox AND t.confirmed IS NULL").
		ColumnExpr("d.activity_id, d.actor_id, d.object_id, d.created").
		ColumnExpr("COALESCE(o.type, '') AS type, COALESCE(o.in_reply_to, '') <> '' AS reply, o.published").
		ColumnExpr("COUNT(t.inbox) AS told, COUNT(t.confirmed) AS confirmed").
		ColumnExpr("SUM(CASE WHEN v.state = ? THEN 1 ELSE 0 END) AS waiting", waiting).
		ColumnExpr("SUM(CASE WHEN t.inbox IS NOT NULL AND t.confirmed IS NULL AND (v.state IS NULL OR v.state <> ?) THEN 1 ELSE 0 END) AS failed", waiting).
		GroupExpr("d.activity_id, d.actor_id, d.object_id, d.created, o.type, o.in_reply_to, o.published").
		OrderExpr("d.created DESC, d.activity_id DESC").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list deletions: %w", err)
	}
	return list, nil
}

// FindDeletion gives the deletion whose activity has this id.
func (s *Activities) FindDeletion(ctx context.Context, activityID string) (*Deletion, error) {
	list, err := s.countTold(ctx, s.db.Read().NewSelect().Model((*deletion)(nil)).Where("deletion.activity_id = ?", activityID))
	if err == nil && len(list) == 0 {
		err = problem.NotFoundf("there is no deletion %s", activityID)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// WhoWasTold lists the inboxes that were told of a deletion: those that have not
// confirmed it first.
func (s *Activities) WhoWasTold(ctx context.Context, activityID string, limit int) ([]Told, error) {
	var rows []struct {
		Host, Inbox, State, Error           string
		Confirmed, LastAttempt, DueAt, Lane time.Time
		Status                              int
	}
	err := s.db.Read().NewSelect().Model((*told)(nil)).
		Join("LEFT JOIN deliveries AS v ON v.activity_id = told.activity_id AND v.inbox = told.inbox AND told.confirmed IS NULL").
		Join("LEFT JOIN hosts AS h ON h.host = told.host").
		ColumnExpr("told.host, told.inbox, told.confirmed, v.last_attempt, v.due_at, h.due_at AS lane").
		ColumnExpr("COALESCE(v.state, '') AS state, COALESCE(v.status, 0) AS status, COALESCE(v.error, '') AS error").
		Where("told.activity_id = ?", activityID).
		OrderExpr("CASE WHEN told.confirmed IS NULL THEN 0 ELSE 1 END, told.host, told.inbox").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list who was told: %w", err)
	}
	list := make([]Told, len(rows))
	for i, r := range rows {
		list[i] = Told{
			Host: r.Host, Inbox: r.Inbox, Confirmed: r.Confirmed, State: r.State, LastAttempt: r.LastAttempt, Status: r.Status, Error: r.Error,
		}
		if r.State == waiting {
			list[i].Next = r.DueAt
			if r.Lane.After(r.DueAt) {
				list[i].Next = r.Lane // nothing is tried before its host is
			}
		}
	}
	return list, nil
}

// TellAgain sends a deletion at once to everybody who has not confirmed it, also
// where it was given up or dropped. The editors of the club may, and the town
// hall.
func (s *Activities) TellAgain(ctx context.Context, by, activityID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		d := new(deletion)
		if err := tx.NewSelect().Model(d).Where("activity_id = ?", activityID).Scan(ctx); err != nil {
			return notFound(err, "there is no deletion %s", activityID)
		}
		err := s.actors.May(ctx, tx, by, d.ActorID, actor.Publish)
		if problem.KindOf(err) == problem.Forbidden {
			err = s.actors.May(ctx, tx, by, d.ActorID, actor.Moderate)
		}
		if err != nil {
			return err
		}
		var open []*told
		if err := tx.NewSelect().Model(&open).Where("activity_id = ?", activityID).Where("confirmed IS NULL").Order("host", "inbox").Scan(ctx); err != nil {
			return err
		}
		if err := s.retell(ctx, tx, d, open); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "delivery.tell", Target: d.ObjectID})
	})
	if err != nil {
		return fmt.Errorf("tell again: %w", err)
	}
	return nil
}

func (s *Activities) retell(ctx context.Context, tx bun.Tx, d *deletion, open []*told) error {
	var hosts []string
	rows := make([]*delivery, len(open))
	for i, one := range open {
		rows[i] = &delivery{
			ActivityID: d.ActivityID, ObjectID: d.ObjectID, Host: one.Host, Inbox: one.Inbox, State: waiting, DueAt: s.now(), Created: s.now(),
		}
		if !slices.Contains(hosts, one.Host) {
			hosts = append(hosts, one.Host)
		}
	}
	for chunk := range slices.Chunk(rows, 500) {
		_, err := tx.NewInsert().Model(&chunk).On("CONFLICT (activity_id, inbox) DO UPDATE").
			Set("state = EXCLUDED.state").Set("attempts = 0").Set("due_at = EXCLUDED.due_at").Set("created = EXCLUDED.created").Exec(ctx)
		if err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(hosts, 500) {
		lanes := make([]*lane, len(chunk))
		for i, host := range chunk {
			lanes[i] = &lane{Host: host, DueAt: s.now(), Wakes: 1, Standing: outbox.Unknown}
		}
		// A person asked: what is known of a silent host does not count.
		_, err := tx.NewInsert().Model(&lanes).On("CONFLICT (host) DO UPDATE").
			Set("due_at = EXCLUDED.due_at").Set("not_before = NULL").Set("wakes = host.wakes + 1").Exec(ctx)
		if err != nil {
			return err
		}
	}
	database.Ring(ctx)
	return nil
}

// forgetDeletions removes what is known of old ones.
func (s *Activities) forgetDeletions(ctx context.Context, before time.Time) error {
	return s.db.Prune(ctx, "deletions", "activity_id", "created < ?", before)
}
