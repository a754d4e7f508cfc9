package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

func opened(t *testing.T, url string) *database.DB {
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

func note(t *testing.T, db *database.DB, list ...Entry) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, e := range list {
			if err := Note(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, db *database.DB) int64 {
	t.Helper()
	broken, err := Check(t.Context(), db.Read())
	if err != nil {
		t.Fatal(err)
	}
	return broken
}

// TestNobodyChangesTheLog: neither a row nor its order, by no statement; but the
// people in it are forgotten when they leave.
func TestNobodyChangesTheLog(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := opened(t, url)
		note(t, db, Entry{ByAccount: "anna", Act: "club.state", Target: "tsv", Detail: "archived"}, Entry{ByAccount: "ruth", Act: "person.role", AccountID: "karl"})
		for _, statement := range []string{
			"UPDATE ledger SET act = 'nothing'", "UPDATE ledger SET by_account = 'karl'", "UPDATE ledger SET hash = ''", "UPDATE ledger SET seq = seq + 10",
			"UPDATE ledger SET target = '', by_account = ''", "UPDATE ledger SET at = '2001-01-01 00:00:00+00:00'", "DELETE FROM ledger", "DELETE FROM ledger WHERE seq = 1",
		} {
			if _, err := db.Pool().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s is done", statement)
			}
		}
		if broken := check(t, db); broken != 0 {
			t.Errorf("row %d is broken", broken)
		}
		if _, err := db.Pool().ExecContext(t.Context(), "UPDATE ledger SET by_account = '' WHERE by_account = 'ruth'"); err != nil {
			t.Fatalf("a person cannot be forgotten: %v", err)
		}
		if broken := check(t, db); broken != 0 {
			t.Errorf("row %d is broken after somebody left", broken)
		}
		list, err := List(t.Context(), db.Read(), Filter{Of: "person", Limit: 10})
		if err != nil || len(list) != 1 || list[0].AccountID != "karl" || list[0].ByAccount != "" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// TestLogShowsForgery: who gets around the triggers is found by the hashes.
func TestLogShowsForgery(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := opened(t, url)
		for range 4 {
			note(t, db, Entry{ByAccount: "anna", Act: "thing.hide", Target: "https://here.test/ap/objects/1"})
		}
		drop := "DROP TRIGGER ledger_stays"
		if db.Dialect() == database.Postgres {
			drop += " ON ledger"
		}
		for _, statement := range []string{drop, "UPDATE ledger SET target = 'x' WHERE seq = 3"} {
			if _, err := db.Pool().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if broken := check(t, db); broken != 3 {
			t.Errorf("row %d is broken, not 3", broken)
		}
	})
}

// TestLogForgets: what is older than three years goes, and the rest still holds.
func TestLogForgets(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := opened(t, url)
		old := Entry{Seq: 1, At: time.Now().UTC().Add(-Kept - 24*time.Hour).Truncate(time.Second), ByAccount: "anna", Act: "club.add", Target: "tsv"}
		old.ByMark = mark(1, "anna")
		old.Hash = old.sum("")
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewInsert().Model(&old).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		note(t, db, Entry{ByAccount: "anna", Act: "club.state", Target: "tsv"}, Entry{ByAccount: "anna", Act: "club.state", Target: "tsv"})
		if err := Forget(t.Context(), db, time.Now()); err != nil {
			t.Fatal(err)
		}
		list, err := List(t.Context(), db.Read(), Filter{Limit: 10})
		if err != nil || len(list) != 2 || check(t, db) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
