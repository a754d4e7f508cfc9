package opportunity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
)

// ahead is how long before the end of its running time the club of an
// opportunity is asked to renew it.
const ahead = 14 * 24 * time.Hour

// atOnce is how many are looked up at a time.
const atOnce = 50

// Expire takes from the lists what is at the end of its running time, and tells
// everybody who has it; what clubs offer that are archived or shut out is
// cancelled. It is safe to run again and again.
func (s *Opportunities) Expire(ctx context.Context) error {
	errs := []error{s.closeShut(ctx)}
	for after := ""; ; {
		var ids []string
		if err := s.standing(after).Where("opportunity.until <= ?", s.now()).Scan(ctx, &ids); err != nil {
			return fmt.Errorf("list what has expired: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids { // each by itself: what is wrong with one keeps no other
			errs = append(errs, s.expire(ctx, id))
		}
		after = ids[len(ids)-1]
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("expire opportunities: %w", err)
	}
	return nil
}

func (s *Opportunities) expire(ctx context.Context, id string) error {
	end := func(release func(ctx context.Context, tx bun.Tx, o *Opportunity) error) error {
		return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.lock(ctx, tx, id); err != nil {
				return err
			}
			o, err := s.find(ctx, tx, id)
			if err != nil || o.State != Open && o.State != Filled || o.Until.After(s.now()) {
				return err // renewed in between
			}
			o.State, o.Updated = Expired, o.Next(s.now())
			return release(ctx, tx, o)
		})
	}
	err := end(func(ctx context.Context, tx bun.Tx, o *Opportunity) error {
		if o.Hidden { // nobody sees it, and it is no change by its club
			return s.put(ctx, tx, o)
		}
		return s.release(ctx, tx, actor.Operator, activity.Update, o, nil)
	})
	if errors.Is(err, actor.ErrSuspended) {
		return end(s.put) // nothing is sent in the name of its club
	}
	return err
}

// Ending gives those of which the clubs should be asked now whether they still
// look for somebody: the running time ends soon and nobody was asked. What
// happens once ends by itself.
func (s *Opportunities) Ending(ctx context.Context) ([]*Opportunity, error) {
	var ids []string
	err := s.db.Read().NewSelect().Model((*Details)(nil)).Column("object_id").Join("JOIN objects AS object ON object.id = opportunity.object_id").
		Where("object.local").Where("object.deleted IS NULL").Where("opportunity.status = ?", Open).Where("opportunity.times <> ?", Once).
		Where("opportunity.until > ?", s.now()).Where("opportunity.until <= ?", s.now().Add(ahead)).Where("opportunity.asked IS NULL").
		Order("opportunity.until").Limit(atOnce).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list what expires soon: %w", err)
	}
	return s.load(ctx, ids)
}

// Asked notes that the club of an opportunity was asked. It tells whether nobody
// had done so before.
func (s *Opportunities) Asked(ctx context.Context, tx bun.Tx, id string) (bool, error) {
	res, err := tx.NewUpdate().Model((*Details)(nil)).Set("asked = ?", s.now()).Where("object_id = ?", id).Where("asked IS NULL").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("note who was asked: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
