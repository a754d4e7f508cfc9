package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The length of a password, in characters.
const (
	minPassword = 8
	maxPassword = 128
)

// maxHashing is how many passwords are hashed at once.
const maxHashing = 2

// How long a one-time link works: one that the town hall hands over, and one
// that somebody asked for who has forgotten the password.
const (
	linkLife  = 7 * 24 * time.Hour
	resetLife = time.Hour
)

// link lets a person in once, to set a password. Only its hash is stored.
type link struct {
	bun.BaseModel `bun:"table:sign_in_links"`
	TokenHash     string `bun:"token_hash,pk"`
	AccountID     string
	Expires       time.Time
}

// SignIn gives the account with this address and password. Every attempt
// counts, by the account and by address, the network address it comes from: too
// many give a problem.TooMany. What is wrong is never said more exactly, and
// takes the same time whether there is such an account or not.
func (s *Accounts) SignIn(ctx context.Context, email, password, address string) (*Account, error) {
	email = strings.ToLower(markup.Typed(email))
	tries := signInTries(email, address)
	if err := s.admit(ctx, tries...); err != nil {
		return nil, err
	}
	a, err := s.FindEmail(ctx, email)
	hash := s.nobody()
	switch {
	case err == nil && a.PasswordHash != "":
		hash = a.PasswordHash
	case err != nil && problem.KindOf(err) != problem.NotFound:
		return nil, err
	}
	if ok := s.matches(hash, password); !ok || a == nil || a.PasswordHash == "" {
		var errs problem.Fields
		errs.Add("password", "Mail address and password do not fit together. Please check both.")
		return nil, errs.Err()
	}
	return a, s.wasRight(ctx, tries)
}

// ConfirmPassword gives nil when the password is that of the person, who is signed in.
// It counts as a try to sign in.
func (s *Accounts) ConfirmPassword(ctx context.Context, id, password, address string) error {
	a, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	tries := signInTries(a.Email, address)
	if err := s.admit(ctx, tries...); err != nil {
		return err
	}
	if a.PasswordHash == "" || !s.matches(a.PasswordHash, password) {
		var errs problem.Fields
		errs.Add("password", "This is not your present password.")
		return errs.Err()
	}
	return s.wasRight(ctx, tries)
}

// SetPassword gives the person another password and ends all sessions and
// one-time links: the account that is returned has another Epoch. That the
// person may is asked before, by whoever calls.
func (s *Accounts) SetPassword(ctx context.Context, id, password string) (*Account, error) {
	a, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	var errs problem.Fields
	if s.checkPassword(&errs, password, a.Name, a.Email); errs.Err() != nil {
		return nil, errs.Err()
	}
	return a, s.setPassword(ctx, a, password, nil)
}

// LinkOwner gives the account that a one-time link lets in, without using it
// up.
func (s *Accounts) LinkOwner(ctx context.Context, token string) (*Account, error) {
	row := new(link)
	err := s.db.Read().NewSelect().Model(row).Where("token_hash = ?", digest(token)).Where("expires > ?", s.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.Gonef("this link was used already or is too old")
	}
	if err != nil {
		return nil, fmt.Errorf("find one-time link: %w", err)
	}
	return s.Find(ctx, row.AccountID)
}

// UseLink sets the password of the account that the one-time link belongs to,
// uses the link up and ends all sessions.
func (s *Accounts) UseLink(ctx context.Context, token, password string) (*Account, error) {
	a, err := s.LinkOwner(ctx, token)
	if err != nil {
		return nil, err
	}
	var errs problem.Fields
	if s.checkPassword(&errs, password, a.Name, a.Email); errs.Err() != nil {
		return nil, errs.Err()
	}
	return a, s.setPassword(ctx, a, password, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*link)(nil)).Where("token_hash = ?", digest(token)).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, problem.Gonef("this link was used already"))
		}
		return nil
	})
}

// Invite gives a new address that lets the person in once; older ones end. The
// person is told: whoever has the link comes in.
func (s *Accounts) Invite(ctx context.Context, by, id string) (oneTimeURL string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, by, a.Role, a.Role); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*link)(nil)).Where("account_id = ?", id).Exec(ctx); err != nil {
			return err
		}
		if oneTimeURL, err = s.putLink(ctx, tx, id, linkLife); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, by, EventLink, a.Email); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.invite", AccountID: id})
	})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return oneTimeURL, nil
}

// RequestReset writes to who has forgotten the password: a link that works for
// an hour. Nobody learns whether there is such an account: in any case one
// transaction is written, and its answer is the same.
func (s *Accounts) RequestReset(ctx context.Context, email, address string) error {
	email = strings.ToLower(markup.Typed(email))
	var errs problem.Fields
	if !addresses.MatchString(email) || len(email) > maxAddress {
		errs.Add("email", "This is no mail address; write it like anna@example.org.")
		return errs.Err()
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.count(ctx, tx, mailTries(address, email)...); err != nil {
			return err
		}
		a := new(Account)
		err := tx.NewSelect().Model(a).Where("email = ?", email).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		link, err := s.putLink(ctx, tx, a.ID, resetLife)
		if err != nil {
			return err
		}
		path := strings.TrimPrefix(link, s.site.Origin)
		return s.message(ctx, tx, Message{Account: a, To: a.Email, Kind: LetterReset, Path: path, Cause: "reset " + digest(path)})
	})
	if err != nil {
		return fmt.Errorf("request reset: %w", err)
	}
	return nil
}

func (s *Accounts) putLink(ctx context.Context, tx bun.Tx, id string, life time.Duration) (string, error) {
	token := rand.Text()
	row := &link{TokenHash: digest(token), AccountID: id, Expires: s.now().Add(life)}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("store one-time link: %w", err)
	}
	return s.site.Origin + "/anmelden/einmal/" + token, nil
}

func (s *Accounts) setPassword(ctx context.Context, a *Account, password string, also func(ctx context.Context, tx bun.Tx) error) error {
	kind := EventPassword
	if a.PasswordHash == "" {
		kind = EventPasswordFirst
	}
	a.PasswordHash = s.hash(password)
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		if _, err := tx.NewUpdate().Model(a).WherePK().Column("password_hash").Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*link)(nil)).Where("account_id = ?", a.ID).Exec(ctx); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, a); err != nil {
			return err
		}
		return s.note(ctx, tx, a, a.ID, kind, a.Email)
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// RemovePassword takes the password of a person away, who signs in another way
// from then on, and ends all sessions and one-time links: the account that is
// returned has another Epoch. The last way in stays.
func (s *Accounts) RemovePassword(ctx context.Context, id string) (a *Account, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockAccount(ctx, tx, id); err != nil {
			return err
		}
		if a, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		if a.PasswordHash == "" {
			return problem.NotFoundf("%s has no password", id)
		}
		w, err := s.ways(ctx, tx, id)
		if err != nil {
			return err
		}
		if w.Count() < 2 {
			return lastWay()
		}
		return s.dropPassword(ctx, tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("remove password: %w", err)
	}
	return a, nil
}

// dropPassword takes a password away, with all sessions and one-time links.
func (s *Accounts) dropPassword(ctx context.Context, tx bun.Tx, a *Account) error {
	had := a.PasswordHash != ""
	a.PasswordHash = ""
	if _, err := tx.NewUpdate().Model(a).WherePK().Column("password_hash").Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*link)(nil)).Where("account_id = ?", a.ID).Exec(ctx); err != nil {
		return err
	}
	if err := s.endSessions(ctx, tx, a); err != nil || !had {
		return err
	}
	return s.note(ctx, tx, a, a.ID, EventPasswordOff, a.Email)
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// The cost of a password: argon2id with 64 MiB and one pass.
const (
	memory, passes, lanes = 64 << 10, 1, 1
	keyLength             = 32
)

var b64 = base64.RawStdEncoding

// hash derives what is stored of a password (PHC string format). One that is
// typed on another keyboard is the same (RFC 8265 4.2).
func (s *Accounts) hash(password string) string { return s.hashOf(norm.NFC.String(password)) }

func (s *Accounts) hashOf(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		b64.EncodeToString(salt), b64.EncodeToString(s.derive(password, salt, memory, passes, lanes)))
}

func (s *Accounts) derive(password string, salt []byte, memory, passes uint32, lanes uint8) []byte {
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, keyLength)
}

// matches tells whether password is the one that hash was derived from.
func (s *Accounts) matches(hash, password string) bool {
	if len(password) > 4*maxPassword {
		password = "" // in bytes; nobody has such a one
	}
	var version int
	var m, t uint32
	var p uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p)
	salt, err3 := b64.DecodeString(parts[4])
	key, err4 := b64.DecodeString(parts[5])
	if errors.Join(err1, err2, err3, err4) != nil || version != argon2.Version {
		return false
	}
	for _, spelling := range spellings(password) {
		if subtle.ConstantTimeCompare(s.derive(spelling, salt, m, t, p), key) == 1 {
			return true
		}
	}
	return false
}

// spellings gives a password as it is hashed, and as hashes from before may have
// it: as a keyboard has sent it.
func spellings(password string) []string {
	all := []string{norm.NFC.String(password)}
	for _, other := range []string{password, norm.NFD.String(password)} {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}
