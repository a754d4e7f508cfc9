package club

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// SetState makes a club active or archives it; the town hall decides. An
// archived one publishes nothing and is in no list; its page and its actor say
// that it is not active any more, and its followers are told. It can be made
// active again. What is so already stays so.
func (s *Clubs) SetState(ctx context.Context, by, handle, state string) (*Club, error) {
	if state != actor.Active && state != actor.Archived {
		return nil, problem.Invalidf("there is no state %q", state)
	}
	var c *Club
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.moderates(ctx, tx, by, handle); err != nil {
			return err
		}
		var err error
		if c, err = s.find(ctx, tx, handle, actor.Active, actor.Requested, actor.Archived); err != nil || c.State == state {
			return err
		}
		if c.State == actor.Requested && state == actor.Active {
			if err := s.admitted(ctx, tx, by, c); err != nil {
				return err
			}
		}
		was, seen := c.State, c.State == actor.Active || !c.Archived.IsZero()
		if err := s.actors.SetState(ctx, tx, c.Actor, state); err != nil {
			return err
		}
		err = ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.state", Target: c.PreferredUsername, Detail: was + " > " + state})
		if err != nil || !seen {
			return err
		}
		return s.activities.PublishActor(ctx, tx, c.Actor)
	})
	if err != nil {
		return nil, fmt.Errorf("set state of club: %w", err)
	}
	return c, nil
}

// Verify says for the town hall that it knows the club, or that it does so no
// longer. It stands on the club's page and in its profile elsewhere.
func (s *Clubs) Verify(ctx context.Context, by, handle string, known bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.moderates(ctx, tx, by, handle); err != nil {
			return err
		}
		c, err := s.find(ctx, tx, handle, actor.Active)
		if err != nil || known != c.Verified.IsZero() {
			return err
		}
		if c.Verified = (time.Time{}); known {
			c.Verified = time.Now().UTC().Truncate(time.Second)
		}
		c.Attachment = s.profile(c)
		if err := s.put(ctx, tx, c); err != nil {
			return err
		}
		if err := s.actors.Change(ctx, tx, c.Actor); err != nil {
			return err
		}
		act := "club.verify"
		if !known {
			act = "club.unverify"
		}
		if err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: act, Target: c.PreferredUsername}); err != nil {
			return err
		}
		return s.activities.PublishActor(ctx, tx, c.Actor)
	})
	if err != nil {
		return fmt.Errorf("verify club: %w", err)
	}
	return nil
}

// Verified gives since when the town hall knows the club; zero when it does
// not.
func (s *Clubs) Verified(ctx context.Context, handle string) (time.Time, error) {
	c, err := s.find(ctx, s.db.Read(), handle, actor.Active, actor.Requested, actor.Archived)
	if err != nil {
		return time.Time{}, err
	}
	return c.Verified, nil
}

// moderates gives a problem.Forbidden unless by looks after the club with this
// handle for the town hall; who may not does not learn whether there is one.
func (s *Clubs) moderates(ctx context.Context, db bun.IDB, by, handle string) error {
	a, err := s.actors.FindUsername(ctx, db, handle, actor.Active, actor.Requested, actor.Archived, actor.Suspended)
	if problem.KindOf(err) == problem.NotFound {
		return s.actors.May(ctx, db, by, "", actor.Moderate)
	}
	if err != nil {
		return err
	}
	return s.actors.May(ctx, db, by, a.ID, actor.Moderate)
}
