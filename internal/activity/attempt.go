//go:build !broken_attempt

package activity

import (
	"context"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
)

// beforeSending commits attempts with the claim, so that whatever is doubled
// after a crash had been begun. internal/torture shows that it catches a build
// that does it afterwards.
func (l *Lanes) beforeSending(ctx context.Context, tx bun.Tx, list []attempt) error {
	return writeAttempts(ctx, tx, list)
}

// afterSending has nothing left to do.
func (l *Lanes) afterSending(context.Context, bun.Tx, []outbox.Report) error { return nil }
