package actor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// ErrMoved says that a club of ours lives on another server now, where it
// publishes. Wrapped, it is a problem.Conflict.
var ErrMoved = problem.Conflictf("the club lives on another server now and publishes there")

// Settled is how long an actor that has moved stays where it is, as at Mastodon:
// one that moves on and on would drag its followers along.
const Settled = 7 * 24 * time.Hour

// MayMove is the time from which a may move again; zero is at any time.
func (a *Actor) MayMove() time.Time {
	if a.Moved.IsZero() {
		return time.Time{}
	}
	return a.Moved.Add(Settled)
}

// Knows tells whether a says of itself that it was id before.
func (a *Actor) Knows(id string) bool { return slices.Contains(a.AlsoKnownAs, id) }

// SetMoved remembers that a remote actor lives elsewhere now. One that has moved
// within a week gives a problem.Conflict.
func (s *Actors) SetMoved(ctx context.Context, tx bun.Tx, id, target string) error {
	res, err := tx.NewUpdate().Model((*Actor)(nil)).Set("moved_to = ?", target).Set("moved = ?", s.now()).
		Where("id = ?", id).Where("NOT local").Where("moved IS NULL OR moved < ?", s.now().Add(-Settled)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note move of %s: %w", id, err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = problem.Conflictf("%s moved a short while ago", id)
	}
	return err
}

// Leave makes the local actor a live at target from now on. Within a week of
// its last move it is a problem.Conflict.
func (s *Actors) Leave(ctx context.Context, tx bun.Tx, a *Actor, target string) error {
	now := s.now()
	if a.MovedTo != "" {
		return problem.Conflictf("%s has moved to %s already", a.ID, a.MovedTo)
	}
	if until := a.MayMove(); until.After(now) {
		return problem.Conflictf("%s moved a short while ago; it may again at %s", a.ID, until.Format(time.RFC3339))
	}
	a.MovedTo, a.Moved = target, now
	return s.putPlace(ctx, tx, a)
}

// Return makes the local actor a live here again. When it may move the next
// time does not change.
func (s *Actors) Return(ctx context.Context, tx bun.Tx, a *Actor) error {
	if a.Part() {
		return problem.Conflictf("%s is a part of another club for good", a.ID)
	}
	a.MovedTo = ""
	return s.putPlace(ctx, tx, a)
}

// PutAliases stores which other actors the local actor a was before.
func (s *Actors) PutAliases(ctx context.Context, tx bun.Tx, a *Actor) error {
	return s.putPlace(ctx, tx, a)
}

func (s *Actors) putPlace(ctx context.Context, tx bun.Tx, a *Actor) error {
	a.renew(s.now())
	_, err := tx.NewUpdate().Model(a).Column("also_known_as", "moved_to", "moved", "merged", "updated").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("change where %s lives: %w", a.ID, err)
	}
	database.Ring(ctx)
	return nil
}
