package account

import (
	"context"
	"fmt"
	"time"
)

// AppliedSince gives when people and clubs asked to come in since a time.
func (s *Accounts) AppliedSince(ctx context.Context, since time.Time) ([]time.Time, error) {
	var list []time.Time
	err := s.db.Read().NewSelect().Model((*Application)(nil)).Column("application.created").
		Where("application.created >= ?", since).Where("application.state <> 'draft'").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list when people asked to come in: %w", err)
	}
	return list, nil
}
