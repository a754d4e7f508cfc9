package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// How well a thing is looked after, as object.Object and actor.Actor have it.
const (
	// Fresh was confirmed in time, or its editors have still time to do so.
	Fresh = 0
	// Stale is shown greyed in lists.
	Stale = 1
	// Hidden is left out of lists, feeds, calendars and search. Its page is there,
	// and says so.
	Hidden = 2
)

// A Kind is a kind of thing that is to be confirmed now and then.
type Kind struct {
	// Name is that of its rule, such as "event"; Usual are the days that it may
	// go without a word in a town that chose none.
	Name  string
	Usual int
	// Type is the ActivityStreams type; Actors tells that it is an actor.
	Type   string
	Actors bool
	// Current narrows a query on objects to those that are not over; nil for a
	// kind that never is.
	Current func(q *bun.SelectQuery, now time.Time) *bun.SelectQuery
	// Title says how a thing of this kind is called that has no name; nil takes
	// the beginning of its text.
	Title func(text string) string
}

// A Thing is a club, or something that a club published.
type Thing struct {
	ID, Kind string
	// ClubID is who cares for it, the club itself for a club; Club and Handle are
	// its name and the name before its @.
	ClubID, Club, Handle string
	Title                string
	// Path is that of its page on this server.
	Path string
	// Checked is when it was made, changed or confirmed last, Since from when on
	// that is too long ago.
	Checked, Since time.Time
	// Step is the last step of the ladder since then, and Told when that was.
	Step int
	Told time.Time
	// Level is Fresh, Stale or Hidden.
	Level int
}

// Care keeps all that. Make one with New.
type Care struct {
	db     *database.DB
	actors *actor.Actors
	kinds  []Kind
	now    func() time.Time
	// Terms tells which version of the agreement on data care holds; nil for one
	// that never changes. It is set once, before anything is asked of it.
	Terms func(ctx context.Context) (time.Time, error)
}

// New gives the care of things of these kinds over db.
func New(db *database.DB, actors *actor.Actors, kinds ...Kind) *Care {
	return &Care{db: db, actors: actors, kinds: kinds, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// SetClock lets tests say what time it is.
func (s *Care) SetClock(now func() time.Time) { s.now = now }

// Now gives the time by which care counts.
func (s *Care) Now() time.Time { return s.now() }

// Kinds gives the names of the kinds, in their order.
func (s *Care) Kinds() []string {
	var list []string
	for _, k := range s.kinds {
		list = append(list, k.Name)
	}
	return list
}

// row is a thing as the queries give it.
type row struct {
	ID        string `bun:"id"`
	ClubID    string
	Club      string
	Handle    string
	Name      string
	Content   string
	URL       string `bun:"url"`
	Published time.Time
	Updated   time.Time
	Stale     int
	Confirmed time.Time
	Step      int
	Told      time.Time
}

// thing brings a row into its form.
func (s *Care) thing(k Kind, r row) *Thing {
	t := &Thing{
		ID: r.ID, Kind: k.Name, ClubID: r.ClubID, Club: r.Club, Handle: r.Handle, Title: r.Name, Level: r.Stale,
		Path: strings.TrimPrefix(r.URL, s.actors.Site().Origin), Checked: latest(r.Published, r.Updated, r.Confirmed),
	}
	if t.Club == "" {
		t.Club = r.Handle
	}
	if t.Title == "" && k.Actors {
		t.Title = r.Handle
	}
	if t.Title == "" {
		t.Title = markup.Name(markup.Text(r.Content), 80)
		if k.Title != nil {
			t.Title = k.Title(markup.Text(r.Content))
		}
	}
	if r.Told.After(t.Checked) {
		t.Step, t.Told = r.Step, r.Told.UTC()
	}
	return t
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare).UTC()
}

// query begins to read the things of a kind that readers may see, whatever
// their level.
func (s *Care) query(db bun.IDB, k Kind) *bun.SelectQuery {
	if k.Actors {
		return db.NewSelect().TableExpr("actors AS object").
			ColumnExpr("object.id AS id, object.id AS club_id, object.name AS club, object.preferred_username AS handle, object.name AS name, '' AS content, object.url AS url, "+
				"object.published AS published, object.updated AS updated, object.stale AS stale, care.confirmed AS confirmed, COALESCE(care.step, 0) AS step, care.told AS told").
			Join("LEFT JOIN care ON care.thing_id = object.id").
			Where("object.local").Where("object.type = ?", k.Type).Where("object.state = ?", actor.Active).Where("object.moved_to = ''")
	}
	return db.NewSelect().TableExpr("objects AS object").
		ColumnExpr("object.id AS id, object.attributed_to AS club_id, club.name AS club, club.preferred_username AS handle, object.name AS name, object.content AS content, object.url AS url, "+
			"object.published AS published, object.updated AS updated, object.stale AS stale, care.confirmed AS confirmed, COALESCE(care.step, 0) AS step, care.told AS told").
		Join("JOIN actors AS club ON club.id = object.attributed_to").
		Join("LEFT JOIN care ON care.thing_id = object.id").
		Where("object.local").Where("object.type = ?", k.Type).Where("object.in_reply_to = ''").Where("object.visibility = ?", object.Public).
		Where("object.deleted IS NULL").Where("NOT object.hidden").Where(object.Offered("object")).Where("club.local").Where("club.type = ?", actor.Group).
		Where("club.state = ?", actor.Active).Where("(club.moved_to = '' OR club.merged IS NOT NULL)")
}

// List gives what has not been confirmed for too long at the time now, the
// longest first; clubs narrows it to what these care for, nil is all.
func (s *Care) List(ctx context.Context, now time.Time, clubs []string) ([]*Thing, error) {
	if clubs != nil && len(clubs) == 0 {
		return nil, nil
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Thing
	for _, k := range s.kinds {
		if rules[k.Name] == 0 {
			continue
		}
		before := now.Add(-rules.of(k.Name)).UTC()
		q := s.query(s.db.Read(), k).Where("COALESCE(object.updated, object.published) <= ?", before).
			Where("(care.confirmed IS NULL OR care.confirmed <= ?)", before)
		if k.Current != nil {
			q = k.Current(q, now)
		}
		if clubs != nil && k.Actors {
			q = q.Where("object.id IN (?)", bun.List(clubs))
		} else if clubs != nil {
			q = q.Where("object.attributed_to IN (?)", bun.List(clubs))
		}
		var rows []row
		if err := q.Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("list what is stale: %w", err)
		}
		for _, r := range rows {
			t := s.thing(k, r)
			t.Since = t.Checked.Add(rules.of(k.Name))
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *Thing) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// Find gives a thing that readers may see.
func (s *Care) Find(ctx context.Context, id string) (*Thing, error) {
	return s.find(ctx, s.db.Read(), id)
}

func (s *Care) find(ctx context.Context, db bun.IDB, id string) (*Thing, error) {
	for _, k := range s.kinds {
		var rows []row
		if err := s.query(db, k).Where("object.id = ?", id).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("find %s: %w", id, err)
		}
		if len(rows) > 0 {
			return s.thing(k, rows[0]), nil
		}
	}
	return nil, problem.NotFoundf("there is nothing to care for with the id %s", id)
}

var confirmedAt = database.NewStatement("SELECT confirmed FROM care WHERE thing_id = ?")

// Checked gives when a thing with a version of this time was changed or
// confirmed last.
func (s *Care) Checked(ctx context.Context, id string, version time.Time) (time.Time, error) {
	var at sql.NullTime
	err := confirmedAt.Scan(ctx, s.db.Read(), []any{id}, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return version, fmt.Errorf("find when %s was confirmed: %w", id, err)
	}
	return latest(version, at.Time), nil
}

// Confirm says that things are still true: an editor of their club or the town
// hall does. What was greyed or left out of lists is back at once. What is gone
// meanwhile is passed over.
func (s *Care) Confirm(ctx context.Context, by string, ids ...string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := s.now()
		for _, id := range ids {
			t, err := s.find(ctx, tx, id)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if err := s.may(ctx, tx, by, t.ClubID); err != nil {
				return err
			}
			_, err = tx.NewRaw("INSERT INTO care (thing_id, confirmed) VALUES (?, ?) ON CONFLICT (thing_id) DO UPDATE SET confirmed = EXCLUDED.confirmed, step = 0, told = NULL",
				id, now).Exec(ctx)
			if err != nil {
				return fmt.Errorf("note what is confirmed: %w", err)
			}
			if err := setLevel(ctx, tx, id, Fresh); err != nil {
				return err
			}
			if err := s.noted(ctx, tx, by, t.ClubID, "care.confirm", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	return nil
}

// may gives a problem.Forbidden unless by writes for the club or belongs to the
// town hall.
func (s *Care) may(ctx context.Context, tx bun.IDB, by, clubID string) error {
	err := s.actors.May(ctx, tx, by, clubID, actor.Publish)
	if problem.KindOf(err) == problem.Forbidden {
		return s.actors.May(ctx, tx, by, clubID, actor.Moderate)
	}
	return err
}

// noted writes into the log what the town hall does with what is a club's; what
// its own editors do is no business of the log.
func (s *Care) noted(ctx context.Context, tx bun.Tx, by, clubID, act, target string) error {
	err := s.actors.May(ctx, tx, by, clubID, actor.Publish)
	if err == nil && by != actor.Operator {
		return nil
	}
	if err != nil && problem.KindOf(err) != problem.Forbidden {
		return err
	}
	return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act, Target: target})
}

// LeaveOut takes a thing out of lists until it is confirmed or changed; the
// town hall decides.
func (s *Care) LeaveOut(ctx context.Context, by, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		t, err := s.find(ctx, tx, id)
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
		clubID := "" // whoever may not does not learn whether it is there
		if err == nil {
			clubID = t.ClubID
		}
		if may := s.actors.May(ctx, tx, by, clubID, actor.Moderate); may != nil {
			return may
		}
		if err != nil {
			return err
		}
		if err := s.Took(ctx, tx, s.now(), LeftOut, []string{id}); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "care.hide", Target: id})
	})
	if err != nil {
		return fmt.Errorf("leave out of lists: %w", err)
	}
	return nil
}
