package search

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// FuzzQuery: nothing that a person types or publishes is a mistake, for neither
// database.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"wehrfest", `"fest`, "fest*", "-fest", "fest OR", "AND", "NOT fest", "NEAR(a b, 2)", "words:fest", "^fest", "{a b}: c", "fest + bad", "(", ")", "''", `\`, "%_", "😀", "\x00",
		"a:*b & !c | (d <-> e)", "ẞ", "ı", "ﬃ", "½ ² Ⅷ ٣", "Пётр", "名前", "e\u0301\u0301\u0301", "\u202efest", strings.Repeat("fest ", 2000), strings.Repeat("x", 10_000), "\xff\xfe",
	} {
		f.Add(s)
	}
	kinds := []Kind{{Type: "Event", Letter: "e", Ahead: true}, {Type: "Group", Letter: "g", Actors: true}}
	var all []*Index
	for _, url := range []string{databasetest.SQLite(f), databasetest.PostgreSQL(f)} {
		db, err := database.Open(f.Context(), url)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = db.Close() })
		if err := db.Migrate(f.Context()); err != nil {
			f.Fatal(err)
		}
		all = append(all, New(db, kinds, slog.New(slog.DiscardHandler)))
	}
	f.Fuzz(func(t *testing.T, s string) {
		written := thing{id: "x", letter: "e", title: s, texts: []string{s, s + "x"}, moment: time.Unix(int64(len(s)), 0)}
		for _, x := range all {
			err := x.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				if err := x.remove(ctx, tx, written.id); err != nil {
					return err
				}
				return x.put(ctx, tx, written)
			})
			if err != nil {
				t.Errorf("%s: index %q: %v", x.db.Dialect(), s, err)
			}
		}
		q := Parse(s)
		if q.Empty() {
			return
		}
		for _, x := range all {
			for _, k := range kinds {
				if _, err := x.find(t.Context(), k, q, parsePosition(s), 5); err != nil {
					t.Errorf("%s: %q: %v", x.db.Dialect(), s, err)
				}
			}
			if _, err := x.Advise(t.Context(), kinds, q); err != nil {
				t.Errorf("%s: %q: %v", x.db.Dialect(), s, err)
			}
		}
	})
}
