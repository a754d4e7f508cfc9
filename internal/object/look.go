package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// A Pending is something of ours that waits for the town hall, or that it has given
// back; nobody else has seen it.
type Pending struct {
	*Object
	// Reason is why it was given back, "" as long as it waits.
	Reason string
}

var pendingLook = database.NewStatement("SELECT l.reason FROM looks l JOIN objects o ON o.id = l.object_id WHERE l.object_id = ? AND o.local AND NOT l.shown")

// Pending tells whether something of ours has never been public, since the town
// hall wants to see it first, and why it was given back, "" as long as it waits.
func (s *Objects) Pending(ctx context.Context, db bun.IDB, id string) (pending bool, reason string, err error) {
	err = pendingLook.Scan(ctx, db, []any{id}, &reason)
	if errors.Is(err, sql.ErrNoRows) {
		return false, "", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("ask whether %s waits: %w", id, err)
	}
	return true, reason, nil
}

// ListPending gives what of these actors waits for the town hall or was given back,
// the newest first.
func (s *Objects) ListPending(ctx context.Context, actors []string) ([]Pending, error) {
	if len(actors) == 0 {
		return nil, nil
	}
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Relation("Author").
		Where("object.attributed_to IN (?)", bun.List(actors)).Where("object.local").Where("object.hidden").Where("object.deleted IS NULL").
		Where("object.id IN (SELECT object_id FROM looks WHERE NOT shown)").OrderExpr("object.published DESC, object.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what waits: %w", err)
	}
	var all []Pending
	for _, o := range list {
		_, reason, err := s.Pending(ctx, s.db.Read(), o.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, Pending{o, reason})
	}
	return all, nil
}
