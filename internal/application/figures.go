package application

import (
	"context"
	"fmt"
	"time"
)

// Since gives when people wanted to help, and when how many minutes were agreed
// on, since a time. No number says who.
func (s *Applications) Since(ctx context.Context, since time.Time) (applied, agreed []time.Time, minutes []int, err error) {
	var list []*Helper
	err = s.db.Read().NewSelect().Model(&list).Column("created", "agreed", "minutes", "state").Where("helper.created >= ? OR helper.agreed >= ?", since, since).Scan(ctx)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("list when people helped: %w", err)
	}
	for _, h := range list {
		if h.State != Unconfirmed && !h.Created.Before(since) {
			applied = append(applied, h.Created)
		}
		if !h.Agreed.IsZero() && !h.Agreed.Before(since) {
			agreed, minutes = append(agreed, h.Agreed), append(minutes, h.Minutes)
		}
	}
	return applied, agreed, minutes, nil
}
