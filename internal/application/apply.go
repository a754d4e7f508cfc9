package application

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// How long what people write may be, in characters, and how many shifts one may
// choose.
const (
	maxName    = 100
	maxEmail   = 254
	maxPhone   = 60
	maxMessage = 4000
	maxReason  = 2000
)

// confirmLife is how long somebody has time to follow the link of the letter.
const confirmLife = 48 * time.Hour

// ErrClosed says that nobody can apply any more. It is a problem.Conflict.
var ErrClosed = problem.Conflictf("nobody can apply here any more")

// ErrShut says that a club which is archived or shut out writes to nobody. It is a
// problem.Conflict.
var ErrShut = problem.Conflictf("this club is not active and answers nobody")

// ErrNothing says that somebody has no shift to which one could say yes. It is a
// problem.Conflict.
var ErrNothing = problem.Conflictf("this person has no shift any more")

// ErrStale says that somebody else has decided in the meantime. It is a
// problem.Conflict.
var ErrStale = problem.Conflictf("somebody else has changed this application in the meantime")

// A Draft is what somebody typed who wants to help.
type Draft struct {
	// Key is that of the form: the same is kept once.
	Key           string
	OpportunityID string
	// AccountID is "" for who has no account and gives a mail address. ActorID is
	// that of an actor elsewhere, who comes in by Door with OriginID and may give
	// the mail address Contact.
	AccountID string
	ActorID   string
	Door      string
	OriginID  string
	Contact   string
	Name      string
	Email     string
	Phone     string
	Message   string
	Language  string
	Shows     bool
	// Old says that the person is old enough, Able that what is asked is there or
	// can be brought.
	Old, Able bool
	// Shifts are the ids of those that are chosen.
	Shifts []string
}

// Clean gives the draft as it is kept.
func (d Draft) Clean() Draft {
	d.Name, d.Phone = markup.Name(d.Name, maxName), markup.Name(d.Phone, maxPhone+1)
	d.Email, d.Message = strings.ToLower(strings.TrimSpace(d.Email)), markup.Typed(d.Message)
	if d.AccountID != "" || d.ActorID != "" {
		d.Email = ""
	}
	return d
}

// confirmed tells whether who asks needs no letter that confirms.
func (d Draft) confirmed() bool { return d.AccountID != "" || d.ActorID != "" }

// OriginKey gives the key of the application that came with this id from
// elsewhere: the same is kept once.
func OriginKey(originID string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(originID)).String()
}

// Check says what is wrong with a draft; the fields are name, email, phone,
// message, old, able and shift.
func (s *Applications) Check(n *Need, d Draft) error {
	var errs problem.Fields
	d = d.Clean()
	if d.Name == "" {
		errs.Add("name", "Please enter your name.")
	}
	if !d.confirmed() {
		at, err := mail.ParseAddress(d.Email)
		if err != nil || at.Address != d.Email || len(d.Email) > maxEmail || !strings.Contains(d.Email[strings.LastIndexByte(d.Email, '@')+1:], ".") {
			errs.Add("email", "Please enter a mail address, such as anna@example.org.")
		}
	}
	errs.Merge(checkWords(d))
	if d.Door == ByMessage { // it has no box to tick: shifts and questions come afterwards
		return errs.Err()
	}
	if n.MinimumAge > 0 && !d.Old {
		errs.Add("old", "This is for people from the age of %d. Please confirm it, or choose another task.", n.MinimumAge)
	}
	if n.Asks() && !d.Able {
		errs.Add("able", "Please confirm this, or ask the club first what is possible.")
	}
	errs.Merge(s.checkShifts(n, d.Shifts))
	return errs.Err()
}

// CheckPerson says what is wrong with what a person says of himself or herself.
func CheckPerson(d Draft) error {
	var errs problem.Fields
	if d.Name == "" {
		errs.Add("name", "Please enter your name.")
	}
	errs.Merge(checkWords(d))
	return errs.Err()
}

func checkWords(d Draft) error {
	var errs problem.Fields
	if utf8.RuneCountInString(d.Phone) > maxPhone {
		errs.Add("phone", "This is longer than %d characters; please shorten it.", maxPhone)
	}
	// What came from another town was looked at there.
	if d.ActorID == "" && !markup.Phone(d.Phone) {
		errs.Add("phone", "This is no telephone number; please write it like 03535 1234.")
	}
	if utf8.RuneCountInString(d.Message) > maxMessage {
		errs.Add("message", "This is longer than %d characters; please shorten it.", maxMessage)
	}
	return errs.Err()
}

func (s *Applications) checkShifts(n *Need, chosen []string) error {
	var errs problem.Fields
	ahead := n.Ahead(s.now())
	if len(n.Shifts) > 0 && len(chosen) == 0 {
		errs.Add("shift", "Please choose at least one shift.")
	}
	for _, id := range chosen {
		if !slices.ContainsFunc(ahead, func(x *Shift) bool { return x.ID == id }) {
			errs.Add("shift", "One of these shifts has begun or was removed. Please choose again.")
			break
		}
	}
	return errs.Err()
}

// Apply keeps an application. Of who has an account it is with the club at once;
// who gives a mail address gets a letter first, with a link that confirms. Who
// asks twice, or sends the same form again, gets what is there; told tells
// whether that was so.
func (s *Applications) Apply(ctx context.Context, d Draft) (h *Helper, twice bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		h, twice, err = s.ApplyIn(ctx, tx, d)
		return err
	})
	return h, twice, err
}

// ApplyIn is Apply in a transaction that runs already.
func (s *Applications) ApplyIn(ctx context.Context, tx bun.Tx, d Draft) (h *Helper, twice bool, err error) {
	d = d.Clean()
	ctx = asking(ctx, d.Key, append([]string{""}, d.Shifts...))
	err = s.changeIn(ctx, tx, d.OpportunityID, func(ctx context.Context, tx bun.Tx, n *Need) error {
		if h, err = s.there(ctx, tx, d); h != nil || err != nil {
			twice = h != nil
			return err
		}
		if !n.Takes(s.now()) {
			return ErrClosed
		}
		if err := s.Check(n, d); err != nil {
			return err
		}
		h, err = s.insert(ctx, tx, n, d)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("apply: %w", err)
	}
	if !twice {
		h, err = s.Find(ctx, tx, h.ID)
	}
	return h, twice, err
}

// there gives the application that exists already: with the key of the form, or
// of the same person and not ended. Who has only a mail address is told by mail,
// and by nothing else.
func (s *Applications) there(ctx context.Context, tx bun.Tx, d Draft) (*Helper, error) {
	var list []*Helper
	err := tx.NewSelect().Model(&list).Where("helper.id = ?", d.Key).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find application: %w", err)
	}
	if len(list) > 0 {
		if h := list[0]; h.AccountID != d.AccountID || h.ActorID != d.ActorID || h.Email != d.Email || h.OpportunityID != d.OpportunityID {
			return nil, problem.Invalidf("the key of the form is that of another one")
		}
		return list[0], nil
	}
	q := tx.NewSelect().Model(&list).Where("helper.opportunity_id = ?", d.OpportunityID)
	switch {
	case d.AccountID != "":
		q = q.Where("helper.account_id = ?", d.AccountID)
	case d.ActorID != "":
		q = q.Where("helper.actor_id = ?", d.ActorID)
	default:
		q = q.Where("helper.account_id = ''").Where("helper.email = ?", d.Email)
	}
	if err := q.Where("helper.state IN (?)", bun.List(live)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find application: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	h := list[0]
	if d.confirmed() {
		return h, nil
	}
	return h, s.Tell(ctx, tx, Notice{Kind: TellAgain, Helper: h, Cause: "help again " + d.Key})
}

func (s *Applications) insert(ctx context.Context, tx bun.Tx, n *Need, d Draft) (*Helper, error) {
	h := &Helper{
		ID: d.Key, OpportunityID: n.ID, ClubID: n.ClubID, Title: n.Name, AccountID: d.AccountID, Email: d.Email, Name: d.Name, Phone: d.Phone, Message: d.Message,
		ActorID: d.ActorID, Door: d.Door, OriginID: d.OriginID, Contact: d.Contact,
		Shows: d.Shows, Language: d.Language, State: Unconfirmed, Version: 1, Created: s.now(), Changed: s.now(),
	}
	state := Wanted
	if d.confirmed() {
		h.State, state = Asked, Waiting
	} else if err := s.dropUnconfirmed(ctx, tx, n.ID, d.Email); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(h).Exec(ctx); err != nil {
		return nil, fmt.Errorf("keep application: %w", err)
	}
	for _, x := range chosen(n, d.Shifts) {
		if err := s.queue(ctx, tx, h, x, state); err != nil {
			return nil, err
		}
	}
	if h.State == Unconfirmed {
		return h, s.Tell(ctx, tx, Notice{Kind: TellConfirm, Helper: h, Cause: s.cause(TellConfirm, h, nil)})
	}
	return h, s.arrived(ctx, tx, h)
}

// chosen gives the shifts with these ids, or the whole of an opportunity without
// any.
func chosen(n *Need, ids []string) []*Shift {
	if len(n.Shifts) == 0 {
		return []*Shift{n.Shift("")}
	}
	var list []*Shift
	for _, x := range n.Shifts {
		if slices.Contains(ids, x.ID) {
			list = append(list, x)
		}
	}
	return list
}

// dropUnconfirmed forgets what the same address asked for before and never
// confirmed.
func (s *Applications) dropUnconfirmed(ctx context.Context, tx bun.Tx, opportunityID, email string) error {
	_, err := tx.NewDelete().Model((*Helper)(nil)).Where("opportunity_id = ?", opportunityID).Where("email = ?", email).Where("state = ?", Unconfirmed).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget an application that was not confirmed: %w", err)
	}
	return nil
}

func (s *Applications) arrived(ctx context.Context, tx bun.Tx, h *Helper) error {
	if err := s.note(ctx, tx, h, DidAsk, false, ""); err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{Kind: TellReceived, Helper: h, Cause: s.cause(TellReceived, h, nil)})
}

// Confirm lets the club see what somebody asked for by mail. One that was
// confirmed already stays as it is; one that lay too long is problem.Gone.
func (s *Applications) Confirm(ctx context.Context, id string) error {
	h, err := s.Find(ctx, s.db.Read(), id)
	if err != nil || h.State != Unconfirmed {
		return err
	}
	var shifts []string
	for _, c := range h.Commitments {
		shifts = append(shifts, c.ShiftID)
	}
	err = s.change(asking(ctx, id, shifts), h.OpportunityID, func(ctx context.Context, tx bun.Tx, n *Need) error {
		h, err := s.Find(ctx, tx, id)
		if err != nil || h.State != Unconfirmed {
			return err
		}
		if !n.Takes(s.now()) {
			return ErrClosed
		}
		if s.now().Sub(h.Created) > confirmLife {
			return problem.Gonef("this application was not confirmed in time")
		}
		twin, err := s.twin(ctx, tx, h)
		if err != nil {
			return err
		}
		if twin {
			return problem.Conflictf("there is an application with this address already")
		}
		if err := s.enter(ctx, tx, n, h); err != nil {
			return err
		}
		return s.arrived(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("confirm application: %w", err)
	}
	return nil
}

// twin tells whether the same address has another application there that lives.
func (s *Applications) twin(ctx context.Context, tx bun.Tx, h *Helper) (bool, error) {
	there, err := tx.NewSelect().Model((*Helper)(nil)).Where("opportunity_id = ?", h.OpportunityID).Where("email = ?", h.Email).Where("account_id = ''").
		Where("state IN (?)", bun.List(live)).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find application: %w", err)
	}
	return there, nil
}

// enter lets what was wanted wait for its places: at the end of those who wait,
// since until now it was nobody's.
func (s *Applications) enter(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
	for _, c := range h.Commitments {
		if _, err := tx.NewDelete().Model(c).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("keep a place: %w", err)
		}
		x := n.Shift(c.ShiftID)
		if x == nil || x.ID != "" && !x.StartsAt.After(s.now()) {
			continue
		}
		if err := s.queue(ctx, tx, h, x, Waiting); err != nil {
			return err
		}
	}
	return s.become(ctx, tx, h, Asked, "", "")
}

// become gives an application another state.
func (s *Applications) become(ctx context.Context, tx bun.Tx, h *Helper, state, cause, reason string) error {
	h.State, h.Cause, h.Reason, h.Changed = state, cause, reason, s.now()
	h.Version++
	if cause != "" {
		h.Ended = s.now()
	}
	_, err := tx.NewUpdate().Model(h).Column("state", "cause", "reason", "changed", "ended", "version").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("change application: %w", err)
	}
	return nil
}
