package activity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// TryNow sends all that waits for host, or was given up, at once.
func (s *Activities) TryNow(ctx context.Context, by, host string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*delivery)(nil)).Set("due_at = ?", s.now()).Set("state = ?", waiting).
			Set("attempts = CASE WHEN state = ? THEN attempts ELSE 0 END", waiting).Where("host = ?", host).Exec(ctx)
		if err != nil {
			return err
		}
		return s.wake(ctx, tx, map[string]bool{host: true})
	})
	if err != nil {
		return fmt.Errorf("try %s now: %w", host, err)
	}
	return nil
}
