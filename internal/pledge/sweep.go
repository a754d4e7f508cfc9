package pledge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/retention"
)

// Sweep forgets what ended long ago, and takes actors away of whom nothing is
// left. What the bodies of activities say is forgotten with it.
func (s *Pledges) Sweep(ctx context.Context) error {
	keep, err := s.applications.Keep(ctx, s.db.Read())
	if err != nil {
		return err
	}
	before := s.now().Add(-keep)
	return errors.Join(s.forgetPledges(ctx, before), s.retireAll(ctx), s.forgetAnswers(ctx, before), s.actors.DropRetiredKeys(ctx))
}

// old is the condition under which a pledge is forgotten.
func old() string { return "pledge.ended < ? AND " + retention.Used("pledge.account_id", "", "") }

// forgetPledges forgets what people of here asked for, each by itself.
func (s *Pledges) forgetPledges(ctx context.Context, before time.Time) error {
	var list []*Pledge
	if err := s.db.Read().NewSelect().Model(&list).Column("id", "account_id").Where(old(), before).OrderExpr("pledge.ended, pledge.id").Scan(ctx); err != nil {
		return fmt.Errorf("find applications elsewhere that ended: %w", err)
	}
	var errs []error
	for _, p := range list {
		err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := errors.Join(turnOf(ctx, tx, p.AccountID), database.Turn(ctx, tx, "pledge "+p.ID)); err != nil {
				return err
			}
			return s.forgetPledge(ctx, tx, p.ID, before)
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("forget an application elsewhere: %w", err))
		}
	}
	return errors.Join(errs...)
}

// forgetPledge forgets one with all that was said of it. That it is taken back is
// said where it was not yet, and stays: by that is known whom to tell when the
// actor goes.
func (s *Pledges) forgetPledge(ctx context.Context, tx bun.Tx, id string, before time.Time) error {
	var list []*Pledge
	if err := tx.NewSelect().Model(&list).Where("pledge.id = ?", id).Where(old(), before).Scan(ctx); err != nil || len(list) == 0 {
		return err
	}
	p := list[0]
	gone, err := s.activities.Unsaid(ctx, tx, s.agreementOf(id))
	if err != nil {
		return err
	}
	if !gone {
		if err := s.takeBack(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := s.activities.UnsayAbout(ctx, tx, s.agreementOf(id)); err != nil {
		return err
	}
	_, err = tx.NewDelete().Model(p).WherePK().Exec(ctx)
	return err
}

// retireAll takes the actors away that nobody needs, each by itself.
func (s *Pledges) retireAll(ctx context.Context) error {
	const unneeded = "NOT EXISTS (SELECT 1 FROM pledges WHERE pledges.account_id = resident.account_id)"
	var rows []*resident
	if err := s.db.Read().NewSelect().Model(&rows).Where(unneeded).Scan(ctx); err != nil {
		return fmt.Errorf("find actors that nobody needs: %w", err)
	}
	var errs []error
	for _, row := range rows {
		errs = append(errs, s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := turnOf(ctx, tx, row.AccountID); err != nil {
				return err
			}
			still, err := tx.NewSelect().Model((*resident)(nil)).Where("account_id = ?", row.AccountID).Where(unneeded).Exists(ctx)
			if err != nil || !still {
				return err // somebody has just asked for something
			}
			return s.retire(ctx, tx, row, nil)
		}))
	}
	return errors.Join(errs...)
}

// atOnce is of how many applications the answers are forgotten at once.
const atOnce = 200

// forgetAnswers removes what clubs of here told people of other towns whose
// applications are about to be forgotten.
func (s *Pledges) forgetAnswers(ctx context.Context, before time.Time) error {
	after := ""
	for {
		var list []*application.Helper
		err := s.db.Read().NewSelect().Model(&list).Column("id", "origin_id").Where("helper.door = ?", application.ByTown).Where("helper.ended < ?", before).
			Where(retention.Used("helper.account_id", "helper.email", "helper.actor_id")).Where("helper.id > ?", after).OrderExpr("helper.id").Limit(atOnce).Scan(ctx)
		if err != nil {
			return fmt.Errorf("find answers to other towns: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.unanswer(ctx, tx, list) })
		if err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
}

// ForgetAnswers removes what clubs of here told an actor of another town who is
// gone. It has to come before the applications themselves are forgotten.
func (s *Pledges) ForgetAnswers(ctx context.Context, tx bun.Tx, actorID string) error {
	var list []*application.Helper
	err := tx.NewSelect().Model(&list).Column("id", "origin_id").Where("helper.door = ?", application.ByTown).Where("helper.actor_id = ?", actorID).Scan(ctx)
	if err != nil {
		return fmt.Errorf("find answers to other towns: %w", err)
	}
	return s.unanswer(ctx, tx, list)
}

// unanswer forgets what was answered to these applications, and to each act.
func (s *Pledges) unanswer(ctx context.Context, tx bun.Tx, list []*application.Helper) error {
	if len(list) == 0 {
		return nil
	}
	var about, ids []string
	for _, h := range list {
		ids = append(ids, h.ID)
		about = append(about, offerID(h.OriginID), s.agreementOf(h.ID))
	}
	var acts []string
	if err := tx.NewSelect().Model((*Receipt)(nil)).Column("act_id").Where("helper_id IN (?)", bun.List(ids)).Scan(ctx, &acts); err != nil {
		return fmt.Errorf("find receipts: %w", err)
	}
	return s.activities.UnsayAbout(ctx, tx, append(about, acts...)...)
}
