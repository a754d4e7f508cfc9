package search

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

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

// place in a list of what was found: after the thing with this key.
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

// look asks for one phase.
func (x *Index) look(ctx context.Context, k Kind, words string, p phase, bound int64, limit int) ([]hit, error) {
	// SQLite looks into tables in the order in which CROSS JOIN names them, and
	// takes words by their key without sorting.
	from, key, match := "search_words CROSS JOIN search_things AS thing", "search_words.rowid", "search_words MATCH ?"
	if x.db.Dialect() == database.Postgres {
		from, key, match = "search_things AS thing", "thing.key", "thing.words @@ CAST(? AS tsquery)"
	}
	if k.Actors {
		from += " CROSS JOIN actors AS actor"
	} else {
		from += " CROSS JOIN objects AS object"
	}
	query := x.db.Read().NewSelect().ColumnExpr("thing.key, thing.id").TableExpr(from).Where(match, words).Limit(int64(limit))
	if x.db.Dialect() == database.SQLite {
		query = query.Where("thing.key = search_words.rowid")
	}
	if p.coming() {
		query = query.Where(key+" > ?", bound).OrderExpr(key)
	} else {
		query = query.Where(key+" < ?", bound).OrderExpr(key + " DESC")
	}
	if k.Actors {
		query = query.Where("actor.id = thing.id").Where("actor.local").Where("actor.type = ?", k.Type).Apply(active)
	} else {
		query = query.Where("object.id = thing.id").Where("object.local").Where("object.type = ?", k.Type).Where("object.in_reply_to = ''").
			Where("object.visibility = ?", object.Public).Apply(object.VisibleTo(object.Viewer{}))
	}
	var rows []struct {
		Key int64
		ID  string `bun:"id"`
	}
	if err := query.Scan(ctx, &rows); err != nil {
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
	return q.Where("actor.state = ?", actor.Active).Where("NOT actor.blocked")
}

// finds tells whether anything of these kinds is found.
func (x *Index) finds(ctx context.Context, kinds []Kind, q Query) (bool, error) {
	for _, k := range kinds {
		hits, err := x.newest(ctx, k, q, 1)
		if err != nil || len(hits) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// newest gives at most limit things of a kind that have all words of q, the last
// first, wherever the words stand.
func (x *Index) newest(ctx context.Context, k Kind, q Query, limit int) ([]hit, error) {
	words := q.expression(dialects[x.db.Dialect()], k.Letter, everywhere)
	hits, err := x.look(ctx, k, words, pastRest, math.MaxInt64, limit)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}
