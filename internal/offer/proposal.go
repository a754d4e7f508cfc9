package offer

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The states of a proposal.
const (
	// Proposed waits for the person.
	Proposed = "open"
	// Applied became an application, Shown shows the offer to the club.
	Applied = "applied"
	Shown   = "shown"
	// Declined is a no. The same is never proposed again.
	Declined = "declined"
	// Withdrawn was taken back by who proposed it.
	Withdrawn = "withdrawn"
)

// A Proposal asks a person whether an opportunity would be something, or whether a
// club may see the offer.
type Proposal struct {
	bun.BaseModel `bun:"table:help_proposals,alias:proposal"`

	// ID is the key of the form that made it.
	ID        string `bun:"id,pk"`
	AccountID string
	// OpportunityID is "" when it is about the club alone.
	OpportunityID string
	ClubID        string
	// Title is that of the opportunity or the name of the club.
	Title   string
	Message string
	// ByClub is true for what a club proposes to which the person said yes; else the
	// agency does.
	ByClub    bool
	ByAccount string
	State     string
	Created   time.Time
	Decided   time.Time `bun:",nullzero"`

	// Off tells that what was proposed does not take place: it was cancelled or
	// deleted, or its club is not there any more. Only Proposals fills it in.
	Off bool `bun:",scanonly"`
}

// off is the condition for that, of what is an opportunity.
const off = `(proposal.opportunity_id <> '' AND NOT EXISTS (SELECT 1 FROM objects JOIN opportunities ON opportunities.object_id = objects.id JOIN actors ON actors.id = objects.attributed_to
WHERE objects.id = proposal.opportunity_id AND objects.deleted IS NULL AND opportunities.status <> 'cancelled' AND actors.state = 'active'))`

// mostOpen is how many proposals may wait for one person, so that nobody is
// flooded.
const mostOpen = 20

// ErrAsked says that the person was asked for the same already by the same side, or
// said no to it. It is
// a problem.Conflict.
var ErrAsked = problem.Conflictf("this person was asked for that already")

// ErrEnough says that too much waits for an answer of the person already. It is a
// problem.TooMany.
var ErrEnough = problem.TooManyf("too much waits for an answer of this person")

// Propose asks the person of the offer id, in the name of the agency, whether an
// opportunity would be something. With n nil it asks whether the club may see the
// offer; club is its id then, and title its name. The same key is one proposal.
func (s *Offers) Propose(ctx context.Context, by, id, key string, n *Need, club, title, message string) error {
	p := &Proposal{ID: key, ClubID: club, Title: title, Message: message, ByAccount: by}
	if n != nil {
		p.OpportunityID, p.ClubID, p.Title = n.ID, n.ClubID, n.Name
	}
	if err := p.check(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.given(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if fresh, err := s.propose(ctx, tx, o, p); err != nil || !fresh {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "offer.propose", AccountID: o.AccountID, Target: p.about()})
	})
	if err != nil {
		return fmt.Errorf("propose something: %w", err)
	}
	return nil
}

// Invite asks the person of the offer id, in the name of the club of n, whether
// that would be something. The person must have said yes to the club.
func (s *Offers) Invite(ctx context.Context, by, id, key string, n *Need, message string) error {
	p := &Proposal{ID: key, OpportunityID: n.ID, ClubID: n.ClubID, Title: n.Name, Message: message, ByClub: true, ByAccount: by}
	if err := p.check(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayAsClub(ctx, tx, by, n.ClubID); err != nil {
			return err
		}
		o := new(Offer)
		o, err := one(ctx, named(tx, o).Apply(s.shown).Where("offer.id = ?", id).Where("EXISTS (SELECT 1 FROM help_consents AS c WHERE c.account_id = offer.account_id AND c.club_id = ?)", n.ClubID), o)
		if err != nil {
			return err
		}
		_, err = s.propose(ctx, tx, o, p)
		return err
	})
	if err != nil {
		return fmt.Errorf("invite somebody: %w", err)
	}
	return nil
}

func (p *Proposal) check() error {
	var errs problem.Fields
	p.Message = short(&errs, "message", markup.Typed(p.Message), maxMessage)
	return errs.Err()
}

// about is what a proposal is about, for the log.
func (p *Proposal) about() string {
	if p.OpportunityID != "" {
		return p.OpportunityID
	}
	return p.ClubID
}

// propose keeps a proposal and tells the person; fresh is false for the same form
// once more.
func (s *Offers) propose(ctx context.Context, tx bun.Tx, o *Offer, p *Proposal) (fresh bool, err error) {
	if err := database.Turn(ctx, tx, "offer "+o.AccountID); err != nil {
		return false, err
	}
	var before []*Proposal
	if err := tx.NewSelect().Model(&before).Where("proposal.account_id = ?", o.AccountID).Scan(ctx); err != nil {
		return false, err
	}
	open := 0
	for _, b := range before {
		if b.ID == p.ID {
			return false, nil
		}
		// A club must not learn here what the agency asked, nor what another club did.
		if b.ByClub != p.ByClub || b.ByClub && b.ClubID != p.ClubID {
			continue
		}
		if b.OpportunityID == p.OpportunityID && b.ClubID == p.ClubID && b.State != Withdrawn && b.State != Shown {
			return false, ErrAsked
		}
		if b.State == Proposed {
			open++
		}
	}
	if open >= mostOpen {
		return false, ErrEnough
	}
	p.AccountID, p.State, p.Created = o.AccountID, Proposed, s.now()
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return false, err
	}
	if err := s.count(ctx, tx, "proposed"); err != nil {
		return false, err
	}
	return true, s.Tell(ctx, tx, Notice{Kind: TellProposal, Offer: o, Proposal: p, Cause: "offer proposal " + p.ID})
}

// Proposals lists what was proposed to a person, the latest first.
func (s *Offers) Proposals(ctx context.Context, accountID string) ([]*Proposal, error) {
	var list []*Proposal
	if err := s.db.Read().NewSelect().Model(&list).ColumnExpr("proposal.*").ColumnExpr(off+" AS off").Where("proposal.account_id = ?", accountID).Order("proposal.created DESC", "proposal.id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list proposals: %w", err)
	}
	return list, nil
}

// Proposal gives one of the proposals to a person.
func (s *Offers) Proposal(ctx context.Context, accountID, id string) (*Proposal, error) {
	return proposal(ctx, s.db.Read(), accountID, id)
}

func proposal(ctx context.Context, db bun.IDB, accountID, id string) (*Proposal, error) {
	var list []*Proposal
	if err := db.NewSelect().Model(&list).Where("account_id = ?", accountID).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find proposal: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no proposal %s", id)
	}
	return list[0], nil
}

// Answer says what becomes of a proposal: Applied after the person has applied,
// Shown to let the club see the offer, or Declined. What was answered stays so.
func (s *Offers) Answer(ctx context.Context, accountID, id, answer string) error {
	return s.change(ctx, accountID, func(ctx context.Context, tx bun.Tx, _ *Offer) error {
		p, err := proposal(ctx, tx, accountID, id)
		if err != nil {
			return err
		}
		if p.State == answer {
			return nil // it was pressed twice
		}
		if p.State != Proposed {
			return problem.Conflictf("the proposal is answered, or was taken back")
		}
		if err := s.settle(ctx, tx, p, answer); err != nil {
			return err
		}
		if answer == Shown {
			return s.show(ctx, tx, accountID, p.ClubID)
		}
		return nil
	})
}

// settle ends a proposal.
func (s *Offers) settle(ctx context.Context, tx bun.Tx, p *Proposal, state string) error {
	_, err := tx.NewUpdate().Model((*Proposal)(nil)).Set("state = ?", state).Set("decided = ?", s.now()).Where("id = ?", p.ID).Exec(ctx)
	if err != nil || state == Withdrawn {
		return err
	}
	return s.count(ctx, tx, state)
}

// Withdraw takes back what the agency proposed to the person of the offer id.
func (s *Offers) Withdraw(ctx context.Context, by, id, proposalID string) error {
	return s.asAgency(ctx, by, id, "offer.withdraw", func(ctx context.Context, tx bun.Tx, o *Offer) error {
		p, err := proposal(ctx, tx, o.AccountID, proposalID)
		if err != nil {
			return err
		}
		if p.State != Proposed {
			return problem.Conflictf("the proposal is answered already")
		}
		return s.settle(ctx, tx, p, Withdrawn)
	})
}

// Waiting counts the proposals of the agency that wait for an answer.
func (s *Offers) Waiting(ctx context.Context) (int, error) {
	n, err := s.db.Read().NewSelect().Model((*Proposal)(nil)).Where("state = ?", Proposed).Where("NOT by_club").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count proposals: %w", err)
	}
	return int(n), nil
}

// Invited gives, by the ids of people, what became of what a club proposed to them
// for an opportunity. What was taken back is left out.
func (s *Offers) Invited(ctx context.Context, n *Need) (map[string]string, error) {
	var list []*Proposal
	err := s.db.Read().NewSelect().Model(&list).Where("opportunity_id = ?", n.ID).Where("club_id = ?", n.ClubID).Where("by_club").Where("state <> ?", Withdrawn).Order("created").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list who was invited: %w", err)
	}
	states := map[string]string{}
	for _, p := range list {
		states[p.AccountID] = p.State
	}
	return states, nil
}
