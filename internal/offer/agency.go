package offer

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// agent is somebody who works for the volunteer agency.
type agent struct {
	bun.BaseModel `bun:"table:help_agents,alias:agent"`

	AccountID string `bun:"account_id,pk"`
	ByAccount string
	Created   time.Time
}

// IsAgent tells whether a person works for the volunteer agency.
func (s *Offers) IsAgent(ctx context.Context, accountID string) (bool, error) {
	return isAgent(ctx, s.db.Read(), accountID)
}

func isAgent(ctx context.Context, db bun.IDB, accountID string) (bool, error) {
	yes, err := db.NewSelect().Model((*agent)(nil)).Where("account_id = ?", accountID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("ask who works for the agency: %w", err)
	}
	return yes, nil
}

// SetAgent says that a person works for the volunteer agency, or does no more.
// The town hall says so.
func (s *Offers) SetAgent(ctx context.Context, by, accountID string, yes bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		was, err := isAgent(ctx, tx, accountID)
		if err != nil || was == yes {
			return err
		}
		act := "person.agency"
		if yes {
			_, err = tx.NewInsert().Model(&agent{AccountID: accountID, ByAccount: by, Created: s.now()}).Exec(ctx)
		} else {
			act = "person.unagency"
			_, err = tx.NewDelete().Model((*agent)(nil)).Where("account_id = ?", accountID).Exec(ctx)
		}
		if err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act, AccountID: accountID})
	})
	if err != nil {
		return fmt.Errorf("say who works for the agency: %w", err)
	}
	return nil
}

// mustBeAgent gives a problem.Forbidden unless a person works for the agency.
func mustBeAgent(ctx context.Context, db bun.IDB, by string) error {
	yes, err := isAgent(ctx, db, by)
	if err == nil && !yes {
		err = problem.Forbiddenf("%s does not work for the volunteer agency", by)
	}
	return err
}

// mayAsClub gives a problem.Forbidden unless a person speaks for a club. Who looks
// after all clubs for the town hall is no editor, and no person said yes to the
// town hall.
func (s *Offers) mayAsClub(ctx context.Context, db bun.IDB, by, clubID string) error {
	return s.actors.May(ctx, db, by, clubID, actor.Publish)
}

// Given lists the offers that people gave the agency, the latest first.
func (s *Offers) Given(ctx context.Context, by string) ([]*Offer, error) {
	if err := mustBeAgent(ctx, s.db.Read(), by); err != nil {
		return nil, err
	}
	return s.all(ctx, s.db.Read())
}

// FindGiven gives one of these offers by its id, with the name of its person.
func (s *Offers) FindGiven(ctx context.Context, by, id string) (*Offer, error) {
	return s.given(ctx, s.db.Read(), by, id)
}

func (s *Offers) given(ctx context.Context, db bun.IDB, by, id string) (*Offer, error) {
	if err := mustBeAgent(ctx, db, by); err != nil {
		return nil, err
	}
	o := new(Offer)
	return one(ctx, named(db, o).Apply(s.shown).Where("offer.id = ?", id), o)
}

// ForNeed gives the offers that fit an opportunity, to the agency, the best first.
func (s *Offers) ForNeed(ctx context.Context, by string, n *Need) ([]*Fit, error) {
	list, err := s.Given(ctx, by)
	if err != nil {
		return nil, err
	}
	return fitting(list, n), nil
}

// Counts gives how many offers fit each of some opportunities.
func (s *Offers) Counts(ctx context.Context, by string, needs []*Need) (map[string]int, error) {
	list, err := s.Given(ctx, by)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, n := range needs {
		counts[n.ID] = len(fitting(list, n))
	}
	return counts, nil
}

// A Note is what the agency noted about an offer.
type Note struct {
	bun.BaseModel `bun:"table:help_notes,alias:note"`

	ID        string `bun:"id,pk"`
	AccountID string
	ByAccount string
	Content   string
	Created   time.Time
}

// Notes lists what the agency noted about an offer, the latest first.
func (s *Offers) Notes(ctx context.Context, by string, o *Offer) ([]*Note, error) {
	if err := mustBeAgent(ctx, s.db.Read(), by); err != nil {
		return nil, err
	}
	var list []*Note
	if err := s.db.Read().NewSelect().Model(&list).Where("account_id = ?", o.AccountID).Order("created DESC", "id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return list, nil
}

// AddNote notes something about the offer with this id.
func (s *Offers) AddNote(ctx context.Context, by, id, text string) error {
	var errs problem.Fields
	text = short(&errs, "note", markup.Typed(text), maxNote)
	if text == "" {
		errs.Add("note", "Please write what you want to remember.")
	}
	if err := errs.Err(); err != nil {
		return err
	}
	return s.asAgency(ctx, by, id, "offer.note", func(ctx context.Context, tx bun.Tx, o *Offer) error {
		_, err := tx.NewInsert().Model(&Note{ID: uuid.Must(uuid.NewV7()).String(), AccountID: o.AccountID, ByAccount: by, Content: text, Created: s.now()}).Exec(ctx)
		return err
	})
}

// RemoveNote deletes a note about the offer with this id.
func (s *Offers) RemoveNote(ctx context.Context, by, id, noteID string) error {
	return s.asAgency(ctx, by, id, "offer.unnote", func(ctx context.Context, tx bun.Tx, o *Offer) error {
		_, err := tx.NewDelete().Model((*Note)(nil)).Where("id = ?", noteID).Where("account_id = ?", o.AccountID).Exec(ctx)
		return err
	})
}

// asAgency does something to an offer and writes it into the log.
func (s *Offers) asAgency(ctx context.Context, by, id, act string, do func(ctx context.Context, tx bun.Tx, o *Offer) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.given(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, o); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act, AccountID: o.AccountID})
	})
	if err != nil {
		return fmt.Errorf("work on an offer: %w", err)
	}
	return nil
}

// figure is how much of something was done in a month.
type figure struct {
	bun.BaseModel `bun:"table:help_figures,alias:figure"`

	Month string `bun:"month,pk"`
	What  string `bun:"what,pk"`
	N     int
}

// Counted are the names of what is counted in each month.
var Counted = []string{"offered", "renewed", "proposed", "applied", "shown", "declined", "expired", "deleted"}

// count notes that something was done, and not by whom.
func (s *Offers) count(ctx context.Context, tx bun.Tx, what string) error {
	_, err := tx.NewInsert().Model(&figure{Month: s.now().In(s.Zone).Format("2006-01"), What: what, N: 1}).On("CONFLICT (month, what) DO UPDATE").Set("n = figure.n + 1").Exec(ctx)
	if err != nil {
		return fmt.Errorf("count %s: %w", what, err)
	}
	return nil
}

// A Month is what was done in one: N by the names of Counted.
type Month struct {
	First time.Time
	N     map[string]int
}

// Topic is how many offers name a topic, and how many opportunities are about it.
type Topic struct {
	Field         string
	Offers, Needs int
}

// Figures gives numbers in which nobody stands: the last months, the latest first,
// and what is offered and wanted now.
func (s *Offers) Figures(ctx context.Context, by string, months int) (list []Month, topics []Topic, offers, needs int, err error) {
	given, err := s.Given(ctx, by)
	if err != nil {
		return nil, nil, 0, 0, err
	}
	wanted, err := s.Needs(ctx)
	if err != nil {
		return nil, nil, 0, 0, err
	}
	for _, field := range s.Words.Fields {
		t := Topic{Field: field}
		for _, o := range given {
			if o.names(field) {
				t.Offers++
			}
		}
		for _, n := range wanted {
			if n.Field == field {
				t.Needs++
			}
		}
		topics = append(topics, t)
	}
	now := s.now().In(s.Zone)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, s.Zone)
	var rows []figure
	if err := s.db.Read().NewSelect().Model(&rows).Where("month >= ?", first.AddDate(0, 1-months, 0).Format("2006-01")).Scan(ctx); err != nil {
		return nil, nil, 0, 0, fmt.Errorf("read what the agency did: %w", err)
	}
	for i := range months {
		m := Month{First: first.AddDate(0, -i, 0), N: map[string]int{}}
		for _, row := range rows {
			if row.Month == m.First.Format("2006-01") {
				m.N[row.What] = row.N
			}
		}
		list = append(list, m)
	}
	return list, topics, len(given), len(wanted), nil
}
