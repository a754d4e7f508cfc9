package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// A Waiting is a job that is not done, as a backup keeps it.
type Waiting struct {
	Name string          `json:"kind"`
	Args json.RawMessage `json:"args"`
}

// kept is a Waiting as River takes it: its JSON is that of its arguments.
type kept struct{ w Waiting }

// Kind names the job.
func (k kept) Kind() string { return k.w.Name }

// MarshalJSON implements json.Marshaler.
func (k kept) MarshalJSON() ([]byte, error) { return k.w.Args, nil }

// ListWaiting gives the jobs that are not done, the oldest first. q reads a
// database whose queue Migrate has made.
func ListWaiting(ctx context.Context, q bun.IDB, dialect database.Dialect) ([]Waiting, error) {
	args := "json(args)"
	if dialect == database.Postgres {
		args = "args::text"
	}
	rows, err := q.QueryContext(ctx, "SELECT kind, "+args+" FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list waiting jobs: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var list []Waiting
	for rows.Next() {
		var w Waiting
		var text string
		if err := rows.Scan(&w.Name, &text); err != nil {
			return nil, fmt.Errorf("list waiting jobs: %w", err)
		}
		w.Args = json.RawMessage(text)
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list waiting jobs: %w", err)
	}
	return list, nil
}

// PutWaiting enters jobs of another database into this one.
func PutWaiting(ctx context.Context, tx bun.Tx, db *database.DB, list []Waiting) error {
	if len(list) == 0 {
		return nil
	}
	client, err := river.NewClient(driver(db.Pool(), db.Dialect()), &river.Config{})
	if err != nil {
		return fmt.Errorf("open the job queue: %w", err)
	}
	for _, w := range list {
		if _, err := client.InsertTx(ctx, tx.Tx, kept{w}, &river.InsertOpts{MaxAttempts: attempts}); err != nil {
			return fmt.Errorf("insert job %s: %w", w.Name, err)
		}
	}
	return nil
}
