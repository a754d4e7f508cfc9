package application

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// own runs do for the person whose application it is. Whoever calls has shown
// that he or she is that person, by an account or by the link of a letter.
func (s *Applications) own(ctx context.Context, id string, do func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error) error {
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.ownIn(ctx, tx, id, do) })
}

// inKey holds in a context the transaction that runs already.
type inKey struct{}

// In lets what a person does with an application happen in tx, for those who
// hold one already: what arrives from elsewhere does.
func In(ctx context.Context, tx bun.Tx) context.Context { return context.WithValue(ctx, inKey{}, tx) }

// write runs do in the transaction of In, or in a new one.
func (s *Applications) write(ctx context.Context, do func(ctx context.Context, tx bun.Tx) error) error {
	if tx, ok := ctx.Value(inKey{}).(bun.Tx); ok {
		return do(ctx, tx)
	}
	return s.db.Write(ctx, do)
}

func (s *Applications) ownIn(ctx context.Context, tx bun.Tx, id string, do func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error) error {
	h, err := s.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.changeIn(ctx, tx, h.OpportunityID, func(ctx context.Context, tx bun.Tx, n *Need) error {
		if h, err = s.Find(ctx, tx, id); err != nil {
			return err
		}
		return do(ctx, tx, n, h)
	})
}

// Withdraw takes an application back. The club reads that it was, the places go
// to who waits. What was never confirmed is forgotten at once; twice is once.
func (s *Applications) Withdraw(ctx context.Context, id string) error {
	err := s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if h.State == Unconfirmed {
			_, err := tx.NewDelete().Model(h).WherePK().Exec(ctx)
			return err
		}
		if !h.Live() {
			return nil
		}
		if err := s.end(ctx, tx, h, Withdrawn, ByHelper, ""); err != nil {
			return err
		}
		return s.note(ctx, tx, h, DidWithdraw, false, "")
	})
	if err != nil {
		return fmt.Errorf("withdraw application: %w", err)
	}
	return nil
}

// Reply sends what the person writes to the club.
func (s *Applications) Reply(ctx context.Context, id, text string) error {
	text, err := words("text", text, maxMessage, "Please write a sentence or two.")
	if err != nil {
		return err
	}
	err = s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if !h.Live() && h.State != Done {
			return ErrClosed
		}
		return s.note(ctx, tx, h, Said, false, text)
	})
	if err != nil {
		return fmt.Errorf("write to the club: %w", err)
	}
	return nil
}

// Change replaces what the person gave: name, telephone, words, and whether the
// club sees the mail address.
func (s *Applications) Change(ctx context.Context, id string, d Draft) error {
	d = d.Clean()
	if err := CheckPerson(d); err != nil {
		return err
	}
	err := s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if !h.Live() && h.State != Unconfirmed {
			return ErrClosed
		}
		if h.Name == d.Name && h.Phone == d.Phone && h.Message == d.Message && h.Shows == d.Shows && h.Contact == d.Contact {
			return nil
		}
		h.Name, h.Phone, h.Message, h.Shows, h.Contact, h.Changed = d.Name, d.Phone, d.Message, d.Shows, d.Contact, s.now()
		h.Version++
		if _, err := tx.NewUpdate().Model(h).Column("name", "phone", "message", "shows", "contact", "changed", "version").WherePK().Exec(ctx); err != nil {
			return err
		}
		if h.State == Unconfirmed {
			return nil
		}
		return s.note(ctx, tx, h, DidChange, false, "")
	})
	if err != nil {
		return fmt.Errorf("change application: %w", err)
	}
	return nil
}

// Take asks for one more shift: a place, or one on the waiting list.
func (s *Applications) Take(ctx context.Context, id, shiftID string) error {
	err := s.own(asking(ctx, id, []string{shiftID}), id, func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
		if !h.Live() || !n.Takes(s.now()) {
			return ErrClosed
		}
		i := slices.IndexFunc(n.Ahead(s.now()), func(x *Shift) bool { return x.ID == shiftID })
		if i < 0 {
			return problem.Conflictf("this shift has begun, or is gone")
		}
		if h.Commitment(shiftID) != nil {
			return nil
		}
		if err := s.queue(ctx, tx, h, n.Ahead(s.now())[i], Waiting); err != nil {
			return err
		}
		if err := s.touch(ctx, tx, h); err != nil {
			return err
		}
		return s.note(ctx, tx, h, DidTake, false, shiftTime(n.Shift(shiftID)))
	})
	if err != nil {
		return fmt.Errorf("take a shift: %w", err)
	}
	return nil
}

// touch says that the shifts of an application are others now: who answers it has
// to look again.
func (s *Applications) touch(ctx context.Context, tx bun.Tx, h *Helper) error {
	h.Version, h.Changed = h.Version+1, s.now()
	_, err := tx.NewUpdate().Model(h).Column("version", "changed").WherePK().Exec(ctx)
	return err
}

// shiftTime is how the history names a shift.
func shiftTime(x *Shift) string {
	if x == nil || x.StartsAt.IsZero() {
		return ""
	}
	return x.StartsAt.UTC().Format(time.RFC3339)
}

func told(c *Commitment) string {
	if c.StartsAt.IsZero() {
		return ""
	}
	return c.StartsAt.UTC().Format(time.RFC3339)
}

// GiveBack gives a place back, or leaves a waiting list. Twice is once; what has
// begun stays.
func (s *Applications) GiveBack(ctx context.Context, id, shiftID string) error {
	err := s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		c := h.Commitment(shiftID)
		if c == nil {
			return nil
		}
		if err := s.ahead(h, c); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(c).WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := s.touch(ctx, tx, h); err != nil {
			return err
		}
		return s.note(ctx, tx, h, DidGive, false, told(c))
	})
	if err != nil {
		return fmt.Errorf("give a shift back: %w", err)
	}
	return nil
}

// ahead gives ErrClosed for what cannot be changed any more.
func (s *Applications) ahead(h *Helper, c *Commitment) error {
	if !h.Live() || !c.StartsAt.IsZero() && !c.StartsAt.After(s.now()) {
		return ErrClosed
	}
	return nil
}

// Offer lets others take a place over: until somebody does, it is still this
// person's. on false takes the offer back.
func (s *Applications) Offer(ctx context.Context, id, shiftID string, on bool) error {
	err := s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		c := h.Commitment(shiftID)
		if c == nil || c.State != Taken || on != c.Offered.IsZero() {
			return nil
		}
		if err := s.ahead(h, c); err != nil {
			return err
		}
		kind := DidKeep
		c.Offered = time.Time{}
		if on {
			kind, c.Offered = DidOffer, s.now()
		}
		if _, err := tx.NewUpdate().Model(c).Column("offered").WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.note(ctx, tx, h, kind, false, told(c))
	})
	if err != nil {
		return fmt.Errorf("offer a shift: %w", err)
	}
	return nil
}

// Hours is how the person says how long he or she helped. It counts when the club
// says the same.
func (s *Applications) Hours(ctx context.Context, id string, minutes int) error {
	err := s.own(ctx, id, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		return s.hours(ctx, tx, h, Person, minutes)
	})
	if err != nil {
		return fmt.Errorf("say how long one helped: %w", err)
	}
	return nil
}

// FindOrigin gives the application with which this came from elsewhere, of the
// actor whose it is.
func (s *Applications) FindOrigin(ctx context.Context, db bun.IDB, actorID, originID string) (*Helper, error) {
	h, err := s.Find(ctx, db, OriginKey(originID))
	if err == nil && (h.ActorID != actorID || h.OriginID != originID) {
		return nil, problem.NotFoundf("there is no application %s of %s", originID, actorID)
	}
	return h, err
}

// TakeBack withdraws what an actor elsewhere asked for with originID, when that
// is deleted there. What the person wrote is forgotten at once; the name stays
// with the club, which has to know who does not come. nil for what is none.
func (s *Applications) TakeBack(ctx context.Context, tx bun.Tx, actorID, originID string) (*Helper, error) {
	h, err := s.FindOrigin(ctx, tx, actorID, originID)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.Withdraw(In(ctx, tx), h.ID); err != nil {
		return nil, err
	}
	h.Phone, h.Message, h.Contact, h.Shows = "", "", "", false
	if _, err := tx.NewUpdate().Model(h).Column("phone", "message", "contact", "shows").WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("forget what was taken back: %w", err)
	}
	if _, err := tx.NewDelete().Model((*Message)(nil)).Where("helper_id = ?", h.ID).Where("kind = ?", Said).Where("NOT by_club").Exec(ctx); err != nil {
		return nil, fmt.Errorf("forget what was taken back: %w", err)
	}
	return s.Find(ctx, tx, h.ID)
}

// LeaveActor forgets what an actor elsewhere asked for who is gone, as Leave
// does.
func (s *Applications) LeaveActor(ctx context.Context, tx bun.Tx, actorID string) error {
	return s.leave(ctx, tx, tx.NewSelect().Where("helper.actor_id = ?", actorID).Where("helper.actor_id <> ''"))
}

// Leave forgets what a person with an account, or with its mail address, asked
// for. Of what lives a row without any word of the person stays, so that the club
// sees that somebody is missing; the places go to who waits.
func (s *Applications) Leave(ctx context.Context, tx bun.Tx, accountID, email string) error {
	return s.leave(ctx, tx, tx.NewSelect().Where("(helper.account_id = ? AND helper.account_id <> '') OR (helper.email = ? AND helper.email <> '')", accountID, email))
}

func (s *Applications) leave(ctx context.Context, tx bun.Tx, q *bun.SelectQuery) error {
	var list []*Helper
	if err := q.Model(&list).OrderExpr("helper.opportunity_id, helper.id").Scan(ctx); err != nil {
		return fmt.Errorf("find applications of who leaves: %w", err)
	}
	for _, h := range list {
		err := s.changeIn(ctx, tx, h.OpportunityID, func(ctx context.Context, tx bun.Tx, _ *Need) error { return s.forgetPerson(ctx, tx, h) })
		if problem.KindOf(err) == problem.NotFound { // there is no such opportunity, whose places could be handed on
			_, err = tx.NewDelete().Model(h).WherePK().Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("forget an application of who leaves: %w", err)
		}
	}
	return nil
}

func (s *Applications) forgetPerson(ctx context.Context, tx bun.Tx, h *Helper) error {
	if _, err := tx.NewDelete().Model((*Message)(nil)).Where("helper_id = ?", h.ID).Exec(ctx); err != nil {
		return err
	}
	if !h.Live() {
		_, err := tx.NewDelete().Model(h).WherePK().Exec(ctx)
		return err
	}
	if err := s.end(ctx, tx, h, Withdrawn, HasLeft, ""); err != nil {
		return err
	}
	h.AccountID, h.Email, h.Name, h.Phone, h.Message, h.Shows, h.ActorID, h.Contact = "", "", "", "", "", false, "", ""
	if _, err := tx.NewUpdate().Model(h).Column("account_id", "email", "name", "phone", "message", "shows", "actor_id", "contact").WherePK().Exec(ctx); err != nil {
		return err
	}
	return s.note(ctx, tx, h, DidWithdraw, false, "")
}
