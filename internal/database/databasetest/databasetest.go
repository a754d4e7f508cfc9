package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Choice is the environment variable that decides which database URL hands out: "sqlite" (also when empty) or "postgres".
const Choice = "AUSHANG_TEST_DATABASE"

// URL gives an empty database, named as the configuration key "database" wants it, that is gone when the test ends. It is
// a SQLite file unless the environment variable Choice says "postgres".
func URL(t testing.TB) string {
	t.Helper()
	switch kind := os.Getenv(Choice); kind {
	case "", "sqlite":
		return SQLite(t)
	case "postgres":
		return PostgreSQL(t)
	default:
		t.Fatalf("%s is %q: set it to sqlite or postgres", Choice, kind)
		return ""
	}
}

// Each runs the test twice, as the subtests SQLite and PostgreSQL, each time with an empty database.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, PostgreSQL(t)) })
}

// SQLite gives an empty SQLite database ("sqlite:PATH") in a directory that is removed when the test ends.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "aushang.db")
}

var databases atomic.Int64

// PostgreSQL gives an empty database ("postgres://...") on the server of this test binary, which the first call starts.
// The database is dropped when the test ends, whoever is still connected.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	return postgreSQL(t, "template0")
}

// postgreSQL gives a database that begins as template.
func postgreSQL(t testing.TB, template string) string {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("aushang_%d", databases.Add(1))
	if err := s.run("createdb", "--template="+template, name); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.run("dropdb", "--force", name); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return s.address(name)
}

// StopPostgreSQL stops the server of this test binary as a crash would, with all its databases. The function that it gives
// starts it again; nobody else may need the server meanwhile.
func StopPostgreSQL(t testing.TB) (start func()) {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	data := filepath.Join(s.dir, "data")
	if err := s.run("pg_ctl", "stop", "--pgdata="+data, "--mode=immediate"); err != nil {
		t.Fatalf("stop PostgreSQL: %v", err)
	}
	return sync.OnceFunc(func() {
		if err := s.run("pg_ctl", "start", "--pgdata="+data, "--log="+s.log()+".again", "--options="+s.options()); err != nil {
			t.Errorf("start PostgreSQL again: %v", err)
		}
	})
}
