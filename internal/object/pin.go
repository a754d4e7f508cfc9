package object

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// MaxPins is how much a club can pin to the top of its page.
const MaxPins = 5

// pin says that an object stands at the top of its author's page.
type pin struct {
	bun.BaseModel `bun:"table:pins,alias:pin"`

	ObjectID string `bun:"object_id,pk"`
	ActorID  string
	// Position is small for what stands above.
	Position int
	Created  time.Time
}

// Pinned gives what the actor has pinned to the top of its page and everybody
// may see, in order, with authors and attachments. What is over has fallen out, and what is
// stale waits beside it.
func (s *Objects) Pinned(ctx context.Context, actorID string) ([]*Object, error) {
	ids, err := s.pinned(ctx, s.db.Read(), actorID)
	if err != nil {
		return nil, err
	}
	list, err := s.ListIDs(ctx, Viewer{}, ids)
	// What nobody has confirmed for long is no longer shown first. Confirmed, it is
	// there again.
	return slices.DeleteFunc(list, func(o *Object) bool { return o.Stale > 0 }), err
}

// pinned gives the ids of what is pinned and not over, in order.
func (s *Objects) pinned(ctx context.Context, db bun.IDB, actorID string) ([]string, error) {
	var ids []string
	err := db.NewSelect().Model((*pin)(nil)).Column("object_id").Where("actor_id = ?", actorID).Order("position", "object_id").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list what %s pinned: %w", actorID, err)
	}
	over, err := s.Over(ctx, db, ids)
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(over, id) }), err
}

// Over gives those of ids that are over, as their kinds say.
func (s *Objects) Over(ctx context.Context, db bun.IDB, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var all []string
	for _, k := range s.kinds {
		if k.Over == nil {
			continue
		}
		over, err := k.Over(ctx, db, ids)
		if err != nil {
			return nil, err
		}
		all = append(all, over...)
	}
	return all, nil
}

// Pin puts o at the top of its author's page, above what is pinned already. It
// tells whether it was not there. What is over and what is too much is wrong in
// the field "thing".
func (s *Objects) Pin(ctx context.Context, tx bun.Tx, o *Object) (bool, error) {
	ids, err := s.pinned(ctx, tx, o.AttributedTo)
	if err != nil {
		return false, err
	}
	over, err := s.Over(ctx, tx, []string{o.ID})
	if err != nil {
		return false, err
	}
	var errs problem.Fields
	switch {
	case slices.Contains(ids, o.ID):
		return false, nil
	case len(over) > 0:
		errs.Add("thing", "This is over; please choose something that is still to come.")
	case len(ids) >= MaxPins:
		errs.Add("thing", "%d are pinned already; please remove one first.", MaxPins)
	}
	if err := errs.Err(); err != nil {
		return false, err
	}
	row := &pin{ObjectID: o.ID, ActorID: o.AttributedTo, Created: s.now()}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return false, fmt.Errorf("pin %s: %w", o.ID, err)
	}
	return true, s.arrange(ctx, tx, append([]string{o.ID}, ids...))
}

// Unpin takes the object from there. It tells whether it was there.
func (s *Objects) Unpin(ctx context.Context, tx bun.Tx, id string) (bool, error) {
	res, err := tx.NewDelete().Model((*pin)(nil)).Where("object_id = ?", id).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("unpin %s: %w", id, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("unpin %s: %w", id, err)
	}
	database.Ring(ctx)
	return n > 0, nil
}

// RaisePin lets what is pinned stand one higher.
func (s *Objects) RaisePin(ctx context.Context, tx bun.Tx, o *Object) error {
	ids, err := s.pinned(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	if i := slices.Index(ids, o.ID); i > 0 {
		ids[i-1], ids[i] = ids[i], ids[i-1]
	}
	return s.arrange(ctx, tx, ids)
}

// arrange makes the order of what is pinned that of ids.
func (s *Objects) arrange(ctx context.Context, tx bun.Tx, ids []string) error {
	for i, id := range ids {
		if _, err := tx.NewUpdate().Model((*pin)(nil)).Set("position = ?", i).Where("object_id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("arrange what is pinned: %w", err)
		}
	}
	database.Ring(ctx)
	return nil
}

// PinnedAndOver gives the ids of what is pinned anywhere although it is over.
func (s *Objects) PinnedAndOver(ctx context.Context) ([]string, error) {
	var ids []string
	if err := s.db.Read().NewSelect().Model((*pin)(nil)).Column("object_id").Order("object_id").Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list what is pinned: %w", err)
	}
	return s.Over(ctx, s.db.Read(), ids)
}

// PinnedBy gives the ids of all that the actor has pinned, in order, what is over
// among it.
func (s *Objects) PinnedBy(ctx context.Context, db bun.IDB, actorID string) ([]string, error) {
	var ids []string
	err := db.NewSelect().Model((*pin)(nil)).Column("object_id").Where("actor_id = ?", actorID).Order("position", "object_id").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list what %s pinned: %w", actorID, err)
	}
	return ids, nil
}
