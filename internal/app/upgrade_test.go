package app

import (
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// fixtures names the frozen databases, the oldest first.
func fixtures(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, d := range []database.Dialect{database.SQLite, database.Postgres} {
		end := "." + string(d) + ".sql"
		files, err := filepath.Glob(filepath.Join(schemas, "*"+end))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names[strings.TrimSuffix(filepath.Base(f), end)] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// day is the part of a migration's name that says when it was made: what is made on one day is one step.
func day(name string) string { return name[:len("20261124")] }

// TestEverySchemaIsFrozen: before the schema is changed on another day, a database of the schema so far is frozen, so that
// there is something to upgrade (make fixture, before the new migration is there).
func TestEverySchemaIsFrozen(t *testing.T) {
	known, err := openOld(t, databasetest.SQLite(t)).Known()
	if err != nil {
		t.Fatal(err)
	}
	frozen := fixtures(t)
	for i, name := range known[1:] {
		before := known[i]
		if day(before) != day(name) && !slices.Contains(frozen, before) {
			t.Errorf("migration %s changes the schema of %s, of which there is no %s/%s.*.sql: see CONTRIBUTING.md, \"Change the schema\"", name, before, schemas, before)
		}
	}
}

// TestUpgrade: a town of every earlier schema is brought up to date with all its rows, is shown, goes back and comes again.
func TestUpgrade(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, url string) {
				db := thaw(t, name, url)
				old := schema(t, db)
				before := known(t, db, old)
				if len(before["objects"]) < 4 || len(before["deliveries"]) < 3 || len(before["follows"]) == 0 {
					t.Fatalf("the frozen database is empty: %d objects, %d deliveries", len(before["objects"]), len(before["deliveries"]))
				}
				for _, when := range []string{"first", "again"} {
					if err := db.Migrate(t.Context()); err != nil {
						t.Fatalf("upgrade, %s: %v", when, err)
					}
					if diff := cmp.Diff(before, known(t, db, old)); diff != "" {
						t.Errorf("upgraded, %s (-before +after):\n%s", when, diff)
					}
					if when == "again" {
						break
					}
					if _, err := db.MigrateBack(t.Context()); err != nil {
						t.Fatalf("back: %v", err)
					}
					if diff := cmp.Diff(before, known(t, db, old)); diff != "" {
						t.Errorf("back (-before +after):\n%s", diff)
					}
				}
				reads(t, url)
			})
		})
	}
}

// TestEachStep: every single migration goes forth, back and forth again and keeps what was there.
func TestEachStep(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		db := thaw(t, fixtures(t)[0], url)
		all, err := db.Known()
		if err != nil {
			t.Fatal(err)
		}
		applied, err := db.Applied(t.Context(), db.Read())
		if err != nil {
			t.Fatal(err)
		}
		for n := len(applied); n < len(all); n++ {
			// A step between two releases may give up or rename what another one brought.
			old := common(schema(t, db), schemaOf(t, all[:n+1]))
			before := known(t, db, old)
			step := func(what string, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s, %s: %v", all[n], what, err)
				}
				if diff := cmp.Diff(before, known(t, db, old)); diff != "" {
					t.Errorf("%s, %s (-before +after):\n%s", all[n], what, diff)
				}
			}
			step("forth", db.MigrateTo(t.Context(), all[:n+1]))
			undone, err := db.MigrateBack(t.Context())
			step("back", err)
			if !slices.Equal(undone, all[n:n+1]) {
				t.Errorf("undone: %v, want %s", undone, all[n])
			}
			step("forth again", db.MigrateTo(t.Context(), all[:n+1]))
		}
	})
}

// schemaOf gives the columns that some migrations make.
func schemaOf(t *testing.T, migrations []string) map[string][]string {
	t.Helper()
	db := openOld(t, databasetest.SQLite(t))
	if err := db.MigrateTo(t.Context(), migrations); err != nil {
		t.Fatal(err)
	}
	return schema(t, db)
}

// common leaves in old what is in now too.
func common(old, now map[string][]string) map[string][]string {
	for table, columns := range old {
		old[table] = slices.DeleteFunc(columns, func(c string) bool { return !slices.Contains(now[table], c) })
	}
	return old
}

// schema gives the columns of each table.
func schema(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	tables, err := db.Tables(t.Context(), db.Read())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		for _, c := range table.Columns {
			all[table.Name] = append(all[table.Name], c.Name)
		}
	}
	return all
}

// known gives the rows in the columns that an older schema knows.
func known(t *testing.T, db *database.DB, old map[string][]string) map[string][]string {
	t.Helper()
	return rowsIn(t, db, func(table, column string) bool { return slices.Contains(old[table], column) })
}

// reads looks at the upgraded town as a reader and as another server.
func reads(t *testing.T, url string) {
	t.Helper()
	c := config.Defaults()
	c.Origin, c.Database, c.Data = "https://here.test", url, t.TempDir()
	town := reopen(t, &c, slog.New(slog.DiscardHandler))
	v := &village{Town: town, t: t, queue: town.Activities.Queue(town.mux, town.log)}
	for path, word := range map[string]string{
		"/": "Sommerfest", "/vereine/tsv": "Ausflug", "/pinnwand": "Schlüssel", "/veranstaltungen": "Marktplatz",
	} {
		if w := v.get(path, html); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), word) {
			t.Errorf("GET %s: %d without %q", path, w.Code, word)
		}
	}
	club, err := town.Clubs.Find(t.Context(), "tsv")
	if err != nil {
		t.Fatal(err)
	}
	if w := v.get(strings.TrimPrefix(club.ID, c.Origin), as2); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"Group"`) {
		t.Errorf("the club's document: %d", w.Code)
	}
	waiting, err := town.Activities.Deliveries(t.Context(), "far.test")
	if err != nil || len(waiting) < 3 {
		t.Errorf("%d deliveries wait, %v", len(waiting), err)
	}
	v.club = club
	v.post("Neu")
}
