package app

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

var (
	fixtureOf = flag.String("fixture", "", "a program (bin/aushang) of whose schema a frozen database is written to testdata/schema")
	suffix    = flag.String("suffix", "", "what follows the name of the fixture, when its schema has the name of another one")
)

// schemas is where the frozen databases are.
const schemas = "testdata/schema"

// TestWriteFixture freezes a database that the program of -fixture has made and filled, in both dialects: make fixture.
// Without -fixture it looks whether what is frozen comes in pairs.
func TestWriteFixture(t *testing.T) {
	for _, f := range fixtures(t) {
		for _, dialect := range []database.Dialect{database.SQLite, database.Postgres} {
			if _, err := os.Stat(filepath.Join(schemas, f+"."+string(dialect)+".sql")); err != nil {
				t.Errorf("%s has no twin: %v", f, err)
			}
		}
	}
	if *fixtureOf == "" {
		return
	}
	program, err := filepath.Abs(*fixtureOf)
	if err != nil {
		t.Fatal(err)
	}
	databasetest.Each(t, func(t *testing.T, url string) {
		fill(t, program, url)
		db := openOld(t, url)
		applied, err := db.Applied(t.Context(), db.Read())
		if err != nil {
			t.Fatal(err)
		}
		frozen := "-- Made by the program of that schema. Never edited.\n"
		if db.Dialect() == database.SQLite {
			frozen += dumpSQLite(t, db.Pool())
		} else {
			frozen += dumpPostgres(t, url)
		}
		name := filepath.Join(schemas, applied[len(applied)-1]+*suffix+"."+string(db.Dialect())+".sql")
		if err := os.WriteFile(name, []byte(frozen), 0o644); err != nil {
			t.Fatal(err)
		}
	})
}

func openOld(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// fill lets a program make a small town with a bit of everything.
func fill(t *testing.T, program, url string) {
	t.Helper()
	do := func(args ...string) {
		t.Helper()
		c := exec.Command(program, args...)
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), "AUSHANG_ORIGIN=https://here.test", "AUSHANG_DATABASE="+url, "AUSHANG_DATA="+filepath.Dir(c.Dir))
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, said)
		}
	}
	do("club", "add", "--handle", "tsv", "--name", "TSV", "--summary", "**Sport** und „mehr“", "--active")
	do("person", "add", "--email", "anna@here.test", "--name", "Anna", "--role", "townhall")
	do("club", "editor", "--club", "tsv", "--email", "anna@here.test", "--role", "owner")
	execute(t, url, "neighbours.sql")
	do("event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", "2027-07-10T19:00", "--end", "2027-07-10T23:00", "--place", "Marktplatz", "--text", "Musik.")
	do("event", "add", "--club", "tsv", "--name", "Ausflug", "--start", "2027-08-01")
	do("post", "add", "--club", "tsv", "--text", "Schlüssel *gefunden* 😀")
	execute(t, url, "replies.sql")
	do("site", "set", "impressum", text(t, "## Rathaus"))
}

// text gives the path of a file with a text.
func text(t *testing.T, s string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "text.md")
	if err := os.WriteFile(name, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// execute runs one of the files with what programs of the command line cannot make.
func execute(t *testing.T, url, name string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(schemas, name))
	if err != nil {
		t.Fatal(err)
	}
	db := openOld(t, url)
	defer db.Close() //nolint:errcheck // closed again at the end
	if _, err := db.Pool().ExecContext(t.Context(), string(script)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// dumpSQLite writes a SQLite database as SQL.
func dumpSQLite(t *testing.T, pool *sql.DB) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("PRAGMA foreign_keys = OFF;\n")
	for _, kind := range []string{"table", "index", "trigger"} {
		for _, def := range texts(t, pool, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_words_%' AND type = '"+kind+"' ORDER BY rowid") {
			out.WriteString(def + ";\n")
		}
		if kind != "table" {
			continue
		}
		for _, table := range texts(t, pool, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%' ORDER BY rowid") {
			columns := texts(t, pool, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`')`)
			for _, row := range texts(t, pool, "SELECT "+strings.Join(columns, " || ', ' || ")+` FROM "`+table+`"`) {
				fmt.Fprintf(&out, "INSERT INTO \"%s\" VALUES (%s);\n", table, row)
			}
		}
	}
	// The index is no rows but is made of them: all that is in it is due again.
	for _, id := range texts(t, pool, "SELECT quote(id) FROM search_things ORDER BY key") {
		fmt.Fprintf(&out, "INSERT INTO search_due (id) VALUES (%s);\n", id)
	}
	return out.String() + "PRAGMA foreign_keys = ON;\n"
}

func texts(t *testing.T, pool *sql.DB, query string) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// dumpPostgres writes a PostgreSQL database as SQL, without what the server's version decides.
func dumpPostgres(t *testing.T, url string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "pg_dump", "--inserts", "--no-owner", "--no-privileges", "--no-comments", url).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(said)) {
		switch {
		case strings.HasPrefix(line, `\`), strings.HasPrefix(line, "-- "), strings.TrimSpace(line) == "--", strings.HasPrefix(line, "SET "), strings.TrimSpace(line) == "":
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

// thaw makes the frozen database in the empty one at url.
func thaw(t *testing.T, name, url string) *database.DB {
	t.Helper()
	db := openOld(t, url)
	script, err := os.ReadFile(filepath.Join(schemas, name+"."+string(db.Dialect())+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	pool := db.Pool()
	if db.Dialect() == database.Postgres { // a dump changes settings of its connection
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		pool = stdlib.OpenDB(*config)
		defer pool.Close() //nolint:errcheck // all is said
	}
	if _, err := pool.ExecContext(context.WithoutCancel(t.Context()), string(script)); err != nil {
		t.Fatalf("thaw %s: %v", name, err)
	}
	return db
}
