package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TakeDeletions copies the list of deletions in another folder into that of the
// town that will be restored.
func TakeDeletions(c *config.Config, from string) error {
	return erasure.NewList(nil, c.Data).Take(from)
}

// Redo deletes once more what the list beside the data says and the database does
// not know: it is older than the list, because a backup was restored. It gives how
// much was there again. Nobody is served before. Each step may be done twice, so
// one that broke off is simply done again.
func (t *Town) Redo(ctx context.Context) (int, error) {
	list, err := t.erased.Unknown(ctx, time.Now())
	if err != nil || len(list) == 0 {
		return 0, err
	}
	marks := map[string]bool{}
	for _, e := range list {
		marks[e.Kind+e.Mark] = true
	}
	n, err := t.redo(ctx, func(kind, mark string) bool { return marks[kind+mark] })
	if err != nil {
		return n, fmt.Errorf("delete once more: %w", err)
	}
	if err := t.forgetAll(ctx); err != nil {
		return n, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return t.erased.Learn(ctx, tx, list...) })
	t.log.LogAttrs(ctx, slog.LevelWarn, "the database was older than the list of deletions: what had come back was deleted once more", slog.Int("deletions", len(list)), slog.Int("deleted", n))
	return n, err
}

func (t *Town) redo(ctx context.Context, known func(kind, mark string) bool) (n int, err error) {
	people, emails, err := t.Accounts.Returned(ctx, known)
	if err != nil {
		return n, err
	}
	for _, id := range people {
		err := t.Accounts.ForgetAgain(ctx, id, account.Leaving{Before: t.leaveClubs})
		if err != nil && problem.KindOf(err) != problem.NotFound { // another process was faster
			return n, err
		}
		n++
	}
	for _, email := range emails {
		err := t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return t.forgetMail(ctx, tx, email) })
		if err != nil {
			return n, err
		}
		n++
	}
	gone, err := t.Actors.ListRemote(ctx, "")
	if err != nil {
		return n, err
	}
	for _, a := range gone {
		if a.State == actor.Gone || !known(erasure.Actor, erasure.Mark(erasure.Actor, a.ID)) {
			continue
		}
		if err := t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return t.Activities.ForgetActor(ctx, tx, a.ID) }); err != nil {
			return n, err
		}
		n++
	}
	things, err := t.redoThings(ctx, known)
	return n + things, err
}

// redoThings deletes objects; those of ours are asked back from other servers as
// at the first time.
func (t *Town) redoThings(ctx context.Context, known func(kind, mark string) bool) (n int, err error) {
	err = t.Objects.EachStanding(ctx, func(o *object.Object) error {
		if !known(erasure.Thing, erasure.Mark(erasure.Thing, o.ID)) {
			return nil
		}
		n++
		if o.Local {
			switch err := t.Activities.DeleteObject(ctx, actor.Operator, o.ID); problem.KindOf(err) {
			case problem.Gone:
				return nil // with what it belonged to
			case problem.Forbidden, problem.Conflict, problem.NotFound, problem.Invalid:
				// Its club publishes no more: it goes without a word.
			default:
				return err
			}
		}
		return t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return t.Objects.Remove(ctx, tx, o.ID, o.AttributedTo) })
	})
	return n, err
}

// followErased keeps the list beside the data up to date, and once more at the
// end.
func (t *Town) followErased(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := t.erased.Follow(context.WithoutCancel(ctx)); err != nil {
			t.log.LogAttrs(ctx, slog.LevelError, "write the list of deletions", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
