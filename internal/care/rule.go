package care

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The names of the rules that hold for every kind: how many days after the
// letter before a reminder and the last letter go out, how many later a thing
// is greyed, how many later it is left out of lists, and how long editors have
// to answer what a reader says.
const (
	Remind = "remind"
	Last   = "last"
	Grey   = "grey"
	Hide   = "hide"
	Answer = "answer"
)

// Waits lists these rules in their order.
var Waits = []string{Remind, Last, Grey, Hide, Answer}

// usual are the days of a town that chose none.
var usual = Rules{Remind: 14, Last: 14, Grey: 7, Hide: 30, Answer: 7}

// longest is how many days a rule may have at most.
const longest = 3650

// Rules say how many days something may take, by the name of a kind or of one
// of Waits.
type Rules map[string]int

// day is a day as letters count it: none of them matters by an hour.
const day = 24 * time.Hour

func (r Rules) of(name string) time.Duration { return time.Duration(r[name]) * day }

// rule is a row of them.
type rule struct {
	bun.BaseModel `bun:"table:care_rules"`
	Name          string `bun:"name,pk"`
	Days          int
}

// Rules gives the rules of the town, with what is usual for those it chose not.
func (s *Care) Rules(ctx context.Context) (Rules, error) {
	var rows []rule
	if err := s.db.Read().NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the rules of care: %w", err)
	}
	r := maps.Clone(usual)
	for _, k := range s.kinds {
		r[k.Name] = k.Usual
	}
	for _, row := range rows {
		r[row.Name] = row.Days
	}
	return r, nil
}

// SetRules keeps other rules; the town hall decides. Those that are left out
// stay as they are.
func (s *Care) SetRules(ctx context.Context, by string, r Rules) error {
	var errs problem.Fields
	var rows []*rule
	for _, name := range slices.Sorted(maps.Keys(r)) {
		least := 0 // a kind that nobody needs to confirm
		if slices.Contains(Waits, name) {
			least = 1
		} else if !slices.ContainsFunc(s.kinds, func(k Kind) bool { return k.Name == name }) {
			return problem.Invalidf("there is no rule %q", name)
		}
		if r[name] < least || r[name] > longest {
			errs.Add(name, "Please give a number of days from %d to %d.", least, longest)
		}
		rows = append(rows, &rule{Name: name, Days: r[name]})
	}
	if err := errs.Err(); err != nil || len(rows) == 0 {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (name) DO UPDATE").Set("days = EXCLUDED.days").Exec(ctx); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "care.rules"})
	})
	if err != nil {
		return fmt.Errorf("set the rules of care: %w", err)
	}
	return nil
}

// The steps of the ladder, in their order. The first three are letters.
const (
	none = iota
	FirstLetter
	Reminder
	LastLetter
	Greyed
	LeftOut
)

// Next gives the step that a stale thing is due for, or 0.
func (r Rules) Next(t *Thing, now time.Time) int {
	wait, ok := map[int]string{FirstLetter: Remind, Reminder: Last, LastLetter: Grey, Greyed: Hide}[t.Step]
	switch {
	case t.Step == none:
		return FirstLetter
	case ok && !now.Before(t.Told.Add(r.of(wait))):
		return t.Step + 1
	}
	return none
}

// round is when the last letters of the ladder went out.
type round struct {
	bun.BaseModel `bun:"table:care_rounds"`
	ID            string `bun:"id,pk"`
	At            time.Time
}

const letters = "letters"

// Round tells when letters went out last. In a town that sent none yet that is
// now: the town hall shall have time to look at the rules.
func (s *Care) Round(ctx context.Context, now time.Time) (time.Time, error) {
	var list []round
	if err := s.db.Read().NewSelect().Model(&list).Where("id = ?", letters).Scan(ctx); err != nil {
		return now, fmt.Errorf("find the last round of letters: %w", err)
	}
	if len(list) > 0 {
		return list[0].At.UTC(), nil
	}
	return now, s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&round{ID: letters, At: now.UTC()}).On("CONFLICT DO NOTHING").Exec(ctx)
		return err
	})
}

// BeginRound notes, in the transaction of the letters, that they go out. It is
// false when another process sends them.
func (s *Care) BeginRound(ctx context.Context, tx bun.Tx, last, now time.Time) (bool, error) {
	res, err := tx.NewUpdate().Model((*round)(nil)).Set("at = ?", now.UTC()).Where("id = ?", letters).Where("at = ?", last.UTC()).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("begin a round of letters: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Took notes that things have taken a step of the ladder now.
func (s *Care) Took(ctx context.Context, tx bun.Tx, now time.Time, step int, ids []string) error {
	level := Fresh
	switch step {
	case Greyed:
		level = Stale
	case LeftOut:
		level = Hidden
	}
	for _, id := range ids {
		_, err := tx.NewRaw("INSERT INTO care (thing_id, step, told) VALUES (?, ?, ?) ON CONFLICT (thing_id) DO UPDATE SET step = EXCLUDED.step, told = EXCLUDED.told",
			id, step, now.UTC()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("note a step of care: %w", err)
		}
		if level == Fresh {
			continue
		}
		if err := setLevel(ctx, tx, id, level); err != nil {
			return err
		}
	}
	return nil
}

func setLevel(ctx context.Context, tx bun.Tx, id string, level int) error {
	for _, table := range []string{"objects", "actors"} {
		if _, err := tx.NewUpdate().Table(table).Set("stale = ?", level).Where("id = ?", id).Where("local").Where("stale <> ?", level).Exec(ctx); err != nil {
			return fmt.Errorf("grey or show %s: %w", id, err)
		}
	}
	database.Ring(ctx)
	return nil
}
