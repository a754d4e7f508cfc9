package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// A Kind is what a column holds, the same word in both dialects.
type Kind string

// The kinds of columns.
const (
	Text    Kind = "text"
	Boolean Kind = "boolean"
	Integer Kind = "integer"
	Float   Kind = "float"
	Time    Kind = "time"
	Bytes   Kind = "bytes"
)

// kinds says which kind a declared type is.
var kinds = map[string]Kind{
	"text": Text, "character varying": Text,
	"boolean": Boolean,
	"integer": Integer, "bigint": Integer, "smallint": Integer,
	"real": Float, "double precision": Float,
	"timestamp": Time, "timestamp with time zone": Time,
	"blob": Bytes, "bytea": Bytes,
}

// A Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// A Table is a table of our own, as the database describes it.
type Table struct {
	Name    string
	Columns []Column

	dialect    Dialect
	references []string // tables that must have their rows before
}

// foreign tells whether a table holds nothing of the town: it is a library's,
// wakes processes, or is made of other rows and can be made again.
func foreign(name string) bool {
	return name == "changes" || strings.HasPrefix(name, "search_") || strings.HasPrefix(name, "bun_") || strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "sqlite_")
}

// Tables gives our tables, each after those that it refers to; none for an
// empty database.
func (db *DB) Tables(ctx context.Context, q bun.IDB) ([]*Table, error) {
	names := "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	if db.dialect == Postgres {
		names = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
	}
	list, err := column(ctx, q, names)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	var all []*Table
	for _, name := range list {
		if foreign(name) {
			continue
		}
		t := &Table{Name: name, dialect: db.dialect}
		if err := t.describe(ctx, q); err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, err)
		}
		all = append(all, t)
	}
	return inOrder(all), nil
}

func (t *Table) describe(ctx context.Context, q bun.IDB) error {
	columns := "SELECT name, type FROM pragma_table_info(?) ORDER BY cid"
	references := `SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)`
	if t.dialect == Postgres {
		columns = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? AND is_generated = 'NEVER' ORDER BY ordinal_position"
		references = "SELECT DISTINCT f.relname FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype = 'f' AND c.conrelid = to_regclass(quote_ident(?))"
	}
	rows, err := q.QueryContext(ctx, columns, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var name, declared string
		if err := rows.Scan(&name, &declared); err != nil {
			return err
		}
		kind, ok := kinds[strings.ToLower(declared)]
		if !ok {
			return fmt.Errorf("column %s has the type %s, of which no kind is known", name, declared)
		}
		t.Columns = append(t.Columns, Column{name, kind})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	t.references, err = column(ctx, q, references, t.Name)
	return err
}

// column gives the one column of a query.
func column(ctx context.Context, q bun.IDB, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// inOrder puts each table after those that it refers to. Tables that refer to
// each other in a circle would come last, in the order of their names.
func inOrder(all []*Table) []*Table {
	var sorted []*Table
	placed := map[string]bool{}
	for len(sorted) < len(all) {
		before := len(sorted)
		for _, t := range all {
			waits := func(name string) bool { return name != t.Name && !placed[name] }
			if !placed[t.Name] && !slices.ContainsFunc(t.references, waits) {
				sorted, placed[t.Name] = append(sorted, t), true
			}
		}
		if len(sorted) == before {
			for _, t := range all {
				if !placed[t.Name] {
					sorted, placed[t.Name] = append(sorted, t), true
				}
			}
		}
	}
	return sorted
}

func (t *Table) names() bun.Ident { return bun.Ident(t.Name) }

func (t *Table) columnList() any {
	var list []bun.Ident
	for _, c := range t.Columns {
		list = append(list, bun.Ident(c.Name))
	}
	return bun.List(list)
}

// Each calls fn with every row; the values stand in the order of Columns and
// are nil, string, bool, int64, float64, time.Time (UTC) or []byte. They are
// fn's only until it returns.
func (t *Table) Each(ctx context.Context, q bun.IDB, fn func(row []any) error) error {
	rows, err := q.QueryContext(ctx, "SELECT ? FROM ?", t.columnList(), t.names())
	if err != nil {
		return fmt.Errorf("read table %s: %w", t.Name, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	row := make([]any, len(t.Columns))
	at := make([]any, len(t.Columns))
	for i := range row {
		at[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(at...); err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		for i, c := range t.Columns {
			if row[i], err = c.Kind.value(row[i]); err != nil {
				return fmt.Errorf("read table %s, column %s: %w", t.Name, c.Name, err)
			}
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read table %s: %w", t.Name, err)
	}
	return nil
}

// value brings what a driver gives into the one Go type of a kind.
func (k Kind) value(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		switch k {
		case Text:
			return v, nil
		case Bytes:
			return []byte(v), nil
		}
	case []byte:
		switch k {
		case Text:
			return string(v), nil
		case Bytes:
			return v, nil
		}
	case bool:
		if k == Boolean {
			return v, nil
		}
	case int64:
		switch k {
		case Integer:
			return v, nil
		case Boolean:
			return v != 0, nil
		case Float:
			return float64(v), nil
		}
	case float64:
		if k == Float {
			return v, nil
		}
	case time.Time:
		if k == Time {
			return v.UTC(), nil
		}
	}
	return nil, fmt.Errorf("a %T is no %s", v, k)
}

// Count counts the rows.
func (t *Table) Count(ctx context.Context, q bun.IDB) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM ?", t.names()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count table %s: %w", t.Name, err)
	}
	return n, nil
}

// Insert stores rows whose values stand in the order of Columns.
func (t *Table) Insert(ctx context.Context, tx bun.Tx, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	one := "(?" + strings.Repeat(", ?", len(t.Columns)-1) + ")"
	args := []any{t.names(), t.columnList()}
	for _, row := range rows {
		args = append(args, row...)
	}
	query := "INSERT INTO ? (?) VALUES " + one + strings.Repeat(", "+one, len(rows)-1)
	if _, err := tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("fill table %s: %w", t.Name, err)
	}
	return nil
}

// Resume makes numbers that PostgreSQL gives to new rows follow those that are
// there; SQLite does so by itself.
func (t *Table) Resume(ctx context.Context, tx bun.Tx) error {
	if t.dialect != Postgres {
		return nil
	}
	counted, err := column(ctx, tx, "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? AND is_identity = 'YES'", t.Name)
	if err != nil {
		return fmt.Errorf("find numbered columns of %s: %w", t.Name, err)
	}
	for _, c := range counted {
		_, err := tx.ExecContext(ctx, "SELECT setval(pg_get_serial_sequence(?, ?), COALESCE(MAX(?), 0) + 1, false) FROM ?",
			t.Name, c, bun.Ident(c), t.names())
		if err != nil {
			return fmt.Errorf("number table %s: %w", t.Name, err)
		}
	}
	return nil
}

// Snapshot runs fn on one unchanging state of the database, while others write.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, q bun.IDB) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if db.dialect == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	err := db.read.RunInTx(ctx, options, func(ctx context.Context, tx bun.Tx) error { return fn(ctx, tx) })
	return classify(err)
}

// Orphans lists rows that refer to a row that is not there, "table -> table";
// PostgreSQL never stores one.
func (db *DB) Orphans(ctx context.Context) ([]string, error) {
	if db.dialect == Postgres {
		return nil, nil
	}
	list, err := column(ctx, db.read, `SELECT "table" || ' -> ' || parent FROM pragma_foreign_key_check`)
	if err != nil {
		return nil, fmt.Errorf("check references: %w", err)
	}
	return list, nil
}
