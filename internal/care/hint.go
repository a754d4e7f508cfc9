package care

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// How long what a reader writes may be, in characters.
const (
	maxHint    = 2000
	maxContact = 300
)

// A Hint is what a reader says is wrong with a thing.
type Hint struct {
	bun.BaseModel `bun:"table:hints,alias:hint"`

	ID      string `bun:"id,pk"`
	ThingID string
	ClubID  string
	// Content and Contact are plain text; Contact is whom to ask, or "".
	Content  string
	Contact  string
	Received time.Time
	// Closed is zero for one that nobody has dealt with.
	Closed time.Time `bun:",nullzero"`

	// Thing is what it is about; nil when that is gone.
	Thing *Thing `bun:"-"`
	// Due is until when its editors have time to answer, and Late true afterwards.
	Due  time.Time `bun:"-"`
	Late bool      `bun:"-"`
}

// CheckHint checks what a reader wrote; a problem names the field.
func CheckHint(content, contact string) error {
	var errs problem.Fields
	switch n := utf8.RuneCountInString(markup.Typed(content)); {
	case n == 0:
		errs.Add("what", "Please say what is wrong; one sentence is enough.")
	case n > maxHint:
		errs.Add("what", "This is longer than %d characters; please shorten it.", maxHint)
	}
	if utf8.RuneCountInString(contact) > maxContact {
		errs.Add("contact", "This is longer than %d characters; please shorten it.", maxContact)
	}
	return errs.Err()
}

// File keeps what a reader says is wrong with the thing id. key names the hint:
// with one that was used before nothing is kept.
func (s *Care) File(ctx context.Context, key, id, content, contact string) error {
	if err := CheckHint(content, contact); err != nil {
		return err
	}
	t, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	h := &Hint{
		ID: key, ThingID: id, ClubID: t.ClubID, Content: markup.Typed(content), Contact: markup.Name(contact, maxContact), Received: s.now(),
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		database.Ring(ctx)
		_, err := tx.NewInsert().Model(h).On("CONFLICT DO NOTHING").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a hint: %w", err)
	}
	return nil
}

// Hints gives the open hints on what these clubs care for, the oldest first; nil
// is all clubs.
func (s *Care) Hints(ctx context.Context, now time.Time, clubs []string) ([]*Hint, error) {
	if clubs != nil && len(clubs) == 0 {
		return nil, nil
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	var list []*Hint
	q := s.db.Read().NewSelect().Model(&list).Where("hint.closed IS NULL").OrderExpr("hint.received, hint.id")
	if clubs != nil {
		q = q.Where("hint.club_id IN (?)", bun.List(clubs))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list hints: %w", err)
	}
	for _, h := range list {
		h.Due = h.Received.Add(rules.of(Answer)).UTC()
		h.Late = !now.Before(h.Due)
		if h.Thing, err = s.Find(ctx, h.ThingID); err != nil && problem.KindOf(err) != problem.NotFound {
			return nil, err
		}
	}
	return list, nil
}

// CloseHint says that a hint was dealt with: an editor of its club or the town
// hall does. Of whom to ask nothing is kept then.
func (s *Care) CloseHint(ctx context.Context, by, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var list []*Hint
		if err := tx.NewSelect().Model(&list).Where("hint.id = ?", id).Scan(ctx); err != nil {
			return err
		}
		if len(list) == 0 {
			return problem.NotFoundf("there is no hint %s", id)
		}
		if err := s.may(ctx, tx, by, list[0].ClubID); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*Hint)(nil)).Set("closed = ?", s.now()).Set("contact = ''").Where("id = ?", id).Where("closed IS NULL").Exec(ctx); err != nil {
			return err
		}
		return s.noted(ctx, tx, by, list[0].ClubID, "care.hint", id)
	})
	if err != nil {
		return fmt.Errorf("close a hint: %w", err)
	}
	return nil
}

// Sweep drops hints that were dealt with long ago, those that nobody dealt with
// for longer, and what is known of things that are gone.
func (s *Care) Sweep(ctx context.Context) error {
	days, err := retention.All(ctx, s.db.Read())
	if err != nil {
		return err
	}
	now := s.now()
	if err := s.db.Prune(ctx, "hints", "id", "(closed < ? OR received < ?) AND "+retention.Used("", "hints.contact", ""), days.Before(retention.Hint, now), days.Before(retention.OldHint, now)); err != nil {
		return err
	}
	return s.db.Prune(ctx, "care", "thing_id", "NOT EXISTS (SELECT 1 FROM objects WHERE id = thing_id AND deleted IS NULL) AND NOT EXISTS (SELECT 1 FROM actors WHERE id = thing_id AND state <> ?)", actor.Gone)
}
