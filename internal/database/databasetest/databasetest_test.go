package databasetest_test

import (
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

func TestEachTestHasAnEmptyDatabaseOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		databasetest.Each(t, func(t *testing.T, address string) {
			if seen[address] {
				t.Errorf("%s was handed out twice", address)
			}
			seen[address] = true
		})
	}
	if len(seen) != 4 {
		t.Errorf("%d databases, want 4", len(seen))
	}
}

func TestThePostgreSQLServerAnswersUnderTheAddress(t *testing.T) {
	address := databasetest.PostgreSQL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("psql", "--tuples-only", "--no-align", "--command=SELECT current_database()", address).CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v: %s", err, said)
	}
	if got, want := strings.TrimSpace(string(said)), strings.TrimPrefix(u.Path, "/"); got != want {
		t.Errorf("connected to %q, want %q", got, want)
	}
}

func TestTheEnvironmentDecidesWhichDatabase(t *testing.T) {
	for choice, scheme := range map[string]string{"": "sqlite:", "sqlite": "sqlite:", "postgres": "postgres:"} {
		t.Setenv(databasetest.Choice, choice)
		if got := databasetest.URL(t); !strings.HasPrefix(got, scheme) {
			t.Errorf("%s=%q gives %s, want %s", databasetest.Choice, choice, got, scheme)
		}
	}
}

func TestTheServerStopsAndStartsAgain(t *testing.T) {
	address := databasetest.PostgreSQL(t)
	ask := func() error { return exec.Command("psql", "--command=SELECT 1", address).Run() }
	start := databasetest.StopPostgreSQL(t)
	if ask() == nil {
		t.Error("the server answers while it is stopped")
	}
	start()
	if err := ask(); err != nil {
		t.Errorf("the server does not answer after it: %v", err)
	}
}
