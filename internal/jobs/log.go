package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"codeberg.org/aushang/aushang/internal/metrics"
)

// quiet lets through only what River warns of: observe says the rest in one
// line a job.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }

// panics logs what River has caught: a panic passes by observe.
type panics struct{ log *slog.Logger }

func (p panics) HandleError(context.Context, *rivertype.JobRow, error) *river.ErrorHandlerResult {
	return nil
}

func (p panics) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	worked.Inc("panicked")
	p.log.LogAttrs(ctx, slog.LevelError, "job",
		slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Int("attempt", job.Attempt),
		slog.String("outcome", "panicked"), slog.String("error", fmt.Sprint(value)), slog.String("trace", trace))
	return nil
}

var worked = metrics.NewCounter("aushang_jobs_total", "Jobs that were worked, by how they ended.",
	metrics.Label{Name: "outcome", Values: []string{"done", "failed", "given up", "discarded", "panicked"}})

// Gauge gives how many jobs wait.
func (q *Queue) Gauge() metrics.Gauge {
	return metrics.Gauge{Name: "aushang_jobs_waiting", Help: "Jobs that are not done.", Read: metrics.Single(func(ctx context.Context) (float64, error) {
		n, err := q.db.Read().NewSelect().TableExpr("river_job").Where("state IN ('available', 'pending', 'retryable', 'running', 'scheduled')").Count(ctx)
		if err != nil {
			return 0, fmt.Errorf("count jobs: %w", err)
		}
		return float64(n), nil
	})}
}
