package pledge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// silence is for how long the town of a club may give no answer: nothing is tried
// to deliver for as long.
const silence = 30 * 24 * time.Hour

// over is the condition under which an opportunity o, x is over at a time, which
// it takes twice.
const over = "(o.deleted IS NOT NULL OR x.status IN ('cancelled', 'expired') OR x.until < ? OR EXISTS (SELECT 1 FROM shifts s WHERE s.opportunity_id = pledge.opportunity_id) " +
	"AND NOT EXISTS (SELECT 1 FROM shifts s WHERE s.opportunity_id = pledge.opportunity_id AND s.ends_at >= ?))"

// Run ends what no other town ends: an application of which nothing was heard
// since silence or whose opportunity is over, and one that was answered and whose
// opportunity was over long ago. The person is told.
func (s *Pledges) Run(ctx context.Context) error {
	now := s.now()
	long := now.Add(-silence)
	var ids []string
	err := s.db.Read().NewSelect().Model((*Pledge)(nil)).Column("pledge.id").
		Join("LEFT JOIN objects AS o ON o.id = pledge.opportunity_id").Join("LEFT JOIN opportunities AS x ON x.object_id = pledge.opportunity_id").
		Where("pledge.state IN (?)", bun.List(lives)).Where(retention.Used("pledge.account_id", "", "")).
		Where("(pledge.number = 0 AND (pledge.changed < ? OR "+over+") OR pledge.changed < ? AND "+over+")", long, now, now, long, long, long).
		OrderExpr("pledge.created, pledge.id").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find applications elsewhere that nobody answers: %w", err)
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.giveUp(ctx, id, long))
	}
	return errors.Join(errs...)
}

// giveUp ends one of these. What was answered and has a place after long goes on.
func (s *Pledges) giveUp(ctx context.Context, id string, long time.Time) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "pledge "+id); err != nil {
			return err
		}
		p, err := s.find(ctx, tx, id)
		if problem.KindOf(err) == problem.NotFound || err == nil && open(p) != nil {
			return nil // it has ended at this moment
		}
		if err != nil {
			return err
		}
		if p.Number > 0 && (!p.Changed.Before(long) || slices.ContainsFunc(p.Helper().Commitments, func(c *application.Commitment) bool { return !c.EndsAt.Before(long) })) {
			return nil
		}
		cause, err := s.why(ctx, tx, p)
		if err != nil {
			return err
		}
		silent := p.Number == 0
		if silent { // it may arrive there yet, and nobody counts on this person
			if err := s.takeBack(ctx, tx, p); err != nil {
				return err
			}
		}
		return s.endBySelf(ctx, tx, p, cause)
	})
	if err != nil {
		return fmt.Errorf("end application elsewhere: %w", err)
	}
	return nil
}

// why gives the cause of such an end.
func (s *Pledges) why(ctx context.Context, tx bun.Tx, p *Pledge) (string, error) {
	n, err := s.applications.FarNeed(ctx, tx, p.OpportunityID)
	switch kind := problem.KindOf(err); {
	case kind == problem.Gone:
		return application.IsDeleted, nil
	case kind == problem.NotFound && p.Number == 0:
		return application.IsSilent, nil
	case kind == problem.NotFound:
		return application.IsExpired, nil
	case err != nil:
		return "", err
	case n.Status == "cancelled":
		return application.IsCancelled, nil
	case p.Number > 0 || s.past(n):
		return application.IsExpired, nil
	}
	return application.IsSilent, nil
}

// past tells whether the time of an opportunity is over.
func (s *Pledges) past(n *application.Need) bool {
	ahead := func(x *application.Shift) bool { return !x.EndsAt.Before(s.now()) }
	return n.Status == "expired" || !n.Until.IsZero() && n.Until.Before(s.now()) || len(n.Shifts) > 0 && !slices.ContainsFunc(n.Shifts, ahead)
}

// endBySelf ends a pledge without a word of the club. Who was accepted, and not
// told otherwise, has helped.
func (s *Pledges) endBySelf(ctx context.Context, tx bun.Tx, p *Pledge, cause string) error {
	said, helped := p.Said(), p.State == application.Accepted && cause == application.IsExpired
	said.Type, said.State, said.Cause, said.Reason = "Helper", application.Declined, cause, ""
	if helped {
		said.State, said.Cause = application.Done, application.IsOver
	}
	kept, err := json.Marshal(said)
	if err != nil {
		return err
	}
	p.Standing, p.State, p.Changed, p.Ended = string(kept), said.State, s.now(), s.now()
	if _, err := tx.NewUpdate().Model(p).Column("standing", "state", "changed", "ended").WherePK().Exec(ctx); err != nil {
		return err
	}
	database.Ring(ctx)
	if helped {
		return nil
	}
	return s.Tell(ctx, tx, application.Notice{Kind: application.TellEnded, Helper: p.Helper(), Cause: "help elsewhere ended " + p.ID})
}

// takeBack tells the club that nothing is offered any more: its town forgets what
// the person wrote.
func (s *Pledges) takeBack(ctx context.Context, tx bun.Tx, p *Pledge) error {
	from, err := s.actors.Find(ctx, tx, p.ActorID)
	if err != nil || from.State != actor.Active {
		return err // who is gone has said so
	}
	return s.activities.Publish(ctx, tx, from, s.takingBack(p))
}

// takingBack is the activity that says so.
func (s *Pledges) takingBack(p *Pledge) *as.Activity {
	return &as.Activity{
		ID: s.actors.Site().NewActivityID(), Type: activity.Delete, To: []string{p.ClubID},
		Object: as.Item{Object: &as.Object{ID: s.agreementOf(p.ID), Type: "Tombstone", FormerType: as.Agreement, Deleted: s.now()}},
	}
}
