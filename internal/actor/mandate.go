package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// mandate says that somebody of the town hall who looks after some clubs only
// looks after this one.
type mandate struct {
	bun.BaseModel `bun:"table:mandates"`
	AccountID     string `bun:"account_id,pk"`
	ActorID       string `bun:"actor_id,pk"`
	Created       time.Time
}

// ofMandate asks whether an account with the role "office" looks after a club; it
// takes the account, and the club's id twice. With another role a row is nothing.
const ofMandate = "SELECT 1 FROM mandates m JOIN accounts a ON a.id = m.account_id WHERE m.account_id = ? AND a.role = 'office' AND m.actor_id IN " + whole

// Mandates gives the ids of the clubs that somebody looks after for the town hall,
// with those that are a part of one of them.
func (s *Actors) Mandates(ctx context.Context, accountID string) ([]string, error) {
	const mine = "SELECT m.actor_id FROM mandates m WHERE m.account_id = ? UNION " +
		"SELECT part.id FROM mandates m JOIN actors part ON part.moved_to = m.actor_id AND part.merged IS NOT NULL WHERE m.account_id = ? ORDER BY 1"
	var ids []string
	if err := s.db.Read().NewRaw(mine, accountID, accountID).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list mandates: %w", err)
	}
	return ids, nil
}

// SetMandates says which clubs somebody looks after for the town hall; one that is
// no club of ours is a problem.
func (s *Actors) SetMandates(ctx context.Context, tx bun.Tx, accountID string, clubs []string) error {
	if _, err := tx.NewDelete().Model((*mandate)(nil)).Where("account_id = ?", accountID).Exec(ctx); err != nil {
		return fmt.Errorf("set mandates: %w", err)
	}
	for _, id := range clubs {
		a, err := s.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.Local || a.Type != Group {
			return problem.Invalidf("%s is no club of ours", id)
		}
		_, err = tx.NewInsert().Model(&mandate{AccountID: accountID, ActorID: id, Created: s.now()}).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("set mandates: %w", err)
		}
	}
	return nil
}

// MayAny is May for something that concerns several clubs, or none: who may it for
// one of them may it, and who may it for the whole town.
func (s *Actors) MayAny(ctx context.Context, db bun.IDB, by string, clubs []string, act Act) error {
	err := s.May(ctx, db, by, "", act)
	for _, id := range clubs {
		if problem.KindOf(err) != problem.Forbidden {
			return err
		}
		err = s.May(ctx, db, by, id, act)
	}
	return err
}

// MandatedFor gives the ids of the accounts that look after a club for the town
// hall.
func (s *Actors) MandatedFor(ctx context.Context, db bun.IDB, actorID string) ([]string, error) {
	const q = "SELECT DISTINCT m.account_id FROM mandates m JOIN accounts a ON a.id = m.account_id WHERE a.role = 'office' AND m.actor_id IN " + whole + " ORDER BY 1"
	var ids []string
	if err := db.NewRaw(q, actorID, actorID).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list who looks after %s: %w", actorID, err)
	}
	return ids, nil
}
