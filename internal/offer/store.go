package offer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// one gives the offer that a query finds.
func one(ctx context.Context, q *bun.SelectQuery, o *Offer) (*Offer, error) {
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no such offer")
	}
	if err != nil {
		return nil, fmt.Errorf("find offer: %w", err)
	}
	return o, nil
}

// Own gives the offer of a person; problem.NotFound for none.
func (s *Offers) Own(ctx context.Context, accountID string) (*Offer, error) {
	return s.own(ctx, s.db.Read(), accountID)
}

func (s *Offers) own(ctx context.Context, db bun.IDB, accountID string) (*Offer, error) {
	o := new(Offer)
	return one(ctx, db.NewSelect().Model(o).Where("offer.account_id = ?", accountID), o)
}

// named begins a query on offers with the names of their people.
func named(db bun.IDB, model any) *bun.SelectQuery {
	return db.NewSelect().Model(model).ColumnExpr("offer.*").ColumnExpr("accounts.name AS name").Join("JOIN accounts ON accounts.id = offer.account_id")
}

// Put keeps what a person offers: a new offer, or other words for the one that is
// there. Either runs a whole term from now on.
func (s *Offers) Put(ctx context.Context, accountID, name string, d Draft) (*Offer, error) {
	var o *Offer
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "offer "+accountID); err != nil {
			return err
		}
		var err error
		o, err = s.own(ctx, tx, accountID)
		fresh := problem.KindOf(err) == problem.NotFound
		if fresh {
			o, err = &Offer{AccountID: accountID, ID: uuid.Must(uuid.NewV7()).String(), State: Open, Created: s.now()}, nil
		}
		if err != nil {
			return err
		}
		if err := s.apply(o, d, name); err != nil {
			return err
		}
		o.Changed = s.now()
		if fresh || o.State == Expired {
			if err := s.count(ctx, tx, "offered"); err != nil {
				return err
			}
			o.State = Open
		}
		if err := s.prolong(ctx, tx, o); err != nil {
			return err
		}
		if fresh {
			_, err = tx.NewInsert().Model(o).Exec(ctx)
			return err
		}
		return s.update(ctx, tx, o)
	})
	if err != nil {
		return nil, fmt.Errorf("keep offer: %w", err)
	}
	return o, nil
}

// prolong lets an offer run a whole term from now on.
func (s *Offers) prolong(ctx context.Context, db bun.IDB, o *Offer) error {
	term, err := s.Term(ctx, db)
	o.Until, o.Asked, o.Ended = s.now().Add(term), time.Time{}, time.Time{}
	return err
}

func (s *Offers) update(ctx context.Context, tx bun.Tx, o *Offer) error {
	_, err := tx.NewUpdate().Model(o).WherePK().Exec(ctx)
	return err
}

// change does something to the offer of a person.
func (s *Offers) change(ctx context.Context, accountID string, do func(ctx context.Context, tx bun.Tx, o *Offer) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "offer "+accountID); err != nil {
			return err
		}
		o, err := s.own(ctx, tx, accountID)
		if err != nil {
			return err
		}
		return do(ctx, tx, o)
	})
	if err != nil {
		return fmt.Errorf("change offer: %w", err)
	}
	return nil
}

// Pause hides an offer from everybody but its person until Resume.
func (s *Offers) Pause(ctx context.Context, accountID string) error {
	return s.change(ctx, accountID, func(ctx context.Context, tx bun.Tx, o *Offer) error {
		if o.State != Open {
			return nil
		}
		o.State = Paused
		return s.update(ctx, tx, o)
	})
}

// Resume shows an offer again.
func (s *Offers) Resume(ctx context.Context, accountID string) error {
	return s.change(ctx, accountID, func(ctx context.Context, tx bun.Tx, o *Offer) error {
		if o.State != Paused {
			return nil
		}
		o.State = Open
		return s.update(ctx, tx, o)
	})
}

// Renew lets an offer run a whole term from now on. One that had run out is open
// again, one that is paused stays so.
func (s *Offers) Renew(ctx context.Context, accountID string) error {
	return s.change(ctx, accountID, s.renew)
}

func (s *Offers) renew(ctx context.Context, tx bun.Tx, o *Offer) error {
	if o.State == Expired {
		o.State = Open
	}
	if err := s.prolong(ctx, tx, o); err != nil {
		return err
	}
	if err := s.count(ctx, tx, "renewed"); err != nil {
		return err
	}
	return s.update(ctx, tx, o)
}

// RenewByID is Renew by the id of the offer, for the link of a letter. An offer
// that is not there any more gives problem.Gone.
func (s *Offers) RenewByID(ctx context.Context, id string) error {
	o, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	return s.Renew(ctx, o.AccountID)
}

// ByID gives the offer with this id, for the link of a letter; problem.Gone when
// it is not there any more.
func (s *Offers) ByID(ctx context.Context, id string) (*Offer, error) {
	o := new(Offer)
	o, err := one(ctx, s.db.Read().NewSelect().Model(o).Where("offer.id = ?", id), o)
	if problem.KindOf(err) == problem.NotFound {
		return nil, problem.Gonef("the offer %s is not there any more", id)
	}
	return o, err
}

// Delete forgets the offer of a person, with all that was shown, proposed and
// noted about it.
func (s *Offers) Delete(ctx context.Context, accountID string) error {
	err := s.change(ctx, accountID, func(ctx context.Context, tx bun.Tx, o *Offer) error {
		if err := s.count(ctx, tx, "deleted"); err != nil {
			return err
		}
		return forget(ctx, tx, accountID)
	})
	if problem.KindOf(err) == problem.NotFound {
		return nil // it was pressed twice
	}
	return err
}

// forget deletes all that there is about the offer of a person.
func forget(ctx context.Context, tx bun.Tx, accountID string) error {
	for _, table := range []string{"help_notes", "help_proposals", "help_consents", "help_offers"} {
		if _, err := tx.NewDelete().Table(table).Where("account_id = ?", accountID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// consent is a yes of a person to a club.
type consent struct {
	bun.BaseModel `bun:"table:help_consents,alias:consent"`

	AccountID string `bun:"account_id,pk"`
	ClubID    string `bun:"club_id,pk"`
	Created   time.Time
}

// Show lets a club see the offer of a person with the name, or lets it see it no
// more.
func (s *Offers) Show(ctx context.Context, accountID, clubID string, yes bool) error {
	return s.change(ctx, accountID, func(ctx context.Context, tx bun.Tx, _ *Offer) error {
		if !yes {
			// With the yes ends what the club has proposed because of it.
			_, err := tx.NewUpdate().Model((*Proposal)(nil)).Set("state = ?", Withdrawn).Set("decided = ?", s.now()).
				Where("account_id = ?", accountID).Where("club_id = ?", clubID).Where("by_club").Where("state = ?", Proposed).Exec(ctx)
			if err != nil {
				return err
			}
			_, err = tx.NewDelete().Model((*consent)(nil)).Where("account_id = ?", accountID).Where("club_id = ?", clubID).Exec(ctx)
			return err
		}
		return s.show(ctx, tx, accountID, clubID)
	})
}

func (s *Offers) show(ctx context.Context, tx bun.Tx, accountID, clubID string) error {
	_, err := tx.NewInsert().Model(&consent{AccountID: accountID, ClubID: clubID, Created: s.now()}).On("CONFLICT (account_id, club_id) DO NOTHING").Exec(ctx)
	return err
}

// ShownTo gives the ids of the clubs that may see the offer of a person, in the
// order in which they were named.
func (s *Offers) ShownTo(ctx context.Context, accountID string) ([]string, error) {
	var ids []string
	err := s.db.Read().NewSelect().Model((*consent)(nil)).Column("club_id").Where("account_id = ?", accountID).Order("created", "club_id").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list who may see an offer: %w", err)
	}
	return ids, nil
}

// shown narrows a query on offers to those that others may see: not those of
// people who want their data kept and not used (GDPR, Article 18).
func (s *Offers) shown(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("offer.state = ?", Open).Where("offer.until > ?", s.now()).Where(retention.Used("offer.account_id", "", ""))
}

// Public lists what everybody may read, the newest first, without anything that
// says whose it is.
func (s *Offers) Public(ctx context.Context, limit int) ([]*Offer, error) {
	var list []*Offer
	err := s.db.Read().NewSelect().Model(&list).Apply(s.shown).Where("offer.public").Order("offer.changed DESC", "offer.id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list public offers: %w", err)
	}
	for i, o := range list {
		list[i] = o.Nameless()
	}
	return list, nil
}
