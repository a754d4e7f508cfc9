package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

var (
	beginSavepoint   = NewStatement("SAVEPOINT part")
	releaseSavepoint = NewStatement("RELEASE SAVEPOINT part")
	returnSavepoint  = NewStatement("ROLLBACK TO SAVEPOINT part")
)

// Savepoint runs fn as a part of the Write that tx belongs to. When fn fails,
// what it did is undone, err says why, and the Write may go on. After failed it
// may not and must return it.
func Savepoint(ctx context.Context, tx bun.Tx, fn func(ctx context.Context, tx bun.Tx) error) (err, failed error) {
	if _, err := beginSavepoint.Exec(ctx, tx); err != nil {
		return nil, fmt.Errorf("begin savepoint: %w", err)
	}
	w, _ := ctx.Value(writingKey{}).(*writing)
	before := 0
	if w != nil {
		before = len(w.gathered)
	}
	if err = fn(ctx, tx); again(err) {
		return nil, err // Write tries the whole once more
	}
	if err != nil {
		_, failed = returnSavepoint.Exec(ctx, tx)
		if w != nil {
			w.gathered = w.gathered[:before]
		}
	}
	if failed == nil {
		_, failed = releaseSavepoint.Exec(ctx, tx)
	}
	if failed != nil { // fn broke the transaction itself
		failed = fmt.Errorf("end savepoint: %w", errors.Join(err, failed))
	}
	return err, failed
}
