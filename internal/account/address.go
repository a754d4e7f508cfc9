package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// How long the new address may take to confirm a change, and how long the old
// one may stop it. As long as it may be stopped, nobody else gets the old
// address and it cannot be changed again; one that was stopped bars the next
// for as long.
const (
	addressTime = 3 * 24 * time.Hour
	stopTime    = 7 * 24 * time.Hour
)

// The states of a change of address.
const (
	changeOpen    = "open"
	changeDone    = "done"
	changeStopped = "stopped"
)

// addressChange is the last change of a person's mail address.
type addressChange struct {
	bun.BaseModel `bun:"table:address_changes"`
	AccountID     string `bun:"account_id,pk"`
	OldEmail      string
	NewEmail      string
	TokenHash     string
	StopHash      string
	State         string
	Created       time.Time
	// Expires is until when an open change may be confirmed, a done one stopped,
	// and a stopped one bars the next.
	Expires time.Time
}

// An AddressChange is a change of a mail address that goes on.
type AddressChange struct {
	// Email is the new address; State is open, done or stopped.
	Email, State string
	Until        time.Time
}

// stopReach is how long before a change of the address that was stopped new ways
// to sign in are taken for those of whoever asked for it.
const stopReach = 24 * time.Hour

// dropWaysSince takes away the ways to sign in that were added since a time.
func (s *Accounts) dropWaysSince(ctx context.Context, tx bun.Tx, id string, since time.Time) error {
	for _, table := range []string{"passkeys", "identities", "factors"} {
		if _, err := tx.NewDelete().TableExpr(table).Where("account_id = ?", id).Where("created >= ?", since).Exec(ctx); err != nil {
			return fmt.Errorf("take away ways to sign in: %w", err)
		}
	}
	_, err := tx.NewDelete().TableExpr("recovery_codes").Where("account_id = ?", id).
		Where("account_id NOT IN (SELECT account_id FROM factors)").Exec(ctx)
	if err != nil {
		return fmt.Errorf("take away recovery codes: %w", err)
	}
	return nil
}

// AddressChange gives the change of a person's address that goes on, nil for none.
func (s *Accounts) AddressChange(ctx context.Context, id string) (*AddressChange, error) {
	row, err := s.addressChange(ctx, s.db.Read(), "account_id = ?", id)
	if row == nil || err != nil {
		return nil, err
	}
	return &AddressChange{Email: row.NewEmail, State: row.State, Until: row.Expires}, nil
}

func (s *Accounts) addressChange(ctx context.Context, db bun.IDB, where string, arg any) (*addressChange, error) {
	row := new(addressChange)
	err := db.NewSelect().Model(row).Where(where, arg).Where("expires > ?", s.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // it is rare
	}
	if err != nil {
		return nil, fmt.Errorf("find change of address: %w", err)
	}
	return row, nil
}

// RequestAddress writes to the new address of a person, who follows the link in
// it, and to the old one, which can stop it. Whether the new one has an account
// already is told to that address alone.
func (s *Accounts) RequestAddress(ctx context.Context, id, email, address string) error {
	email = strings.ToLower(markup.Typed(email))
	var errs problem.Fields
	if !addresses.MatchString(email) || len(email) > maxAddress {
		errs.Add("email", "This is no mail address; write it like anna@example.org.")
		return errs.Err()
	}
	token, stop := rand.Text(), rand.Text()
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Email == email {
			errs.Add("email", "This is your address already; please give another one.")
			return errs.Err()
		}
		before, err := s.addressChange(ctx, tx, "account_id = ?", id)
		if err != nil {
			return err
		}
		if before != nil && before.State != changeOpen {
			errs.Add("email", "The address was changed or stopped only lately; please try again in a week.")
			return errs.Err()
		}
		if err := s.count(ctx, tx, mailTries(address, email)...); err != nil {
			return err
		}
		taken, err := s.taken(ctx, tx, email)
		if err != nil {
			return err
		}
		row := &addressChange{
			AccountID: id, OldEmail: a.Email, NewEmail: email, TokenHash: digest(token), StopHash: digest(stop),
			State: changeOpen, Created: s.now(), Expires: s.now().Add(addressTime),
		}
		if _, err := tx.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		m := Message{Account: a, To: email, Kind: LetterAddressNew, Path: "/konto/adresse/" + token, Cause: "address " + row.TokenHash}
		if taken {
			m.Kind, m.Path = LetterAddressTaken, ""
		}
		if err := s.message(ctx, tx, m); err != nil {
			return err
		}
		return s.message(ctx, tx, Message{Account: a, To: a.Email, Kind: LetterAddressOld, Path: "/anmelden/adresse/" + stop, Cause: "address " + row.StopHash})
	})
	if err != nil {
		return fmt.Errorf("request address: %w", err)
	}
	return nil
}

// taken tells whether an address belongs to somebody, or did until lately and
// may be taken back.
func (s *Accounts) taken(ctx context.Context, tx bun.Tx, email string) (bool, error) {
	n, err := tx.NewSelect().Model((*Account)(nil)).Where("email = ?", email).Count(ctx)
	if err != nil || n > 0 {
		return n > 0, err
	}
	return s.reserved(ctx, tx, email)
}

// reserved tells whether an address was somebody's until lately, who may take it
// back: nobody else gets it.
func (s *Accounts) reserved(ctx context.Context, tx bun.Tx, email string) (bool, error) {
	row, err := s.addressChange(ctx, tx, "state = 'done' AND old_email = ?", email)
	return row != nil, err
}

// WithdrawAddress gives up a change that is open.
func (s *Accounts) WithdrawAddress(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*addressChange)(nil)).Where("account_id = ?", id).Where("state = ?", changeOpen).Exec(ctx)
		return err
	})
}

// FindAddress gives the new address that the person confirms with the link,
// without using it up; a problem.Gone when it does not work any more.
func (s *Accounts) FindAddress(ctx context.Context, id, token string) (string, error) {
	row, err := s.openChange(ctx, s.db.Read(), id, token)
	if err != nil {
		return "", err
	}
	return row.NewEmail, nil
}

func (s *Accounts) openChange(ctx context.Context, db bun.IDB, id, token string) (*addressChange, error) {
	row, err := s.addressChange(ctx, db, "account_id = ?", id)
	if err != nil {
		return nil, err
	}
	if row == nil || row.State != changeOpen || row.TokenHash != digest(token) {
		return nil, problem.Gonef("this link was used already, stopped or is too old")
	}
	return row, nil
}

// ConfirmAddress gives the person the new address. Only who is signed in as the
// person does so: whoever else got the letter by mistake gets no account.
func (s *Accounts) ConfirmAddress(ctx context.Context, id, token string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Whoever stops it at this moment comes before or after.
		if err := lockAccount(ctx, tx, id); err != nil {
			return err
		}
		row, err := s.openChange(ctx, tx, id, token)
		if err != nil {
			return err
		}
		if taken, err := s.taken(ctx, tx, row.NewEmail); err != nil || taken {
			return errors.Join(err, problem.Gonef("the address %s belongs to another account", row.NewEmail))
		}
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		row.State, row.Expires = changeDone, s.now().Add(stopTime)
		if _, err := tx.NewUpdate().Model(row).WherePK().Column("state", "expires").Exec(ctx); err != nil {
			return err
		}
		if err := s.setEmail(ctx, tx, a, row.NewEmail); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, EventAddress, row.NewEmail)
	})
	if err != nil {
		return fmt.Errorf("confirm address: %w", err)
	}
	return nil
}

// setEmail gives a another address; links that went to the one from before end.
func (s *Accounts) setEmail(ctx context.Context, tx bun.Tx, a *Account, email string) error {
	a.Email = email
	if _, err := tx.NewUpdate().Model(a).WherePK().Column("email").Exec(ctx); err != nil {
		if database.IsConflict(err) {
			return problem.Gonef("the address %s belongs to another account", email)
		}
		return err
	}
	_, err := tx.NewDelete().Model((*link)(nil)).Where("account_id = ?", a.ID).Exec(ctx)
	return err
}

// SetAddress gives a person another address at once, for a town that sends no
// mail: who does it answers for whose it is. A change that goes on ends. Both
// addresses are told where the town sends mail.
func (s *Accounts) SetAddress(ctx context.Context, by, id, email string) error {
	var errs problem.Fields
	if email = checkEmail(&errs, email); errs.Err() != nil {
		return errs.Err()
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.toMend(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if a.Email == email {
			errs.Add("email", "This is your address already; please give another one.")
			return errs.Err()
		}
		return s.moveAddress(ctx, tx, by, a, email)
	})
	if err != nil {
		return fmt.Errorf("set address: %w", err)
	}
	return nil
}

// Correct gives a person the name and the mail address that he or she says are
// right, as SetAddress does; what is the same stays. What is wrong is
// problem.Fields at "name" and "email".
func (s *Accounts) Correct(ctx context.Context, tx bun.Tx, by, id, name, email string) error {
	var errs problem.Fields
	name, email = checkName(&errs, name), checkEmail(&errs, email)
	if err := errs.Err(); err != nil {
		return err
	}
	a, err := s.toMend(ctx, tx, by, id)
	if err != nil {
		return err
	}
	if name != a.Name {
		a.Name = name
		if _, err := tx.NewUpdate().Model(a).WherePK().Column("name").Exec(ctx); err != nil {
			return fmt.Errorf("correct the name of a person: %w", err)
		}
	}
	if email == a.Email {
		return nil
	}
	err = s.moveAddress(ctx, tx, by, a, email)
	if kind := problem.KindOf(err); kind == problem.Conflict || kind == problem.Gone {
		errs.Add("email", "This address belongs to another account; please check how it is written.")
		return errs.Err()
	}
	return err
}

// toMend gives a person of whom by may set what he or she is called.
func (s *Accounts) toMend(ctx context.Context, tx bun.Tx, by, id string) (*Account, error) {
	if err := lockAccount(ctx, tx, id); err != nil {
		return nil, err
	}
	a, err := s.find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return a, s.mayGive(ctx, tx, by, a.Role, a.Role)
}

// moveAddress gives a another address, ends a change that goes on, and tells the
// old one.
func (s *Accounts) moveAddress(ctx context.Context, tx bun.Tx, by string, a *Account, email string) error {
	if _, err := tx.NewDelete().Model((*addressChange)(nil)).Where("account_id = ?", a.ID).Exec(ctx); err != nil {
		return err
	}
	if taken, err := s.taken(ctx, tx, email); err != nil || taken {
		return errors.Join(err, problem.Conflictf("the address %s belongs to another account", email))
	}
	old := a.Email
	if err := s.setEmail(ctx, tx, a, email); err != nil {
		return err
	}
	if err := s.message(ctx, tx, Message{Account: a, To: old, Kind: LetterAddressMoved, Cause: "address moved " + rand.Text()}); err != nil {
		return err
	}
	return s.note(ctx, tx, a, by, EventAddress, email)
}

// FindStop gives the change that the link in the letter to the old address
// stops; a problem.Gone when it does not work any more.
func (s *Accounts) FindStop(ctx context.Context, token string) (*AddressChange, error) {
	row, err := s.stoppable(ctx, s.db.Read(), token)
	if err != nil {
		return nil, err
	}
	return &AddressChange{Email: row.NewEmail, State: row.State, Until: row.Expires}, nil
}

func (s *Accounts) stoppable(ctx context.Context, db bun.IDB, token string) (*addressChange, error) {
	row, err := s.addressChange(ctx, db, "stop_hash = ?", digest(token))
	if err != nil {
		return nil, err
	}
	if row == nil || row.State == changeStopped {
		return nil, problem.Gonef("this link was used already or is too old")
	}
	return row, nil
}

// StopAddress stops a change, takes one that was done back, and ends all
// sessions and the password: somebody knew it. It gives the address of a page on
// which the owner of the old address sets another one.
func (s *Accounts) StopAddress(ctx context.Context, token string) (oneTimeURL string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.stoppable(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := lockAccount(ctx, tx, row.AccountID); err != nil {
			return err
		}
		if row, err = s.stoppable(ctx, tx, token); err != nil { // confirmed meanwhile?
			return err
		}
		a, err := s.find(ctx, tx, row.AccountID)
		if err != nil {
			return err
		}
		if row.State == changeDone {
			if err := s.setEmail(ctx, tx, a, row.OldEmail); err != nil {
				return err
			}
		}
		row.State, row.Expires = changeStopped, s.now().Add(stopTime)
		if _, err := tx.NewUpdate().Model(row).WherePK().Column("state", "expires").Exec(ctx); err != nil {
			return err
		}
		a.PasswordHash = ""
		if _, err := tx.NewUpdate().Model(a).WherePK().Column("password_hash").Exec(ctx); err != nil {
			return err
		}
		if err := s.dropWaysSince(ctx, tx, a.ID, row.Created.Add(-stopReach)); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, a); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, a.ID, EventAddressStopped, a.Email); err != nil {
			return err
		}
		oneTimeURL, err = s.putLink(ctx, tx, a.ID, resetLife)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("stop address: %w", err)
	}
	return oneTimeURL, nil
}
