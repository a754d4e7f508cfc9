package search

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// maxTokens is how many words and parts of words of one thing are kept.
const maxTokens = 12_000

// tokens gives the words of a thing as they are stored, each once.
func (t thing) tokens() []string {
	var list []string
	seen := map[string]bool{}
	add := func(text string, at place) {
		// What stands in the title need not be looked for in the text.
		if len(list) < maxTokens && !seen[string(rune(at))+text] && (at < inText || !seen[string(rune(at-2))+text]) {
			seen[string(rune(at))+text] = true
			list = append(list, token(t.letter, at, text))
		}
	}
	for _, w := range words(t.title, true) {
		add(w.text, inTitle)
		for _, p := range w.parts() {
			add(p, inTitlePart)
		}
	}
	for _, text := range t.texts {
		for _, w := range words(text, true) {
			if stops[w.text] {
				continue
			}
			add(w.text, inText)
			for _, p := range w.parts() {
				add(p, inTextPart)
			}
		}
	}
	return list
}

var (
	removeWords = database.NewStatement("DELETE FROM search_words WHERE rowid = (SELECT key FROM search_things WHERE id = ?)")
	removeThing = database.NewStatement("DELETE FROM search_things WHERE id = ?")
	// The first key at or after one that nothing has.
	freeKey = database.NewStatement(`SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM search_things WHERE key = ?) THEN ? ELSE
(SELECT a.key + 1 FROM search_things a WHERE a.key >= ? AND NOT EXISTS (SELECT 1 FROM search_things b WHERE b.key = a.key + 1) ORDER BY a.key LIMIT 1) END`)
	putThing    = database.NewStatement("INSERT INTO search_things (key, id) VALUES (?, ?)")
	putWords    = database.NewStatement("INSERT INTO search_words (rowid, words) VALUES (?, ?)")
	putPostgres = database.NewStatement("INSERT INTO search_things (key, id, words) VALUES (CAST(? AS BIGINT), ?, array_to_tsvector(string_to_array(?, ' '))) ON CONFLICT (key) DO NOTHING")
)

func (x *Index) remove(ctx context.Context, tx bun.Tx, id string) error {
	if x.db.Dialect() == database.SQLite {
		if _, err := removeWords.Exec(ctx, tx, id); err != nil {
			return err
		}
	}
	_, err := removeThing.Exec(ctx, tx, id)
	return err
}

// slots is how many things have a key of their own within one minute; more than
// that take those of the next.
const slots = 256

// keyAt is the first key of a minute.
func keyAt(t time.Time) int64 { return t.Unix() / 60 * slots }

func (x *Index) put(ctx context.Context, tx bun.Tx, t thing) error {
	words := strings.Join(t.tokens(), " ")
	for {
		at := keyAt(t.moment)
		if err := freeKey.Scan(ctx, tx, []any{at, at, at}, &at); err != nil {
			return err
		}
		if x.db.Dialect() == database.SQLite {
			if _, err := putThing.Exec(ctx, tx, at, t.id); err != nil {
				return err
			}
			_, err := putWords.Exec(ctx, tx, at, words)
			return err
		}
		res, err := putPostgres.Exec(ctx, tx, at, t.id, words)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n > 0 || err != nil {
			return err
		}
		// Another transaction took the key; now it can be seen.
	}
}
