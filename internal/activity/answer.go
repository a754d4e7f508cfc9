//go:build !broken_answer

package activity

import (
	"context"
	"fmt"
)

// safe returns when w is on disk: only then is its sender told. internal/torture
// shows that it catches a build that tells it before.
func (w *waitingRow) safe(ctx context.Context) (fresh bool, err error) {
	select {
	case err := <-w.done:
		return w.fresh, err
	case <-ctx.Done():
		return false, fmt.Errorf("receive activity: %w", ctx.Err())
	}
}
