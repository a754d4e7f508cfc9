// Package account keeps the people of a town who may sign in: who they are and
// what role they have. A person has no public actor by that.
//
// It must not know what people publish nor how pages look.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/crypto/argon2"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The roles of a person.
const (
	Resident = "resident"
	Editor   = "editor"
	Townhall = "townhall"
	Admin    = "admin"
)

// Roles lists them all.
var Roles = []string{Resident, Editor, Townhall, Admin}

// The length of a password, in characters.
const (
	minPassword = 8
	maxPassword = 128
)

// linkLife is how long a one-time link works.
const linkLife = 7 * 24 * time.Hour

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
	Created      time.Time
}

// link lets a person in once, to set a password. Only its hash is stored.
type link struct {
	bun.BaseModel `bun:"table:sign_in_links"`
	TokenHash     string `bun:"token_hash,pk"`
	AccountID     string
	Expires       time.Time
}

// Accounts is the register of people. Make one with New.
type Accounts struct {
	db   *database.DB
	site actor.Site
	now  func() time.Time
}

// New gives the register over db.
func New(db *database.DB, site actor.Site) *Accounts {
	return &Accounts{db: db, site: site, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// A Draft is what a new account starts from.
type Draft struct {
	Email string
	Name  string
	Role  string
	// Password is "" when the person sets it with a one-time link.
	Password string
}

func (d *Draft) validate() error {
	var errs problem.Fields
	d.Email = strings.ToLower(strings.TrimSpace(d.Email))
	address, err := mail.ParseAddress(d.Email)
	if err != nil || address.Address != d.Email || strings.ContainsAny(d.Email, "%\"") {
		errs.Add("email", "This is no mail address; write it like anna@example.org.")
	}
	if d.Name = strings.TrimSpace(d.Name); d.Name == "" || utf8.RuneCountInString(d.Name) > 100 {
		errs.Add("name", "Please give a name of at most 100 characters.")
	}
	if !isRole(d.Role) {
		errs.Add("role", "The role is one of "+strings.Join(Roles, ", ")+".")
	}
	if n := utf8.RuneCountInString(d.Password); d.Password != "" && (n < minPassword || n > maxPassword) {
		errs.Add("password", fmt.Sprintf("A password has %d to %d characters.", minPassword, maxPassword))
	}
	return errs.Err()
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
func (s *Accounts) Create(ctx context.Context, d Draft) (a *Account, oneTimeURL string, err error) {
	if err := d.validate(); err != nil {
		return nil, "", err
	}
	a = &Account{ID: uuid.Must(uuid.NewV7()).String(), Email: d.Email, Name: d.Name, Role: d.Role, Created: s.now()}
	token := ""
	if d.Password != "" {
		a.PasswordHash = hash(d.Password)
	} else {
		token = rand.Text()
		oneTimeURL = s.site.Origin + "/anmelden/einmal/" + token
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
			if database.IsConflict(err) {
				return problem.Conflictf("there is an account with the address %s", a.Email)
			}
			return err
		}
		if token == "" {
			return nil
		}
		sum := sha256.Sum256([]byte(token))
		row := &link{TokenHash: hex.EncodeToString(sum[:]), AccountID: a.ID, Expires: s.now().Add(linkLife)}
		_, err := tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("create account: %w", err)
	}
	return a, oneTimeURL, nil
}

// FindEmail gives the account with this address.
func (s *Accounts) FindEmail(ctx context.Context, email string) (*Account, error) {
	a := new(Account)
	err := s.db.Read().NewSelect().Model(a).Where("email = ?", strings.ToLower(strings.TrimSpace(email))).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no account with the address %s", email)
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	return a, nil
}

// hash derives what is stored of a password: argon2id with 64 MiB and one
// pass, the second of OWASP's choices.
func hash(password string) string {
	const memory, passes, lanes, length = 64 << 10, 1, 1, 32
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, passes, memory, lanes, length)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}
