package actor

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// ErrSuspended says that the town hall has shut an actor of ours out.
var ErrSuspended = problem.Forbiddenf("the town hall has shut this club out")

// SetLimited leaves an actor, of ours or from elsewhere, out of public lists, or
// lets it in again, with what is a part of it.
func (s *Actors) SetLimited(ctx context.Context, tx bun.Tx, id string, limited bool) error {
	if _, err := tx.NewUpdate().Model((*Actor)(nil)).Set("limited = ?", limited).Where("id IN "+AndParts, id, id).Exec(ctx); err != nil {
		return fmt.Errorf("limit %s: %w", id, err)
	}
	database.Ring(ctx)
	return nil
}

// Suspend shuts an active actor out, of ours or from elsewhere: nothing of it is
// shown, nothing is sent in its name or to it, and nothing is taken from it.
func (s *Actors) Suspend(ctx context.Context, tx bun.Tx, id string) error {
	return s.turn(ctx, tx, id, Active, Suspended)
}

// Restore lets an actor in again that Suspend has shut out.
func (s *Actors) Restore(ctx context.Context, tx bun.Tx, id string) error {
	return s.turn(ctx, tx, id, Suspended, Active)
}

// turn brings an actor from one state into another, with what is a part of it.
func (s *Actors) turn(ctx context.Context, tx bun.Tx, id, from, to string) error {
	if id == s.site.InstanceID() {
		return problem.Invalidf("the town itself is not shut out")
	}
	res, err := tx.NewUpdate().Model((*Actor)(nil)).Set("state = ?", to).Where("id IN "+AndParts, id, id).Where("state = ?", from).Exec(ctx)
	if err != nil {
		return fmt.Errorf("make %s %s: %w", id, to, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err == nil {
			err = problem.Conflictf("%s is not %s", id, from)
		}
		return err
	}
	database.Ring(ctx)
	return nil
}
