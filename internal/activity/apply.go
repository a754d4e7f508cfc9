package activity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// applier applies received activities: for the queue what needs nothing from
// elsewhere, for the drain all the rest.
type applier struct {
	s   *Activities
	mux *inbox.Mux[bun.Tx]
	log *slog.Logger
}

// apply applies a in a savepoint, so that one activity does not speak for the
// others of the transaction. err is what is wrong with a, failed what is wrong
// with the transaction.
func (p *applier) apply(ctx context.Context, tx bun.Tx, a *as.Activity) (err, failed error) {
	return database.Savepoint(ctx, tx, func(ctx context.Context, tx bun.Tx) error { return p.dispatch(ctx, tx, a) })
}

// found is what was looked up to decide whether the sender may; the function
// that applies the activity need not look again.
type found struct {
	sender *actor.Actor
	// stored is the object that the activity is about, nil when there is none.
	stored *object.Object
}

type foundKey struct{}

// foundIn gives what dispatch has found for the activity that is being applied.
func foundIn(ctx context.Context) *found {
	f, ok := ctx.Value(foundKey{}).(*found)
	if !ok {
		panic("activity: applied without dispatch")
	}
	return f
}

// dispatch decides whether the sender may, and hands a to its function.
func (p *applier) dispatch(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	sender, err := p.s.actors.Find(ctx, tx, a.Actor)
	if err != nil {
		return fmt.Errorf("find sender: %w", err)
	}
	if sender.Blocked {
		return problem.Discard(problem.Forbiddenf("%s is kept out", sender.Host))
	}
	if sender.State == actor.Suspended && (a.Type != Delete || a.Object.Ref() == a.Actor) {
		return problem.Discard(problem.Forbiddenf("%s is shut out", sender.ID)) // what it takes back goes all the same
	}
	if sender.State == actor.Gone && a.Type != Delete {
		return inbox.ErrUnhandled // it came later than its author's leaving
	}
	f := &found{sender: sender}
	owner := ""
	switch f.stored, err = p.s.objects.Stored(ctx, tx, a.Object.Ref()); {
	case err == nil:
		owner = f.stored.AttributedTo
	case problem.KindOf(err) != problem.NotFound:
		return err
	}
	if err := authorise(a, owner); err != nil {
		return err
	}
	return p.mux.Dispatch(context.WithValue(ctx, foundKey{}, f), tx, a)
}

// giveUp is how old an activity is that failed and is not tried again.
const giveUp = 7 * 24 * time.Hour

// verdict writes into row what became of it. What is wrong in itself is
// refused, and what fails after a week; any other error keeps the row, with its
// body, for another time.
func (p *applier) verdict(row *received, err error) {
	row.Owner, row.LeaseUntil, row.DueAt, row.Error = "", time.Time{}, time.Time{}, ""
	row.Attempts++
	switch {
	case err == nil:
		row.State = applied
	case errors.Is(err, inbox.ErrUnhandled):
		row.State = ignored
	case final(err):
		row.State, row.Error = refused, err.Error()
		p.log.Info("activity refused", "type", row.Type, "actor", row.ActorID, "error", err)
	case p.s.now().Sub(row.Received) > giveUp:
		row.State, row.Error = refused, err.Error()
		p.log.Warn("activity given up", "type", row.Type, "actor", row.ActorID, "error", err)
	default:
		row.State, row.DueAt, row.Error = pending, p.s.now().Add(patience(row.Attempts)), err.Error()
		p.log.Warn("activity kept for later", "type", row.Type, "actor", row.ActorID, "error", err)
	}
}

var settleRow = database.NewStatement(
	"UPDATE inbox SET state = ?, body = ?, attempts = ?, due_at = ?, lease_until = NULL, owner = '', error = ? WHERE seq = ?")

// settle stores the verdict on row; body is kept for one that is pending still.
func settle(ctx context.Context, tx bun.Tx, row *received, body []byte) error {
	if row.State != pending {
		body = nil
	}
	_, err := settleRow.Exec(ctx, tx, row.State, body, row.Attempts, row.DueAt, row.Error, row.Seq)
	if err != nil {
		return fmt.Errorf("settle received activity: %w", err)
	}
	return nil
}

// final tells whether trying again cannot help.
func final(err error) bool {
	switch problem.KindOf(err) {
	case problem.Invalid, problem.Forbidden, problem.NotFound, problem.Gone, problem.Conflict:
		return true
	}
	return problem.IsDiscard(err)
}

// patience is how long an activity that could not be applied waits: a minute,
// doubling up to a day.
func patience(attempts int) time.Duration {
	return min(time.Minute<<min(attempts, 12), 24*time.Hour)
}
