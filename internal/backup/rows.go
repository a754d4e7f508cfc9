package backup

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// raw is a text that is no UTF-8, as SQLite may hold one.
type raw struct {
	Base64 []byte `json:"base64"`
}

// writeTable writes the columns and then the rows of a table, a JSON value a
// line: times in RFC 3339, bytes in base64.
func writeTable(ctx context.Context, q bun.IDB, t *database.Table, to io.Writer) (rows int64, err error) {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t.Columns); err != nil {
		return 0, err
	}
	err = t.Each(ctx, q, func(row []any) error {
		for i, v := range row {
			if s, ok := v.(string); ok && !utf8.ValidString(s) {
				row[i] = raw{[]byte(s)}
			}
		}
		rows++
		return enc.Encode(row)
	})
	return rows, err
}

const (
	// batch is how many rows are stored by one statement at most, and heavy how
	// many bytes of the backup.
	batch = 200
	heavy = 1 << 20
)

// readTable stores the rows of a table that writeTable has written, and gives
// their count. The columns of t may stand in another order.
func readTable(ctx context.Context, tx bun.Tx, t *database.Table, from io.Reader) (int64, error) {
	lines := bufio.NewReaderSize(from, 64<<10)
	head, err := lines.ReadBytes('\n')
	if err != nil {
		return 0, fmt.Errorf("read the columns of %s: %w", t.Name, err)
	}
	var columns []database.Column
	if err := json.Unmarshal(head, &columns); err != nil {
		return 0, fmt.Errorf("read the columns of %s: %w", t.Name, err)
	}
	if !sameColumns(columns, t.Columns) {
		return 0, fmt.Errorf("the columns of %s are %v in the backup and %v in its schema", t.Name, columns, t.Columns)
	}
	t.Columns = columns
	var rows [][]any
	count, weight := int64(0), 0
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return count, fmt.Errorf("read table %s: %w", t.Name, err)
		}
		row, err := readRow(columns, line)
		if err != nil {
			return count, fmt.Errorf("read table %s, row %d: %w", t.Name, count+1, err)
		}
		rows, weight = append(rows, row), weight+len(line)
		count++
		if len(rows) == batch || weight > heavy {
			if err := t.Insert(ctx, tx, rows); err != nil {
				return count, err
			}
			rows, weight = rows[:0], 0
		}
	}
	if err := t.Insert(ctx, tx, rows); err != nil {
		return count, err
	}
	return count, t.Resume(ctx, tx)
}

func sameColumns(a, b []database.Column) bool {
	byName := func(x, y database.Column) int { return bytes.Compare([]byte(x.Name), []byte(y.Name)) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}

func readRow(columns []database.Column, line []byte) ([]any, error) {
	var values []json.RawMessage
	if err := json.Unmarshal(line, &values); err != nil {
		return nil, err
	}
	if len(values) != len(columns) {
		return nil, fmt.Errorf("it has %d values for %d columns", len(values), len(columns))
	}
	row := make([]any, len(columns))
	for i, c := range columns {
		v, err := readValue(c.Kind, values[i])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		row[i] = v
	}
	return row, nil
}

func readValue(kind database.Kind, b json.RawMessage) (any, error) {
	if string(b) == "null" {
		return nil, nil
	}
	switch kind {
	case database.Boolean:
		return as[bool](b)
	case database.Integer:
		return as[int64](b)
	case database.Float:
		return as[float64](b)
	case database.Time:
		return as[time.Time](b)
	case database.Bytes:
		text, err := as[string](b)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(text.(string))
	}
	if b[0] == '{' {
		r, err := as[raw](b)
		if err != nil {
			return nil, err
		}
		return string(r.(raw).Base64), nil
	}
	return as[string](b)
}

func as[T any](b json.RawMessage) (any, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}
