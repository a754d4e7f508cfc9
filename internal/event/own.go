package event

import (
	"context"
	"fmt"

	"github.com/emersion/go-ical"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/object"
)

// PublishedBy gives the public events that the person accountID announced and
// that were not deleted, as iCalendar writes them, in the order in which they
// were made. after is the id of the last one of the page before, and next what
// the page after needs; "" at the end.
func (s *Events) PublishedBy(ctx context.Context, accountID, after string, limit int) (list []*ical.Component, next string, err error) {
	var objects []*object.Object
	err = s.db.Read().NewSelect().Model(&objects).Relation("Author").
		Where("object.id IN (SELECT object_id FROM edits WHERE account_id = ? AND act = 'Create')", accountID).
		Where("object.type = ?", Type).Where("object.local").Where("object.id > ?", after).
		Apply(object.VisibleTo(object.Viewer{Off: true})).Order("object.id").Limit(int64(limit)).Scan(ctx)
	if err != nil || len(objects) == 0 {
		return nil, "", wrapOwn(err)
	}
	ids := make([]string, len(objects))
	for i, o := range objects {
		ids[i] = o.ID
	}
	var details []*Details
	if err := s.db.Read().NewSelect().Model(&details).Where("event.object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, "", wrapOwn(err)
	}
	byID := map[string]*Details{}
	for _, d := range details {
		byID[d.ObjectID] = d
	}
	for _, o := range objects {
		if d := byID[o.ID]; d != nil {
			e := &Event{Object: *o, Details: *d}
			e.localize()
			list = append(list, e.component(s.categories()))
		}
	}
	if len(objects) == limit {
		next = ids[limit-1]
	}
	return list, next, nil
}

func wrapOwn(err error) error {
	if err != nil {
		return fmt.Errorf("list what somebody announced: %w", err)
	}
	return nil
}
