package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
)

// A phase is a part of what is found. They come in this order: what is to come,
// the next first, and then what is past, the last first; each time first what
// has the words in its title.
type phase int

const (
	comingTitle phase = iota
	comingRest
	pastTitle
	pastRest
	phases
)

func (p phase) coming() bool { return p < pastTitle }
func (p phase) title() bool  { return p == comingTitle || p == pastTitle }

// A position is a place in a list of what was found: after the thing with this
// key.
type position struct {
	phase
	key int64
}

// String gives the position as an address has it.
func (p position) String() string { return fmt.Sprintf("%d.%d", int(p.phase), p.key) }

// parsePosition reads it back; what is none is the beginning.
func parsePosition(s string) *position {
	at, key, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(at)
	k, wrong := strconv.ParseInt(key, 10, 64)
	if err != nil || wrong != nil || n < 0 || n >= int(phases) {
		return nil
	}
	return &position{phase(n), k}
}

// hit is a thing that was found.
type hit struct {
	position
	id string
}

// find gives at most limit things of a kind that have all words of q and that
// readers may see, those behind after.
func (x *Index) find(ctx context.Context, k Kind, q Query, after *position, limit int) ([]hit, error) {
	d, now := dialects[x.db.Dialect()], keyAt(x.now())
	from := comingTitle
	if !k.Ahead {
		from = pastTitle
	}
	if after != nil && after.phase > from {
		from = after.phase
	}
	var hits []hit
	for p := from; p < phases && len(hits) < limit; p++ {
		words := q.rest(d, k.Letter)
		if p.title() {
			words = q.titled(d, k.Letter)
		}
		bound := now
		switch {
		case p.coming():
			bound--
		case !k.Ahead: // what was published just now is past too
			bound = math.MaxInt64
		}
		if after != nil && after.phase == p {
			bound = after.key
		}
		list, err := x.look(ctx, k, words, p, bound, limit-len(hits))
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		hits = append(hits, list...)
	}
	return hits, nil
}

// look asks for one phase: at most limit things that have words and whose key
// lies beyond bound.
func (x *Index) look(ctx context.Context, k Kind, words string, p phase, bound int64, limit int) ([]hit, error) {
	if x.db.Dialect() == database.Postgres {
		return x.lookPostgres(ctx, k, words, p, bound, limit)
	}
	// SQLite looks into tables in the order in which CROSS JOIN names them, and
	// takes words by their key without sorting.
	q := x.db.Read().NewSelect().TableExpr("search_words CROSS JOIN search_things AS thing CROSS JOIN "+k.table()).
		Where("search_words MATCH ?", words).Where("thing.key = search_words.rowid").
		Where("search_words.rowid "+p.beyond()+" ?", bound).OrderExpr("search_words.rowid " + p.order())
	return seen(ctx, q, k, p, limit)
}

// width is how many things for each one that is wanted are looked through before
// the index of words is asked.
const width = 10

// lookPostgres does so in two steps, since PostgreSQL cannot tell rare words from
// common ones: their beginnings are in no statistics. Common ones are found
// among the next few things; the list of rare ones is short enough to be sorted.
func (x *Index) lookPostgres(ctx context.Context, k Kind, words string, p phase, bound int64, limit int) ([]hit, error) {
	next := fmt.Sprintf("(SELECT key, id, words FROM search_things WHERE key %s ? ORDER BY key %s LIMIT ?) AS thing CROSS JOIN %s", p.beyond(), p.order(), k.table())
	q := x.db.Read().NewSelect().TableExpr(next, bound, width*limit).Where("thing.words @@ CAST(? AS tsquery)", words).OrderExpr("thing.key " + p.order())
	hits, err := seen(ctx, q, k, p, limit)
	if err != nil || len(hits) == limit {
		return hits, err
	}
	more, err := x.db.Read().NewSelect().TableExpr("(SELECT key FROM search_things WHERE key "+p.beyond()+" ? ORDER BY key "+p.order()+" OFFSET ? LIMIT 1) AS more", bound, width*limit).Exists(ctx)
	if err != nil || !more {
		return hits, err
	}
	err = x.db.Snapshot(ctx, func(ctx context.Context, db bun.IDB) error {
		// It takes reading all words for cheap, since they are stored elsewhere.
		if _, err := db.ExecContext(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
		// OFFSET 0 keeps the question for words apart from that for keys.
		q := db.NewSelect().TableExpr("(SELECT key, id FROM search_things WHERE words @@ CAST(? AS tsquery) OFFSET 0) AS thing CROSS JOIN "+k.table(), words).
			Where("thing.key "+p.beyond()+" ?", bound).OrderExpr("thing.key " + p.order())
		hits, err = seen(ctx, q, k, p, limit)
		return err
	})
	return hits, err
}

// table is where the things of a kind are.
func (k Kind) table() string {
	if k.Actors {
		return "actors AS actor"
	}
	return "objects AS object"
}

// beyond and order are how a phase goes along the keys.
func (p phase) beyond() string {
	if p.coming() {
		return ">"
	}
	return "<"
}

func (p phase) order() string {
	if p.coming() {
		return "ASC"
	}
	return "DESC"
}

// seen runs a query on thing and the table of k for what readers may see.
func seen(ctx context.Context, q *bun.SelectQuery, k Kind, p phase, limit int) ([]hit, error) {
	if k.Actors {
		q = q.Where("actor.id = thing.id").Where("actor.local").Where("actor.type = ?", k.Type).Apply(active)
	} else {
		q = q.Where("object.id = thing.id").Where("object.local").Where("object.type = ?", k.Type).Where("object.in_reply_to = ''").
			Where("object.visibility = ?", object.Public).Where("object.stale < 2").Apply(object.VisibleTo(object.Viewer{})).Apply(object.Listed)
	}
	var rows []struct {
		Key int64
		ID  string `bun:"id"`
	}
	if err := q.ColumnExpr("thing.key, thing.id").Limit(int64(limit)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var hits []hit
	for _, r := range rows {
		hits = append(hits, hit{position{p, r.Key}, r.ID})
	}
	return hits, nil
}

// active narrows a query on actors to those that readers may see.
func active(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("actor.state = ?", actor.Active).Where("actor.merged IS NULL").Where("NOT actor.blocked").Where("NOT actor.limited").Where("actor.stale < 2")
}

// eachKind asks of all kinds side by side and gives the answers in their order:
// who searches waits for the slowest one alone.
func eachKind[A any](ctx context.Context, kinds []Kind, ask func(ctx context.Context, k Kind) (A, error)) ([]A, error) {
	answers := make([]A, len(kinds))
	all, ctx := errgroup.WithContext(ctx)
	for i, k := range kinds {
		all.Go(func() (err error) {
			answers[i], err = ask(ctx, k)
			return err
		})
	}
	return answers, all.Wait()
}

// finds tells whether anything of these kinds is found.
func (x *Index) finds(ctx context.Context, kinds []Kind, q Query) (bool, error) {
	found, err := eachKind(ctx, kinds, func(ctx context.Context, k Kind) ([]hit, error) { return x.newest(ctx, k, q, everywhere, 1) })
	return slices.ContainsFunc(found, func(hits []hit) bool { return len(hits) > 0 }), err
}

// newest gives at most limit things of a kind that have all words of q in one of
// places, the last first.
func (x *Index) newest(ctx context.Context, k Kind, q Query, places [][2]place, limit int) ([]hit, error) {
	words := q.expression(dialects[x.db.Dialect()], k.Letter, places)
	hits, err := x.look(ctx, k, words, pastRest, math.MaxInt64, limit)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}
