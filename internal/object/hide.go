package object

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
)

// HideFrom hides what target, the id of a remote actor or a host, wrote to the
// local actor clubID, and drops its reactions to what that one published.
func (s *Objects) HideFrom(ctx context.Context, tx bun.Tx, clubID, target, by string) error {
	const who = "SELECT id FROM actors WHERE NOT local AND (id = ? OR host = ?)"
	var written []*Object
	err := tx.NewSelect().Model(&written).Where(orHeld).Where("object.deleted IS NULL").
		Where("object.attributed_to IN ("+who+")", target, target).Scan(ctx)
	if err != nil {
		return fmt.Errorf("find what %s wrote: %w", target, err)
	}
	for _, o := range written {
		clubs, err := s.Concerns(ctx, tx, o)
		if err != nil {
			return err
		}
		if len(clubs) != 1 || clubs[0] != clubID {
			continue // it concerns others too
		}
		if err := s.Note(ctx, tx, o.ID, by, Hide); err != nil {
			return err
		}
		if err := s.SetHidden(ctx, tx, o.ID, true); err != nil {
			return err
		}
	}
	_, err = tx.NewDelete().Model((*Reaction)(nil)).Where("actor_id IN ("+who+")", target, target).
		Where("object_id IN (SELECT id FROM objects WHERE attributed_to = ?)", clubID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("drop reactions of %s: %w", target, err)
	}
	database.Ring(ctx)
	return nil
}

// held notes whether the end of a pause shows an object that came by an agreement,
// and tells whether it has to stay hidden until then.
func (s *Objects) held(ctx context.Context, tx bun.Tx, id string, show bool) (bool, error) {
	q := tx.NewUpdate().Table("peer_objects").Set("held = ?", show).Where("object_id = ?", id)
	if show {
		q = q.Where("host IN (SELECT host FROM peers WHERE state <> 'live' OR paused IS NOT NULL OR their_paused IS NOT NULL)")
	} else {
		q = q.Where("held")
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("note what the end of a pause shows of %s: %w", id, err)
	}
	n, err := res.RowsAffected()
	return show && n > 0, err
}

// orHeld is, in SQL, what shows or will when a pause is over.
const orHeld = "(NOT object.hidden OR object.id IN (SELECT object_id FROM peer_objects WHERE held))"

// ListHidden gives what is hidden, the latest first, with authors.
func (s *Objects) ListHidden(ctx context.Context) ([]*Object, error) {
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Relation("Author").Where("object.hidden").Where("object.deleted IS NULL").
		Where("NOT (object.local AND object.id IN (SELECT object_id FROM looks WHERE NOT shown))"). // nobody has hidden it: it waits
		OrderExpr("object.published DESC, object.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list hidden objects: %w", err)
	}
	return list, nil
}

// ClearFrom hides what actors of a domain and below it have written since then,
// and drops their reactions of that time.
func (s *Objects) ClearFrom(ctx context.Context, tx bun.Tx, domain string, since time.Time, by string) error {
	there, args := actor.Under(domain)
	who := "IN (SELECT id FROM actors WHERE " + there + ")"
	var written []string
	err := tx.NewSelect().Model((*Object)(nil)).Column("object.id").Where(orHeld).Where("object.deleted IS NULL").
		Where("COALESCE(object.received, object.published) >= ?", since).Where("object.attributed_to "+who, args...).Scan(ctx, &written)
	if err != nil {
		return fmt.Errorf("find what came from %s: %w", domain, err)
	}
	for _, id := range written {
		if err := s.Note(ctx, tx, id, by, Hide); err != nil {
			return err
		}
		if err := s.SetHidden(ctx, tx, id, true); err != nil {
			return err
		}
	}
	_, err = tx.NewDelete().Model((*Reaction)(nil)).Where("COALESCE(received, published) >= ?", since).Where("actor_id "+who, args...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("drop reactions from %s: %w", domain, err)
	}
	database.Ring(ctx)
	return nil
}

var decided = database.NewStatement("SELECT 1 FROM decisions WHERE target = ? AND act = 'hide' AND ended IS NULL")

// Decided tells whether the town hall has decided that an object is hidden:
// then nobody else shows it again.
func (s *Objects) Decided(ctx context.Context, db bun.IDB, id string) (bool, error) {
	yes, err := decided.Exists(ctx, db, id)
	if err != nil {
		return false, fmt.Errorf("ask what was decided about %s: %w", id, err)
	}
	return yes, nil
}
