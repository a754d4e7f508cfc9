package moderation

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// clubsFirstKey is the setting that says how many of the first things of a club of
// ours wait.
const clubsFirstKey = "clubs_looked_at_first"

// What becomes of something of ours that the town hall looks at first.
const (
	Waits    = "waits"
	Approved = "approved"
	Returned = "returned"
)

// FirstOfClubs gives how many of the first things of a club wait for the town hall;
// 0 for none.
func (s *Moderation) FirstOfClubs(ctx context.Context) (int, error) {
	return firstOfClubs(ctx, s.db.Read())
}

var clubsFirst = database.NewStatement("SELECT value FROM settings WHERE key = '" + clubsFirstKey + "'")

func firstOfClubs(ctx context.Context, db bun.IDB) (int, error) {
	rows, err := clubsFirst.Query(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("find how many first things wait: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	n := 0
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return 0, err
		}
		if n, err = strconv.Atoi(value); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// LookFirst is asked before anything of ours is published, with what is about to be
// told and who does it. It tells whether nobody is told: o waits for the town hall
// then, or still does. What the town hall itself does waits for nobody.
func (s *Moderation) LookFirst(ctx context.Context, tx bun.Tx, by, kind string, o *object.Object) (bool, error) {
	if kind == as.Create {
		return s.beginFirst(ctx, tx, by, o)
	}
	if !o.Hidden {
		return false, nil
	}
	pending, reason, err := s.objects.Pending(ctx, tx, o.ID)
	if err != nil || !pending {
		return false, err
	}
	switch {
	case kind == as.Delete:
		_, err = tx.NewDelete().Model((*Look)(nil)).Where("object_id = ?", o.ID).Exec(ctx)
	case reason != "": // it was changed after it was given back, and waits again
		_, err = tx.NewUpdate().Model((*Look)(nil)).Set("decided = NULL").Set("reason = ''").Set("by_account = ''").Set("created = ?", s.now()).
			Where("object_id = ?", o.ID).Exec(ctx)
		if err == nil {
			err = s.looked(ctx, tx, o, Waits, "")
		}
	}
	if err != nil {
		return false, fmt.Errorf("look at %s first: %w", o.ID, err)
	}
	return true, nil
}

func (s *Moderation) beginFirst(ctx context.Context, tx bun.Tx, by string, o *object.Object) (bool, error) {
	first, err := firstOfClubs(ctx, tx)
	if err != nil || first == 0 || o.InReplyTo != "" || !o.Open() {
		return false, err
	}
	if err := s.actors.May(ctx, tx, by, o.AttributedTo, actor.Moderate); problem.KindOf(err) != problem.Forbidden {
		return false, err
	}
	n, err := tx.NewSelect().Model((*object.Object)(nil)).Where("object.attributed_to = ?", o.AttributedTo).Where("object.id <> ?", o.ID).
		Where("object.local").Where("object.in_reply_to = ''").Where("NOT object.hidden").Where("object.deleted IS NULL").Count(ctx)
	if err != nil || int(n) >= first {
		return false, err
	}
	if _, err := tx.NewInsert().Model(&Look{ObjectID: o.ID, Created: s.now()}).On("CONFLICT (object_id) DO NOTHING").Exec(ctx); err != nil {
		return false, fmt.Errorf("have %s looked at: %w", o.ID, err)
	}
	o.Hidden = true
	if err := s.objects.SetHidden(ctx, tx, o.ID, true); err != nil {
		return false, err
	}
	return true, s.looked(ctx, tx, o, Waits, "")
}

func (s *Moderation) looked(ctx context.Context, tx bun.Tx, o *object.Object, what, reason string) error {
	if s.Outside.Looked == nil {
		return nil
	}
	return s.Outside.Looked(ctx, tx, o, what, reason)
}

// DecideFirst publishes something of ours that waits, so that everybody learns of
// it, or gives it back with a reason: its editors change it then, and it waits
// again. Pressed twice it is done once.
func (s *Moderation) DecideFirst(ctx context.Context, by, id string, show bool, reason string) error {
	reason = markup.Typed(reason)
	var errs problem.Fields
	if n := utf8.RuneCountInString(reason); !show && (n == 0 || n > maxReason) {
		errs.Add("reason", "Please say in at most %d characters what should be different.", maxReason)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	if show {
		reason = ""
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayLook(ctx, tx, by, id); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*Look)(nil)).Set("decided = ?", s.now()).Set("shown = ?", show).Set("reason = ?", reason).Set("by_account = ?", person(by)).
			Where("object_id = ?", id).Where("decided IS NULL").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // pressed twice
		}
		return s.settleFirst(ctx, tx, by, id, show, reason)
	})
	if err != nil {
		return fmt.Errorf("decide on %s: %w", id, err)
	}
	return nil
}

func (s *Moderation) settleFirst(ctx context.Context, tx bun.Tx, by, id string, show bool, reason string) error {
	o, err := s.objects.Own(ctx, tx, id)
	if err != nil {
		return err
	}
	act, what := "thing.return", Returned
	if show {
		act, what = "thing.approve", Approved
		decided, err := s.objects.Decided(ctx, tx, id)
		if err != nil {
			return err
		}
		if !decided { // or it stays hidden for another reason, until that is taken back
			if err := s.objects.SetHidden(ctx, tx, id, false); err != nil {
				return err
			}
			o.Hidden = false
			if s.Outside.Release != nil {
				if err := s.Outside.Release(ctx, tx, o); err != nil {
					return err
				}
			}
		}
	}
	if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act, Target: id}); err != nil {
		return err
	}
	return s.looked(ctx, tx, o, what, reason)
}
