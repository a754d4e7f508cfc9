package opportunity

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// standing begins a query on the ids of those of ours in which somebody can help.
func (s *Opportunities) standing(after string) *bun.SelectQuery {
	return s.db.Read().NewSelect().Model((*Details)(nil)).Column("opportunity.object_id").Join("JOIN objects AS object ON object.id = opportunity.object_id").
		Where("object.local").Where("object.deleted IS NULL").Where("opportunity.status IN (?)", bun.List([]string{Open, Filled})).Where("opportunity.object_id > ?", after).
		OrderExpr("opportunity.object_id").Limit(atOnce)
}

// Running counts what a club and its parts offer that is neither cancelled nor
// over.
func (s *Opportunities) Running(ctx context.Context, actorID string) (int, error) {
	n, err := s.db.Read().NewSelect().Model((*Details)(nil)).Join("JOIN objects AS object ON object.id = opportunity.object_id").
		Where("object.local").Where("object.deleted IS NULL").Where("opportunity.status IN (?)", bun.List([]string{Open, Filled})).
		Where("object.attributed_to IN "+actor.AndParts, actorID, actorID).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count opportunities: %w", err)
	}
	return int(n), nil
}

// CancelAll cancels all that the club actorID and its parts offer, for the town
// hall, and gives how many. Everybody who has one learns of it and of the reason,
// as with Cancel. Begun again after a fault it goes on.
func (s *Opportunities) CancelAll(ctx context.Context, by, actorID, reason string) (int, error) {
	if err := s.actors.May(ctx, s.db.Read(), by, actorID, actor.Moderate); err != nil {
		return 0, err
	}
	reason, n, after := markup.Name(reason, maxReason), 0, ""
	for {
		var ids []string
		if err := s.standing(after).Where("object.attributed_to IN "+actor.AndParts, actorID, actorID).Scan(ctx, &ids); err != nil || len(ids) == 0 {
			return n, err
		}
		err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.actors.May(ctx, tx, by, actorID, actor.Moderate); err != nil {
				return err
			}
			for _, id := range ids {
				if err := s.close(ctx, tx, id, reason, func(o *Opportunity) error { return s.release(ctx, tx, by, activity.Update, o, nil) }); err != nil {
					return err
				}
			}
			return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.help.cancel", Target: actorID, Detail: strconv.Itoa(len(ids))})
		})
		if err != nil {
			return n, fmt.Errorf("cancel what %s offers: %w", actorID, err)
		}
		n, after = n+len(ids), ids[len(ids)-1]
	}
}

// close cancels one, unless it is cancelled or gone already; put stores it.
func (s *Opportunities) close(ctx context.Context, tx bun.Tx, id, reason string, put func(o *Opportunity) error) error {
	if err := s.lock(ctx, tx, id); err != nil {
		return err
	}
	o, err := s.find(ctx, tx, id)
	if problem.KindOf(err) == problem.Gone || err == nil && o.State == Cancelled {
		return nil
	}
	if err != nil {
		return err
	}
	o.State, o.Reason, o.Updated = Cancelled, reason, o.Next(s.now())
	if err := put(o); err != nil {
		return err
	}
	return s.changed(ctx, tx, id)
}

// closeShut cancels what clubs offer that are archived or shut out, in whatever
// way that came. Nobody else is told: nothing is sent in their name.
func (s *Opportunities) closeShut(ctx context.Context) error {
	var errs []error
	for after := ""; ; {
		var ids []string
		err := s.standing(after).Join("JOIN actors AS author ON author.id = object.attributed_to").
			Where("author.state IN (?)", bun.List([]string{actor.Archived, actor.Suspended})).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("list what clubs offer that are not active: %w", err)
		}
		if len(ids) == 0 {
			return errors.Join(errs...)
		}
		for _, id := range ids { // each by itself: what is wrong with one keeps no other
			err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				return s.close(ctx, tx, id, s.Closed(), func(o *Opportunity) error { return s.put(ctx, tx, o) })
			})
			if err != nil {
				errs = append(errs, fmt.Errorf("cancel %s: %w", id, err))
			}
		}
		after = ids[len(ids)-1]
	}
}

// ofArchived tells whether everybody could read this opportunity of ours until its
// club was archived.
func (s *Opportunities) ofArchived(ctx context.Context, id string) (bool, error) {
	there, err := s.db.Read().NewSelect().TableExpr("objects AS object").Join("JOIN actors AS author ON author.id = object.attributed_to").
		Where("object.id = ?", id).Where("object.local").Where("object.type = ?", Type).Where("object.deleted IS NULL").Where("NOT object.hidden").
		Where("object.visibility IN (?)", bun.List([]string{object.Public, object.Unlisted})).
		Where("author.state = ?", actor.Archived).Where("author.archived IS NOT NULL").Where("NOT author.blocked").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("ask whether a club is archived: %w", err)
	}
	return there, nil
}

// changed tells those who follow who has applied.
func (s *Opportunities) changed(ctx context.Context, tx bun.Tx, id string) error {
	if s.Changed == nil {
		return nil
	}
	return s.Changed(ctx, tx, id)
}

// lock keeps others from changing an opportunity, and its places, until tx ends.
func (s *Opportunities) lock(ctx context.Context, tx bun.Tx, id string) error {
	return database.LockRow(ctx, tx, "objects", "id", id)
}
