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

// listed is an event with all that belongs to it, as one query gives it.
type listed struct {
	object.Object `bun:",extend"`
	Details       *Details `bun:"rel:has-one,join:id=object_id"`
}

// List gives our public events that f lets through, the first one first, with
// their authors. after is the id of the last event of the page before.
func (s *Events) List(ctx context.Context, f Filter, after string, limit int) ([]*Event, error) {
	var rows []*listed
	q := s.filtered(f).Model(&rows).Relation("Details").Relation("Author")
	if after != "" {
		q = q.Where("(details.start_time, details.object_id) > (SELECT b.start_time, b.object_id FROM events b WHERE b.object_id = ?)", after)
	}
	if err := q.OrderExpr("details.start_time, details.object_id").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	list := make([]*Event, 0, len(rows))
	for _, row := range rows {
		e := &Event{Object: row.Object, Details: *row.Details}
		e.localize()
		list = append(list, e)
	}
	return list, nil
}

// Upcoming gives our events that have not ended at the time since, the next
// one first. by narrows it to one club ("" means all). after is the id of the
// last event of the page before.
func (s *Events) Upcoming(ctx context.Context, by string, since time.Time, after string, limit int) ([]*Event, error) {
	return s.List(ctx, Filter{By: by, Since: since}, after, limit)
}

// CountUpcoming counts what Upcoming gives in all.
func (s *Events) CountUpcoming(ctx context.Context, by string, since time.Time) (int, error) {
	n, err := s.filtered(Filter{By: by, Since: since}).Model((*listed)(nil)).Relation("Details").Count(ctx)
	return int(n), err
}

// filtered begins a query over listed; its relation Details must be joined.
func (s *Events) filtered(f Filter) *bun.SelectQuery {
	q := s.db.Read().NewSelect().
		Where("object.local").Where("object.type = ?", Type).Where("object.visibility = ?", object.Public).
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
