package database

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// A Statement is SQL that is the same each time but for its arguments, which
// bun would write into the text: SQLite had to parse it anew for each row. It
// is parsed once per connection. Make one with NewStatement, one for each text
// and not one for each use; it serves any number of databases.
//
// It is for what runs for each activity or each delivery. Everything else is
// clearer with bun.
type Statement struct {
	text     string
	postgres string // the same with $1, $2
	// seldom is true for one that is not worth keeping parsed.
	seldom bool
	// longer are those of *Statement in which lists have room, by listSizes.
	longer sync.Map
}

// NewStatement gives the statement text, in which each ? outside of quotes
// stands for an argument. Arguments and columns are of the types that a
// database/sql driver knows. A time.Time is stored exactly as bun stores it, so
// that the two can be compared in SQL; a zero one is NULL, and so are nil bytes.
//
// A List of arguments stands where the text has (?), as in "host IN (?)".
func NewStatement(text string) *Statement {
	return &Statement{text: text, postgres: numbered(text)}
}

// Columns lists the columns of a model of bun's, for a SELECT that Model reads.
func Columns(model any) string {
	var list []string
	for _, f := range schema.NewTables(sqlitedialect.New()).Get(reflect.TypeOf(model)).Fields {
		list = append(list, f.Name)
	}
	return strings.Join(list, ", ")
}

// numbered writes placeholders as PostgreSQL wants them.
func numbered(text string) string {
	var out strings.Builder
	n, quoted := 0, false
	for _, r := range text {
		switch {
		case r == '\'':
			quoted = !quoted
		case r == '?' && !quoted:
			n++
			out.WriteString("$" + strconv.Itoa(n))
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Exec runs the statement in the transaction of a Write, or on what Read gives.
func (s *Statement) Exec(ctx context.Context, on bun.IDB, args ...any) (sql.Result, error) {
	q, args, err := s.on(ctx, on, args)
	if err != nil {
		return nil, err
	}
	if q.stmt != nil {
		return q.stmt.ExecContext(ctx, args...)
	}
	return q.conn.ExecContext(ctx, q.text, args...)
}

// Query runs the statement and gives its rows. They must be closed before the
// same statement is used again in the same transaction.
func (s *Statement) Query(ctx context.Context, on bun.IDB, args ...any) (*sql.Rows, error) {
	q, args, err := s.on(ctx, on, args)
	if err != nil {
		return nil, err
	}
	return q.query(ctx, args)
}

// Scan runs the statement and reads its first row into dest. Without a row it
// gives sql.ErrNoRows.
func (s *Statement) Scan(ctx context.Context, on bun.IDB, args []any, dest ...any) error {
	q, args, err := s.on(ctx, on, args)
	if err != nil {
		return err
	}
	if q.stmt != nil {
		return q.stmt.QueryRowContext(ctx, args...).Scan(dest...)
	}
	return q.conn.QueryRowContext(ctx, q.text, args...).Scan(dest...)
}

// Model runs the statement and reads its first row into model, a pointer to a
// struct, by the names of the columns as bun does. Without a row it gives
// sql.ErrNoRows.
func (s *Statement) Model(ctx context.Context, on bun.IDB, model any, args ...any) error {
	q, args, err := s.on(ctx, on, args)
	if err != nil {
		return err
	}
	rows, err := q.query(ctx, args)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return q.pool.ScanRow(ctx, rows, model)
}

// All runs the statement and reads its rows into models, a pointer to a slice of
// pointers to structs, by the names of the columns as bun does.
func (s *Statement) All(ctx context.Context, on bun.IDB, models any, args ...any) error {
	q, args, err := s.on(ctx, on, args)
	if err != nil {
		return err
	}
	rows, err := q.query(ctx, args)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // ScanRows tells
	return q.pool.ScanRows(ctx, rows, models)
}

// Exists tells whether the statement, a SELECT, gives a row.
func (s *Statement) Exists(ctx context.Context, on bun.IDB, args ...any) (bool, error) {
	rows, err := s.Query(ctx, on, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	return rows.Next(), rows.Err()
}

// connection is what database/sql's pools and transactions have in common.
type connection interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ready is a statement on its way: prepared, or as a text.
type ready struct {
	pool *pool
	stmt *sql.Stmt
	conn connection
	text string
}

func (q ready) query(ctx context.Context, args []any) (*sql.Rows, error) {
	if q.stmt != nil {
		return q.stmt.QueryContext(ctx, args...)
	}
	return q.conn.QueryContext(ctx, q.text, args...)
}

func (s *Statement) on(ctx context.Context, on bun.IDB, args []any) (ready, []any, error) {
	s, args = s.withRoom(args)
	switch on := on.(type) {
	case *pool:
		if on.dialect == Postgres {
			return ready{pool: on, conn: on.DB.DB, text: s.postgres}, arguments(on.dialect, args), nil
		}
		if s.seldom {
			return ready{pool: on, conn: on.DB.DB, text: s.text}, arguments(on.dialect, args), nil
		}
		stmt, err := on.prepare(ctx, s)
		return ready{pool: on, stmt: stmt}, arguments(on.dialect, args), err
	case bun.Tx:
		w, ok := ctx.Value(writingKey{}).(*writing)
		if !ok {
			break
		}
		if w.pool.dialect == Postgres { // pgx keeps what it has parsed, by its text
			return ready{pool: w.pool, conn: on.Tx, text: s.postgres}, arguments(w.pool.dialect, args), nil
		}
		return ready{pool: w.pool, stmt: w.bind(ctx, on.Tx, s), conn: on.Tx, text: s.text}, arguments(w.pool.dialect, args), nil
	}
	return ready{}, nil, fmt.Errorf("run a statement: %T is neither of Read nor of a Write", on)
}

// timeFormat is how bun writes a time. SQLite compares it as a text.
const timeFormat = "2006-01-02 15:04:05.999999-07:00"

func arguments(d Dialect, args []any) []any {
	list := make([]any, len(args))
	for i, arg := range args {
		list[i] = arg
		switch arg := arg.(type) {
		case []byte:
			if arg == nil {
				list[i] = nil
			}
		case time.Time:
			switch {
			case arg.IsZero():
				list[i] = nil
			case d == SQLite:
				list[i] = arg.UTC().Format(timeFormat)
			default:
				list[i] = arg.UTC()
			}
		}
	}
	return list
}

// pool is bun's pool with the statements that SQLite has prepared on it. They
// end with it.
type pool struct {
	*bun.DB
	dialect  Dialect
	prepared sync.Map // of *sql.Stmt by *Statement
}

func (p *pool) prepare(ctx context.Context, s *Statement) (*sql.Stmt, error) {
	if stmt, ok := p.prepared.Load(s); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := p.DB.DB.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, fmt.Errorf("prepare statement: %w", err)
	}
	if first, twice := p.prepared.LoadOrStore(s, stmt); twice {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

// bind gives s for use in the transaction, nil when it is used for the first
// time: preparing needs the only write connection, which the transaction holds.
// So it is prepared when the transaction is over.
func (w *writing) bind(ctx context.Context, tx *sql.Tx, s *Statement) *sql.Stmt {
	if stmt, ok := w.bound[s]; ok {
		return stmt
	}
	known, ok := w.pool.prepared.Load(s)
	if !ok && s.seldom {
		return nil
	}
	if !ok {
		w.unprepared = append(w.unprepared, s)
		return nil
	}
	stmt := tx.StmtContext(ctx, known.(*sql.Stmt))
	if w.bound == nil {
		w.bound = map[*Statement]*sql.Stmt{}
	}
	w.bound[s] = stmt
	return stmt
}

// prepareNext prepares what the transaction had to send as a text. When that
// fails the next transaction sends it as a text again.
func (w *writing) prepareNext(ctx context.Context) {
	for _, s := range w.unprepared {
		if _, err := w.pool.prepare(ctx, s); err != nil {
			return
		}
	}
}
