// Package account keeps the people of a town who may sign in: who they are and
// what role they have. A person has no public actor by that.
//
// It must not know what people publish nor how pages look.
package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The roles of a person.
const (
	Resident = "resident"
	Editor   = "editor"
	// Office is somebody of the town hall who looks after some clubs only.
	Office   = "office"
	Townhall = "townhall"
	Admin    = "admin"
)

// Roles lists them all.
var Roles = []string{Resident, Editor, Office, Townhall, Admin}

// An Account is a person who may sign in.
type Account struct {
	bun.BaseModel `bun:"table:accounts,alias:account"`

	// ID is a UUIDv7.
	ID string `bun:"id,pk"`
	// Email is in lower case.
	Email string
	Name  string
	Role  string
	// PasswordHash is "" for who has not set a password.
	PasswordHash string
	// Epoch is what sessions must carry: another one ends them all.
	Epoch string
	// NewsRead is until when the person has seen what is new.
	NewsRead time.Time `bun:",nullzero"`
	Created  time.Time
}

// Staff tells whether the person belongs to the town hall and looks after all of
// the town.
func (a *Account) Staff() bool { return a.Role == Townhall || a.Role == Admin }

// Hall tells whether the person belongs to the town hall, be it for some clubs
// only.
func (a *Account) Hall() bool { return a.Staff() || a.Role == Office }

// Accounts is the register of people. Make one with New.
type Accounts struct {
	// Asked is told, in its transaction, that somebody waits for a word of the town
	// hall; nil for nobody. It is set once, at the start.
	Asked func(ctx context.Context, tx bun.Tx) error
	// Refused is told, in its transaction, that ForgetRefused has something to do;
	// nil for nobody. It is set once, at the start.
	Refused func(ctx context.Context, tx bun.Tx) error
	// Fallback is the language of who chose none. It is set once, at the start.
	Fallback string

	db   *database.DB
	site actor.Site
	now  func() time.Time
	// hashing bounds how many passwords are hashed at once: each takes 64 MiB.
	hashing chan struct{}
	// nobody is the hash that is compared with when there is no account.
	nobody func() string
	// party is nil where there are no passkeys, service without OpenID Connect.
	party   *webauthn.WebAuthn
	service *Service
	// secret gives the secrets of the town, tell writes to people; see UseSecrets
	// and OnMessage.
	secret func(ctx context.Context, purpose string) ([]byte, error)
	tell   func(ctx context.Context, tx bun.Tx, m Message) error
	traces []Trace
	actors []Trace
	// described are the tables, nil until they are asked for; see tables.
	described atomic.Pointer[map[string]*database.Table]
}

// New gives the register over db.
func New(db *database.DB, site actor.Site) *Accounts {
	s := &Accounts{
		Fallback: Languages[0], db: db, site: site, hashing: make(chan struct{}, maxHashing), party: relyingParty(site),
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
	s.nobody = sync.OnceValue(func() string { return s.hash(rand.Text()) })
	return s
}

// A Draft is what a new account starts from.
type Draft struct {
	Email string
	Name  string
	Role  string
	// Password is "" when the person sets it with a one-time link.
	Password string
	// Language is what the person reads, "" for that of the town.
	Language string
}

// maxAddress is how long a mail address may be, in bytes (RFC 5321 4.5.3.1.3).
const maxAddress = 254

// addresses are what a mail address looks like here: less than RFC 5321 allows,
// so that nothing in it can be taken for a second one, a comment or a route.
var addresses = regexp.MustCompile(`^[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (s *Accounts) validate(d *Draft) error {
	var errs problem.Fields
	d.Email = checkEmail(&errs, d.Email)
	d.Name = checkName(&errs, d.Name)
	if !isRole(d.Role) {
		errs.Add("role", "The role is one of %s.", strings.Join(Roles, ", "))
	}
	if d.Password != "" {
		s.checkPassword(&errs, d.Password, d.Name, d.Email)
	}
	return errs.Err()
}

// SetProfile gives a person another name and language, "" for none, and does
// also in the same transaction what belongs to it; nil is nothing. Wrong ones
// are problem.Fields, and nothing is kept then.
func (s *Accounts) SetProfile(ctx context.Context, id, name, lang string, also func(ctx context.Context, tx bun.Tx) error) error {
	var errs problem.Fields
	name = checkName(&errs, name)
	errs.Merge(checkLanguage(lang))
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewUpdate().Model((*Account)(nil)).Set("name = ?", name).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		if err := s.putLanguage(ctx, tx, id, lang); err != nil || also == nil {
			return err
		}
		return also(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("set profile: %w", err)
	}
	return nil
}

func isRole(role string) bool {
	for _, r := range Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Create stores a new account. Without a password it also gives the address of
// a page that lets the person in once.
func (s *Accounts) Create(ctx context.Context, by string, d Draft) (a *Account, oneTimeURL string, err error) {
	if err := s.validate(&d); err != nil {
		return nil, "", err
	}
	a = &Account{ID: uuid.Must(uuid.NewV7()).String(), Email: d.Email, Name: d.Name, Role: d.Role, Epoch: rand.Text(), Created: s.now()}
	if d.Password != "" {
		a.PasswordHash = s.hash(d.Password)
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayGive(ctx, tx, by, "", d.Role); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, a); err != nil {
			return err
		}
		if err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.add", AccountID: a.ID, Detail: a.Role}); err != nil {
			return err
		}
		if d.Password != "" {
			return nil
		}
		oneTimeURL, err = s.putLink(ctx, tx, a.ID, linkLife)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("create account: %w", err)
	}
	return a, oneTimeURL, nil
}

// insert stores a new account. An address that somebody has is ErrConnect, one
// that somebody had until lately ErrReserved.
func (s *Accounts) insert(ctx context.Context, tx bun.Tx, a *Account) error {
	kept, err := s.reserved(ctx, tx, a.Email)
	if err != nil {
		return err
	}
	if kept {
		return ErrReserved
	}
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		if database.IsConflict(err) {
			return ErrConnect
		}
		return fmt.Errorf("store account: %w", err)
	}
	return nil
}

// mayGive gives a problem.Forbidden unless by may turn a person with the role
// from into one with the role to. The town hall may do it among residents and
// editors, an admin always.
func (s *Accounts) mayGive(ctx context.Context, tx bun.IDB, by, from, to string) error {
	if by == actor.Operator {
		return nil
	}
	who, err := s.find(ctx, tx, by)
	if err != nil {
		return err
	}
	ordinary := func(role string) bool { return role == "" || role == Resident || role == Editor }
	if who.Role == Admin || who.Role == Townhall && ordinary(from) && ordinary(to) {
		return nil
	}
	return problem.Forbiddenf("you may not give this role")
}

// SetRole gives a person another role.
func (s *Accounts) SetRole(ctx context.Context, by, id, role string) error {
	var errs problem.Fields
	if !isRole(role) {
		errs.Add("role", "The role is one of %s.", strings.Join(Roles, ", "))
	}
	if by == id {
		errs.Add("role", "Nobody changes their own role; please ask another admin.")
	}
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, by, a.Role, role); err != nil {
			return err
		}
		if _, err = tx.NewUpdate().Model((*Account)(nil)).Set("role = ?", role).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		if role != Office { // who gets that role again begins with no club
			if _, err := tx.NewDelete().Table("mandates").Where("account_id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.role", AccountID: id, Detail: a.Role + " > " + role})
	})
	if err != nil {
		return fmt.Errorf("set role: %w", err)
	}
	return nil
}

// Find gives the account with this id.
func (s *Accounts) Find(ctx context.Context, id string) (*Account, error) {
	return s.find(ctx, s.db.Read(), id)
}

func (s *Accounts) find(ctx context.Context, db bun.IDB, id string) (*Account, error) {
	a := new(Account)
	err := db.NewSelect().Model(a).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no account %s", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	return a, nil
}

// List gives all accounts by name.
func (s *Accounts) List(ctx context.Context) ([]*Account, error) {
	var list []*Account
	if err := s.db.Read().NewSelect().Model(&list).OrderExpr("LOWER(name), id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

// SetNewsRead remembers until when the person has seen what is new.
func (s *Accounts) SetNewsRead(ctx context.Context, id string, until time.Time) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Account)(nil)).Set("news_read = ?", until.UTC()).Where("id = ?", id).
			Where("news_read IS NULL OR news_read < ?", until.UTC()).Exec(ctx)
		return err
	})
}

// FindEmail gives the account with this address.
func (s *Accounts) FindEmail(ctx context.Context, email string) (*Account, error) {
	a := new(Account)
	err := s.db.Read().NewSelect().Model(a).Where("email = ?", strings.ToLower(markup.Typed(email))).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no account with the address %s", email)
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	return a, nil
}

// findAtOnce is how many accounts are looked for by one statement.
const findAtOnce = 500

// FindAll gives the accounts with these ids, by id; those that are not there are
// left out.
func (s *Accounts) FindAll(ctx context.Context, ids []string) (map[string]*Account, error) {
	all := map[string]*Account{}
	for chunk := range slices.Chunk(ids, findAtOnce) {
		var list []*Account
		if err := s.db.Read().NewSelect().Model(&list).Where("id IN (?)", bun.List(chunk)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("find accounts: %w", err)
		}
		for _, a := range list {
			all[a.ID] = a
		}
	}
	return all, nil
}
