package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TryNow sends all that waits for host, or was given up, at once. Where the
// breaker is open one delivery goes first, and the rest when it arrived.
func (s *Activities) TryNow(ctx context.Context, by, host string) error {
	err := s.atDeliveries(ctx, by, "delivery.try", host, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("due_at = ?", s.now()).Set("not_before = NULL").Set("wakes = wakes + 1").
			Where("host = ?", host).Exec(ctx)
		if err != nil {
			return err
		}
		for _, state := range states {
			q := tx.NewUpdate().Model((*delivery)(nil)).Set("due_at = ?", s.now())
			if state == failed {
				q = q.Set("state = ?", waiting).Set("attempts = 0")
			}
			if _, err := q.Where("state = ?", state).Where("host = ?", host).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("try %s now: %w", host, err)
	}
	return nil
}

// Drop forgets all that waits for host or was given up. It will never arrive
// there.
func (s *Activities) Drop(ctx context.Context, by, host string) error {
	err := s.atDeliveries(ctx, by, "delivery.drop", host, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*lane)(nil)).Set("due_at = NULL").Where("host = ?", host).Where("owner = ''").Exec(ctx)
		if err != nil {
			return err
		}
		for _, state := range states {
			if _, err := tx.NewDelete().Model((*delivery)(nil)).Where("state = ?", state).Where("host = ?", host).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop what waits for %s: %w", host, err)
	}
	return nil
}

// atDeliveries lets the town hall do something to what has not arrived at
// host.
func (s *Activities) atDeliveries(ctx context.Context, by, act, host string, do func(ctx context.Context, tx bun.Tx) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		some := false
		for _, state := range states {
			more, err := tx.NewSelect().Model((*delivery)(nil)).Where("state = ?", state).Where("host = ?", host).Exists(ctx)
			if err != nil {
				return err
			}
			some = some || more
		}
		if !some {
			return problem.NotFoundf("nothing waits for %s", host)
		}
		database.Ring(ctx)
		if err := do(ctx, tx); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: act, Target: host})
	})
}

// forgetDeliveries removes what was given up long ago, and the hosts of which
// nothing was heard since and for which nothing waits (T-DOS-17).
func (s *Activities) forgetDeliveries(ctx context.Context, before time.Time) error {
	if err := s.db.Prune(ctx, "deliveries", "id", "state = 'failed' AND created < ?", before); err != nil {
		return err
	}
	return s.db.Prune(ctx, "hosts", "host", "owner = '' AND (last_success IS NULL OR last_success < ?) AND (last_failure IS NULL OR last_failure < ?) "+
		"AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.host = hosts.host AND d.state = 'waiting') "+
		"AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.host = hosts.host AND d.state = 'failed')", before, before)
}
