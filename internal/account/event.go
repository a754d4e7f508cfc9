package account

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// What happens to how a person signs in. The person is told each by mail.
const (
	EventPassword = "password"
	// EventPasswordFirst is a password where there was none, EventPasswordOff one
	// that was taken away and not replaced.
	EventPasswordFirst = "password-first"
	EventPasswordOff   = "password-off"
	// EventLink is a one-time link that the town hall has made.
	EventLink = "link"
	// EventFactorOn and EventFactorOff are the person's own doing, EventFactorTaken
	// is that of the town hall.
	EventFactorOn    = "factor-on"
	EventFactorOff   = "factor-off"
	EventFactorTaken = "factor-taken"
	// EventCodes are new recovery codes.
	EventCodes = "codes"
	// EventPasskeyOn and EventPasskeyOff are a passkey that was added or removed,
	// EventPasskeyLocked one that seems to have been copied.
	EventPasskeyOn     = "passkey-on"
	EventPasskeyOff    = "passkey-off"
	EventPasskeyLocked = "passkey-locked"
	// EventServiceOn and EventServiceOff are a sign-in service that was connected
	// or is connected no more.
	EventServiceOn  = "service-on"
	EventServiceOff = "service-off"
	// EventAddress is a new mail address, EventAddressStopped one that the owner of
	// the old one has stopped.
	EventAddress        = "address"
	EventAddressStopped = "address-stopped"
)

// EventKinds lists them all.
var EventKinds = []string{
	EventPassword, EventPasswordFirst, EventPasswordOff, EventLink, EventFactorOn, EventFactorOff, EventFactorTaken, EventCodes,
	EventPasskeyOn, EventPasskeyOff, EventPasskeyLocked, EventServiceOn, EventServiceOff, EventAddress, EventAddressStopped,
}

// What else a person is told by mail.
const (
	LetterReset        = "reset"
	LetterAddressNew   = "address-new"
	LetterAddressOld   = "address-old"
	LetterAddressTaken = "address-taken"
	LetterAddressMoved = "address-moved"
)

// An Event is something that happened to how a person signs in.
type Event struct {
	bun.BaseModel `bun:"table:account_events,alias:event"`

	ID        string `bun:"id,pk"`
	AccountID string
	// ByAccount is who did it: the person, somebody of the town hall, or
	// actor.Operator.
	ByAccount string
	Kind      string
	Created   time.Time
}

// A Message is what a person must be told by mail.
type Message struct {
	Account *Account
	// To is the mail address, Kind one of the events and letters.
	To, Kind string
	// About is the name of what it is about, a passkey or a service; "" for none.
	About string
	// Path is where its link leads on this server, "" for none.
	Path string
	// Cause names it, without naming a person.
	Cause string
}

// OnMessage hands in what writes to people, in the transaction of the cause.
// Without it nobody is written to.
func (s *Accounts) OnMessage(tell func(ctx context.Context, tx bun.Tx, m Message) error) {
	s.tell = tell
}

func (s *Accounts) message(ctx context.Context, tx bun.Tx, m Message) error {
	if s.tell == nil {
		return nil
	}
	if err := s.tell(ctx, tx, m); err != nil {
		return fmt.Errorf("write to a person: %w", err)
	}
	return nil
}

// note keeps what happened and tells it to the person at address.
func (s *Accounts) note(ctx context.Context, tx bun.Tx, a *Account, by, kind, address string) error {
	return s.noteAbout(ctx, tx, a, by, kind, address, "")
}

// noteAbout is note with the name of what it is about.
func (s *Accounts) noteAbout(ctx context.Context, tx bun.Tx, a *Account, by, kind, address, about string) error {
	e := &Event{ID: uuid.Must(uuid.NewV7()).String(), AccountID: a.ID, ByAccount: by, Kind: kind, Created: s.now()}
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return fmt.Errorf("note %s: %w", kind, err)
	}
	return s.message(ctx, tx, Message{Account: a, To: address, Kind: kind, About: about, Cause: "event " + e.ID})
}

// Events gives what happened to how the person signs in, the last first.
func (s *Accounts) Events(ctx context.Context, id string) ([]*Event, error) {
	var list []*Event
	err := s.db.Read().NewSelect().Model(&list).Where("account_id = ?", id).Order("id DESC").Limit(50).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}
