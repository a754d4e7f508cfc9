package event

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/object"
)

// CountByClub counts our events that have not ended at the time since and are
// not cancelled, by the ids of the clubs, those of what is a part of them by now
// among them; who has none is left out.
func (s *Events) CountByClub(ctx context.Context, clubs []string, since time.Time) (map[string]int, error) {
	var rows []struct {
		AttributedTo string
		N            int
	}
	err := s.db.Read().NewSelect().Model((*object.Object)(nil)).
		ColumnExpr("COALESCE(part.moved_to, object.attributed_to) AS attributed_to").ColumnExpr("COUNT(*) AS n").
		Join("LEFT JOIN actors AS part ON part.id = object.attributed_to AND part.merged IS NOT NULL").
		Join("JOIN events AS e ON e.object_id = object.id").
		Where("object.attributed_to IN (SELECT id FROM actors WHERE id IN (?) UNION ALL SELECT id FROM actors WHERE moved_to IN (?) AND merged IS NOT NULL)", bun.List(clubs), bun.List(clubs)).Where("object.local").Where("object.type = ?", Type).
		Where("object.visibility = ?", object.Public).Where("object.deleted IS NULL").Where("NOT object.hidden").Where("object.stale < 2").
		Where("COALESCE(e.end_time, e.start_time) >= ?", since.UTC()).Where("e.status <> ?", Cancelled).
		GroupExpr("COALESCE(part.moved_to, object.attributed_to)").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count events of clubs: %w", err)
	}
	all := make(map[string]int, len(rows))
	for _, r := range rows {
		all[r.AttributedTo] = r.N
	}
	return all, nil
}
