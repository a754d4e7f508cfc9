package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// The size that a town can grow to.
const (
	manyClubs   = 5_000
	manyEvents  = 50_000
	manyPosts   = 20_000
	manyObjects = 1_000_000 // with the answers to posts
	atOnce      = 50_000    // rows of one transaction
)

// generator fills a database with copies of rows that the program itself wrote,
// so that it knows no more of the schema than the columns it changes.
type generator struct {
	db *database.DB
	// shift keeps the keys of one large town apart from those of another in the
	// same database, and group is how the handles of its clubs begin.
	shift int
	group string
}

// key is copyKey of this town.
func (g *generator) key(kind int, number string) string { return copyKey(kind+g.shift, number) }

// The keys of copies: each kind has a digit of its own, and a club, event or
// post its number.
func copyKey(kind int, number string) string {
	return fmt.Sprintf("'0190000%d-0000-7000-8000-' || CAST(100000000000 + %s AS TEXT)", kind, number)
}

const (
	aClub = iota + 1
	anEvent
	aPost

	anActivity
)

// keyOf is what copyKey gives for a number, in Go.
func keyOf(kind, number int) string {
	return fmt.Sprintf("0190000%d-0000-7000-8000-%d", kind, 100_000_000_000+number)
}

// ago is a time so many seconds before now, an expression of SQL.
func (g *generator) ago(seconds string) string {
	if g.db.Dialect() == database.Postgres {
		return "now() - (" + seconds + ") * interval '1 second'"
	}
	return "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', CAST(-(" + seconds + ") AS TEXT) || ' seconds')"
}

// inText replaces within a column of bytes.
func (g *generator) inText(column, old, by string) string {
	if g.db.Dialect() == database.Postgres {
		return fmt.Sprintf("convert_to(replace(convert_from(t.%s, 'UTF8'), '%s', %s), 'UTF8')", column, old, by)
	}
	return fmt.Sprintf("CAST(replace(CAST(t.%s AS TEXT), '%s', %s) AS BLOB)", column, old, by)
}

// copies makes n copies of the rows of table where column is value. changes
// gives expressions for the columns that differ; n.i is the number of the copy,
// from 1, and t the row.
func (g *generator) copies(ctx context.Context, table, column, value string, n int, changes map[string]string) error {
	rows, err := g.db.Read().QueryContext(ctx, "SELECT * FROM "+table+" WHERE 1 = 0")
	if err != nil {
		return fmt.Errorf("copy rows of %s: %w", table, err)
	}
	columns, err := rows.Columns()
	_ = rows.Close()
	if err != nil {
		return err
	}
	values := make([]string, 0, len(columns))
	for _, c := range columns {
		if change, ok := changes[c]; ok {
			values = append(values, change)
		} else {
			values = append(values, "t."+c)
		}
	}
	for from := 1; from <= n; from += atOnce {
		query := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO %s (%s) SELECT %s FROM n, %s AS t WHERE t.%s = ?",
			from, min(n, from+atOnce-1), table, strings.Join(columns, ", "), strings.Join(values, ", "), table, column)
		err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, query, value)
			return err
		})
		if err != nil {
			return fmt.Errorf("copy rows of %s: %w", table, err)
		}
	}
	return nil
}

// model is what copies are made of: ids of things that the program made.
type model struct {
	club, handle, event, post, answer string
}

func lastPart(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func replaced(column, old, by string) string {
	return fmt.Sprintf("replace(t.%s, '%s', %s)", column, old, by)
}

// fill makes a large town of a small one.
func (g *generator) fill(ctx context.Context, m model) error {
	if err := g.fillClubs(ctx, m); err != nil {
		return err
	}
	if err := g.fillThings(ctx, m, m.event, anEvent, manyEvents); err != nil {
		return err
	}
	if err := g.fillThings(ctx, m, m.post, aPost, manyPosts); err != nil {
		return err
	}
	err := g.copies(ctx, "posts", "object_id", m.post, manyPosts, map[string]string{
		"object_id": replaced("object_id", lastPart(m.post), g.key(aPost, "n.i")), "published": g.ago(fmt.Sprintf("(%d - n.i) * 300", manyPosts)),
	})
	if err != nil {
		return err
	}
	if err := g.fillTimes(ctx, m, manyEvents); err != nil {
		return err
	}
	if err := g.fillAnswers(ctx, m); err != nil {
		return err
	}
	_, err = g.db.Pool().ExecContext(ctx, "ANALYZE")
	return err
}

// fillTimes says when the events are; two of five are still to come.
func (g *generator) fillTimes(ctx context.Context, m model, n int) error {
	start := fmt.Sprintf("(%d - n.i) * 1200", n*3/5)
	return g.copies(ctx, "events", "object_id", m.event, n, map[string]string{
		"object_id":  replaced("object_id", lastPart(m.event), g.key(anEvent, "n.i")),
		"start_time": g.ago(start), "end_time": g.ago(start + " - 7200"),
	})
}

func (g *generator) fillClubs(ctx context.Context, m model) error {
	key := lastPart(m.club)
	id := func(column string) string { return replaced(column, key, g.key(aClub, "n.i")) }
	handle := "'" + g.group + "' || CAST(n.i AS TEXT)"
	changes := map[string]string{
		"id": id("id"), "preferred_username": handle, "acct": handle + " || '@" + townName + "'", "name": "'Verein Nr. ' || CAST(n.i AS TEXT)",
		"url": replaced("url", m.handle, handle), "inbox": id("inbox"), "outbox": id("outbox"), "followers": id("followers"), "key_id": id("key_id"),
	}
	if err := g.copies(ctx, "actors", "id", m.club, manyClubs, changes); err != nil {
		return err
	}
	for _, table := range []string{"clubs", "actor_keys", "editors"} {
		if err := g.copies(ctx, table, "actor_id", m.club, manyClubs, map[string]string{"actor_id": id("actor_id")}); err != nil {
			return err
		}
	}
	return nil
}

// fillThings makes objects of a kind, each by one of the clubs, with the
// activities that published them.
func (g *generator) fillThings(ctx context.Context, m model, of string, kind, n int) error {
	number := fmt.Sprintf("n.i %% %d + 1", manyClubs)
	by := fmt.Sprintf("replace('%s', '%s', %s)", m.club, lastPart(m.club), g.key(aClub, number))
	id := func(column string) string { return replaced(column, lastPart(of), g.key(kind, "n.i")) }
	when := g.ago(fmt.Sprintf("(%d - n.i) * 300", n))
	err := g.copies(ctx, "objects", "id", of, n, map[string]string{
		"id": id("id"), "url": id("url"), "attributed_to": by, "published": when, "received": when,
		"name": "t.name || CASE WHEN t.name = '' THEN '' ELSE ' ' || CAST(n.i AS TEXT) END",
	})
	if err != nil {
		return err
	}
	return g.copies(ctx, "activities", "object_id", of, n, map[string]string{
		"id": fmt.Sprintf("'%s/ap/activities/' || %s", origin, g.key(anActivity, fmt.Sprintf("%d + n.i", kind*10_000_000))), "actor_id": by,
		"object_id": id("object_id"), "body": g.inText("body", lastPart(of), g.key(kind, "n.i")), "published": when,
	})
}

// fillAnswers makes the answers of people elsewhere to the posts.
func (g *generator) fillAnswers(ctx context.Context, m model) error {
	n := manyObjects - manyEvents - manyPosts
	id := func(column string) string { return "t." + column + " || '-' || CAST(n.i AS TEXT)" }
	when := g.ago(fmt.Sprintf("(%d - n.i) * 30", n))
	err := g.copies(ctx, "objects", "id", m.answer, n, map[string]string{
		"id": id("id"), "url": id("url"), "published": when, "received": when,
		"in_reply_to": fmt.Sprintf("replace('%s', '%s', %s)", m.post, lastPart(m.post), copyKey(aPost, fmt.Sprintf("n.i %% %d + 1", manyPosts))),
	})
	if err != nil {
		return err
	}
	return g.copies(ctx, "audience", "object_id", m.answer, n, map[string]string{"object_id": id("object_id")})
}
