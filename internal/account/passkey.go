package account

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	// questionLife is how long a browser may take to answer.
	questionLife = 5 * time.Minute
	// maxPasskeys is how many a person may have, and maxPasskeyName how long the
	// name of one is, in characters.
	maxPasskeys    = 20
	maxPasskeyName = 60
	// maxAnswer is how long the answer of a browser may be, in bytes.
	maxAnswer = 64 << 10
)

// A Passkey is a key on a device or in a password store of a person, with which
// he or she signs in without a password (WebAuthn Level 3).
type Passkey struct {
	bun.BaseModel `bun:"table:passkeys,alias:passkey"`

	// ID is a UUIDv7.
	ID        string `bun:"id,pk"`
	AccountID string
	// Name is what the person calls it.
	Name string
	// CredentialID is in base64url without padding.
	CredentialID string
	PublicKey    []byte
	// SignCount grows with each use, or is always 0.
	SignCount int64
	AAGUID    string `bun:"aaguid"`
	// Transports are separated by commas.
	Transports                  string
	BackupEligible, BackupState bool
	Created                     time.Time
	// Used is the last use, zero before the first. Ended is when it was locked,
	// because it seems to have been copied; zero for a good one.
	Used  time.Time `bun:",nullzero"`
	Ended time.Time `bun:",nullzero"`
}

var b64url = base64.RawURLEncoding

// relyingParty gives what the town is to passkeys; nil where browsers make none:
// at an address that is no name.
func relyingParty(site actor.Site) *webauthn.WebAuthn {
	u, err := url.Parse(site.Origin)
	if err != nil {
		return nil
	}
	name := site.Name
	if name == "" {
		name = u.Hostname()
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{site.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
		// Password stores say more than they were asked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil
	}
	return w
}

// PasskeysReady tells whether browsers make passkeys for the address of the
// town.
func (s *Accounts) PasskeysReady() bool { return s.party != nil }

// A Question is what a browser is asked: the options for
// navigator.credentials, and the token that goes back with the answer.
type Question struct {
	Token   string `json:"token"`
	Options any    `json:"options"`
}

// owner is a person as the library sees one.
type owner struct {
	*Account
	keys []*Passkey
}

func (o owner) WebAuthnID() []byte          { return []byte(o.ID) }
func (o owner) WebAuthnName() string        { return o.Email }
func (o owner) WebAuthnDisplayName() string { return o.Name }
func (o owner) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(o.keys))
	for _, k := range o.keys {
		list = append(list, k.credential())
	}
	return list
}

func (k *Passkey) credential() webauthn.Credential {
	id, _ := b64url.DecodeString(k.CredentialID) // we wrote it
	aaguid, _ := hex.DecodeString(k.AAGUID)
	c := webauthn.Credential{
		ID: id, PublicKey: k.PublicKey, AttestationType: "none", AttestationFormat: "none",
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.BackupEligible, BackupState: k.BackupState},
		Authenticator: webauthn.Authenticator{AAGUID: aaguid, SignCount: uint32(k.SignCount)}, //nolint:gosec // it came from one
	}
	for t := range strings.SplitSeq(k.Transports, ",") {
		if t != "" {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return c
}

// Passkeys gives those of the person, the oldest first, with those that are
// locked.
func (s *Accounts) Passkeys(ctx context.Context, id string) ([]*Passkey, error) {
	return passkeys(ctx, s.db.Read(), id)
}

func passkeys(ctx context.Context, db bun.IDB, id string) ([]*Passkey, error) {
	var list []*Passkey
	if err := db.NewSelect().Model(&list).Where("account_id = ?", id).Order("created", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return list, nil
}

// AskNewPasskey asks the browser of the person for a new passkey.
func (s *Accounts) AskNewPasskey(ctx context.Context, id, address string) (*Question, error) {
	if s.party == nil {
		return nil, problem.Unavailablef("there are no passkeys at an address that is no name")
	}
	if err := s.admit(ctx, questionTries(address)); err != nil {
		return nil, err
	}
	a, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	who := owner{Account: a}
	if who.keys, err = s.Passkeys(ctx, id); err != nil {
		return nil, err
	}
	var had []protocol.CredentialDescriptor
	for _, c := range who.WebAuthnCredentials() {
		had = append(had, c.Descriptor())
	}
	options, session, err := s.party.BeginRegistration(who, webauthn.WithExclusions(had))
	if err != nil {
		return nil, fmt.Errorf("ask for a new passkey: %w", err)
	}
	token, err := s.begin(ctx, addsPasskey, id, session, questionLife)
	return &Question{token, options.Response}, err
}

// A NewPasskey is the answer to AskNewPasskey, with the name that the person
// gives the passkey.
type NewPasskey struct{ Name, Token, Answer string }

// AddPasskey adds a passkey to those of the person.
func (s *Accounts) AddPasskey(ctx context.Context, id string, n NewPasskey) error {
	key, err := s.newPasskey(ctx, id, n)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.putPasskey(ctx, tx, key); err != nil {
			return err
		}
		return s.notePasskey(ctx, tx, id, EventPasskeyOn)
	})
}

// UseLinkForPasskey adds a passkey in place of a password to the account that
// the one-time link belongs to, uses the link up and ends all sessions. A
// password that was there ends too: who knows the old one stays out.
func (s *Accounts) UseLinkForPasskey(ctx context.Context, token string, n NewPasskey) (*Account, error) {
	a, err := s.LinkOwner(ctx, token)
	if err != nil {
		return nil, err
	}
	key, err := s.newPasskey(ctx, a.ID, n)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*link)(nil)).Where("token_hash = ?", digest(token)).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return problem.Gonef("this link was used already")
		}
		if err := s.putPasskey(ctx, tx, key); err != nil {
			return err
		}
		if err := s.dropPassword(ctx, tx, a); err != nil {
			return err
		}
		return s.notePasskey(ctx, tx, a.ID, EventPasskeyOn)
	})
	if err != nil {
		return nil, fmt.Errorf("use link for a passkey: %w", err)
	}
	return a, nil
}

// newPasskey makes a passkey of the answer of a browser.
func (s *Accounts) newPasskey(ctx context.Context, id string, n NewPasskey) (*Passkey, error) {
	var errs problem.Fields
	if n.Name = markup.Typed(n.Name); n.Name == "" || utf8.RuneCountInString(n.Name) > maxPasskeyName {
		errs.Add("name", "Please give the passkey a name of at most %d characters.", maxPasskeyName)
		return nil, errs.Err()
	}
	session, err := s.answered(ctx, addsPasskey, id, n.Token, n.Answer)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(n.Answer))
	if err != nil {
		return nil, unusable()
	}
	a, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := s.party.CreateCredential(owner{Account: a}, *session, parsed)
	if err != nil {
		return nil, unusable()
	}
	key := &Passkey{
		ID: uuid.Must(uuid.NewV7()).String(), AccountID: id, Name: n.Name, CredentialID: b64url.EncodeToString(c.ID), PublicKey: c.PublicKey,
		SignCount: int64(c.Authenticator.SignCount), AAGUID: hex.EncodeToString(c.Authenticator.AAGUID),
		BackupEligible: c.Flags.BackupEligible, BackupState: c.Flags.BackupState, Created: s.now(),
	}
	var transports []string
	for _, t := range c.Transport {
		transports = append(transports, string(t))
	}
	key.Transports = strings.Join(transports, ",")
	return key, nil
}

// answered gives what was asked, once, when it was asked of the person id.
func (s *Accounts) answered(ctx context.Context, purpose, id, token, answer string) (*webauthn.SessionData, error) {
	if s.party == nil {
		return nil, problem.Unavailablef("there are no passkeys at an address that is no name")
	}
	var errs problem.Fields
	if answer == "" || len(answer) > maxAnswer {
		errs.Add("answer", "Your browser did not answer. Please allow JavaScript for this page, or sign in another way.")
		return nil, errs.Err()
	}
	session := new(webauthn.SessionData)
	asked, err := s.take(ctx, purpose, token, session)
	if problem.KindOf(err) == problem.Gone || err == nil && asked != id {
		errs.Add("answer", "That took too long, or was sent twice. Please try again.")
		return nil, errs.Err()
	}
	return session, err
}

// unusable says that the answer of a browser proves nothing.
func unusable() error {
	var errs problem.Fields
	errs.Add("answer", "This passkey does not work here. Please try again, or take another one.")
	return errs.Err()
}

func (s *Accounts) putPasskey(ctx context.Context, tx bun.Tx, key *Passkey) error {
	if err := lockAccount(ctx, tx, key.AccountID); err != nil {
		return err
	}
	n, err := tx.NewSelect().Model((*Passkey)(nil)).Where("account_id = ?", key.AccountID).Count(ctx)
	if err != nil {
		return fmt.Errorf("count passkeys: %w", err)
	}
	var errs problem.Fields
	if n >= maxPasskeys {
		errs.Add("name", "You have %d passkeys already. Please remove one first.", maxPasskeys)
		return errs.Err()
	}
	if _, err = tx.NewInsert().Model(key).Exec(ctx); database.IsConflict(err) {
		errs.Add("answer", "This passkey is there already.")
		return errs.Err()
	} else if err != nil {
		return fmt.Errorf("store passkey: %w", err)
	}
	return nil
}

// RemovePasskey removes one of the person's passkeys; the last way in stays.
func (s *Accounts) RemovePasskey(ctx context.Context, id, passkeyID string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockAccount(ctx, tx, id); err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*Passkey)(nil)).Where("id = ?", passkeyID).Where("account_id = ?", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove passkey: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return problem.NotFoundf("there is no passkey %s", passkeyID)
		}
		if err := s.keepsAWayIn(ctx, tx, id); err != nil {
			return err
		}
		return s.notePasskey(ctx, tx, id, EventPasskeyOff)
	})
}

// notePasskey keeps and tells what happened to a passkey: whoever came in by
// stealth could add one, and stay.
func (s *Accounts) notePasskey(ctx context.Context, tx bun.Tx, id, kind string) error {
	a, err := s.find(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.note(ctx, tx, a, id, kind, a.Email)
}
