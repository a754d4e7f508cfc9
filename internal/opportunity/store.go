package opportunity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// kept are the columns that a change writes: all but the key, the time of
// publication and the places that are taken.
var kept = []string{
	"status", "reason", "why", "field", "times", "weekdays", "time_note", "start_time", "end_time", "timezone", "effort_minutes", "effort_per", "place",
	"latitude", "longitude", "remote", "emergency", "places", "minimum_age", "maximum_age", "for_young", "for_groups", "skills", "learn",
	"languages", "requirements", "requirement", "payer", "expenses", "rewards", "trial", "insurance", "accessibility", "contact", "contact_name",
	"contact_email", "contact_phone", "apply_link", "context", "until", "asked", "edited", "untold",
}

// put stores an opportunity, ours or another server's.
func (s *Opportunities) put(ctx context.Context, tx bun.Tx, o *Opportunity) error {
	changed, err := s.objects.Put(ctx, tx, &o.Object)
	if err != nil || !changed {
		return err
	}
	d := o.Details
	d.ObjectID, d.Listed = o.ID, o.Published.UTC()
	d.StartTime, d.EndTime, d.Until, d.Asked = d.StartTime.UTC(), d.EndTime.UTC(), d.Until.UTC(), d.Asked.UTC()
	d.Edited, d.Untold = d.Edited.UTC(), d.Untold.UTC()
	q := tx.NewInsert().Model(&d).On("CONFLICT (object_id) DO UPDATE")
	for _, column := range kept {
		q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
	}
	if !o.Local { // what of ours is taken, the applications know
		q = q.Set("taken = EXCLUDED.taken")
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("store opportunity %s: %w", o.ID, err)
	}
	return s.putShifts(ctx, tx, o)
}

// putShifts makes the shifts of o those that are stored: one that stays keeps
// its row, since others point to it.
func (s *Opportunities) putShifts(ctx context.Context, tx bun.Tx, o *Opportunity) error {
	ids := []string{""}
	for _, shift := range o.Shifts {
		ids = append(ids, shift.ID)
	}
	_, err := tx.NewDelete().Model((*Shift)(nil)).Where("opportunity_id = ?", o.ID).Where("id NOT IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove shifts of %s: %w", o.ID, err)
	}
	for _, shift := range o.Shifts {
		row := *shift
		row.OpportunityID, row.StartsAt, row.EndsAt = o.ID, row.StartsAt.UTC(), row.EndsAt.UTC()
		// The id of another's shift is no way to change it.
		q := tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("starts_at = EXCLUDED.starts_at").Set("ends_at = EXCLUDED.ends_at").
			Set("places = EXCLUDED.places").Set("note = EXCLUDED.note")
		if !o.Local {
			q = q.Set("taken = EXCLUDED.taken")
		}
		res, err := q.Where("shift.opportunity_id = EXCLUDED.opportunity_id").Exec(ctx)
		if err != nil {
			return fmt.Errorf("store shift of %s: %w", o.ID, err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return problem.Discard(problem.Invalidf("the shift %s is of another opportunity", shift.ID))
		}
	}
	return nil
}

// find gives one of our own opportunities for changing it.
func (s *Opportunities) find(ctx context.Context, tx bun.Tx, id string) (*Opportunity, error) {
	o, err := s.objects.Own(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return s.with(ctx, tx, o)
}

// with joins an object with its details and shifts.
func (s *Opportunities) with(ctx context.Context, db bun.IDB, o *object.Object) (*Opportunity, error) {
	all, err := s.withAll(ctx, db, []*object.Object{o})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, problem.NotFoundf("there is no opportunity %s", o.ID)
	}
	return all[0], nil
}

// withAll joins objects with their details and shifts, in order; what is of
// another kind is left out.
func (s *Opportunities) withAll(ctx context.Context, db bun.IDB, list []*object.Object) ([]*Opportunity, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	var details []*Details
	if err := db.NewSelect().Model(&details).Where("opportunity.object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find opportunities: %w", err)
	}
	var shifts []*Shift
	if err := db.NewSelect().Model(&shifts).Where("shift.opportunity_id IN (?)", bun.List(ids)).Order("starts_at", "ends_at", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("find shifts: %w", err)
	}
	var all []*Opportunity
	for _, o := range list {
		i := slices.IndexFunc(details, func(d *Details) bool { return d.ObjectID == o.ID })
		if i < 0 {
			continue
		}
		one := &Opportunity{Object: *o, Details: *details[i]}
		for _, shift := range shifts {
			if shift.OpportunityID == o.ID {
				one.Shifts = append(one.Shifts, shift)
			}
		}
		one.localize()
		all = append(all, one)
	}
	return all, nil
}

// localize puts the times into the zone of the place.
func (o *Opportunity) localize() {
	zone := o.Location()
	for _, t := range []*time.Time{&o.StartTime, &o.EndTime, &o.Until} {
		if !t.IsZero() {
			*t = t.In(zone)
		}
	}
	for _, shift := range o.Shifts {
		shift.StartsAt, shift.EndsAt = shift.StartsAt.In(zone), shift.EndsAt.In(zone)
	}
}
