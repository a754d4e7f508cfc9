package database

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Page gives at most limit rows in which column is value, without the first
// offset of them, in an order that stays; the values stand in the order of
// Columns and are those of Each. With within, column only contains the value.
func (t *Table) Page(ctx context.Context, q bun.IDB, column, value string, within bool, limit, offset int) ([][]any, error) {
	condition, args := t.Where(column, value, within)
	order := make([]string, len(t.Columns))
	for i := range t.Columns {
		order[i] = fmt.Sprint(i + 1)
	}
	query := "SELECT ? FROM ? WHERE " + condition + " ORDER BY " + strings.Join(order, ", ") + fmt.Sprintf(" LIMIT %d OFFSET %d", limit, offset)
	rows, err := q.QueryContext(ctx, query, append([]any{t.columnList(), t.names()}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", t.Name, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var list [][]any
	for rows.Next() {
		row, at := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, fmt.Errorf("read table %s: %w", t.Name, err)
		}
		for i, c := range t.Columns {
			if row[i], err = c.Kind.value(row[i]); err != nil {
				return nil, fmt.Errorf("read table %s, column %s: %w", t.Name, c.Name, err)
			}
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read table %s: %w", t.Name, err)
	}
	return list, nil
}

// Where gives the condition that column is value or, with within, contains it
// somewhere among its bytes.
func (t *Table) Where(column, value string, within bool) (condition string, args []any) {
	if !within {
		return "? = ?", []any{bun.Ident(column), value}
	}
	kind := Text
	for _, c := range t.Columns {
		if c.Name == column {
			kind = c.Kind
		}
	}
	switch {
	case kind == Text && t.dialect == Postgres:
		return "strpos(?, ?) > 0", []any{bun.Ident(column), value}
	case kind == Text:
		return "instr(?, ?) > 0", []any{bun.Ident(column), value}
	case t.dialect == Postgres:
		return "position(convert_to(?, 'UTF8') IN ?) > 0", []any{value, bun.Ident(column)}
	}
	return "instr(?, CAST(? AS BLOB)) > 0", []any{bun.Ident(column), value}
}
