package object

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// HideFrom hides what target, the id of a remote actor or a host, wrote to the
// local actor clubID, and drops its reactions to what that one published.
func (s *Objects) HideFrom(ctx context.Context, tx bun.Tx, clubID, target, by string) error {
	const who = "SELECT id FROM actors WHERE NOT local AND (id = ? OR host = ?)"
	var written []*Object
	err := tx.NewSelect().Model(&written).Where("NOT object.hidden").Where("object.deleted IS NULL").
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

// ListHidden gives what is hidden, the latest first, with authors.
func (s *Objects) ListHidden(ctx context.Context) ([]*Object, error) {
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Relation("Author").Where("object.hidden").Where("object.deleted IS NULL").
		OrderExpr("object.published DESC, object.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list hidden objects: %w", err)
	}
	return list, nil
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
