package pledge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
)

// resident says in whose name somebody with an account speaks to other towns.
type resident struct {
	bun.BaseModel `bun:"table:residents"`
	AccountID     string `bun:"account_id,pk"`
	ActorID       string
	Created       time.Time
}

// errLost says that the actor of a person was taken away after it was asked
// whether there is one.
var errLost = errors.New("a resident has lost the actor in this moment")

// mint prepares an actor for a person who has none yet; nil for who has one. It
// is slow, and stands before the transaction.
func (s *Pledges) mint(ctx context.Context, accountID string) (*actor.Actor, error) {
	there, err := s.db.Read().NewSelect().Model((*resident)(nil)).Where("account_id = ?", accountID).Exists(ctx)
	if err != nil || there {
		return nil, err
	}
	return s.actors.MintResident()
}

// speaker gives in whose name a person speaks: the actor there is, or else the
// one that was minted, which is stored.
func (s *Pledges) speaker(ctx context.Context, tx bun.Tx, accountID string, minted *actor.Actor) (*actor.Actor, error) {
	row, err := residentOf(ctx, tx, accountID)
	if err != nil {
		return nil, err
	}
	if row != nil {
		return s.actors.Find(ctx, tx, row.ActorID)
	}
	if minted == nil {
		return nil, errLost
	}
	if err := s.actors.Create(ctx, tx, minted); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(&resident{AccountID: accountID, ActorID: minted.ID, Created: s.now()}).Exec(ctx); err != nil {
		return nil, fmt.Errorf("keep a resident's actor: %w", err)
	}
	return minted, nil
}

// Leave forgets what somebody who leaves asked for elsewhere, and tells the clubs
// that the actor is gone: they forget the person too.
func (s *Pledges) Leave(ctx context.Context, tx bun.Tx, accountID string) error {
	if err := turnOf(ctx, tx, accountID); err != nil {
		return err
	}
	row, err := residentOf(ctx, tx, accountID)
	if err != nil {
		return err
	}
	if row != nil {
		var clubs []string
		if err := tx.NewSelect().Model((*Pledge)(nil)).ColumnExpr("DISTINCT club_id").Where("account_id = ?", accountID).Scan(ctx, &clubs); err != nil {
			return fmt.Errorf("find what was asked for elsewhere: %w", err)
		}
		if err := s.retire(ctx, tx, row, clubs); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model((*Pledge)(nil)).Where("account_id = ?", accountID).Exec(ctx); err != nil {
		return fmt.Errorf("forget what was asked for elsewhere: %w", err)
	}
	return nil
}

// turnOf lets nobody else change what a person has in other towns until tx ends.
func turnOf(ctx context.Context, tx bun.Tx, accountID string) error {
	return database.Turn(ctx, tx, "resident "+accountID)
}

// residentOf gives in whose name a person speaks to other towns, nil for none.
func residentOf(ctx context.Context, tx bun.Tx, accountID string) (*resident, error) {
	var rows []*resident
	if err := tx.NewSelect().Model(&rows).Where("account_id = ?", accountID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find a resident's actor: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0], nil
}

// retire takes an actor of a resident away. What it said is forgotten, also what
// has not arrived yet; those to whom it spoke, clubs among them, are told that it
// is gone.
func (s *Pledges) retire(ctx context.Context, tx bun.Tx, row *resident, clubs []string) error {
	a, err := s.actors.Find(ctx, tx, row.ActorID)
	if err != nil {
		return err
	}
	told, err := s.activities.Addressed(ctx, tx, row.ActorID)
	if err != nil {
		return err
	}
	for _, id := range clubs {
		if !slices.Contains(told, id) {
			told = append(told, id)
		}
	}
	if err := s.activities.Unsay(ctx, tx, row.ActorID); err != nil {
		return err
	}
	if len(told) > 0 {
		if err := s.activities.Publish(ctx, tx, a, &as.Activity{Type: activity.Delete, To: told, Object: as.Item{ID: a.ID}}); err != nil {
			return err
		}
	}
	if err := s.actors.RetireResident(ctx, tx, a); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("forget a resident's actor: %w", err)
	}
	database.Ring(ctx)
	return nil
}
