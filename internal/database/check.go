package database

import (
	"context"
	"fmt"
	"time"
)

// Check reads the whole database and gives what it read in one sentence, or an
// error that says what is damaged.
func (db *DB) Check(ctx context.Context) (string, error) {
	if db.dialect == SQLite {
		said, err := column(ctx, db.read, "PRAGMA quick_check(1)")
		if err != nil {
			return "", fmt.Errorf("check the database: %w", err)
		}
		if len(said) != 1 || said[0] != "ok" {
			return "", fmt.Errorf("the database is damaged: %v", said)
		}
		orphans, err := db.Orphans(ctx)
		if err != nil {
			return "", err
		}
		if len(orphans) > 0 {
			return "", fmt.Errorf("%d rows refer to nothing, the first %s", len(orphans), orphans[0])
		}
	}
	tables, err := db.Tables(ctx, db.read)
	if err != nil {
		return "", err
	}
	rows := int64(0)
	for _, t := range tables {
		n, err := t.Count(ctx, db.read)
		if err != nil {
			return "", err
		}
		rows += n
	}
	return fmt.Sprintf("%d rows in %d tables can be read", rows, len(tables)), nil
}

// Durable gives an error when what is committed may be lost by a crash of the
// machine. SQLite is opened so that it cannot; PostgreSQL can be configured so.
func (db *DB) Durable(ctx context.Context) error {
	if db.dialect == SQLite {
		return nil
	}
	for _, key := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		said, err := column(ctx, db.read, "SHOW "+key)
		if err != nil {
			return fmt.Errorf("look at %s: %w", key, err)
		}
		if len(said) != 1 || said[0] == "off" {
			return fmt.Errorf("%s is off: what is committed may be lost", key)
		}
	}
	return nil
}

// Now gives the time of the database server; for SQLite it is our own.
func (db *DB) Now(ctx context.Context) (time.Time, error) {
	if db.dialect == SQLite {
		return time.Now(), nil
	}
	var now time.Time
	if err := db.read.QueryRowContext(ctx, "SELECT now()").Scan(&now); err != nil {
		return now, fmt.Errorf("ask the database for the time: %w", err)
	}
	return now, nil
}
