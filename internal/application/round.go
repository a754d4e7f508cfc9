package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

const (
	// usualLife is how long an application is kept after its end, as long as
	// nobody says otherwise.
	usualLife = 180 * 24 * time.Hour
	// remindHour is when people are reminded, on the day before, in the town's zone.
	remindHour = 9
	// remindAhead is more than the time from then to the end of the day after.
	remindAhead = 41 * time.Hour
)

// due finds the opportunities at which something has happened that people have
// to be told, or at which a place can be handed on. A hidden one stays as it is:
// the town hall may show it again. That of a club which is archived or shut out
// ends.
const due = `SELECT DISTINCT h.opportunity_id FROM helpers h JOIN objects o ON o.id = h.opportunity_id LEFT JOIN opportunities p ON p.object_id = o.id LEFT JOIN actors a ON a.id = o.attributed_to
WHERE h.state IN ('asked', 'talking', 'accepted') AND (o.deleted IS NOT NULL OR p.object_id IS NULL OR p.status = 'cancelled' OR a.id IS NULL OR a.state <> 'active'
  OR ((p.status = 'expired' OR p.until < ?) AND (h.state <> 'accepted' OR NOT EXISTS (SELECT 1 FROM commitments c WHERE c.helper_id = h.id AND c.ends_at >= ?))))
UNION SELECT c.opportunity_id FROM commitments c JOIN helpers h ON h.id = c.helper_id LEFT JOIN shifts s ON s.id = c.shift_id
WHERE c.shift_id <> '' AND h.state IN ('asked', 'talking', 'accepted') AND c.ends_at > ? AND (s.id IS NULL OR s.starts_at <> c.starts_at OR s.ends_at <> c.ends_at)
UNION SELECT c.opportunity_id FROM commitments c JOIN shifts s ON s.id = c.shift_id JOIN objects o ON o.id = c.opportunity_id WHERE NOT o.hidden AND c.state = 'waiting' AND s.starts_at > ? AND (s.places = 0 OR s.taken < s.places)
UNION SELECT c.opportunity_id FROM commitments c JOIN opportunities p ON p.object_id = c.opportunity_id JOIN objects o ON o.id = c.opportunity_id WHERE NOT o.hidden AND c.state = 'waiting' AND c.shift_id = '' AND (p.places = 0 OR p.taken < p.places)
UNION SELECT c.opportunity_id FROM commitments c JOIN helpers h ON h.id = c.helper_id
WHERE h.state = 'accepted' AND c.state = 'taken' AND c.reminded IS NULL AND c.starts_at > ? AND c.starts_at < ?
UNION SELECT c.opportunity_id FROM commitments c JOIN helpers h ON h.id = c.helper_id WHERE h.state IN ('asked', 'talking', 'accepted') AND c.shift_id <> ''
GROUP BY c.opportunity_id, h.id HAVING MAX(c.ends_at) < ?`

// Run does what the time brings: it tells who has a place that a shift was
// moved or is gone, that the whole is cancelled, deleted or over, reminds on the
// day before, and thanks afterwards.
func (s *Applications) Run(ctx context.Context) error {
	now := s.now()
	var ids []string
	if err := s.db.Read().NewRaw(due, now, now, now, now, now, now.Add(remindAhead), now).Scan(ctx, &ids); err != nil {
		return fmt.Errorf("find what applicants have to be told: %w", err)
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.change(ctx, id, s.look))
	}
	return errors.Join(errs...)
}

// Look is Run for one opportunity, in the transaction that changed it.
func (s *Applications) Look(ctx context.Context, tx bun.Tx, opportunityID string) error {
	err := s.changeIn(ctx, tx, opportunityID, s.look)
	if problem.KindOf(err) == problem.NotFound {
		return nil // nobody has applied
	}
	return err
}

func (s *Applications) look(ctx context.Context, tx bun.Tx, n *Need) error {
	var list []*Helper
	if err := tx.NewSelect().Model(&list).Where("helper.opportunity_id = ?", n.ID).Where("helper.state IN (?)", bun.List(live)).OrderExpr("helper.created, helper.id").Scan(ctx); err != nil {
		return fmt.Errorf("find who applied: %w", err)
	}
	if err := s.withCommitments(ctx, tx, list); err != nil {
		return err
	}
	for _, h := range list {
		if err := s.lookAt(ctx, tx, n, h); err != nil {
			return err
		}
	}
	return nil
}

func (s *Applications) lookAt(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
	switch {
	case n.Gone:
		return s.closed(ctx, tx, h, IsDeleted, "")
	case n.Status == "cancelled":
		return s.closed(ctx, tx, h, IsCancelled, n.Reason)
	case n.Shut:
		return s.closed(ctx, tx, h, IsShut, "")
	}
	if err := s.compare(ctx, tx, n, h); err != nil {
		return err
	}
	over := n.Status == "expired" || !n.Until.IsZero() && n.Until.Before(s.now())
	last, helped := lastEnd(h)
	switch {
	case !last.IsZero() && last.Before(s.now()), over && (last.IsZero() || h.Open()):
		if h.State == Accepted && helped {
			return s.finish(ctx, tx, h)
		}
		return s.closed(ctx, tx, h, IsExpired, "")
	}
	return s.remind(ctx, tx, h)
}

// lastEnd gives when the last shift of a person ends, zero without any, and
// whether there was a place.
func lastEnd(h *Helper) (last time.Time, helped bool) {
	for _, c := range h.Commitments {
		if c.EndsAt.After(last) {
			last = c.EndsAt
		}
		helped = helped || c.State == Taken
	}
	return last, helped
}

// closed ends an application for what the club did, and tells.
func (s *Applications) closed(ctx context.Context, tx bun.Tx, h *Helper, cause, reason string) error {
	if err := s.end(ctx, tx, h, Declined, cause, reason); err != nil {
		return err
	}
	if err := s.note(ctx, tx, h, DidEnd, true, cause); err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{Kind: TellEnded, Helper: h, Text: reason, Cause: s.cause(TellEnded, h, nil)})
}

// compare tells a person of shifts that were moved or removed since. What is
// past is not looked at any more.
func (s *Applications) compare(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
	if !n.strays(h, s.now()) {
		return nil
	}
	// Who answers the application has to look again.
	if err := s.touch(ctx, tx, h); err != nil {
		return fmt.Errorf("follow a change of a shift: %w", err)
	}
	var kept []*Commitment
	for _, c := range h.Commitments {
		x := n.Shift(c.ShiftID)
		if c.ShiftID == "" || !c.EndsAt.After(s.now()) || x != nil && x.StartsAt.Equal(c.StartsAt) && x.EndsAt.Equal(c.EndsAt) {
			kept = append(kept, c)
			continue
		}
		kind, did, words := TellChanged, DidChange, spanOf(c)
		var err error
		if x == nil {
			kind, did = TellLost, DidLose
			_, err = tx.NewDelete().Model(c).WherePK().Exec(ctx)
		} else {
			c.StartsAt, c.EndsAt, c.Reminded = x.StartsAt, x.EndsAt, time.Time{}
			_, err = tx.NewUpdate().Model(c).Column("starts_at", "ends_at", "reminded").WherePK().Exec(ctx)
			words += " " + spanOf(c)
			kept = append(kept, c)
		}
		if err != nil {
			return fmt.Errorf("follow a change of a shift: %w", err)
		}
		if err := s.note(ctx, tx, h, did, true, words); err != nil {
			return err
		}
		if err := s.Tell(ctx, tx, Notice{Kind: kind, Helper: h, Commitment: c, Cause: s.cause(kind, h, c)}); err != nil {
			return err
		}
	}
	h.Commitments = kept
	return nil
}

// remind tells who has a place tomorrow. Who got it after the hour of reminding
// knows.
func (s *Applications) remind(ctx context.Context, tx bun.Tx, h *Helper) error {
	if h.State != Accepted {
		return nil
	}
	for _, c := range h.Commitments {
		if c.State != Taken || c.StartsAt.IsZero() || !c.Reminded.IsZero() || !c.StartsAt.After(s.now()) {
			continue
		}
		at := s.reminding(c.StartsAt)
		if s.now().Before(at) {
			continue
		}
		c.Reminded = s.now()
		if _, err := tx.NewUpdate().Model(c).Column("reminded").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("remind: %w", err)
		}
		if c.TakenAt.After(at) || h.Changed.After(at) {
			continue
		}
		if err := s.Tell(ctx, tx, Notice{Kind: TellRemind, Helper: h, Commitment: c, Cause: s.cause(TellRemind, h, c)}); err != nil {
			return err
		}
	}
	return nil
}

// reminding is when somebody is reminded of what begins at start.
func (s *Applications) reminding(start time.Time) time.Time {
	day := start.In(s.Zone)
	return time.Date(day.Year(), day.Month(), day.Day()-1, remindHour, 0, 0, 0, s.Zone)
}

// Sweep forgets what nobody confirmed in time, and what ended long ago.
func (s *Applications) Sweep(ctx context.Context) error {
	keep, err := s.Keep(ctx, s.db.Read())
	if err != nil {
		return err
	}
	now := s.now()
	if err := s.sweepDirect(ctx); err != nil {
		return err
	}
	return s.db.Prune(ctx, "helpers", "id", "((state = ? AND created < ?) OR ended < ?) AND "+retention.Used("helpers.account_id", "helpers.email", "helpers.actor_id"), Unconfirmed, now.Add(-confirmLife), now.Add(-keep))
}
