package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Fate says what becomes of a trace when its person leaves.
type Fate int

// The fates.
const (
	// Erased rows are deleted.
	Erased Fate = iota
	// Blanked rows stay without saying who it was.
	Blanked
)

// A Trace is a column of the database that points to people. What is not among
// the traces that Know is given points to nobody: a test goes through the
// schema and through every value.
type Trace struct {
	Table, Column string
	// Mail is true for a column that holds mail addresses; the others hold ids of
	// accounts. Within is true when they stand among other bytes.
	Mail, Within bool
	Fate         Fate
	// Section names the rows in a person's download. Where it is "", another
	// column of the table has one, or Omit is the key of the words that say why
	// they are not in it.
	Section, Omit string
	// Secret are the columns that are not in the download.
	Secret []string
	// Discreet are those that the town hall does not read; see Cell.
	Discreet []string
}

// Know hands in the traces of all packages; the application calls it once,
// while it builds. The account itself comes last.
func (s *Accounts) Know(traces []Trace) { s.traces = traces }

// Traces gives what Know was given.
func (s *Accounts) Traces() []Trace { return s.traces }

// value gives what stands in the column for a person.
func (t *Trace) value(a *Account) string {
	if t.Mail {
		return a.Email
	}
	return a.ID
}

// tracePage is how many rows are read at once: what is handed to a slow line
// must not hold the database.
const tracePage = 200

// WriteRows writes everything that points to the person as one JSON value, each
// section a list of rows by the names of their columns.
func (s *Accounts) WriteRows(ctx context.Context, w io.Writer, a *Account) error {
	tables, err := s.tables(ctx, s.db.Read())
	if err != nil {
		return err
	}
	before := "{"
	for i := range s.traces {
		t := &s.traces[i]
		if t.Section == "" || tables[t.Table] == nil {
			continue
		}
		name, err := json.Marshal(t.Section)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n  %s: [", before, name); err != nil {
			return err
		}
		if err := s.writeSection(ctx, w, tables[t.Table], t, a); err != nil {
			return err
		}
		before = "],"
	}
	if before == "{" {
		_, err = io.WriteString(w, "{}\n")
		return err
	}
	_, err = io.WriteString(w, "]\n}\n")
	return err
}

func (s *Accounts) writeSection(ctx context.Context, w io.Writer, table *database.Table, t *Trace, a *Account) error {
	separator := ""
	return s.eachRow(ctx, table, t, a, func(row []any) error {
		line, err := t.line(table, row)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n    %s", separator, line)
		separator = ","
		return err
	})
}

func (s *Accounts) eachRow(ctx context.Context, table *database.Table, t *Trace, a *Account, fn func(row []any) error) error {
	for offset := 0; ; offset += tracePage {
		rows, err := table.Page(ctx, s.db.Read(), t.Column, t.value(a), t.Within, tracePage, offset)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := fn(row); err != nil {
				return err
			}
		}
		if len(rows) < tracePage {
			return nil
		}
	}
}

// EachRow calls fn first with the names of the columns of one section and then
// with the values of each row of a person, as people read them.
func (s *Accounts) EachRow(ctx context.Context, a *Account, section string, fn func(cells []string) error) error {
	tables, err := s.tables(ctx, s.db.Read())
	if err != nil {
		return err
	}
	for i := range s.traces {
		t := &s.traces[i]
		table := tables[t.Table]
		if t.Section != section || table == nil {
			continue
		}
		var names []string
		for _, c := range table.Columns {
			if !t.secret(c.Name) {
				names = append(names, c.Name)
			}
		}
		if err := fn(names); err != nil {
			return err
		}
		return s.eachRow(ctx, table, t, a, func(row []any) error { return fn(t.cells(table, row)) })
	}
	return problem.NotFoundf("there is no section %s", section)
}

func (t *Trace) cells(table *database.Table, row []any) []string {
	var cells []string
	for i, c := range table.Columns {
		if t.secret(c.Name) {
			continue
		}
		switch v := row[i].(type) {
		case nil:
			cells = append(cells, "")
		case time.Time:
			cells = append(cells, v.Format(time.RFC3339))
		default:
			cells = append(cells, fmt.Sprint(v))
		}
	}
	return cells
}

// line gives a row as JSON without what is secret.
func (t *Trace) line(table *database.Table, row []any) ([]byte, error) {
	values := map[string]any{}
	for i, c := range table.Columns {
		if t.secret(c.Name) {
			continue
		}
		switch v := row[i].(type) {
		case []byte:
			values[c.Name] = base64.StdEncoding.EncodeToString(v)
		case time.Time:
			values[c.Name] = v.Format(time.RFC3339)
		default:
			values[c.Name] = v
		}
	}
	return json.Marshal(values)
}

func (t *Trace) secret(column string) bool { return slices.Contains(t.Secret, column) }

// tables gives the tables of the town by name. They are described once: nothing
// changes them while the program runs.
func (s *Accounts) tables(ctx context.Context, q bun.IDB) (map[string]*database.Table, error) {
	if known := s.described.Load(); known != nil {
		return *known, nil
	}
	list, err := s.db.Tables(ctx, q)
	if err != nil {
		return nil, err
	}
	all := map[string]*database.Table{}
	for _, t := range list {
		all[t.Name] = t
	}
	s.described.Store(&all)
	return all, nil
}

// AdmitDownload counts a download of the person and gives a problem.TooMany when
// there were too many.
func (s *Accounts) AdmitDownload(ctx context.Context, id string) error {
	return s.admit(ctx, downloadTries(id))
}
