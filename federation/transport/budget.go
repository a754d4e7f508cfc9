package transport

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrBudget says that a request was not made because what caused it has caused
// enough already.
var ErrBudget = errors.New("too many requests for one cause")

type budgetKey struct{}

// WithBudget lets at most n requests be made with the context that it gives,
// those included to which other servers lead by redirects. Without a budget
// nobody counts.
func WithBudget(ctx context.Context, n int) context.Context {
	left := new(atomic.Int64)
	left.Store(int64(n))
	return context.WithValue(ctx, budgetKey{}, left)
}

func spend(ctx context.Context) error {
	if left, ok := ctx.Value(budgetKey{}).(*atomic.Int64); ok && left.Add(-1) < 0 {
		return ErrBudget
	}
	return nil
}
