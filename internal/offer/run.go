package offer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/retention"
)

// ahead is how long before its end somebody is asked to renew an offer.
const ahead = 14 * 24 * time.Hour

// Run does what the time brings: it asks people whose offer runs out soon, and
// ends what has run out. One that is paused runs out too.
func (s *Offers) Run(ctx context.Context) error {
	now := s.now()
	var ids []string
	err := s.db.Read().NewSelect().Model((*Offer)(nil)).Column("account_id").Where("state <> ?", Expired).Where("(until <= ? OR until <= ? AND asked IS NULL)", now, now.Add(ahead)).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find offers that run out: %w", err)
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.change(ctx, id, s.look))
	}
	return errors.Join(append(errs, s.shut(ctx))...)
}

// ofArchived are the rows about a club that is archived.
const ofArchived = "club_id IN (SELECT id FROM actors WHERE local AND state = 'archived')"

// shut ends what people have with clubs that are archived: the yes to show the
// offer, and the questions that wait. A club that comes back asks again.
func (s *Offers) shut(ctx context.Context) error {
	shown, err := s.db.Read().NewSelect().Model((*consent)(nil)).Where(ofArchived).Exists(ctx)
	if err == nil && !shown {
		shown, err = s.db.Read().NewSelect().Model((*Proposal)(nil)).Where("state = ?", Proposed).Where(ofArchived).Exists(ctx)
	}
	if err == nil && shown {
		err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.NewDelete().Model((*consent)(nil)).Where(ofArchived).Exec(ctx); err != nil {
				return err
			}
			_, err := tx.NewUpdate().Model((*Proposal)(nil)).Set("state = ?", Withdrawn).Set("decided = ?", s.now()).Where("state = ?", Proposed).Where(ofArchived).Exec(ctx)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("end what people have with archived clubs: %w", err)
	}
	return nil
}

// look asks for one offer, or ends it.
func (s *Offers) look(ctx context.Context, tx bun.Tx, o *Offer) error {
	now := s.now()
	notice := Notice{Offer: o, Cause: o.ID + " " + o.Until.UTC().Format(time.RFC3339)}
	switch {
	case o.State == Expired || o.Until.After(now.Add(ahead)):
		return nil
	case !o.Until.After(now):
		o.State, o.Ended = Expired, now
		notice.Kind, notice.Cause = TellOver, "offer over "+notice.Cause
		if err := s.count(ctx, tx, "expired"); err != nil {
			return err
		}
	case o.Asked.IsZero():
		o.Asked = now
		notice.Kind, notice.Cause = TellRenew, "offer renew "+notice.Cause
	default:
		return nil
	}
	if err := s.update(ctx, tx, o); err != nil {
		return err
	}
	return s.Tell(ctx, tx, notice)
}

// Sweep forgets the offers that ran out long ago, with all that belongs to them.
func (s *Offers) Sweep(ctx context.Context) error {
	keep, err := s.Keep(ctx, s.db.Read())
	if err != nil {
		return err
	}
	var ids []string
	err = s.db.Read().NewSelect().Model((*Offer)(nil)).Column("account_id").Where("state = ?", Expired).Where("ended <= ?", s.now().Add(-keep)).Where(retention.Used("offer.account_id", "", "")).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find offers that ran out: %w", err)
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.change(ctx, id, func(ctx context.Context, tx bun.Tx, o *Offer) error {
			if o.State != Expired || o.Ended.After(s.now().Add(-keep)) {
				return nil // it was renewed at this moment
			}
			return forget(ctx, tx, o.AccountID)
		}))
	}
	return errors.Join(errs...)
}
