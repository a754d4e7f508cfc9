package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

var (
	putBlock  = database.NewStatement("INSERT INTO blocks (domain, created) VALUES (?, ?)")
	findBlock = database.NewStatement("SELECT created FROM blocks WHERE domain = ? AND domain <> '?'")
	listSince = database.NewStatement("SELECT domain FROM blocks WHERE created >= ? ORDER BY domain")
	putBytes  = database.NewStatement("INSERT INTO sessions (token, data, expires) VALUES (?, ?, ?)")
	putObject = database.NewStatement("INSERT INTO objects (id, type, local, attributed_to, visibility, published, updated) VALUES (?, 'Note', ?, '', '', ?, ?)")
)

// block is a row as bun writes and reads it.
type block struct {
	bun.BaseModel `bun:"table:blocks"`
	Domain        string `bun:"domain,pk"`
	Created       time.Time
}

func write(t *testing.T, db *database.DB, fn func(ctx context.Context, tx bun.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestStatementTimes: what a statement writes and what bun writes are the same
// and are compared alike, in every use of the statement.
func TestStatementTimes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		second := time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("CEST", 7200))
		times := map[string]time.Time{"a": second, "b": second.Add(250 * time.Millisecond), "c": second.Add(time.Second), "d": second.Add(123456789)}
		for name, at := range times {
			write(t, db, func(ctx context.Context, tx bun.Tx) error {
				if _, err := tx.NewInsert().Model(&block{Domain: name + ".bun", Created: at}).Exec(ctx); err != nil {
					return err
				}
				_, err := putBlock.Exec(ctx, tx, name+".own", at)
				return err
			})
			var texts []string
			err := db.Read().NewRaw("SELECT DISTINCT CAST(created AS TEXT) FROM blocks WHERE domain LIKE ?", name+".%").Scan(t.Context(), &texts)
			if err != nil || len(texts) != 1 {
				t.Errorf("%s is stored as %q, %v", at, texts, err)
			}
			var read time.Time
			if err := findBlock.Scan(t.Context(), db.Read(), []any{name + ".own"}, &read); err != nil || !read.Equal(at.Truncate(time.Microsecond)) {
				t.Errorf("%s is read as %s, %v", at, read, err)
			}
			row := new(block)
			if err := db.Read().NewSelect().Model(row).Where("domain = ?", name+".own").Scan(t.Context()); err != nil || !row.Created.Equal(read) {
				t.Errorf("bun reads %s as %s, %v", at, row.Created, err)
			}
		}
		n, err := db.Read().NewSelect().Model((*block)(nil)).Where("created > ?", times["a"]).Count(t.Context())
		if err != nil || n != 6 {
			t.Errorf("bun finds %d after the first, %v", n, err)
		}
		if got := domains(t, db.Read(), times["b"]); len(got) != 4 { // b and c; d is 123 ms after a
			t.Errorf("a statement finds %v", got)
		}
	})
}

func domains(t *testing.T, on bun.IDB, since time.Time) []string {
	t.Helper()
	rows, err := listSince.Query(t.Context(), on, since)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestStatementTypes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		write(t, db, func(ctx context.Context, tx bun.Tx) error {
			if _, err := putBytes.Exec(ctx, tx, "it's ?", []byte{0, 1, '\''}, time.Now()); err != nil {
				return err
			}
			_, err := putObject.Exec(ctx, tx, "x", true, time.Now(), time.Time{})
			return err
		})
		var data []byte
		if err := db.Read().NewRaw("SELECT data FROM sessions WHERE token = ?", "it's ?").Scan(t.Context(), &data); err != nil || string(data) != "\x00\x01'" {
			t.Errorf("%q, %v", data, err)
		}
		n, err := db.Read().NewSelect().Table("objects").Where("local").Where("updated IS NULL").Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// TestStatementInTransactions: a statement belongs to the transaction it is
// used in, the first time, when it is only a text, and later.
func TestStatementInTransactions(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		broken := errors.New("broken")
		for round, want := range []int{1, 2, 3} {
			name := string(rune('a' + round))
			for _, fault := range []error{broken, nil} {
				err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
					if _, err := putBlock.Exec(ctx, tx, name, time.Now()); err != nil {
						return err
					}
					inner := tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
						if _, err := putBlock.Exec(ctx, tx, name+"2", time.Now()); err != nil {
							return err
						}
						_, err := putBlock.Exec(ctx, tx, name, time.Now()) // is there
						return err
					})
					if !database.IsConflict(inner) {
						t.Errorf("the same twice: %v", inner)
					}
					var seen time.Time
					if err := findBlock.Scan(ctx, tx, []any{name}, &seen); err != nil {
						t.Errorf("the transaction does not see what it wrote: %v", err)
					}
					if err := findBlock.Scan(ctx, db.Read(), []any{name}, &seen); !errors.Is(err, sql.ErrNoRows) {
						t.Errorf("others see what is not committed: %v", err)
					}
					return fault
				})
				if !errors.Is(err, fault) {
					t.Fatal(err)
				}
			}
			if got := domains(t, db.Read(), time.Unix(0, 0)); len(got) != want {
				t.Errorf("round %d: %v", round, got)
			}
		}
		if _, err := putBlock.Exec(t.Context(), bun.Tx{}, "x", time.Now()); err == nil {
			t.Error("a statement ran outside of a Write")
		}
	})
}

func TestStatementAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for n := range 10 {
					name := string(rune('a'+i)) + string(rune('a'+n))
					err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
						_, err := putBlock.Exec(ctx, tx, name, time.Now())
						return err
					})
					var seen time.Time
					if err == nil {
						err = findBlock.Scan(t.Context(), db.Read(), []any{name}, &seen)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if got := domains(t, db.Read(), time.Unix(0, 0)); len(got) != 80 {
			t.Errorf("%d rows", len(got))
		}
	})
}

var (
	listAmong   = database.NewStatement("SELECT domain FROM blocks WHERE created <= ? AND domain IN (?) AND domain NOT IN (?) ORDER BY domain")
	dropAmong   = database.NewStatement("DELETE FROM blocks WHERE domain IN (?)")
	putTogether = database.NewStatement("INSERT INTO blocks (domain, created) VALUES (?, ?)")
)

// TestStatementLists: a list of any length stands for just its values, again and
// again, outside and inside of a transaction.
func TestStatementLists(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		now := time.Now()
		var names []string
		write(t, db, func(ctx context.Context, tx bun.Tx) error {
			for i := range 200 {
				names = append(names, fmt.Sprintf("h%03d.example", i))
				if _, err := putTogether.Exec(ctx, tx, names[i], now); err != nil {
					return err
				}
			}
			return nil
		})
		for range 3 {
			for _, n := range []int{1, 2, 3, 64, 65, 200} {
				var rows []*block
				if err := listAmong.All(t.Context(), db.Read(), &rows, now, database.List[string](names[:n]), database.List[string]{"h000.example"}); err != nil || len(rows) != n-1 {
					t.Fatalf("of %d: %d rows, %v", n, len(rows), err)
				}
				write(t, db, func(ctx context.Context, tx bun.Tx) error {
					var rows []*block
					if err := listAmong.All(ctx, tx, &rows, now, database.List[string]{names[n-1], "nobody.example"}, database.List[string](names[:n-1+n%2])); err != nil {
						return err
					}
					if want := 1 - n%2; len(rows) != want {
						return fmt.Errorf("of %d: %d rows, want %d", n, len(rows), want)
					}
					return nil
				})
			}
		}
		write(t, db, func(ctx context.Context, tx bun.Tx) error {
			_, err := dropAmong.Exec(ctx, tx, database.List[string](names[5:]))
			return err
		})
		if left := domains(t, db.Read(), now.Add(-time.Minute)); len(left) != 5 {
			t.Errorf("%d are left, want 5", len(left))
		}
	})
}
