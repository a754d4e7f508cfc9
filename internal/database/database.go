package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"codeberg.org/aushang/aushang/internal/metrics"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Dialect is the kind of SQL a database speaks.
type Dialect string

// The two dialects. The zero Dialect is no dialect.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// readers is how many connections look at a SQLite file at the same time.
const readers = 4

// busyTimeout is how long a SQLite writer waits for another process, in ms.
const busyTimeout = 10_000

// ErrNested is returned by a Write inside a Write: on the one write connection
// of SQLite it would wait for itself for ever.
var ErrNested = errors.New("a write inside a write")

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	dialect Dialect
	dsn     string
	path    string // of the SQLite file
	write   *pool
	read    *pool
	bell    bell
	// last runs at the end of a Write that rings.
	last func(ctx context.Context, tx bun.Tx) error
}

// Open opens the database at url, which is "sqlite:PATH" or "postgres://...".
// A SQLite file and its folder are made when they do not exist. The schema is
// not touched: call Migrate.
func Open(ctx context.Context, url string) (*DB, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return openSQLite(ctx, path)
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return openPostgres(ctx, url)
	}
	return nil, fmt.Errorf("open database: %q is neither sqlite:PATH nor postgres://USER@HOST/NAME", url)
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// There are keys in it: what SQLite would make is readable by everybody.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
	}
	dsn := func(extra url.Values) string {
		q := url.Values{"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyTimeout), // first: the others may have to wait
			"foreign_keys(1)",
		}}
		for k, v := range extra {
			q[k] = append(q[k], v...)
		}
		return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
	}
	write, err := sql.Open("sqlite", dsn(url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"},
		"_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(url.Values{"mode": {"ro"}}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{
		dialect: SQLite, path: path,
		write: &pool{DB: bun.NewDB(write, sqlitedialect.New()), dialect: SQLite},
		read:  &pool{DB: bun.NewDB(read, sqlitedialect.New()), dialect: SQLite},
	}, nil
}

func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// Two pools: who looks something up in the middle of a write must not wait for
	// a connection that another write holds while it waits for the first one.
	open := func() *pool {
		conns := stdlib.OpenDB(*config)
		conns.SetMaxOpenConns(8)
		conns.SetMaxIdleConns(4)
		conns.SetConnMaxIdleTime(5 * time.Minute)
		return &pool{DB: bun.NewDB(conns, pgdialect.New()), dialect: Postgres}
	}
	db := &DB{dialect: Postgres, dsn: dsn, write: open(), read: open()}
	if err := db.write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	return db, nil
}

// Close closes all connections.
func (db *DB) Close() error {
	return errors.Join(db.write.Close(), db.read.Close())
}

// Dialect says which SQL the database speaks.
func (db *DB) Dialect() Dialect { return db.dialect }

// Read gives the way to look. On SQLite its connections are read-only.
func (db *DB) Read() bun.IDB { return db.read }

// Pool gives the write pool itself. It is for internal/jobs alone, whose
// library needs it; everybody else changes things through Write.
func (db *DB) Pool() *sql.DB { return db.write.DB.DB }

// Ping reports whether the database can be reached and read.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// BeforeCommit makes fn run at the end of each Write that rings, in its
// transaction, for what must never be behind what readers see. There is one such
// function, set before anything is written; when it fails, so does the Write.
func (db *DB) BeforeCommit(fn func(ctx context.Context, tx bun.Tx) error) { db.last = fn }

// writing is what a Write knows while it runs.
type writing struct {
	pool *pool
	rung bool
	// bound holds the statements that are in use, unprepared those that had to
	// be sent as texts.
	bound      map[*Statement]*sql.Stmt
	unprepared []*Statement
	gathered   []gathered
}

type writingKey struct{}

// attempts is how often a write is tried when PostgreSQL asks for it again.
const attempts = 4

// Write runs fn in one transaction and commits it when fn returns nil. fn may
// run again when PostgreSQL reports a deadlock, so it must change nothing but
// the database, and it must not use the network. A Write inside a Write fails
// at once with ErrNested. A database that is busy or away gives a
// problem.Unavailable.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if ctx.Value(writingKey{}) != nil {
		return ErrNested
	}
	for n := 1; ; n++ {
		rung, err := db.writeOnce(ctx, fn)
		if err == nil {
			if rung {
				db.bell.ring()
			}
			return nil
		}
		if n < attempts && again(err) {
			continue
		}
		return classify(err)
	}
}

func (db *DB) writeOnce(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) (bool, error) {
	w := &writing{pool: db.write}
	parent := ctx
	ctx = context.WithValue(ctx, writingKey{}, w)
	err := db.write.inTurn(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		if err := w.dealWithGathered(ctx, tx); err != nil {
			return err
		}
		if w.rung && db.last != nil {
			if err := db.last(ctx, tx); err != nil {
				return err
			}
		}
		if w.rung && db.dialect == Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_notify(?, '')", channel); err != nil {
				return fmt.Errorf("ring: %w", err)
			}
		}
		return nil
	})
	if err == nil {
		w.prepareNext(parent)
	}
	return w.rung, err
}

// inTurn runs fn in a transaction. On the one write connection of SQLite it
// waits as long as a writer waits for another process, and no longer: behind
// several who each wait for that process a request would be cut off without an
// answer.
func (p *pool) inTurn(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if p.dialect != SQLite {
		return p.RunInTx(ctx, nil, fn)
	}
	waiting, cancel := context.WithTimeout(ctx, busyTimeout*time.Millisecond)
	conn, err := p.Conn(waiting)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		busy.Inc()
		return problem.Unavailablef("database: others are writing: %w", err)
	}
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back, also after a panic
	return conn.RunInTx(ctx, nil, fn)
}

// again tells whether PostgreSQL undid the transaction for no fault of its own.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

var (
	busy = metrics.NewCounter("aushang_database_busy_total", "Writes that were given up since the database was busy or its disk full.")
	away = metrics.NewCounter("aushang_database_away_total", "Writes that were given up since the database could not be reached.")
)

// classify turns "the database is busy or away" into problem.Unavailable.
func classify(err error) error {
	if !Unavailable(err) {
		return err
	}
	if lite := new(sqlite.Error); errors.As(err, &lite) {
		busy.Inc()
	} else {
		away.Inc()
	}
	return problem.Unavailablef("database: %w", err)
}

// passing are the answers of SQLite that mean "not now": somebody else writes,
// or there is no room.
var passing = map[int]bool{sqlite3.SQLITE_BUSY: true, sqlite3.SQLITE_LOCKED: true, sqlite3.SQLITE_FULL: true, sqlite3.SQLITE_IOERR: true, sqlite3.SQLITE_CANTOPEN: true}

// Unavailable tells whether err means that the database is busy, away or out
// of room, so that the same may work later.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return passing[lite.Code()&0xff]
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:min(2, len(pg.Code))] {
		case "08", "53", "57": // connection, resources, and an operator who stops it
			return pg.Code != "57014" // a query that was cancelled
		}
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.SafeToRetry(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// IsConflict tells whether err says that a row with the same key exists.
func IsConflict(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
