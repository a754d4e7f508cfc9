package object

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// An Edit says who of us did what to an object. It never leaves the house.
type Edit struct {
	bun.BaseModel `bun:"table:edits,alias:edit"`

	ObjectID string
	// AccountID is the id of an account, or actor.Operator.
	AccountID string
	// Act is Create, Update, Delete, Hide or Show.
	Act string
	At  time.Time
}

// What the town hall and the editors do to the objects of others.
const (
	Hide = "Hide"
	Show = "Show"
)

// Note notes who did what to an object.
func (s *Objects) Note(ctx context.Context, tx bun.Tx, id, by, act string) error {
	if _, err := tx.NewInsert().Model(&Edit{ObjectID: id, AccountID: by, Act: act, At: s.now()}).Exec(ctx); err != nil {
		return fmt.Errorf("note who did it: %w", err)
	}
	return nil
}

// Edits gives what was done to an object, the latest first.
func (s *Objects) Edits(ctx context.Context, id string) ([]*Edit, error) {
	var list []*Edit
	if err := s.db.Read().NewSelect().Model(&list).Where("object_id = ?", id).OrderExpr("at DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list edits of %s: %w", id, err)
	}
	return list, nil
}

// WroteLast gives the id of the club for which an account wrote last, "" when
// it never did.
func (s *Objects) WroteLast(ctx context.Context, accountID string) (string, error) {
	var ids []string
	err := s.db.Read().NewSelect().TableExpr("edits AS edit").ColumnExpr("o.attributed_to").Join("JOIN objects AS o ON o.id = edit.object_id").
		Where("edit.account_id = ?", accountID).Where("edit.act IN ('Create', 'Update')").OrderExpr("edit.at DESC").Limit(1).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}
