package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/uptrace/bun/migrate"

	"codeberg.org/aushang/aushang/migrations"
)

// migrationLock is the PostgreSQL advisory lock that one migrating process holds.
const migrationLock = 0x61757368616e67 // "aushang"

// ErrNewer says that the database was written by a later version of the program.
var ErrNewer = errors.New("the database has a newer schema than this program knows")

// Migrate brings the schema up to date. Processes that migrate at the same
// time wait for each other. also are further schemas, brought up to date under
// the same lock (the job queue's). A schema from a later version gives
// ErrNewer and is left alone.
func (db *DB) Migrate(ctx context.Context, also ...func(ctx context.Context, pool *sql.DB) error) error {
	unlock, err := db.lockMigration(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer unlock()
	known, err := db.discover()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	m := migrate.NewMigrator(db.write.DB, known, migrate.WithMarkAppliedOnSuccess(true))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := refuseNewer(ctx, m, known); err != nil {
		return err
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, more := range also {
		if err := more(ctx, db.Pool()); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	return nil
}

func (db *DB) discover() (*migrate.Migrations, error) {
	var files fs.FS = migrations.SQLite
	if db.dialect == Postgres {
		files = migrations.Postgres
	}
	sub, err := fs.Sub(files, string(db.dialect))
	if err != nil {
		return nil, err
	}
	known := migrate.NewMigrations()
	return known, known.Discover(sub)
}

func refuseNewer(ctx context.Context, m *migrate.Migrator, known *migrate.Migrations) error {
	applied, err := m.AppliedMigrations(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	names := map[string]bool{}
	for _, k := range known.Sorted() {
		names[k.Name] = true
	}
	for _, a := range applied {
		if !names[a.Name] {
			return fmt.Errorf("%w (%s): use the version that wrote it, or a later one", ErrNewer, a.Name)
		}
	}
	return nil
}

// lockMigration holds a lock that the operating system or the server frees
// when this process dies, so that a killed migration blocks nobody.
func (db *DB) lockMigration(ctx context.Context) (func(), error) {
	if db.dialect == Postgres {
		conn, err := db.write.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", int64(migrationLock)); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return func() {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", int64(migrationLock))
			_ = conn.Close()
		}, nil
	}
	f, err := os.OpenFile(db.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
