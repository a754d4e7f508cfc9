package opportunity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// quiet is how long places may change before other servers are told: whoever has
// an opportunity gets an Update of it for that every so often at most.
const quiet = 5 * time.Minute

// Announce tells everybody who has opportunities of ours how many places are free
// now, of those that have changed for a while. What people have typed is no other
// edition by that. It is safe to run again and again.
func (s *Opportunities) Announce(ctx context.Context) error {
	var errs []error
	for after := ""; ; {
		var ids []string
		err := s.db.Read().NewSelect().Model((*Details)(nil)).Column("object_id").Where("opportunity.untold <= ?", s.now().Add(-quiet)).
			Where("opportunity.object_id > ?", after).OrderExpr("opportunity.object_id").Limit(atOnce).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("list of which places others are not told: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids { // each by itself: what is wrong with one keeps no other
			errs = append(errs, s.announce(ctx, id))
		}
		after = ids[len(ids)-1]
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("tell which places are free: %w", err)
	}
	return nil
}

func (s *Opportunities) announce(ctx context.Context, id string) error {
	settle := func(tell bool) error {
		return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.lock(ctx, tx, id); err != nil {
				return err
			}
			if _, err := tx.NewUpdate().Model((*Details)(nil)).Set("untold = NULL").Where("object_id = ?", id).Exec(ctx); err != nil {
				return fmt.Errorf("note that others are told: %w", err)
			}
			o, err := s.find(ctx, tx, id)
			if kind := problem.KindOf(err); kind == problem.Gone || kind == problem.NotFound {
				return nil
			}
			if err != nil || !tell || o.Hidden || o.State != Open && o.State != Filled {
				return err // nobody sees what is free of it
			}
			o.Edited = o.Edition()
			o.Updated = o.Next(s.now())
			return s.release(ctx, tx, actor.Operator, activity.Update, o, nil)
		})
	}
	err := settle(true)
	if errors.Is(err, actor.ErrSuspended) {
		return settle(false)
	}
	return err
}
