//go:build broken_attempt

package activity

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
)

// unwritten are attempts that are committed too late: this file is in no
// program but the one that internal/torture must catch.
var unwritten sync.Map

// beforeSending keeps attempts in memory.
func (l *Lanes) beforeSending(_ context.Context, _ bun.Tx, list []attempt) error {
	for _, a := range list {
		unwritten.Store(a.id, a)
	}
	return nil
}

// afterSending commits them with the results.
func (l *Lanes) afterSending(ctx context.Context, tx bun.Tx, reports []outbox.Report) error {
	var list []attempt
	for _, r := range reports {
		for _, one := range r.Results {
			if a, ok := unwritten.LoadAndDelete(one.Delivery.ID); ok {
				list = append(list, a.(attempt))
			}
		}
	}
	return writeAttempts(ctx, tx, list)
}
