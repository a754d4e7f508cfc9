package account

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// What every app understands (RFC 6238 5.2): steps of 30 seconds, six digits,
// SHA-1. A code of the step before or after counts too.
const (
	totpStep   = 30
	totpDrift  = 1
	secretSize = 20
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// recoveryCodes is how many codes a person gets for the day on which the phone
// is gone.
const recoveryCodes = 10

// factor is the second factor of a person (RFC 6238).
type factor struct {
	bun.BaseModel `bun:"table:factors"`
	AccountID     string `bun:"account_id,pk"`
	Secret        []byte
	// LastStep is that of the last code that was used: none of it or before it
	// counts again.
	LastStep  int64
	Created   time.Time
	Confirmed time.Time `bun:",nullzero"`
}

// recoveryCode works once in place of a code. It has 80 random bits, so a plain
// hash keeps it.
type recoveryCode struct {
	bun.BaseModel `bun:"table:recovery_codes"`
	CodeHash      string `bun:"code_hash,pk"`
	AccountID     string
}

// A Factor is the second factor of a person.
type Factor struct {
	// Since is when it was set up; zero while a first code is awaited.
	Since time.Time
	// Codes is how many recovery codes are left.
	Codes int
}

// On tells whether a code is asked for.
func (f *Factor) On() bool { return f != nil && !f.Since.IsZero() }

// UseSecrets hands in what gives the secrets of the town, by purpose.
func (s *Accounts) UseSecrets(secret func(ctx context.Context, purpose string) ([]byte, error)) {
	s.secret = secret
}

// Factor gives the second factor of a person, nil for none.
func (s *Accounts) Factor(ctx context.Context, id string) (*Factor, error) {
	row, err := s.factor(ctx, s.db.Read(), id)
	if row == nil || err != nil {
		return nil, err
	}
	n, err := s.db.Read().NewSelect().Model((*recoveryCode)(nil)).Where("account_id = ?", id).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count recovery codes: %w", err)
	}
	return &Factor{Since: row.Confirmed, Codes: int(n)}, nil
}

func (s *Accounts) factor(ctx context.Context, db bun.IDB, id string) (*factor, error) {
	row := new(factor)
	err := db.NewSelect().Model(row).Where("account_id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // most people have none
	}
	if err != nil {
		return nil, fmt.Errorf("find second factor: %w", err)
	}
	return row, nil
}

// BeginFactor makes a new secret for a person, who confirms it with a code.
func (s *Accounts) BeginFactor(ctx context.Context, id string) error {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	sealed, err := s.seal(ctx, id, secret)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.factor(ctx, tx, id)
		if err != nil {
			return err
		}
		if row != nil && !row.Confirmed.IsZero() {
			return problem.Conflictf("there is a second factor already")
		}
		if _, err := tx.NewDelete().Model((*factor)(nil)).Where("account_id = ?", id).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&factor{AccountID: id, Secret: sealed, Created: s.now()}).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin second factor: %w", err)
	}
	return nil
}

// CancelFactor forgets a secret that was not confirmed.
func (s *Accounts) CancelFactor(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*factor)(nil)).Where("account_id = ?", id).Where("confirmed IS NULL").Exec(ctx)
		return err
	})
}

// FactorSecret gives the secret that a person is about to enter into an app, as
// text and as the address that the QR code holds; issuer is the town's name.
// When there is none, or one that is confirmed, it is a problem.NotFound.
func (s *Accounts) FactorSecret(ctx context.Context, a *Account, issuer string) (text, address string, err error) {
	row, err := s.factor(ctx, s.db.Read(), a.ID)
	if err != nil {
		return "", "", err
	}
	if row == nil || !row.Confirmed.IsZero() {
		return "", "", problem.NotFoundf("no second factor is being set up")
	}
	secret, err := s.unseal(ctx, row)
	if err != nil {
		return "", "", err
	}
	text = base32.StdEncoding.EncodeToString(secret)
	// The form is that of the wiki of Google Authenticator, which all apps read.
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + strings.ReplaceAll(issuer, ":", " ") + ":" + a.Email}
	u.RawQuery = strings.ReplaceAll(url.Values{"secret": {text}, "issuer": {issuer}}.Encode(), "+", "%20")
	return text, u.String(), nil
}

// ConfirmFactor turns the second factor on, when code is right, and gives the
// recovery codes. They are kept as hashes: nobody can show them again.
func (s *Accounts) ConfirmFactor(ctx context.Context, id, code string) (codes []string, err error) {
	err = s.withCode(ctx, id, code, false, func(ctx context.Context, tx bun.Tx, a *Account, row *factor) error {
		if !row.Confirmed.IsZero() {
			return problem.Conflictf("there is a second factor already")
		}
		row.Confirmed = s.now()
		if _, err := tx.NewUpdate().Model(row).WherePK().Column("confirmed").Exec(ctx); err != nil {
			return err
		}
		if codes, err = s.putRecoveryCodes(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, EventFactorOn, a.Email)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RenewRecoveryCodes gives new recovery codes, and ends the ones from before.
func (s *Accounts) RenewRecoveryCodes(ctx context.Context, id, code string) (codes []string, err error) {
	err = s.withCode(ctx, id, code, true, func(ctx context.Context, tx bun.Tx, a *Account, _ *factor) error {
		if codes, err = s.putRecoveryCodes(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, EventCodes, a.Email)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// EndFactor turns the second factor off.
func (s *Accounts) EndFactor(ctx context.Context, id, code string) error {
	return s.withCode(ctx, id, code, true, func(ctx context.Context, tx bun.Tx, a *Account, _ *factor) error {
		if err := dropFactor(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, EventFactorOff, a.Email)
	})
}

// CheckCode gives nil when code is a right one of the person's app, or one of
// the recovery codes; neither works twice.
func (s *Accounts) CheckCode(ctx context.Context, id, code string) error {
	return s.withCode(ctx, id, code, true, func(context.Context, bun.Tx, *Account, *factor) error { return nil })
}

// TakeFactor takes the second factor of somebody away who has lost it.
func (s *Accounts) TakeFactor(ctx context.Context, by, id string) error {
	if by == id {
		return problem.Forbiddenf("one's own second factor is turned off with a code")
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, by, a.Role, a.Role); err != nil {
			return err
		}
		row, err := s.factor(ctx, tx, id)
		if err != nil {
			return err
		}
		if row == nil {
			return problem.NotFoundf("%s has no second factor", id)
		}
		if err := dropFactor(ctx, tx, id); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, a); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, by, EventFactorTaken, a.Email); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.factor", AccountID: id})
	})
	if err != nil {
		return fmt.Errorf("take second factor: %w", err)
	}
	return nil
}

func dropFactor(ctx context.Context, tx bun.Tx, id string) error {
	for _, model := range []any{(*factor)(nil), (*recoveryCode)(nil)} {
		if _, err := tx.NewDelete().Model(model).Where("account_id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// withCode counts a try, and calls then when code is right: one of the app, or
// with recovery one of the recovery codes. It uses the code up in the same
// transaction.
func (s *Accounts) withCode(ctx context.Context, id, code string, recovery bool, then func(ctx context.Context, tx bun.Tx, a *Account, row *factor) error) error {
	tries := codeTries(id)
	if err := s.admit(ctx, tries...); err != nil {
		return err
	}
	code = strings.NewReplacer(" ", "", "-", "").Replace(markup.Typed(code))
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		row, err := s.factor(ctx, tx, id)
		if err != nil {
			return err
		}
		if row == nil || recovery && row.Confirmed.IsZero() {
			return problem.NotFoundf("%s has no second factor", id)
		}
		right, err := s.useCode(ctx, tx, row, code, recovery)
		if err != nil {
			return err
		}
		if !right {
			var errs problem.Fields
			errs.Add("code", "This code is not right, or it was used already. Please wait for the next one.")
			return errs.Err()
		}
		return then(ctx, tx, a, row)
	})
	if err != nil {
		return err
	}
	return s.forget(ctx, tries[0])
}

// useCode tells whether the code is right, and uses it up.
func (s *Accounts) useCode(ctx context.Context, tx bun.Tx, row *factor, code string, recovery bool) (bool, error) {
	if len(code) != int(totpOptions.Digits) {
		if !recovery {
			return false, nil
		}
		res, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("account_id = ?", row.AccountID).Where("code_hash = ?", digest(strings.ToUpper(code))).Exec(ctx)
		if err != nil {
			return false, err
		}
		n, err := res.RowsAffected()
		return n == 1, err
	}
	secret, err := s.unseal(ctx, row)
	if err != nil {
		return false, err
	}
	step := matchingStep(secret, code, s.now())
	if step <= row.LastStep {
		return false, nil
	}
	row.LastStep = step
	res, err := tx.NewUpdate().Model(row).WherePK().Column("last_step").Where("last_step < ?", step).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// matchingStep gives the step (RFC 6238 4.2) around now whose code this is, -1
// for none.
func matchingStep(secret []byte, code string, now time.Time) int64 {
	found := int64(-1)
	text := base32.StdEncoding.EncodeToString(secret)
	for d := int64(-totpDrift); d <= totpDrift; d++ {
		step := now.Unix()/totpStep + d
		if step < 0 {
			continue
		}
		// It compares in constant time.
		if ok, err := hotp.ValidateCustom(code, uint64(step), text, totpOptions); err == nil && ok {
			found = step
		}
	}
	return found
}

// putRecoveryCodes makes new ones and forgets those from before.
func (s *Accounts) putRecoveryCodes(ctx context.Context, tx bun.Tx, id string) ([]string, error) {
	if _, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("account_id = ?", id).Exec(ctx); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	rows := make([]*recoveryCode, recoveryCodes)
	for i := range codes {
		code := rand.Text()[:16]
		rows[i] = &recoveryCode{CodeHash: digest(code), AccountID: id}
		codes[i] = strings.ToLower(code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:])
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store recovery codes: %w", err)
	}
	return codes, nil
}

// aead gives what seals the secrets of second factors, with a key of the town.
func (s *Accounts) aead(ctx context.Context) (cipher.AEAD, error) {
	if s.secret == nil {
		return nil, errors.New("the secrets of the town were not handed in")
	}
	key, err := s.secret(ctx, "second factors")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a secret for the row of one person.
func (s *Accounts) seal(ctx context.Context, id string, secret []byte) ([]byte, error) {
	a, err := s.aead(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal second factor: %w", err)
	}
	return a.Seal(nil, nil, secret, []byte(id)), nil
}

func (s *Accounts) unseal(ctx context.Context, row *factor) ([]byte, error) {
	a, err := s.aead(ctx)
	if err != nil {
		return nil, fmt.Errorf("open second factor: %w", err)
	}
	secret, err := a.Open(nil, nil, row.Secret, []byte(row.AccountID))
	if err != nil {
		return nil, fmt.Errorf("open second factor: %w", err)
	}
	return secret, nil
}
