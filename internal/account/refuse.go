package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
)

// refusedAtOnce is how many people ForgetRefused forgets in one call.
const refusedAtOnce = 50

// RefusePerson forgets a person who waits, as Leave does. When it was decided
// already it is ErrDecided.
func (s *Accounts) RefusePerson(ctx context.Context, by, id string, with Leaving) error {
	return s.decide(ctx, by, id, func(ctx context.Context, tx bun.Tx, _ *Application, a *Account) error {
		if err := s.part(ctx, tx, a, with); err != nil {
			return err
		}
		return noteRefused(ctx, tx, by)
	})
}

// RefusePeople refuses at once all who wait alone, by the ids of their
// applications: from then on they wait no more, and ForgetRefused forgets them.
// Applications of clubs, and what was decided already, stay as they are.
func (s *Accounts) RefusePeople(ctx context.Context, by string, ids []string, reason string) error {
	reason, err := CheckReason(reason)
	if err != nil || len(ids) == 0 {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayRefuse(ctx, tx, by, ids); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*Application)(nil)).Set("state = ?", Refused).Set("reason = ?", reason).
			Set("by_account = ?", Decider(by)).Set("changed = ?", s.now()).
			Where("id IN (?)", bun.List(ids)).Where("state = ?", Asked).Where("actor_id IS NULL").Exec(ctx)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		for range n {
			if err := noteRefused(ctx, tx, by); err != nil {
				return err
			}
		}
		database.Ring(ctx)
		if s.Refused == nil {
			return nil
		}
		return s.Refused(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("refuse people: %w", err)
	}
	return nil
}

// mayRefuse fails unless by may decide on each of the people.
func (s *Accounts) mayRefuse(ctx context.Context, tx bun.Tx, by string, ids []string) error {
	var roles []string
	err := tx.NewSelect().Model((*Account)(nil)).Distinct().Column("account.role").
		Join("JOIN applications AS application ON application.account_id = account.id").Where("application.id IN (?)", bun.List(ids)).Scan(ctx, &roles)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := s.mayGive(ctx, tx, by, role, role); err != nil {
			return err
		}
	}
	return nil
}

// noteRefused writes into the log that a person was refused; whose application
// it was is forgotten.
func noteRefused(ctx context.Context, tx bun.Tx, by string) error {
	return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "application.refuse"})
}

// ForgetRefused forgets some of those whom RefusePeople has refused, each in a
// transaction of its own, with what leaving gives for the application. It goes
// on after the application with the id after, and gives the id of the last one;
// "" when there are no more. Who could not be forgotten is left for another time.
func (s *Accounts) ForgetRefused(ctx context.Context, after string, leaving func(ctx context.Context, p *Application) (Leaving, error)) (last string, err error) {
	var list []*Application
	err = s.db.Read().NewSelect().Model(&list).Where("state = ?", Refused).Where("actor_id IS NULL").Where("id > ?", after).
		Order("id").Limit(refusedAtOnce).Scan(ctx)
	if err != nil {
		return "", fmt.Errorf("list who was refused: %w", err)
	}
	var errs []error
	for _, p := range list {
		with, err := leaving(ctx, p)
		if err == nil {
			err = s.forgetRefused(ctx, p, with)
		}
		errs = append(errs, err)
	}
	if len(list) == refusedAtOnce {
		last = list[len(list)-1].ID
	}
	return last, errors.Join(errs...)
}

func (s *Accounts) forgetRefused(ctx context.Context, p *Application, with Leaving) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Two rounds at once write one letter.
		var there []string
		err := tx.NewUpdate().Model((*Application)(nil)).Set("state = state").Where("id = ?", p.ID).Where("state = ?", Refused).Returning("id").Scan(ctx, &there)
		if err != nil || !slices.Contains(there, p.ID) {
			return err
		}
		a, err := s.find(ctx, tx, p.AccountID)
		if err != nil {
			return err
		}
		return s.part(ctx, tx, a, with)
	})
	if err != nil {
		return fmt.Errorf("forget who was refused: %w", err)
	}
	return nil
}
