package pledge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// lives are the states that can be changed.
var lives = []string{application.Asked, application.Talking, application.Accepted}

// Apply sends an application to a club of another town, and to nobody else. email
// is what the club shall see of the person, "" for nothing. Who asks twice gets
// what is there.
func (s *Pledges) Apply(ctx context.Context, n *application.Need, d application.Draft, email string) (p *Pledge, twice bool, err error) {
	if err := s.applications.Check(n, d); err != nil {
		return nil, false, err
	}
	if !n.Takes(s.now()) {
		return nil, false, application.ErrClosed
	}
	minted, err := s.mint(ctx, d.AccountID)
	if err != nil {
		return nil, false, fmt.Errorf("apply elsewhere: %w", err)
	}
	d = d.Clean()
	p, twice, err = s.applyAs(ctx, n, d, email, minted)
	if errors.Is(err, errLost) {
		if minted, err = s.actors.MintResident(); err == nil {
			p, twice, err = s.applyAs(ctx, n, d, email, minted)
		}
	}
	if err != nil {
		return nil, false, fmt.Errorf("apply elsewhere: %w", err)
	}
	return p, twice, nil
}

// applyAs is Apply with the actor that a person gets who has none.
func (s *Pledges) applyAs(ctx context.Context, n *application.Need, d application.Draft, email string, minted *actor.Actor) (p *Pledge, twice bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := turnOf(ctx, tx, d.AccountID); err != nil {
			return err
		}
		var list []*Pledge
		err := tx.NewSelect().Model(&list).Where("pledge.account_id = ?", d.AccountID).
			Where("(pledge.id = ? OR (pledge.opportunity_id = ? AND pledge.state IN (?)))", d.Key, n.ID, bun.List(lives)).Scan(ctx)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			p, twice = list[0], true
			return nil
		}
		from, err := s.speaker(ctx, tx, d.AccountID, minted)
		if err != nil {
			return err
		}
		p = &Pledge{
			ID: d.Key, AccountID: d.AccountID, ActorID: from.ID, OpportunityID: n.ID, ClubID: n.ClubID, Title: n.Name, Club: n.Club, Name: d.Name, Email: email,
			Phone: d.Phone, Message: d.Message, State: application.Asked, Created: s.now(), Changed: s.now(),
		}
		if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
			return err
		}
		return s.offer(ctx, tx, from, p, d)
	})
	return p, twice, err
}

// offer sends the Offer (FEP-0837).
func (s *Pledges) offer(ctx context.Context, tx bun.Tx, from *actor.Actor, p *Pledge, d application.Draft) error {
	id := s.actors.Site().ActivityID(p.ID)
	if _, err := tx.NewInsert().Model(&Act{ID: id, PledgeID: p.ID, Kind: application.DidAsk, State: OnItsWay, Created: s.now()}).Exec(ctx); err != nil {
		return err
	}
	return s.activities.Publish(ctx, tx, from, &as.Activity{
		ID: id, Type: activity.Offer, To: []string{p.ClubID},
		Object: as.Item{Object: &as.Object{
			ID: agreementID(id), Type: as.Agreement, AttributedTo: from.ID, To: []string{p.ClubID},
			Stipulates: &as.Commitment{Type: "Commitment", Satisfies: p.OpportunityID + "#intent", ResourceQuantity: as.Persons(1)},
			Helper: &as.Helper{
				Type: "Helper", Name: p.Name, Email: p.Email, Telephone: p.Phone, Message: p.Message, Language: d.Language, OldEnough: d.Old, Able: d.Able, Shifts: d.Shifts,
			},
		}},
	})
}

// act notes what a person does, and tells the club. check looks first whether
// that can be done; the same that is on its way already is done once.
func (s *Pledges) act(ctx context.Context, id string, a Act, h as.Helper, check func(p *Pledge) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "pledge "+id); err != nil {
			return err
		}
		p, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		before := *p
		if err := check(p); err != nil {
			return err
		}
		all, err := acts(ctx, tx, id)
		if err != nil {
			return err
		}
		if n := len(all); n > 0 && all[n-1].State == OnItsWay && all[n-1].Kind == a.Kind && all[n-1].ShiftID == a.ShiftID && all[n-1].Content == a.Content {
			return nil
		}
		from, err := s.actors.Find(ctx, tx, p.ActorID)
		if err != nil {
			return err
		}
		out := s.takingBack(p)
		if a.Kind != application.DidWithdraw {
			h.Type, h.Shift = "Helper", a.ShiftID
			out.Type, out.Object = activity.Update, as.Item{Object: &as.Object{ID: s.agreementOf(id), Type: as.Agreement, AttributedTo: from.ID, To: out.To, Updated: s.now(), Helper: &h}}
		}
		a.ID, a.PledgeID, a.State, a.Created = out.ID, id, OnItsWay, s.now()
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return fmt.Errorf("note what a person does elsewhere: %w", err)
		}
		if err := s.activities.Publish(ctx, tx, from, out); err != nil {
			return err
		}
		p.Changed = s.now()
		if _, err := tx.NewUpdate().Model(p).Column(changed(&before, p)...).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change application elsewhere: %w", err)
		}
		database.Ring(ctx)
		return nil
	})
}

// changed names the columns in which a person has changed a pledge: what the club
// says of it stays as it is.
func changed(before, p *Pledge) []string {
	columns := []string{"changed"}
	for column, differs := range map[string]bool{
		"name": p.Name != before.Name, "email": p.Email != before.Email, "phone": p.Phone != before.Phone, "message": p.Message != before.Message,
		"state": p.State != before.State, "ended": !p.Ended.Equal(before.Ended),
	} {
		if differs {
			columns = append(columns, column)
		}
	}
	return columns
}

// open gives application.ErrClosed for what cannot be changed any more.
func open(p *Pledge) error {
	if !slices.Contains(lives, p.State) {
		return application.ErrClosed
	}
	return nil
}

// Withdraw takes an application back. It is so here at once; the club forgets what
// the person wrote, and signs that it did.
func (s *Pledges) Withdraw(ctx context.Context, id string) error {
	err := s.act(ctx, id, Act{Kind: application.DidWithdraw}, as.Helper{}, func(p *Pledge) error {
		if p.State != application.Withdrawn {
			if err := open(p); err != nil {
				return err
			}
		}
		p.State, p.Ended = application.Withdrawn, s.now()
		return nil
	})
	if problem.KindOf(err) == problem.Conflict {
		return nil // it has ended in another way
	}
	return err
}

// Confirm does nothing: who has an account is asked for no letter.
func (s *Pledges) Confirm(context.Context, string) error { return nil }

// Reply sends what the person writes to the club.
func (s *Pledges) Reply(ctx context.Context, id, text string) error {
	text, err := application.Words("text", text, "Please write a sentence or two.")
	if err != nil {
		return err
	}
	return s.act(ctx, id, Act{Kind: application.Said, Content: text}, as.Helper{Act: application.Said, Message: text}, func(p *Pledge) error {
		if p.State == application.Done {
			return nil
		}
		return open(p)
	})
}

// Take asks for one more shift.
func (s *Pledges) Take(ctx context.Context, id, shift string) error {
	return s.shift(ctx, id, shift, application.DidTake)
}

// GiveBack gives a shift back, or leaves a waiting list.
func (s *Pledges) GiveBack(ctx context.Context, id, shift string) error {
	return s.shift(ctx, id, shift, application.DidGive)
}

// Offer lets others take a shift over; on false takes that back.
func (s *Pledges) Offer(ctx context.Context, id, shift string, on bool) error {
	if on {
		return s.shift(ctx, id, shift, application.DidOffer)
	}
	return s.shift(ctx, id, shift, application.DidKeep)
}

func (s *Pledges) shift(ctx context.Context, id, shift, kind string) error {
	a := Act{Kind: kind, ShiftID: shift}
	p, err := s.find(ctx, s.db.Read(), id)
	if err != nil {
		return err
	}
	if start := s.start(ctx, p, shift); !start.IsZero() {
		a.Content = start.UTC().Format(time.RFC3339)
	}
	return s.act(ctx, id, a, as.Helper{Act: kind}, open)
}

// start is when a shift begins, zero for what is not known.
func (s *Pledges) start(ctx context.Context, p *Pledge, shift string) time.Time {
	if c := p.Helper().Commitment(shift); c != nil {
		return c.StartsAt
	}
	n, err := s.applications.FarNeed(ctx, s.db.Read(), p.OpportunityID)
	if err != nil {
		return time.Time{}
	}
	if x := n.Shift(shift); x != nil {
		return x.StartsAt
	}
	return time.Time{}
}

// Change replaces what the person gave. email is what the club shall see, "" for
// nothing.
func (s *Pledges) Change(ctx context.Context, id string, d application.Draft, email string) error {
	d = d.Clean()
	if err := application.CheckPerson(d); err != nil {
		return err
	}
	h := as.Helper{Act: application.DidChange, Name: d.Name, Email: email, Telephone: d.Phone, Message: d.Message}
	return s.act(ctx, id, Act{Kind: application.DidChange}, h, func(p *Pledge) error {
		p.Name, p.Email, p.Phone, p.Message = d.Name, email, d.Phone, d.Message
		return open(p)
	})
}

// Hours is how the person says how long he or she helped.
func (s *Pledges) Hours(ctx context.Context, id string, minutes int) error {
	if err := application.CheckMinutes(minutes); err != nil {
		return err
	}
	return s.act(ctx, id, Act{Kind: application.DidHours, Content: strconv.Itoa(minutes)}, as.Helper{Act: application.DidHours, Minutes: minutes}, func(p *Pledge) error {
		if p.State != application.Accepted && p.State != application.Done {
			return application.ErrClosed
		}
		return nil
	})
}
