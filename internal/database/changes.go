package database

import (
	"context"
	"database/sql"
	"fmt"
)

// A Watch follows what readers see: the table changes, into which triggers
// write. It is for one goroutine at a time.
type Watch struct {
	db *DB
	// seen is the last row that was there at the last look, on PostgreSQL all
	// transactions that had ended; "" before the first look.
	seen string
}

// Watch begins to follow.
func (db *DB) Watch() *Watch { return &Watch{db: db} }

// What was written since the last look. On SQLite one transaction writes at a
// time, and rows become visible in their order. On PostgreSQL one may become
// visible after one with a higher number: what is asked is not what comes after
// a row, but what could not be seen before.
var (
	lookSQLite = NewStatement(`SELECT (SELECT COALESCE(MAX(seq), 0) FROM changes), c.object_id FROM (SELECT 1) AS one
LEFT JOIN changes AS c ON c.seq > CAST(NULLIF(?, '') AS INTEGER)`)
	lookPostgres = NewStatement(`SELECT s.now::text, c.object_id FROM (SELECT pg_current_snapshot() AS now) AS s
LEFT JOIN changes AS c ON c.xid >= pg_snapshot_xmin(NULLIF(?, '')::pg_snapshot) AND NOT pg_visible_in_snapshot(c.xid, NULLIF(?, '')::pg_snapshot)`)
)

// Look gives the ids of what has changed since the look before; "" stands for
// everything of ours. The first look gives nothing: it says where to begin. An
// error leaves it to the next look to tell.
func (w *Watch) Look(ctx context.Context) ([]string, error) {
	look, args := lookSQLite, []any{w.seen}
	if w.db.dialect == Postgres {
		look, args = lookPostgres, []any{w.seen, w.seen}
	}
	rows, err := look.Query(ctx, w.db.Read(), args...)
	if err != nil {
		return nil, fmt.Errorf("look at changes: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var ids []string
	seen := w.seen
	for rows.Next() {
		var id sql.NullString
		if err := rows.Scan(&seen, &id); err != nil {
			return nil, fmt.Errorf("look at changes: %w", err)
		}
		if id.Valid {
			ids = append(ids, id.String)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look at changes: %w", err)
	}
	w.seen = seen
	return ids, nil
}

// keptChanges is how many rows of changes are kept. A process that has not
// looked for a second counts on none of them.
const keptChanges = 10_000

// ForgetChanges removes the rows that every process has seen.
func (db *DB) ForgetChanges(ctx context.Context) error {
	return db.Prune(ctx, "changes", "seq", "seq <= (SELECT MAX(seq) FROM changes) - ?", keptChanges)
}
