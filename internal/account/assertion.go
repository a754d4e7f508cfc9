package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// AskPasskey asks a browser for any passkey of the town: whose it is, the answer
// says.
func (s *Accounts) AskPasskey(ctx context.Context, address string) (*Question, error) {
	if s.party == nil {
		return nil, problem.Unavailablef("there are no passkeys at an address that is no name")
	}
	if err := s.admit(ctx, questionTries(address)); err != nil {
		return nil, err
	}
	options, session, err := s.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	token, err := s.begin(ctx, signsIn, "", session, questionLife)
	return &Question{token, options.Response}, err
}

// errUnknown says that the passkey belongs to nobody here, errLocked that it is
// locked.
var (
	errUnknown = errors.New("nobody here has this passkey")
	errLocked  = errors.New("this passkey is locked")
)

// SignInWithPasskey gives the account whose passkey answered. The user was
// verified by the device, so that it counts for both factors. A passkey that
// seems to have been copied is locked, all sessions of the person end, and the
// person is told.
func (s *Accounts) SignInWithPasskey(ctx context.Context, token, answer string) (*Account, error) {
	session, err := s.answered(ctx, signsIn, "", token, answer)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, unusable()
	}
	var key *Passkey
	var fault error // of ours, which the library would hide
	_, c, err := s.party.ValidatePasskeyLogin(func(rawID, handle []byte) (webauthn.User, error) {
		var who owner
		if who.Account, key, fault = s.holder(ctx, rawID, string(handle)); fault != nil {
			return nil, fault
		}
		who.keys = []*Passkey{key}
		return who, nil
	}, *session, parsed)
	switch {
	case errors.Is(fault, errLocked):
		return nil, locked()
	case errors.Is(fault, errUnknown):
		var errs problem.Fields
		errs.Add("answer", "Nobody here has this passkey. Please take another one, or sign in another way.")
		return nil, errs.Err()
	case fault != nil:
		return nil, fault
	case err != nil:
		return nil, unusable()
	}
	return s.usePasskey(ctx, key, c, parsed.Response.AuthenticatorData.Counter)
}

// holder gives the passkey with this id, and whose it is.
func (s *Accounts) holder(ctx context.Context, rawID []byte, id string) (*Account, *Passkey, error) {
	var list []*Passkey
	err := s.db.Read().NewSelect().Model(&list).Where("credential_id = ?", b64url.EncodeToString(rawID)).Where("account_id = ?", id).Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("find passkey: %w", err)
	}
	if len(list) == 0 {
		return nil, nil, errUnknown
	}
	if !list[0].Ended.IsZero() {
		return nil, nil, errLocked
	}
	a, err := s.Find(ctx, id)
	return a, list[0], err
}

// locked says that the passkey cannot be used any more.
func locked() error {
	var errs problem.Fields
	errs.Add("answer", "This passkey is locked: it seems to have been copied. Please sign in another way, and make a new one.")
	return errs.Err()
}

// usePasskey writes down that the passkey was used, and locks it when its counter did
// not grow (WebAuthn Level 3, 6.1.1 and 7.2 step 22): also when two use it at
// the same time.
func (s *Accounts) usePasskey(ctx context.Context, key *Passkey, c *webauthn.Credential, counter uint32) (*Account, error) {
	copied := false
	var a *Account
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if a, err = s.find(ctx, tx, key.AccountID); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*Passkey)(nil)).Set("sign_count = ?", int64(counter)).Set("backup_state = ?", c.Flags.BackupState).Set("used = ?", s.now()).
			Where("id = ?", key.ID).Where("ended IS NULL").Where("(sign_count < ? OR sign_count = 0 AND ? = 0)", int64(counter), int64(counter)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("use passkey: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		copied = true
		return s.lockPasskey(ctx, tx, a, key)
	})
	if err == nil && copied {
		err = locked()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// lockPasskey locks a passkey that seems to have been copied.
func (s *Accounts) lockPasskey(ctx context.Context, tx bun.Tx, a *Account, key *Passkey) error {
	res, err := tx.NewUpdate().Model((*Passkey)(nil)).Set("ended = ?", s.now()).Where("id = ?", key.ID).Where("ended IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock passkey: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // removed or locked in the meantime
	}
	a.Epoch = newEpoch()
	if _, err := tx.NewUpdate().Model(a).WherePK().Column("epoch").Exec(ctx); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return s.noteAbout(ctx, tx, a, a.ID, EventPasskeyLocked, a.Email, key.Name)
}

// newEpoch ends all sessions of a person.
func newEpoch() string { return rand.Text() }
