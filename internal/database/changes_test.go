package database_test

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// react stores a Like of an object.
func react(ctx context.Context, db bun.IDB, object string) error {
	_, err := db.ExecContext(ctx, "INSERT INTO reactions (type, object_id, actor_id, id, published) VALUES ('Like', ?, 'them', ?, CURRENT_TIMESTAMP)", object, object)
	return err
}

func look(t *testing.T, w *database.Watch) []string {
	t.Helper()
	ids, err := w.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

func TestWatchTellsEachChangeOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		change := func(object string) {
			t.Helper()
			if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return react(ctx, tx, object) }); err != nil {
				t.Fatal(err)
			}
		}
		change("before")
		one := db.Watch()
		if got := look(t, one); len(got) != 0 {
			t.Errorf("the first look gives %q", got)
		}
		change("a")
		change("b")
		two := db.Watch()
		look(t, two)
		change("c")
		if got := look(t, one); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("one sees %q", got)
		}
		if got := look(t, two); !slices.Equal(got, []string{"c"}) {
			t.Errorf("two sees %q", got)
		}
		if got := look(t, one); len(got) != 0 {
			t.Errorf("and then %q", got)
		}
		if err := db.ForgetChanges(t.Context()); err != nil {
			t.Fatal(err)
		}
		change("d")
		if got := look(t, one); !slices.Equal(got, []string{"d"}) {
			t.Errorf("after forgetting it sees %q", got)
		}
	})
}

// TestWatchMissesNoLateCommit holds a transaction open while another one, which
// began later, commits: on PostgreSQL its row has the lower number.
func TestWatchMissesNoLateCommit(t *testing.T) {
	db := open(t, databasetest.PostgreSQL(t))
	w := db.Watch()
	look(t, w)
	late, err := db.Pool().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := late.ExecContext(t.Context(), "INSERT INTO changes (object_id) VALUES ('late')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return react(ctx, tx, "early") }); err != nil {
		t.Fatal(err)
	}
	if got := look(t, w); !slices.Equal(got, []string{"early"}) {
		t.Errorf("while one is open: %q", got)
	}
	if got := look(t, w); len(got) != 0 {
		t.Errorf("the same again: %q", got)
	}
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := look(t, w); !slices.Equal(got, []string{"late"}) {
		t.Errorf("when it has ended: %q", got)
	}
}

func TestOnRingRunsBeforeWriteReturns(t *testing.T) {
	db := open(t, databasetest.SQLite(t))
	rung := 0
	db.OnRing(func() { rung++ })
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		database.Ring(ctx)
		return react(ctx, tx, "a")
	})
	if err != nil || rung != 1 {
		t.Errorf("it ran %d times: %v", rung, err)
	}
}
