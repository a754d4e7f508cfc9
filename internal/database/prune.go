package database

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// pruned is how many rows are deleted in one transaction.
const pruned = 1000

// Prune deletes the rows of table for which condition holds; key is the name of
// their primary key. They are looked for outside of any transaction and deleted
// a thousand at a time, so that nobody who writes waits for long.
func (db *DB) Prune(ctx context.Context, table, key, condition string, args ...any) error {
	for {
		var keys []string
		err := db.read.NewSelect().Table(table).Column(key).Where(condition, args...).Limit(pruned).Scan(ctx, &keys)
		if err != nil {
			return fmt.Errorf("prune %s: %w", table, err)
		}
		if len(keys) == 0 {
			return nil
		}
		err = db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewDelete().Table(table).Where("? IN (?)", bun.Ident(key), bun.List(keys)).Where(condition, args...).Exec(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("prune %s: %w", table, err)
		}
		if len(keys) < pruned {
			return nil
		}
	}
}
