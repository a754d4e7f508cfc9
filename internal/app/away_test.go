package app

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestStatusOfWhatPasses: what may work later is 503, and a fault stays a fault.
func TestStatusOfWhatPasses(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{&pgconn.PgError{Code: "57P01"}, 503}, // terminated by an operator
		{&pgconn.PgError{Code: "53100"}, 503}, // disk full
		{&pgconn.PgError{Code: "08006"}, 503}, // connection failure
		{&pgconn.PgError{Code: "42P01"}, 500}, // no such table
		{&pgconn.PgError{}, 500},
		{syscall.ENOSPC, 503},
		{syscall.EACCES, 500},
	} {
		if got := status(fmt.Errorf("do something: %w", tc.err)); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.err, got, tc.want)
		}
	}
}

// TestDatabaseAway: while PostgreSQL takes no connection every page, the inbox and /readyz ask to come again, and nobody
// is told of a fault; then all is well without a restart.
func TestDatabaseAway(t *testing.T) {
	address := databasetest.PostgreSQL(t)
	v := found(t, address)
	v.person("ruth@example.org", account.Townhall)
	b := v.signedIn("ruth@example.org")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	server, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // the test is over
	do := func(statement string) {
		t.Helper()
		if _, err := server.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	allow := func(yes bool) { do(fmt.Sprintf("ALTER DATABASE %s WITH ALLOW_CONNECTIONS %v", name, yes)) }
	allow(false)
	do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'")
	for _, path := range []string{"/readyz", "/veranstaltungen?seite=2", "/rathaus", "/konto"} {
		if w := b.ask(http.MethodGet, path, html, nil); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("GET %s: %d, Retry-After %q", path, w.Code, w.Header().Get("Retry-After"))
		}
	}
	allow(true)
	for _, path := range []string{"/readyz", "/rathaus"} {
		if w := b.ask(http.MethodGet, path, html, nil); w.Code != http.StatusOK {
			t.Errorf("GET %s after that: %d", path, w.Code)
		}
	}
}

// TestDatabaseBusy: a writer that holds on makes forms ask to come again, and readers see nothing of it.
func TestDatabaseBusy(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.person("ruth@example.org", account.Townhall)
	h := v.browser().h
	holder, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(v.Config.Database, "sqlite:")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close() //nolint:errcheck // the test is over
	tx, err := holder.BeginTx(context.WithoutCancel(t.Context()), nil)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"email": {"ruth@example.org"}, "password": {satz}}
	r := httptest.NewRequest(http.MethodPost, "/anmelden", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a form gets %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := v.get("/vereine/tsv", html); w.Code != http.StatusOK {
		t.Errorf("a reader gets %d", w.Code)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	v.signedIn("ruth@example.org")
}

// TestDatabaseFull: where the database finds no more room, what would write is asked to come again, readers see nothing of
// it, the file is whole, and all goes on when there is room.
func TestDatabaseFull(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.person("anna@example.org", account.Editor, "tsv")
	b := v.signedIn("anna@example.org")
	b.open("/pinnwand/neu?verein=tsv")
	pool := v.db.Pool()
	var pages int
	if err := pool.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	room := func(pages int) {
		t.Helper()
		if _, err := pool.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	room(pages)
	long := strings.TrimSpace(strings.Repeat("Ein langer Aushang. ", 150)) // more than a page
	for range 20 {                                                         // what is free within pages is used up
		b.send("Veröffentlichen", map[string]string{"text": long})
		if b.status != http.StatusOK {
			break
		}
		b.open("/pinnwand/neu?verein=tsv")
	}
	if b.status != http.StatusServiceUnavailable || b.header.Get("Retry-After") == "" {
		t.Errorf("a form gets %d, Retry-After %q", b.status, b.header.Get("Retry-After"))
	}
	body := []byte(`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/c/1","type":"Create","actor":"https://b.test/u","object":{"id":"https://b.test/n/1","type":"Note","content":"` + strings.Repeat("x", 50_000) + `"}}`)
	_, err := v.queue.Receive(t.Context(), inbox.Received{ActivityID: "https://b.test/c/1", ActorID: "https://b.test/u", Type: "Create", Body: body, At: time.Now()})
	if problem.KindOf(err) != problem.Unavailable {
		t.Errorf("the inbox: %v", err)
	}
	if w := v.get("/vereine/tsv", html); w.Code != http.StatusOK {
		t.Errorf("a reader gets %d", w.Code)
	}
	var verdict string
	if err := pool.QueryRowContext(t.Context(), "PRAGMA quick_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the file: %q, %v", verdict, err)
	}
	room(1 << 30)
	b.open("/pinnwand/neu?verein=tsv")
	b.send("Veröffentlichen", map[string]string{"text": long})
	b.shows(http.StatusOK, "Ein langer Aushang")
}
