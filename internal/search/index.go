package search

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
)

// A Kind is what search has to know of one kind of thing.
type Kind struct {
	// Type is the ActivityStreams type of the things.
	Type string
	// Letter is what the index calls the kind, one small letter that is no other
	// kind's and never changes.
	Letter string
	// Actors is true for a kind of actor; all others are objects.
	Actors bool
	// Ahead is true when what is to come matters more than what is past.
	Ahead bool
	// Facts gives what only this kind knows of the things with these ids; nil for
	// nothing.
	Facts func(ctx context.Context, db bun.IDB, ids []string) (map[string]object.Facts, error)
	// Title gives what stands for the name of a thing without one, of its plain
	// text; nil when all have names.
	Title func(text string) string

	// Name is what ?art= calls the kind, List the path of the page of all. Key is
	// that of its word in the plural; Tone and Icon are its look.
	Name, List, Key, Tone, Icon string
}

// facts gives what only the kind knows.
func (k Kind) facts(ctx context.Context, db bun.IDB, ids []string) (map[string]object.Facts, error) {
	if k.Facts == nil || len(ids) == 0 {
		return nil, nil
	}
	return k.Facts(ctx, db, ids)
}

// Index is the index over everything that is shown. Make one with New.
type Index struct {
	db    *database.DB
	kinds []Kind
	log   *slog.Logger
	now   func() time.Time
}

// New gives the index over db and enters it there, so that each Write leaves it
// up to date. kinds are in the order in which they are shown.
func New(db *database.DB, kinds []Kind, log *slog.Logger) *Index {
	x := &Index{db: db, kinds: kinds, log: log, now: time.Now}
	db.BeforeCommit(x.renew)
	return x
}

// atOnce is how many things are indexed in one transaction; Run does the rest.
const atOnce = 100

// renew brings the index up to date before a Write commits. It must not keep
// anybody from publishing: what fails is left to Run.
func (x *Index) renew(ctx context.Context, tx bun.Tx) error {
	due, err := dueNow.Exists(ctx, tx)
	if err != nil {
		return fmt.Errorf("look what to index: %w", err)
	}
	if !due {
		return nil
	}
	err, failed := database.Savepoint(ctx, tx, func(ctx context.Context, tx bun.Tx) error {
		_, err := x.step(ctx, tx, atOnce)
		return err
	})
	if err != nil {
		x.log.ErrorContext(ctx, "index", "error", err)
	}
	return failed
}

// Run indexes what is left over, until ctx ends: all that was there when the
// index was made, what came back from a backup, what was changed by hand.
func (x *Index) Run(ctx context.Context) {
	const pause = time.Minute
	for ctx.Err() == nil {
		n, err := x.CatchUp(ctx)
		if err != nil && ctx.Err() == nil {
			x.log.ErrorContext(ctx, "index", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// CatchUp indexes some of what is left over and gives how much that was. What
// cannot be indexed is given up, so that it is in nobody's way.
func (x *Index) CatchUp(ctx context.Context) (n int, err error) {
	for limit := atOnce; limit > 0; limit /= atOnce {
		err = x.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			n, err = x.step(ctx, tx, limit)
			return err
		})
		if err == nil || database.Unavailable(err) || ctx.Err() != nil {
			return n, err
		}
	}
	x.log.ErrorContext(ctx, "index", "given up", true, "error", err)
	return 1, x.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := x.claim(ctx, tx, 1)
		return err
	})
}

var (
	dueNow      = database.NewStatement("SELECT 1 FROM search_due LIMIT 1")
	claimSQLite = database.NewStatement(`DELETE FROM search_due WHERE seq IN (SELECT seq FROM search_due ORDER BY seq DESC LIMIT ?) RETURNING id`)
	// What another process is at is passed over.
	claimPostgres = database.NewStatement(`DELETE FROM search_due WHERE seq IN (SELECT seq FROM search_due ORDER BY seq DESC LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING id`)
)

// claim takes the last of what is to be indexed: what this transaction changed
// comes first.
func (x *Index) claim(ctx context.Context, tx bun.Tx, limit int) ([]string, error) {
	claim := claimSQLite
	if x.db.Dialect() == database.Postgres {
		claim = claimPostgres
	}
	rows, err := claim.Query(ctx, tx, limit)
	if err != nil {
		return nil, fmt.Errorf("claim what to index: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("claim what to index: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (x *Index) step(ctx context.Context, tx bun.Tx, limit int) (int, error) {
	ids, err := x.claim(ctx, tx, limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := len(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	things, err := x.load(ctx, tx, ids, x.locked)
	if err != nil {
		return 0, fmt.Errorf("read what to index: %w", err)
	}
	for _, id := range ids {
		if err := x.remove(ctx, tx, id); err != nil {
			return 0, fmt.Errorf("index %s: %w", id, err)
		}
		if t, ok := things[id]; ok {
			if err := x.put(ctx, tx, t); err != nil {
				return 0, fmt.Errorf("index %s: %w", id, err)
			}
		}
	}
	return n, nil
}

// thing is what is found, as the index reads it.
type thing struct {
	id, letter string
	// title and texts are plain.
	title string
	texts []string
	// moment is where it stands in time: when it ends, or was published.
	moment time.Time
}

// locked keeps the rows of a query as they are on PostgreSQL: who changes one of
// them meanwhile waits, and indexes it after us.
func (x *Index) locked(q *bun.SelectQuery) *bun.SelectQuery {
	if x.db.Dialect() == database.Postgres {
		return q.For("NO KEY UPDATE")
	}
	return q
}

// load reads those of the things that can be found at all.
func (x *Index) load(ctx context.Context, db bun.IDB, ids []string, how func(*bun.SelectQuery) *bun.SelectQuery) (map[string]thing, error) {
	var objects []*object.Object
	if err := db.NewSelect().Model(&objects).Where("object.id IN (?)", bun.List(ids)).Order("object.id").Apply(how).Scan(ctx); err != nil {
		return nil, err
	}
	var actors []*actor.Actor
	if err := db.NewSelect().Model(&actors).Where("actor.id IN (?)", bun.List(ids)).Order("actor.id").Apply(how).Scan(ctx); err != nil {
		return nil, err
	}
	things := map[string]thing{}
	for _, k := range x.kinds {
		var some []thing
		var err error
		if k.Actors {
			some = ofActors(k, actors)
		} else {
			some, err = ofObjects(ctx, db, k, objects)
		}
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			things[t.id] = t
		}
	}
	return things, nil
}

func ofActors(k Kind, list []*actor.Actor) []thing {
	var things []thing
	for _, a := range list {
		if a.Local && a.Type == k.Type {
			things = append(things, thing{a.ID, k.Letter, a.DisplayName() + " " + a.PreferredUsername, []string{markup.Text(a.Summary)}, a.Published})
		}
	}
	return things
}

func ofObjects(ctx context.Context, db bun.IDB, k Kind, list []*object.Object) ([]thing, error) {
	var ids, authors []string
	for _, o := range list {
		if o.Type == k.Type && shown(o) {
			ids, authors = append(ids, o.ID), append(authors, o.AttributedTo)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	facts, err := k.facts(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(ctx, db, authors)
	if err != nil {
		return nil, err
	}
	var things []thing
	for _, o := range list {
		if !slices.Contains(ids, o.ID) {
			continue
		}
		f := facts[o.ID]
		t := thing{o.ID, k.Letter, k.title(o), []string{o.Summary, markup.Text(o.Content), f.Place, f.More, names[o.AttributedTo]}, o.Published}
		if !f.Start.IsZero() {
			t.moment = f.Start
		}
		if !f.End.IsZero() {
			t.moment = f.End
		}
		things = append(things, t)
	}
	return things, nil
}

// shown tells whether an object can be found at all. Whether it may be seen now
// is asked again by each query.
func shown(o *object.Object) bool {
	return o.Local && o.InReplyTo == "" && o.Visibility == object.Public && !o.Tombstone() && !o.Hidden
}

// title gives the name of an object, or what stands for one in its text.
func (k Kind) title(o *object.Object) string {
	if o.Name == "" && k.Title != nil {
		return k.Title(markup.Text(o.Teaser()))
	}
	return o.Name
}

func namesOf(ctx context.Context, db bun.IDB, ids []string) (map[string]string, error) {
	var list []*actor.Actor
	if err := db.NewSelect().Model(&list).Column("id", "name", "preferred_username").Where("actor.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range list {
		names[a.ID] = a.DisplayName()
	}
	return names, nil
}
