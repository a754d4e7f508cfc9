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
	d.PreviousStart, d.PreviousEnd = d.PreviousStart.UTC(), d.PreviousEnd.UTC()
	_, err = tx.NewInsert().Model(&d).On("CONFLICT (object_id) DO UPDATE").
		Set("start_time = EXCLUDED.start_time").Set("end_time = EXCLUDED.end_time").Set("timezone = EXCLUDED.timezone").
		Set("all_day = EXCLUDED.all_day").Set("place = EXCLUDED.place").Set("status = EXCLUDED.status").
		Set("reason = EXCLUDED.reason").Set("online_url = EXCLUDED.online_url").Set("category = EXCLUDED.category").
		Set("previous_start = EXCLUDED.previous_start").Set("previous_end = EXCLUDED.previous_end").Exec(ctx)
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
	for _, t := range []*time.Time{&d.EndTime, &d.PreviousStart, &d.PreviousEnd} {
		if !t.IsZero() {
			*t = t.In(d.Location())
		}
	}
}

// notify tells followers in a Note of its own that an event was cancelled or
// moved. It is an answer to the event, so that it stands on its page too.
func (s *Events) notify(ctx context.Context, tx bun.Tx, by string, before, e *Event) error {
	text := s.notice(before, e)
	if text == "" || e.Hidden { // nobody is told what nobody is to see
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
