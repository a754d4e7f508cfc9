package draft

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// look is how often it is asked whether a draft is due.
const look = 5 * time.Second

// atOnce is how many drafts are published in one go.
const atOnce = 50

// Tell tells the editors of a club, in the transaction that notes it, that a
// draft was not published.
type Tell func(ctx context.Context, tx bun.Tx, d *Draft) error

// OnFailure hands in who tells editors of a draft that was not published.
func (s *Drafts) OnFailure(tell Tell) { s.tell = tell }

// Run publishes what is due until ctx ends, at the start too. Several processes
// may do so: the key of a draft is that of what it makes, so it is made once.
func (s *Drafts) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.PublishDue(ctx); err != nil && ctx.Err() == nil {
			log.Error("publish drafts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// PublishDue publishes every draft that is due. One that cannot be published
// stays a draft that says why, and its editors are told; an error means that
// it is tried again.
func (s *Drafts) PublishDue(ctx context.Context) error {
	var due []*Draft
	err := s.db.Read().NewSelect().Model(&due).Where("due_at <= ?", s.now()).OrderExpr("due_at, id").Limit(atOnce).Scan(ctx)
	if err != nil {
		return fmt.Errorf("list due drafts: %w", err)
	}
	var all []error
	for _, d := range due {
		err := s.Publish(ctx, d.AccountID, d)
		if errors.Is(err, ErrStale) {
			continue // it is another one by now, and looked at anew
		}
		if why := failure(err); why != "" {
			err = s.fail(ctx, d, why)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// errAway says that the club of a draft is not active.
var errAway = problem.Forbiddenf("the club is not active")

// Publish publishes a draft now, as it was read: with a later version of it
// there, it is ErrStale. What is there already under its key was made of it:
// then only the draft is removed.
func (s *Drafts) Publish(ctx context.Context, by string, d *Draft) error {
	publish, known := s.kinds[d.Kind]
	if !known {
		return problem.Invalidf("there is no kind %q", d.Kind)
	}
	if by == "" {
		return problem.Forbiddenf("who saved the draft %s has left", d.ID)
	}
	club, err := s.actors.Find(ctx, s.db.Read(), d.ActorID)
	if err != nil {
		return err
	}
	if club.State != actor.Active {
		return errAway
	}
	err = publish(ctx, by, d)
	if errors.Is(err, ErrStale) {
		return err
	}
	if errors.Is(err, object.ErrStale) || problem.KindOf(err) == problem.Gone {
		return s.change(ctx, by, d.ID, func(ctx context.Context, tx bun.Tx, _ *Draft) error { return s.Settle(ctx, tx, by, d.ID, d.Version) })
	}
	return err
}

// failure says why a draft will not be published, "" for what may pass.
func failure(err error) string {
	switch {
	case errors.Is(err, errAway):
		return ClubAway
	case errors.Is(err, object.ErrOff):
		return Unused
	case len(problem.FieldsOf(err)) > 0:
		return WrongForm
	}
	switch problem.KindOf(err) {
	case problem.Forbidden:
		return NoRight
	case problem.Invalid, problem.Conflict, problem.NotFound:
		return WrongForm
	}
	return ""
}

// fail leaves a draft that could not be published a draft that says why.
func (s *Drafts) fail(ctx context.Context, d *Draft, why string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		due := d.DueAt
		d.DueAt, d.Failed, d.Changed = time.Time{}, why, s.now()
		got, err := tx.NewUpdate().Model(d).Column("due_at", "failed", "changed").WherePK().
			Where("version = ?", d.Version).Where("due_at = ?", due).Exec(ctx)
		if err != nil || s.tell == nil {
			return err
		}
		if n, err := got.RowsAffected(); err != nil || n == 0 {
			return err // it was changed or published in between
		}
		return s.tell(ctx, tx, d)
	})
	if err != nil {
		return fmt.Errorf("note that a draft was not published: %w", err)
	}
	return nil
}
