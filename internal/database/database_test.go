package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/problem"
)

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// set stores a setting, the smallest write there is.
func set(ctx context.Context, db bun.IDB, key string) error {
	_, err := db.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, '')", key)
	return err
}

func settings(t *testing.T, db *database.DB) int {
	t.Helper()
	n, err := db.Read().NewSelect().Table("settings").Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestWrite(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		broken := errors.New("broken")
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if err := set(ctx, tx, "a"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || settings(t, db) != 0 {
			t.Errorf("a write that failed left %d rows: %v", settings(t, db), err)
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			inner := db.Write(ctx, func(context.Context, bun.Tx) error { return nil })
			if !errors.Is(inner, database.ErrNested) {
				t.Errorf("a write inside a write: %v", inner)
			}
			return set(ctx, tx, "a")
		})
		if err != nil || settings(t, db) != 1 {
			t.Errorf("%v, %d rows", err, settings(t, db))
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return set(ctx, tx, "a") })
		if !database.IsConflict(err) {
			t.Errorf("the same key twice: %v", err)
		}
	})
}

func TestReadCannotWriteOnSQLite(t *testing.T) {
	db := open(t, databasetest.SQLite(t))
	if err := set(t.Context(), db.Read(), "a"); err == nil {
		t.Error("a reader wrote")
	}
}

func TestMigrate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		if err := db.Migrate(t.Context()); err != nil {
			t.Errorf("a second time: %v", err)
		}
		done := make(chan error, 4)
		for range cap(done) { // processes that start together
			go func() { done <- db.Migrate(t.Context()) }()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Errorf("together: %v", err)
			}
		}
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES ('29990101000001', 99, ?)", time.Now().UTC())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); !errors.Is(err, database.ErrNewer) {
			t.Errorf("a newer schema: %v", err)
		}
	})
}

// TestBell: whoever commits wakes this process and the others.
func TestBell(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		here, there := open(t, url), open(t, url)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { there.Listen(ctx); close(ended) }()
		defer func() { stop(); <-ended }()
		hear := func(db *database.DB, key string) {
			t.Helper()
			rings, stop := db.Bell()
			defer stop()
			// LISTEN may not stand yet: what is rung again is heard in the end.
			for end := time.After(20 * time.Second); ; {
				err := here.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
					database.Ring(ctx)
					_, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, '') ON CONFLICT (key) DO UPDATE SET value = settings.value || '.'", key)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				select {
				case <-rings:
					return
				case <-time.After(200 * time.Millisecond):
				case <-end:
					t.Fatalf("nobody heard %s", key)
				}
			}
		}
		hear(here, "here")
		hear(there, "there")
	})
}

// TestBellRingsOnce: a commit of this process does not ring here again as if it
// came from another one.
func TestBellRingsOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		if !strings.HasPrefix(url, "sqlite:") {
			return // PostgreSQL tells everybody, and does not say who rang
		}
		here, there := open(t, url), open(t, url)
		var rings atomic.Int32
		here.OnRing(func() { rings.Add(1) })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { here.Listen(ctx); close(ended) }()
		defer func() { stop(); <-ended }()
		write := func(db *database.DB) {
			t.Helper()
			err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				database.Ring(ctx)
				_, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES ('a', '') ON CONFLICT (key) DO UPDATE SET value = settings.value || '.'")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for end := time.Now().Add(20 * time.Second); rings.Load() == 0; time.Sleep(200 * time.Millisecond) {
			if write(there); time.Now().After(end) {
				t.Fatal("the other process is not heard")
			}
		}
		time.Sleep(500 * time.Millisecond)
		rings.Store(0)
		write(here)
		time.Sleep(500 * time.Millisecond)
		if n := rings.Load(); n != 1 {
			t.Errorf("a commit rang %d times", n)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "aushang.db", "postgres://nobody@127.0.0.1:1/none"} {
		if db, err := database.Open(t.Context(), url); err == nil {
			t.Errorf("%q was opened", url)
			_ = db.Close()
		}
	}
	db := open(t, databasetest.SQLite(t))
	_ = db.Close()
	if err := db.Ping(t.Context()); err == nil || problem.KindOf(err) == problem.NotFound {
		t.Errorf("a closed database: %v", err)
	}
}

// TestGathering: names are dealt with once, in their order, at the end of the
// write, without those of a part that failed.
func TestGathering(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var dealt [][]string
		g := database.NewGathering(func(ctx context.Context, tx bun.Tx, names []string) error {
			dealt = append(dealt, names)
			return set(ctx, tx, strings.Join(names, ""))
		})
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if err := g.Add(ctx, "c", "a"); err != nil {
				return err
			}
			broken := errors.New("broken")
			err, failed := database.Savepoint(ctx, tx, func(ctx context.Context, _ bun.Tx) error {
				return errors.Join(g.Add(ctx, "d"), broken)
			})
			if failed != nil || !errors.Is(err, broken) || len(dealt) != 0 {
				t.Errorf("in the write: %v, %v, %v", err, failed, dealt)
			}
			return g.Add(ctx, "b", "a")
		})
		if err != nil || len(dealt) != 1 || strings.Join(dealt[0], "") != "abc" || settings(t, db) != 1 {
			t.Errorf("dealt with %v, %d settings, %v", dealt, settings(t, db), err)
		}
		if err := g.Add(t.Context(), "e"); err == nil {
			t.Error("a name was gathered for nobody")
		}
	})
}

// TestPrune: all that a condition names is deleted, some thousand rows at a
// time, and nothing is written when nothing is there.
func TestPrune(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for i := range 2500 {
				if _, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, ?)", fmt.Sprint(i), []string{"old", "new"}[i%25/24]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := db.Prune(t.Context(), "settings", "key", "value = ?", "old"); err != nil || settings(t, db) != 100 {
				t.Errorf("%d rows are left: %v", settings(t, db), err)
			}
		}
	})
}
