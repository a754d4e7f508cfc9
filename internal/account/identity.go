package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// An Identity is who a person is at a sign-in service.
type Identity struct {
	bun.BaseModel `bun:"table:identities,alias:identity"`

	Issuer    string `bun:"issuer,pk"`
	Subject   string `bun:"subject,pk"`
	AccountID string
	// Email is what the service said last.
	Email string
	// Role is what the service gave last, "" for none.
	Role          string
	Created, Used time.Time
}

// What keeps somebody out whom the service knows.
var (
	// ErrConnect says that there is an account with the address, whose owner must
	// sign in and connect it.
	ErrConnect = problem.Conflictf("there is an account with this address, which is not connected")
	// ErrUnverified says that the service has not seen whose the address is.
	ErrUnverified = problem.Forbiddenf("the sign-in service has not verified the address")
	// ErrReserved says that the address was somebody else's until lately, who may
	// take it back.
	ErrReserved = problem.Conflictf("the address was somebody else's until lately")
	// ErrStranger says that who has no account is not let in.
	ErrStranger = problem.Forbiddenf("the person has no account")
)

// Identities gives those of the person.
func (s *Accounts) Identities(ctx context.Context, id string) ([]*Identity, error) {
	var list []*Identity
	if err := s.db.Read().NewSelect().Model(&list).Where("account_id = ?", id).Order("created", "subject").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	return list, nil
}

// Given lists the roles that the sign-in service of the town gave, by account.
func (s *Accounts) Given(ctx context.Context) (map[string]string, error) {
	given := map[string]string{}
	if s.service == nil {
		return given, nil
	}
	var list []*Identity
	err := s.db.Read().NewSelect().Model(&list).Where("issuer = ?", s.service.Issuer).Where("role <> ''").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list given roles: %w", err)
	}
	for _, i := range list {
		given[i.AccountID] = i.Role
	}
	return given, nil
}

// SignInWithService gives the account of the person of whom the service speaks,
// with the role that it gives. An account with the same address is never taken
// for the same person: that is ErrConnect, or ErrUnverified when not even the
// service knows whose the address is. Who has no account gets one, or
// ErrStranger.
func (s *Accounts) SignInWithService(ctx context.Context, said *Said) (a *Account, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		i := new(Identity)
		err := tx.NewSelect().Model(i).Where("issuer = ?", said.Issuer).Where("subject = ?", said.Subject).Scan(ctx)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			a, err = s.newcomer(ctx, tx, said)
			return err
		case err != nil:
			return fmt.Errorf("find identity: %w", err)
		}
		if a, err = s.find(ctx, tx, i.AccountID); err != nil {
			return err
		}
		i.Email, i.Used = said.Email, s.now()
		if err := s.give(ctx, tx, a, i, said.Role); err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(i).WherePK().Column("email", "role", "used").Exec(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// newcomer makes an account for somebody whom only the service knows.
func (s *Accounts) newcomer(ctx context.Context, tx bun.Tx, said *Said) (*Account, error) {
	if !said.Verified {
		return nil, ErrUnverified
	}
	had, err := tx.NewSelect().Model((*Account)(nil)).Where("email = ?", strings.ToLower(said.Email)).Exists(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("find account: %w", err)
	case had:
		return nil, ErrConnect
	case !s.service.NewPeople:
		return nil, ErrStranger
	}
	d := Draft{Email: said.Email, Name: said.Name, Role: Resident}
	if err := s.validate(&d); err != nil {
		return nil, ErrUnverified // an address that is none here was not verified for us
	}
	a := &Account{ID: uuid.Must(uuid.NewV7()).String(), Email: d.Email, Name: d.Name, Role: d.Role, Epoch: newEpoch(), Created: s.now()}
	if err := s.insert(ctx, tx, a); err != nil {
		return nil, err
	}
	return a, s.putIdentity(ctx, tx, a, said)
}

func (s *Accounts) putIdentity(ctx context.Context, tx bun.Tx, a *Account, said *Said) error {
	i := &Identity{Issuer: said.Issuer, Subject: said.Subject, AccountID: a.ID, Email: said.Email, Created: s.now(), Used: s.now()}
	if err := s.give(ctx, tx, a, i, said.Role); err != nil {
		return err
	}
	_, err := tx.NewInsert().Model(i).Exec(ctx)
	if database.IsConflict(err) {
		return problem.Conflictf("this identity is connected already")
	}
	return err
}

// give sets the role of a to what the service gives. A role that it gave before
// and gives no more ends; a role that it never gave stays. The last admin stays
// one: nobody could mend it.
func (s *Accounts) give(ctx context.Context, tx bun.Tx, a *Account, i *Identity, role string) error {
	if s.service.RoleClaim == "" {
		i.Role = ""
		return nil
	}
	want := role
	if want == "" && i.Role != "" {
		want = Resident
	}
	i.Role = role
	if want == "" || want == a.Role {
		return nil
	}
	if a.Role == Admin {
		// Two admins who lose the role at the same time wait for each other here.
		if _, err := tx.NewUpdate().Model((*Account)(nil)).Set("role = role").Where("role = ?", Admin).Exec(ctx); err != nil {
			return fmt.Errorf("lock admins: %w", err)
		}
		others, err := tx.NewSelect().Model((*Account)(nil)).Where("role = ?", Admin).Where("id <> ?", a.ID).Count(ctx)
		if err != nil {
			return fmt.Errorf("count admins: %w", err)
		}
		if others == 0 {
			i.Role = Admin // until there is another one
			return nil
		}
	}
	a.Role = want
	if _, err := tx.NewUpdate().Model(a).WherePK().Column("role").Exec(ctx); err != nil {
		return fmt.Errorf("give role: %w", err)
	}
	return nil
}

// HoldIdentity keeps what the service said until its person signs in and says
// yes; the token is for that browser.
func (s *Accounts) HoldIdentity(ctx context.Context, said *Said) (token string, err error) {
	return s.begin(ctx, connectsService, "", said, heldLife)
}

// Held gives what is kept under token, without using it up.
func (s *Accounts) Held(ctx context.Context, token string) (*Said, error) {
	row := new(ceremony)
	err := s.db.Read().NewSelect().Model(row).Where("token_hash = ?", digest(token)).Where("purpose = ?", connectsService).Where("expires > ?", s.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errExpired
	}
	said := new(Said)
	if err == nil {
		err = row.read(said)
	}
	if err != nil {
		return nil, fmt.Errorf("find held identity: %w", err)
	}
	return said, nil
}

// Connect gives the person the identity that is kept under token.
func (s *Accounts) Connect(ctx context.Context, id, token string) error {
	said := new(Said)
	if _, err := s.take(ctx, connectsService, token, said); err != nil {
		return err
	}
	if s.service == nil || said.Issuer != s.service.Issuer {
		return errExpired
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.putIdentity(ctx, tx, a, said); err != nil {
			return err
		}
		return s.noteAbout(ctx, tx, a, id, EventServiceOn, a.Email, s.service.Name)
	})
	if err != nil {
		return fmt.Errorf("connect identity: %w", err)
	}
	return nil
}

// Disconnect takes an identity from the person, with the role that it gave; the
// last way in stays.
func (s *Accounts) Disconnect(ctx context.Context, id, issuer, subject string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockAccount(ctx, tx, id); err != nil {
			return err
		}
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		i := new(Identity)
		err = tx.NewDelete().Model(i).Where("issuer = ?", issuer).Where("subject = ?", subject).Where("account_id = ?", id).Returning("*").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return problem.NotFoundf("there is no such identity")
		}
		if err != nil {
			return fmt.Errorf("disconnect identity: %w", err)
		}
		if s.service != nil && s.service.Issuer == issuer {
			if err := s.give(ctx, tx, a, i, ""); err != nil {
				return err
			}
		}
		if err := s.keepsAWayIn(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, EventServiceOff, a.Email)
	})
}
