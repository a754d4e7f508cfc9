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
)

// A Filter narrows a list of our events. The zero Filter gives all of them.
type Filter struct {
	// By is the id of a club, "" for all.
	By string
	// Category is the Key of a Category, "" for all.
	Category string
	// Place is the place as events name it, "" for all.
	Place string
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
// is left out: each would send SQLite another way. So there is one statement
// for each set of them.
type reading struct {
	running, coming [narrowings]*database.Statement
}

// The conditions that a list may have, as bits.
const (
	narrowedByClub = 1 << iota
	narrowedByCategory
	narrowedByPlace
	narrowings
)

var (
	whole    = newReading(columns)
	outlines = newReading(outlineColumns)

	beginning = database.NewStatement("SELECT start_time FROM events WHERE object_id = ?")
)

const (
	columns = `SELECT o.id, o.attributed_to, o.name, o.summary, o.content, o.source, o.language, o.url, o.published, o.updated,
e.start_time, e.end_time, e.timezone, e.all_day, e.place, e.online_url, e.status, e.reason, e.category, e.previous_start, e.previous_end,
o.stale, a.type, a.preferred_username, a.acct, a.name, a.url, a.published
FROM `
	// outlineColumns leave out what is long and what no list shows.
	outlineColumns = `SELECT o.id, o.name, o.language,
e.start_time, e.end_time, e.timezone, e.all_day, e.place, e.status, e.reason, e.category, e.previous_start, e.previous_end,
o.stale, a.preferred_username, a.name, CASE WHEN a.merged IS NULL THEN '' ELSE a.moved_to END
FROM `
	// SQLite looks into tables in the order in which CROSS JOIN names them. It
	// knows no better one without statistics, and reads all objects of a type.
	byTime = "events e CROSS JOIN objects o CROSS JOIN actors a WHERE o.id = e.object_id"
	byClub = "objects o CROSS JOIN events e CROSS JOIN actors a WHERE o.attributed_to IN " + actor.AndParts + " AND e.object_id = o.id"
	// COALESCE of one column twice is that column, without an index.
	listed = ` AND a.id = o.attributed_to AND o.local AND COALESCE(o.type, o.type) = 'Event' AND o.visibility = 'public' AND o.deleted IS NULL AND NOT o.hidden AND o.stale < 2 AND NOT a.blocked AND a.state = 'active'`
	// Public lists leave out a club that the town hall has limited; its own do not.
	unlimited = " AND NOT a.limited"
	running   = ` AND COALESCE(e.end_time, e.start_time) > ? AND COALESCE(e.start_time, e.start_time) < ?
AND (COALESCE(e.start_time, e.start_time) > ? OR e.start_time = ? AND e.object_id > ?)`
	coming = " AND e.start_time >= ? AND e.start_time < ? AND (e.start_time > ? OR e.object_id > ?)"
	// What comes is found in the order of time within its category or place;
	// what runs is little.
	ofCategory  = " AND e.category = ?"
	ofPlace     = " AND e.place = ?"
	ofCategory2 = " AND COALESCE(e.category, e.category) = ?"
	ofPlace2    = " AND COALESCE(e.place, e.place) = ?"
	// SQLite plans anew for each number that stands alone after LIMIT.
	inOrder = " ORDER BY e.start_time, e.object_id LIMIT 0 + ?"
)

// newReading makes the statements that read columns.
func newReading(columns string) *reading {
	r := new(reading)
	for set := range narrowings {
		from, only, category, place := byTime, listed+unlimited, ofCategory, ofPlace
		if set&narrowedByCategory != 0 {
			place = ofPlace2
		}
		if set&narrowedByClub != 0 {
			from, only, category, place = byClub, listed, ofCategory2, ofPlace2
		}
		now, later := columns+from+only+running, columns+from+only+coming
		if set&narrowedByCategory != 0 {
			now, later = now+ofCategory2, later+category
		}
		if set&narrowedByPlace != 0 {
			now, later = now+ofPlace2, later+place
		}
		r.running[set], r.coming[set] = database.NewStatement(now+inOrder), database.NewStatement(later+inOrder)
	}
	return r
}

// narrowed gives the set of conditions that f has.
func (f Filter) narrowed() (set int) {
	for bit, value := range map[int]string{narrowedByClub: f.By, narrowedByCategory: f.Category, narrowedByPlace: f.Place} {
		if value != "" {
			set |= bit
		}
	}
	return set
}

// args puts what f narrows by around the arguments of a statement.
func (f Filter) args(limit int, args ...any) []any {
	if f.By != "" {
		args = append([]any{f.By, f.By}, args...)
	}
	for _, value := range []string{f.Category, f.Place} {
		if value != "" {
			args = append(args, value)
		}
	}
	return append(args, limit)
}

// The times between which all events lie.
var (
	dawn = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	dusk = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// List gives our public events that f lets through, the first one first, each
// with the names and addresses of its author. after is the id of the last event
// of the page before.
func (s *Events) List(ctx context.Context, f Filter, after string, limit int) ([]*Event, error) {
	return read(ctx, s, whole, scan, f, after, limit)
}

// read reads with r and scan what f lets through.
func read[T any](ctx context.Context, s *Events, r *reading, scan func(*sql.Rows) (T, error), f Filter, after string, limit int) ([]T, error) {
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
	var list []T
	if from.Before(since) {
		until := since
		if before.Before(until) {
			until = before
		}
		var err error
		list, err = rowsOf(ctx, s, r.running[f.narrowed()], scan, f.args(limit, since, until, from, from, after))
		if err != nil || len(list) == limit {
			return list, err
		}
		from, after = since, ""
	}
	later, err := rowsOf(ctx, s, r.coming[f.narrowed()], scan, f.args(limit-len(list), from, before, from, after))
	return append(list, later...), err
}

// rowsOf runs one of the statements above.
func rowsOf[T any](ctx context.Context, s *Events, statement *database.Statement, scan func(*sql.Rows) (T, error), args []any) ([]T, error) {
	rows, err := statement.Query(ctx, s.db.Read(), args...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var list []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

func scan(rows *sql.Rows) (*Event, error) {
	author := &actor.Actor{Local: true, State: actor.Active}
	e := &Event{Object: object.Object{Type: Type, Local: true, Visibility: object.Public, Author: author}}
	var updated, end, previousStart, previousEnd sql.NullTime
	err := rows.Scan(&e.ID, &e.AttributedTo, &e.Name, &e.Summary, &e.Content, &e.Source, &e.Language, &e.URL, &e.Published, &updated,
		&e.StartTime, &end, &e.Timezone, &e.AllDay, &e.Place, &e.OnlineURL, &e.Status, &e.Reason, &e.Category, &previousStart, &previousEnd,
		&e.Stale, &author.Type, &author.PreferredUsername, &author.Acct, &author.Name, &author.URL, &author.Published)
	if err != nil {
		return nil, err
	}
	author.ID, e.ObjectID, e.Updated, e.EndTime = e.AttributedTo, e.ID, updated.Time, end.Time
	e.PreviousStart, e.PreviousEnd = previousStart.Time, previousEnd.Time
	e.localize()
	return e, nil
}

// outlines gives what f lets through as List does, without the texts.
func (s *Events) outlines(ctx context.Context, f Filter, after string, limit int) ([]*Event, error) {
	return read(ctx, s, outlines, scanOutline, f, after, limit)
}

func scanOutline(rows *sql.Rows) (*Event, error) {
	both := &struct {
		e Event
		a actor.Actor
	}{}
	e, author := &both.e, &both.a
	e.Author = author
	var end, previousStart, previousEnd sql.NullTime
	err := rows.Scan(&e.ID, &e.Name, &e.Language,
		&e.StartTime, &end, &e.Timezone, &e.AllDay, &e.Place, &e.Status, &e.Reason, &e.Category, &previousStart, &previousEnd,
		&e.Stale, &author.PreferredUsername, &author.Name, &author.MovedTo)
	if err != nil {
		return nil, err
	}
	e.EndTime, e.PreviousStart, e.PreviousEnd = end.Time, previousStart.Time, previousEnd.Time
	e.localize()
	return e, nil
}

// Current narrows a query on objects to events that somebody may still rely on:
// those that are not over and not cancelled.
func Current(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	return q.Where("EXISTS (SELECT 1 FROM events e WHERE e.object_id = object.id AND COALESCE(e.end_time, e.start_time) > ? AND e.status <> ?)", now.UTC(), Cancelled)
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
		Where("object.local = TRUE").Where("object.type = ?", Type).Where("object.visibility = ?", object.Public).Where("object.stale < 2").
		Where("(details.start_time >= ? OR details.end_time > ?)", f.Since.UTC(), f.Since.UTC()).
		Apply(object.VisibleTo(object.Viewer{}))
	if f.By != "" {
		return q.Where("object.attributed_to IN "+actor.AndParts, f.By, f.By)
	}
	return q.Apply(object.Listed)
}
