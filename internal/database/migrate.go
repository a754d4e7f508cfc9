package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"codeberg.org/aushang/aushang/migrations"
)

// migrationLock is the PostgreSQL advisory lock that one migrating process holds.
const migrationLock = 0x61757368616e67 // "aushang"

// ErrNewer says that the database was written by a later version of the program.
var ErrNewer = errors.New("the database has a newer schema than this program knows")

// More is a further schema that is brought up to date under the same lock.
type More = func(ctx context.Context, pool *sql.DB) error

// Migrate brings the schema up to date. Processes that migrate at the same
// time wait for each other. also are further schemas, brought up to date under
// the same lock (the job queue's). A schema from a later version gives
// ErrNewer and is left alone.
func (db *DB) Migrate(ctx context.Context, also ...More) error {
	known, err := db.discover()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return db.migrate(ctx, known, also)
}

// MigrateTo is Migrate, but of our own schema it applies the migrations with
// these names and no other. A name that the program does not know gives
// ErrNewer.
func (db *DB) MigrateTo(ctx context.Context, names []string, also ...More) error {
	known, err := db.discover()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	chosen, found := migrate.NewMigrations(), 0
	for _, m := range known.Sorted() {
		if slices.Contains(names, m.Name) {
			chosen.Add(m)
			found++
		}
	}
	if found < len(names) {
		return fmt.Errorf("%w: use the version that wrote it, or a later one", ErrNewer)
	}
	return db.migrate(ctx, chosen, also)
}

func (db *DB) migrate(ctx context.Context, known *migrate.Migrations, also []More) error {
	unlock, err := db.lockMigration(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer unlock()
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

// ErrFirst says that there is no earlier schema to go back to.
var ErrFirst = errors.New("the schema was made by this version: there is no earlier one to go back to")

// MigrateBack takes back what the last Migrate that changed anything did, and
// gives the names of the migrations that are undone. What only the later schema
// can hold is lost. A schema that was made in one go gives ErrFirst.
func (db *DB) MigrateBack(ctx context.Context) ([]string, error) {
	known, err := db.discover()
	if err != nil {
		return nil, fmt.Errorf("migrate back: %w", err)
	}
	unlock, err := db.lockMigration(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate back: %w", err)
	}
	defer unlock()
	m := migrate.NewMigrator(db.write.DB, known, migrate.WithMarkAppliedOnSuccess(true))
	if err := m.Init(ctx); err != nil {
		return nil, fmt.Errorf("migrate back: %w", err)
	}
	if err := refuseNewer(ctx, m, known); err != nil {
		return nil, err
	}
	status, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate back: %w", err)
	}
	last := status.LastGroup()
	if last.ID <= 1 {
		return nil, ErrFirst
	}
	if _, err := m.Rollback(ctx); err != nil {
		return nil, fmt.Errorf("migrate back: %w", err)
	}
	var names []string
	for _, one := range last.Migrations {
		names = append(names, one.Name)
	}
	return names, nil
}

// Applied gives the names of the migrations that made the schema, the oldest
// first; none for an empty database.
func (db *DB) Applied(ctx context.Context, q bun.IDB) ([]string, error) {
	there := "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'bun_migrations'"
	if db.dialect == Postgres {
		there = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'bun_migrations'"
	}
	table, err := column(ctx, q, there)
	if err == nil && len(table) > 0 {
		table, err = column(ctx, q, "SELECT name FROM bun_migrations ORDER BY name")
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	return table, nil
}

// Known gives the names of the migrations that the program knows, the oldest
// first.
func (db *DB) Known() ([]string, error) {
	known, err := db.discover()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range known.Sorted() {
		names = append(names, m.Name)
	}
	return names, nil
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
	for _, m := range db.mends() {
		known.Add(m)
	}
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
