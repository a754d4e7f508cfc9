package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// registrationLife is how long the link in the letter to who registers works.
const registrationLife = 3 * 24 * time.Hour

// A Registration is what somebody typed who has no account yet: it becomes one
// when the link in the letter is used. It has no password: who types an address
// of somebody else must not have chosen the password of what comes of it.
type Registration struct {
	bun.BaseModel `bun:"table:registrations,alias:registration"`

	TokenHash string `bun:"token_hash,pk"`
	Email     string
	Name      string
	// Club is what was typed of a club, as its form keeps it; "" for a person.
	Club    string
	Expires time.Time
}

// CheckRegistration gives what is wrong with name and mail address of who
// registers, and both in their one form.
func CheckRegistration(name, email string) (n, e string, err error) {
	var errs problem.Fields
	e = checkEmail(&errs, email)
	n = checkName(&errs, name)
	return n, e, errs.Err()
}

func checkEmail(errs *problem.Fields, email string) string {
	email = strings.ToLower(markup.Typed(email))
	if !addresses.MatchString(email) || len(email) > maxAddress {
		errs.Add("email", "This is no mail address; write it like anna@example.org.")
	}
	return email
}

func checkName(errs *problem.Fields, name string) string {
	if name = markup.Typed(name); name == "" || utf8.RuneCountInString(name) > 100 {
		errs.Add("name", "Please give a name of at most 100 characters.")
	}
	return name
}

// Register keeps r until its link is used, and has tell write the letter with
// the token. known is true when there is an account with this address: the
// letter says so, and nobody else learns it. Both ways take the same steps.
func (s *Accounts) Register(ctx context.Context, r Registration, tell func(ctx context.Context, tx bun.Tx, token string, known bool) error) error {
	var err error
	if r.Name, r.Email, err = CheckRegistration(r.Name, r.Email); err != nil {
		return err
	}
	token := rand.Text()
	r.TokenHash, r.Expires = digest(token), s.now().Add(registrationLife)
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		known, err := tx.NewSelect().Model((*Account)(nil)).Where("email = ?", r.Email).Exists(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, token, known)
	})
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// FindRegistration gives what waits for the link with token, and the account
// with its address, nil when there is none. Without such a link it is a
// problem.Gone.
func (s *Accounts) FindRegistration(ctx context.Context, token string) (*Registration, *Account, error) {
	r := new(Registration)
	err := s.db.Read().NewSelect().Model(r).Where("token_hash = ?", digest(token)).Where("expires > ?", s.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, problem.Gonef("this link was used already or is too old")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find registration: %w", err)
	}
	a, err := s.FindEmail(ctx, r.Email)
	if problem.KindOf(err) == problem.NotFound {
		return r, nil, nil
	}
	return r, a, err
}

// Enrol makes the account of r and uses its link up, with all others that went
// to the same address. Of d the role, the password and the language count. also
// does in the same transaction what belongs to it. An address that somebody has
// by now is ErrConnect, one that somebody had until lately ErrReserved.
func (s *Accounts) Enrol(ctx context.Context, r *Registration, d Draft, also func(ctx context.Context, tx bun.Tx, a *Account) error) (*Account, error) {
	d.Email, d.Name = r.Email, r.Name
	return s.join(ctx, d, func(ctx context.Context, tx bun.Tx, a *Account) error {
		if err := s.use(ctx, tx, r); err != nil {
			return err
		}
		return also(ctx, tx, a)
	})
}

// Redeem uses the link of r up for who has an account already; also does in the
// same transaction what belongs to it.
func (s *Accounts) Redeem(ctx context.Context, r *Registration, also func(ctx context.Context, tx bun.Tx) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.use(ctx, tx, r); err != nil {
			return err
		}
		return also(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("use the link of a registration: %w", err)
	}
	return nil
}

// use forgets r with all that was sent of the same address; who else holds a
// link to it comes too late.
func (s *Accounts) use(ctx context.Context, tx bun.Tx, r *Registration) error {
	res, err := tx.NewDelete().Model((*Registration)(nil)).Where("token_hash = ?", r.TokenHash).Where("expires > ?", s.now()).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, problem.Gonef("this link was used already"))
	}
	_, err = tx.NewDelete().Model((*Registration)(nil)).Where("email = ?", r.Email).Exec(ctx)
	return err
}

// join makes an account that nobody of the town hall makes: who it is for has
// shown a link that was sent there.
func (s *Accounts) join(ctx context.Context, d Draft, also func(ctx context.Context, tx bun.Tx, a *Account) error) (*Account, error) {
	var errs problem.Fields
	errs.Merge(s.validate(&d))
	if d.Password == "" {
		s.checkPassword(&errs, d.Password, d.Name, d.Email)
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	a := &Account{
		ID: uuid.Must(uuid.NewV7()).String(), Email: d.Email, Name: d.Name, Role: d.Role, Epoch: rand.Text(), Created: s.now(), PasswordHash: s.hash(d.Password),
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.insert(ctx, tx, a); err != nil {
			return err
		}
		if d.Language != "" {
			if err := s.putLanguage(ctx, tx, a.ID, d.Language); err != nil {
				return err
			}
		}
		return also(ctx, tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	return a, nil
}

// Staff gives the people of the town hall.
func (s *Accounts) Staff(ctx context.Context, db bun.IDB) ([]*Account, error) {
	var list []*Account
	if err := db.NewSelect().Model(&list).Where("role IN (?, ?)", Townhall, Admin).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the people of the town hall: %w", err)
	}
	return list, nil
}

// FindIn gives the account with this id as db has it.
func (s *Accounts) FindIn(ctx context.Context, db bun.IDB, id string) (*Account, error) {
	return s.find(ctx, db, id)
}

// CheckPassword gives what is wrong with a new password of whom the name and the
// mail address are.
func (s *Accounts) CheckPassword(password, name, email string) error {
	var errs problem.Fields
	s.checkPassword(&errs, password, name, email)
	return errs.Err()
}
