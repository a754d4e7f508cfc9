package database

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// TakeTurn lets transactions that name the same thing come one after the other,
// until the end of tx. It is for what is looked for first and made when it is
// not there: on PostgreSQL two could look before one has made it. On SQLite
// writers take turns anyway.
func (db *DB) TakeTurn(ctx context.Context, tx bun.Tx, thing string) error {
	return Turn(ctx, tx, thing)
}

// Turn is TakeTurn for those who hold nothing but the transaction.
func Turn(ctx context.Context, tx bun.Tx, thing string) error {
	if tx.Dialect().Name() != dialect.PG {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", thing); err != nil {
		return fmt.Errorf("take turns: %w", err)
	}
	return nil
}

// LockRow keeps others from changing a row until tx ends. On SQLite nobody else
// writes anyway.
func LockRow(ctx context.Context, tx bun.Tx, table, key, value string) error {
	if tx.Dialect().Name() != dialect.PG {
		return nil
	}
	var found []string
	if err := tx.NewSelect().TableExpr("?", bun.Ident(table)).Column(key).Where("? = ?", bun.Ident(key), value).For("UPDATE").Scan(ctx, &found); err != nil {
		return fmt.Errorf("lock a row of %s: %w", table, err)
	}
	return nil
}
