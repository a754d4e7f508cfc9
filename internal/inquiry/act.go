package inquiry

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Correct puts right what somebody says is wrong: the name of an account, and the
// mail address wherever it stands, all or nothing. Without an account name is not
// asked for. What is the same stays.
func (s *Requests) Correct(ctx context.Context, by, id, name, email string) error {
	email = account.CleanEmail(email)
	_, err := s.work(ctx, by, id, "correct", func(ctx context.Context, tx bun.Tx, r *Request) error {
		if r.Checked == "" {
			return errUnchecked
		}
		if !account.IsEmail(email) {
			var errs problem.Fields
			errs.Add("email", "Please give a mail address such as anna@example.org.")
			return errs.Err()
		}
		if r.AccountID != "" {
			if err := s.Accounts.Correct(ctx, tx, by, r.AccountID, name, email); err != nil {
				return err
			}
		}
		if from := r.Contact; from != "" && email != from {
			if _, err := s.Accounts.ReplaceMail(ctx, tx, from, email); err != nil {
				return err
			}
		}
		r.Contact = email
		return s.closeIf(ctx, tx, r, Correction, Mended, "correct")
	})
	return err
}

// closeIf ends a request and tells who asked, if that was what was wanted.
func (s *Requests) closeIf(ctx context.Context, tx bun.Tx, r *Request, wanted, outcome, key string) error {
	if r.Wanted != wanted {
		return nil
	}
	lang, err := s.spoken(ctx, r)
	if err != nil {
		return err
	}
	s.close(r, outcome)
	return s.tell(ctx, tx, r, r.Contact, lang, key, "")
}

// Refetch asks the server of somebody elsewhere for the profile anew.
func (s *Requests) Refetch(ctx context.Context, by, id string) error {
	r, err := s.Find(ctx, by, id)
	if err != nil {
		return err
	}
	if r.ActorID == "" {
		return problem.Invalidf("this request is about nobody on another server")
	}
	if err := s.Person.Refresh(ctx, r.ActorID); err != nil {
		return err
	}
	_, err = s.work(ctx, by, id, "correct", func(ctx context.Context, tx bun.Tx, r *Request) error {
		return s.closeIf(ctx, tx, r, Correction, Mended, "correct")
	})
	return err
}

// Erase deletes what may be deleted of whom the request is about, tells him or
// her, and forgets whose request it was, all or nothing.
func (s *Requests) Erase(ctx context.Context, by, id string) error {
	r, err := s.Find(ctx, by, id)
	if err != nil {
		return err
	}
	if r.Checked == "" {
		return errUnchecked
	}
	if r.AccountID == "" || !r.Open() {
		_, err = s.work(ctx, by, id, "erase", func(ctx context.Context, tx bun.Tx, r *Request) error {
			contact := r.Contact
			if contact != "" {
				if err := s.Person.ForgetMail(ctx, tx, contact); err != nil {
					return err
				}
			}
			if err := s.erased(ctx, tx, r); err != nil {
				return err
			}
			return s.tell(ctx, tx, r, contact, "", "erase", "")
		})
		return err
	}
	return s.Person.Leave(ctx, by, r.AccountID, account.Leaving{
		Before: func(ctx context.Context, tx bun.Tx, a *account.Account) error {
			if r, err = s.toWork(ctx, tx, id); err != nil || r.Contact == "" || r.Contact == a.Email {
				return err
			}
			// It was the person's when the request came, and may be somebody's by now.
			if _, err := s.Accounts.FindEmail(ctx, r.Contact); problem.KindOf(err) != problem.NotFound {
				return err
			}
			return s.Person.ForgetMail(ctx, tx, r.Contact)
		},
		After: func(ctx context.Context, tx bun.Tx, _ *account.Account) error { // the last letter is on its way
			if err := s.erased(ctx, tx, r); err != nil {
				return err
			}
			return s.worked(ctx, tx, by, r, "erase")
		},
	})
}

// erased does what is the same with and without an account.
func (s *Requests) erased(ctx context.Context, tx bun.Tx, r *Request) error {
	if r.ActorID != "" {
		if err := s.Person.ForgetActor(ctx, tx, r.ActorID); err != nil {
			return err
		}
	}
	if err := s.drop(ctx, tx, r.AccountID, r.Contact, r.ActorID); err != nil {
		return err
	}
	s.close(r, Erased)
	r.Contact, r.AccountID, r.ActorID, r.Words = "", "", "", ""
	return nil
}

// Left ends what somebody who leaves has asked for: there is nobody any more whom
// it could be about.
func (s *Requests) Left(ctx context.Context, tx bun.Tx, accountID string) error {
	_, err := tx.NewUpdate().Model((*Request)(nil)).Set("outcome = ?", Erased).Set("answered = ?", s.now()).
		Set("contact = ''").Set("account_id = ''").Set("actor_id = ''").Set("words = ''").
		Where("account_id = ?", accountID).Where("outcome = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("end requests of who leaves: %w", err)
	}
	return nil
}

// Restrict keeps what is stored and lets nothing be done with it: no round letters
// go there, and what somebody wrote elsewhere is not shown.
func (s *Requests) Restrict(ctx context.Context, by, id string) error {
	_, err := s.work(ctx, by, id, "restrict", func(ctx context.Context, tx bun.Tx, r *Request) error {
		if r.Checked == "" {
			return errUnchecked
		}
		if r.Contact == "" && r.AccountID == "" && r.ActorID == "" {
			return problem.Invalidf("this request is about nobody in particular")
		}
		if err := s.drop(ctx, tx, r.AccountID, r.Contact, r.ActorID); err != nil {
			return err
		}
		row := &restriction{ID: uuid.Must(uuid.NewV7()).String(), Contact: r.Contact, AccountID: r.AccountID, ActorID: r.ActorID, ByAccount: account.Decider(by), Created: s.now()}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		if r.ActorID != "" {
			if err := s.Actors.Suspend(ctx, tx, r.ActorID); err != nil && problem.KindOf(err) != problem.Conflict {
				return err
			}
		}
		return s.closeIf(ctx, tx, r, Restriction, Withheld, "restrict")
	})
	return err
}

// drop removes restrictions of the same person.
func (s *Requests) drop(ctx context.Context, tx bun.Tx, accountID, contact, actorID string) error {
	for column, value := range map[string]string{"account_id": accountID, "contact": contact, "actor_id": actorID} {
		if value == "" {
			continue
		}
		if _, err := tx.NewDelete().Model((*restriction)(nil)).Where("? = ?", bun.Ident(column), value).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Restrictions lists whose data is not used, the latest first.
func (s *Requests) restrictions(ctx context.Context) ([]*restriction, error) {
	var list []*restriction
	if err := s.DB.Read().NewSelect().Model(&list).OrderExpr("created DESC, id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list restrictions: %w", err)
	}
	return list, nil
}

// FreeAfter is how long before data is used again its person is told (GDPR,
// Article 18(3)).
const FreeAfter = 7 * 24 * time.Hour

// Free tells whose data is not used that it will be used again after FreeAfter.
// What is gone, or told already, is fine.
func (s *Requests) Free(ctx context.Context, by, id string) error {
	return s.restricted(ctx, by, id, "free", func(ctx context.Context, tx bun.Tx, one *restriction) error {
		if !one.Ends.IsZero() {
			return nil
		}
		one.Ends = s.now().Add(FreeAfter)
		r := &Request{AccountID: one.AccountID, Received: one.Created, Due: one.Ends}
		lang, err := s.spoken(ctx, r)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, r, one.Contact, lang, "free", "")
	})
}

// Hold takes back what Free has said: data goes on not to be used.
func (s *Requests) Hold(ctx context.Context, by, id string) error {
	return s.restricted(ctx, by, id, "hold", func(_ context.Context, _ bun.Tx, one *restriction) error {
		one.Ends = time.Time{}
		return nil
	})
}

// restricted changes a restriction and notes who did it, unless nothing changes.
func (s *Requests) restricted(ctx context.Context, by, id, act string, change func(ctx context.Context, tx bun.Tx, one *restriction) error) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var list []*restriction
		if err := tx.NewSelect().Model(&list).Where("id = ?", id).Scan(ctx); err != nil || len(list) == 0 {
			return err
		}
		one, before := list[0], list[0].Ends
		if err := change(ctx, tx, one); err != nil || one.Ends.Equal(before) {
			return err
		}
		if _, err := tx.NewUpdate().Model(one).Column("ends").WherePK().Exec(ctx); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "request." + act, Target: id})
	})
	if err != nil {
		return fmt.Errorf("change a restriction: %w", err)
	}
	return nil
}

// release lets data be used again whose person was told FreeAfter ago.
func (s *Requests) release(ctx context.Context) error {
	var list []*restriction
	if err := s.DB.Read().NewSelect().Model(&list).Where("ends <= ?", s.now()).Order("ends").Scan(ctx); err != nil {
		return fmt.Errorf("list restrictions that end: %w", err)
	}
	for _, one := range list {
		err := s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			n, err := affected(tx.NewDelete().Model(one).WherePK().Where("ends <= ?", s.now()).Exec(ctx))
			if err != nil || n == 0 || one.ActorID == "" { // held again meanwhile
				return err
			}
			shut, err := s.Person.ShutOut(ctx, tx, one.ActorID)
			if err != nil || shut {
				return err
			}
			if err := s.Actors.Restore(ctx, tx, one.ActorID); err != nil && problem.KindOf(err) != problem.Conflict {
				return err
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("end a restriction: %w", err)
		}
	}
	return nil
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Withholds tells whether what an actor of another server wrote is not shown
// because he or she has asked for it.
func (s *Requests) Withholds(ctx context.Context, db bun.IDB, actorID string) (bool, error) {
	return db.NewSelect().Model((*restriction)(nil)).Where("actor_id = ?", actorID).Exists(ctx)
}

// Restricted tells whether nothing but what must come is written to a mail
// address.
func (s *Requests) Restricted(ctx context.Context, db bun.IDB, email string) (bool, error) {
	return db.NewSelect().Model((*restriction)(nil)).
		Where("contact = ? OR account_id IN (SELECT id FROM accounts WHERE email = ?)", email, email).Exists(ctx)
}
