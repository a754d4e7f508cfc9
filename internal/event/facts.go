package event

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/object"
)

// Facts gives what lists of several kinds show of events, by their ids.
func (s *Events) Facts(ctx context.Context, db bun.IDB, ids []string) (map[string]object.Facts, error) {
	var list []*Details
	if err := db.NewSelect().Model(&list).Where("event.object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	words := s.categories()
	if s.TermsIn != nil {
		var err error
		if words, err = s.TermsIn(ctx, db); err != nil {
			return nil, err
		}
	}
	facts := map[string]object.Facts{}
	for _, d := range list {
		d.localize()
		e := &Event{Details: *d}
		facts[d.ObjectID] = object.Facts{
			Start: e.StartTime, End: e.EndTime, When: e.When, Place: e.Place, Cancelled: e.Status == Cancelled,
			More: words.Word(TermList, "de", e.Category) + " " + words.Word(TermList, "en", e.Category),
		}
	}
	return facts, nil
}
