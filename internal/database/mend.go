package database

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// mends are migrations that SQL alone cannot say in both dialects.
func (db *DB) mends() []migrate.Migration {
	return []migrate.Migration{{
		// The file of 20261124000002 was changed once after it had reached others:
		// who migrated before that lacks a column.
		Name: "20261127000050", Comment: "online_url",
		Up: func(ctx context.Context, _ *migrate.Migrator, _ *migrate.Migration) error {
			return db.addColumn(ctx, "events", "online_url", "TEXT NOT NULL DEFAULT ''")
		},
		Down: func(context.Context, *migrate.Migrator, *migrate.Migration) error { return nil },
	}}
}

// addColumn adds a column unless it is there.
func (db *DB) addColumn(ctx context.Context, table, name, declared string) error {
	tables, err := db.Tables(ctx, db.write)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Name == table && !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name }) {
			_, err = db.write.ExecContext(ctx, "ALTER TABLE ? ADD COLUMN ? "+declared, bun.Ident(table), bun.Ident(name))
		}
	}
	return err
}
