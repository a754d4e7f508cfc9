package event

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// put stores an event, ours or another server's.
func (s *Events) put(ctx context.Context, tx bun.Tx, e *Event) error {
	changed, err := s.objects.Put(ctx, tx, &e.Object)
	if err != nil || !changed {
		return err
	}
	d := e.Details
	d.ObjectID, d.StartTime, d.EndTime = e.ID, d.StartTime.UTC(), d.EndTime.UTC()
	_, err = tx.NewInsert().Model(&d).On("CONFLICT (object_id) DO UPDATE").
		Set("start_time = EXCLUDED.start_time").Set("end_time = EXCLUDED.end_time").Set("timezone = EXCLUDED.timezone").
		Set("all_day = EXCLUDED.all_day").Set("place = EXCLUDED.place").Set("status = EXCLUDED.status").
		Set("reason = EXCLUDED.reason").Set("online_url = EXCLUDED.online_url").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store event %s: %w", e.ID, err)
	}
	return nil
}

// find gives one of our own events for changing it.
func (s *Events) find(ctx context.Context, tx bun.Tx, id string) (*Event, error) {
	o, err := s.objects.Own(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return s.with(ctx, tx, o)
}

// with joins an object with its details.
func (s *Events) with(ctx context.Context, db bun.IDB, o *object.Object) (*Event, error) {
	e := &Event{Object: *o}
	err := db.NewSelect().Model(&e.Details).Where("event.object_id = ?", o.ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no event %s", o.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("find event %s: %w", o.ID, err)
	}
	e.localize()
	return e, nil
}

// localize puts the times into the zone of the place.
func (d *Details) localize() {
	d.StartTime = d.StartTime.In(d.Location())
	if !d.EndTime.IsZero() {
		d.EndTime = d.EndTime.In(d.Location())
	}
}

// A Filter narrows a list of our events. The zero Filter gives all of them.
type Filter struct {
	// By is the id of a club, "" for all.
	By string
	// Since leaves out what had ended at that time.
	Since time.Time
	// Before leaves out what begins then or later; zero leaves out nothing.
	Before time.Time
}

// joined is an event with all that belongs to it, as one query gives it.
type joined struct {
	object.Object `bun:",extend"`
	Details       *Details `bun:"rel:has-one,join:id=object_id"`
}

// The list of events is what readers ask for most. It is read with statements
// that SQLite parses once: parsing takes longer than looking. Those that have
// begun before a time and those that begin later are two questions, so that no
// index is walked through all that is over. A condition that is not asked for
// is left out: each would send SQLite another way.
var (
	listRunning       = database.NewStatement(columns + byTime + listed + running + inOrder)
	listRunningByClub = database.NewStatement(columns + byClub + listed + running + inOrder)
	listComing        = database.NewStatement(columns + byTime + listed + coming + inOrder)
	listComingByClub  = database.NewStatement(columns + byClub + listed + coming + inOrder)
	beginning         = database.NewStatement("SELECT start_time FROM events WHERE object_id = ?")
)

const (
	columns = `SELECT o.id, o.attributed_to, o.name, o.summary, o.content, o.source, o.language, o.url, o.published, o.updated,
e.start_time, e.end_time, e.timezone, e.all_day, e.place, e.online_url, e.status, e.reason,
a.type, a.preferred_username, a.acct, a.name, a.url, a.published
FROM `
	// SQLite looks into tables in the order in which CROSS JOIN names them. It
	// knows no better one without statistics, and reads all objects of a type.
	byTime = "events e CROSS JOIN objects o CROSS JOIN actors a WHERE o.id = e.object_id"
	byClub = "objects o CROSS JOIN events e CROSS JOIN actors a WHERE o.attributed_to = ? AND e.object_id = o.id"
	// COALESCE of one column twice is that column, without an index.
	listed  = ` AND a.id = o.attributed_to AND o.local AND COALESCE(o.type, o.type) = 'Event' AND o.visibility = 'public' AND o.deleted IS NULL AND NOT o.hidden AND NOT a.blocked AND a.state = 'active'`
	running = ` AND COALESCE(e.end_time, e.start_time) > ? AND COALESCE(e.start_time, e.start_time) < ?
AND (COALESCE(e.start_time, e.start_time) > ? OR e.start_time = ? AND e.object_id > ?)`
	coming = " AND e.start_time >= ? AND e.start_time < ? AND (e.start_time > ? OR e.object_id > ?)"
	// SQLite plans anew for each number that stands alone after LIMIT.
	inOrder = " ORDER BY e.start_time, e.object_id LIMIT 0 + ?"
)

// The times between which all events lie.
var (
	dawn = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	dusk = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// List gives our public events that f lets through, the first one first, each
// with the names and addresses of its author. after is the id of the last event
// of the page before.
func (s *Events) List(ctx context.Context, f Filter, after string, limit int) ([]*Event, error) {
	from := dawn
	if after != "" {
		err := beginning.Scan(ctx, s.db.Read(), []any{after}, &from)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
	}
	since, before := f.Since, f.Before
	if since.IsZero() {
		since = dawn
	}
	if before.IsZero() {
		before = dusk
	}
	var events []*Event
	if from.Before(since) {
		until := since
		if before.Before(until) {
			until = before
		}
		list, err := s.query(ctx, f.of(listRunning, listRunningByClub), f.By, limit, since, until, from, from, after)
		if err != nil || len(list) == limit {
			return list, err
		}
		events, from, after = list, since, ""
	}
	list, err := s.query(ctx, f.of(listComing, listComingByClub), f.By, limit-len(events), from, before, from, after)
	return append(events, list...), err
}

// of gives the statement for all clubs, or that for one.
func (f Filter) of(all, byClub *database.Statement) *database.Statement {
	if f.By == "" {
		return all
	}
	return byClub
}

// query runs one of the statements above.
func (s *Events) query(ctx context.Context, list *database.Statement, by string, limit int, args ...any) ([]*Event, error) {
	if by != "" {
		args = append([]any{by}, args...)
	}
	rows, err := list.Query(ctx, s.db.Read(), append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var events []*Event
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return events, nil
}

func scan(rows *sql.Rows) (*Event, error) {
	author := &actor.Actor{Local: true, State: actor.Active}
	e := &Event{Object: object.Object{Type: Type, Local: true, Visibility: object.Public, Author: author}}
	var updated, end sql.NullTime
	err := rows.Scan(&e.ID, &e.AttributedTo, &e.Name, &e.Summary, &e.Content, &e.Source, &e.Language, &e.URL, &e.Published, &updated,
		&e.StartTime, &end, &e.Timezone, &e.AllDay, &e.Place, &e.OnlineURL, &e.Status, &e.Reason,
		&author.Type, &author.PreferredUsername, &author.Acct, &author.Name, &author.URL, &author.Published)
	if err != nil {
		return nil, err
	}
	author.ID, e.ObjectID, e.Updated, e.EndTime = e.AttributedTo, e.ID, updated.Time, end.Time
	e.localize()
	return e, nil
}

// Upcoming gives our events that have not ended at the time since, the next
// one first. by narrows it to one club ("" means all). after is the id of the
// last event of the page before.
func (s *Events) Upcoming(ctx context.Context, by string, since time.Time, after string, limit int) ([]*Event, error) {
	return s.List(ctx, Filter{By: by, Since: since}, after, limit)
}

// CountUpcoming counts what Upcoming gives in all.
func (s *Events) CountUpcoming(ctx context.Context, by string, since time.Time) (int, error) {
	n, err := s.filtered(Filter{By: by, Since: since}).Model((*joined)(nil)).Relation("Details").Count(ctx)
	return int(n), err
}

// filtered begins a query over joined; its relation Details must be joined.
func (s *Events) filtered(f Filter) *bun.SelectQuery {
	q := s.db.Read().NewSelect().
		Where("object.local = TRUE").Where("object.type = ?", Type).Where("object.visibility = ?", object.Public).
		Where("(details.start_time >= ? OR details.end_time > ?)", f.Since.UTC(), f.Since.UTC()).
		Apply(object.VisibleTo(object.Viewer{}))
	if f.By != "" {
		q = q.Where("object.attributed_to = ?", f.By)
	}
	if !f.Before.IsZero() {
		q = q.Where("details.start_time < ?", f.Before.UTC())
	}
	return q
}

// notify tells followers in a Note of its own that an event was cancelled or
// moved. It is an answer to the event, so that it stands on its page too.
func (s *Events) notify(ctx context.Context, tx bun.Tx, by string, before, e *Event) error {
	text := s.notice(before, e)
	if text == "" {
		return nil
	}
	id := s.actors.Site().NewObjectID()
	o := &object.Object{
		ID: id, Type: "Note", Local: true, AttributedTo: e.AttributedTo, Visibility: object.Public, InReplyTo: e.ID,
		Content: text, Language: s.language, URL: e.URL + "#" + actor.Key(id), Published: s.now(),
	}
	if _, err := s.objects.Put(ctx, tx, o); err != nil {
		return err
	}
	database.Ring(ctx)
	return s.activities.PublishObject(ctx, tx, by, "Create", o)
}
