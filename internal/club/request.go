package club

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The lengths of what is asked with a club, in characters.
const (
	maxContact  = 300
	maxRegister = 60
)

// An Ask is the wish that a club may join.
type Ask struct {
	Name string
	// Handle is proposed from the name when it is "".
	Handle string
	// Field is one of Fields, or "".
	Field string
	// Contact is whom the town hall can ask in place of who asks, "" for nobody.
	Contact string
	// RegisterNumber is that of a register of associations, "" for none.
	RegisterNumber string
	// Later keeps it for who asks, who sends it to the town hall another time.
	Later bool
}

// CheckAsk gives what is wrong with a, and brings it in its one form. own is the
// handle that the club has already, or "".
func (s *Clubs) CheckAsk(ctx context.Context, db bun.IDB, a *Ask, own string) error {
	var errs problem.Fields
	a.Name = checkName(&errs, a.Name)
	a.Field = s.checkField(&errs, a.Field)
	if a.Contact = markup.Name(a.Contact, maxContact+1); utf8.RuneCountInString(a.Contact) > maxContact {
		errs.Add("contact", "This is longer than %d characters; please shorten it.", maxContact)
	}
	if a.RegisterNumber = markup.Name(a.RegisterNumber, maxRegister+1); utf8.RuneCountInString(a.RegisterNumber) > maxRegister {
		errs.Add("register", "This is longer than %d characters; please shorten it.", maxRegister)
	}
	a.Handle = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(a.Handle), "@"))
	switch {
	case a.Handle == own && own != "":
	case a.Handle != "":
		wrong := actor.ValidateUsername("handle", a.Handle)
		errs.Merge(wrong)
		taken, err := s.actors.Taken(ctx, db, a.Handle)
		if err != nil {
			return err
		}
		if taken && wrong == nil {
			errs.Add("handle", "There is a club with this handle already.")
		}
	case a.Name != "":
		var err error
		if a.Handle, err = s.Propose(ctx, db, a.Name); err != nil {
			return err
		}
	}
	return errs.Err()
}

// maxHandle is how long a handle may be, in characters.
const maxHandle = 30

// Propose gives a free handle for a club with this name.
func (s *Clubs) Propose(ctx context.Context, db bun.IDB, name string) (string, error) {
	base := proposed(name)
	for n := 1; ; n++ {
		handle := base
		if n > 1 {
			end := "_" + strconv.Itoa(n)
			handle = strings.TrimRight(base[:min(len(base), maxHandle-len(end))], "_") + end
		}
		if actor.ValidateUsername("handle", handle) != nil {
			continue // reserved
		}
		taken, err := s.actors.Taken(ctx, db, handle)
		if err != nil || !taken {
			return handle, err
		}
	}
}

// spelled are letters as they are written in a handle.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "e. v.", "", "e.v.", "")

// proposed makes a handle of as many words of a name as fit.
func proposed(name string) string {
	words := strings.FieldsFunc(order(spelled.Replace(strings.ToLower(name+" "))), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	handle := ""
	for _, w := range words {
		if handle != "" && len(handle)+1+len(w) > maxHandle {
			break
		}
		handle = strings.Trim(handle+"_"+w[:min(len(w), maxHandle)], "_")
	}
	if len(handle) < 2 {
		return "verein"
	}
	return handle
}

// A Prepared club has its keys and is not stored yet.
type Prepared struct {
	clubs *Clubs
	club  *Club
	ask   Ask
}

// Handle is that of the club.
func (p *Prepared) Handle() string { return p.club.PreferredUsername }

// Prepare makes the keys of a club that is asked for, which takes a moment:
// before the transaction that stores it. anyHandle takes another handle when
// the one that was wished for is taken since.
func (s *Clubs) Prepare(ctx context.Context, a Ask, anyHandle bool) (*Prepared, error) {
	err := s.CheckAsk(ctx, s.db.Read(), &a, "")
	if anyHandle && problem.Field(err) == "handle" {
		a.Handle = ""
		err = s.CheckAsk(ctx, s.db.Read(), &a, "")
	}
	if err != nil {
		return nil, err
	}
	m, err := s.actors.Mint(actor.Draft{
		Type: actor.Group, PreferredUsername: a.Handle, Name: a.Name, URL: s.actors.Site().Origin + Path + a.Handle, State: actor.Requested,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare club: %w", err)
	}
	return &Prepared{s, &Club{Actor: m, Field: a.Field}, a}, nil
}

// Store keeps the club with who asks as its owner, for the town hall to decide;
// or makes it public at once.
func (p *Prepared) Store(ctx context.Context, tx bun.Tx, by *account.Account, public bool) error {
	state := account.Asked
	switch {
	case p.ask.Later:
		state = account.DraftApplication
	case public:
		state, p.club.State = account.Approved, actor.Active
	}
	if err := p.clubs.actors.Create(ctx, tx, p.club.Actor); err != nil {
		return err
	}
	if err := p.clubs.put(ctx, tx, p.club); err != nil {
		return err
	}
	if err := p.clubs.actors.AddEditor(ctx, tx, by.ID, p.club.ID, actor.Owner); err != nil {
		return err
	}
	database.Ring(ctx)
	a := &account.Application{AccountID: by.ID, ActorID: p.club.ID, State: state, Contact: p.ask.Contact, RegisterNumber: p.ask.RegisterNumber}
	return p.clubs.Accounts.Apply(ctx, tx, a)
}

// AskFor stores a club for a person who is signed in.
func (s *Clubs) AskFor(ctx context.Context, by *account.Account, a Ask, public bool) (*Club, error) {
	if err := s.CheckAsk(ctx, s.db.Read(), &a, ""); err != nil {
		return nil, err
	}
	if err := s.Accounts.AdmitAsk(ctx, by.ID); err != nil {
		return nil, err
	}
	p, err := s.Prepare(ctx, a, false)
	if err != nil {
		return nil, err
	}
	if err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return p.Store(ctx, tx, by, public) }); err != nil {
		return nil, fmt.Errorf("ask for a club: %w", err)
	}
	return p.club, nil
}

// ChangeAsk changes what is asked for, and sends it to the town hall unless it
// is for later. One that is there already stays there.
func (s *Clubs) ChangeAsk(ctx context.Context, by, handle string, ask Ask) (*Club, error) {
	var c *Club
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if c, err = s.find(ctx, tx, handle, actor.Requested); err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		if err := s.CheckAsk(ctx, tx, &ask, c.PreferredUsername); err != nil {
			return err
		}
		a, err := s.Accounts.ApplicationOf(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if a == nil {
			a = &account.Application{AccountID: by, ActorID: c.ID, State: account.DraftApplication}
		}
		if ask.Handle != c.PreferredUsername {
			if err := s.actors.Rename(ctx, tx, c.Actor, ask.Handle, s.actors.Site().Origin+Path+ask.Handle); err != nil {
				return err
			}
		}
		c.Name, c.Field = ask.Name, ask.Field
		if err := s.actors.Change(ctx, tx, c.Actor); err != nil {
			return err
		}
		if err := s.put(ctx, tx, c); err != nil {
			return err
		}
		if !ask.Later {
			a.State = account.Asked
		}
		a.Contact, a.RegisterNumber = ask.Contact, ask.RegisterNumber
		return s.Accounts.Apply(ctx, tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("change what is asked for: %w", err)
	}
	return c, nil
}

// TakeBack forgets a club that is asked for.
func (s *Clubs) TakeBack(ctx context.Context, by, handle string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.find(ctx, tx, handle, actor.Requested)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		return s.actors.Drop(ctx, tx, c.ID)
	})
	if err != nil {
		return fmt.Errorf("take back what is asked for: %w", err)
	}
	return nil
}

// Refuse sends an application back with a reason; who asked can change it and
// send it again. When it was decided already it is account.ErrDecided.
func (s *Clubs) Refuse(ctx context.Context, by, handle, reason string) error {
	reason, err := account.CheckReason(reason)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.moderates(ctx, tx, by, handle); err != nil {
			return err
		}
		c, err := s.waiting(ctx, tx, handle)
		if err != nil {
			return err
		}
		a, err := s.Accounts.ApplicationOf(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if a == nil {
			return problem.Conflictf("nobody waits for a word on %s", handle)
		}
		a.State, a.Reason, a.ByAccount = account.Refused, reason, account.Decider(by)
		if err := s.Accounts.Apply(ctx, tx, a); err != nil {
			return err
		}
		if err := s.tellApplicant(ctx, tx, c, a, "letter.club.refused", Path+c.PreferredUsername+askPath); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "application.refuse", Target: c.PreferredUsername})
	})
	if err != nil {
		return fmt.Errorf("refuse a club: %w", err)
	}
	return nil
}

// admitted says to who asked that the club is public now.
func (s *Clubs) admitted(ctx context.Context, tx bun.Tx, by string, c *Club) error {
	a, err := s.Accounts.ApplicationOf(ctx, tx, c.ID)
	if err != nil || a == nil {
		return err
	}
	a.State, a.Reason, a.ByAccount = account.Approved, "", account.Decider(by)
	if err := s.Accounts.Apply(ctx, tx, a); err != nil {
		return err
	}
	if err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "application.approve", Target: c.PreferredUsername}); err != nil {
		return err
	}
	key, path := "letter.club.approved", "/veranstaltungen/neu?verein="+c.PreferredUsername
	if begun, err := s.Begun(ctx, tx, c.ID); err != nil {
		return err
	} else if begun {
		key, path = "letter.club.drafts", page.DraftsPath
	}
	return s.tellApplicant(ctx, tx, c, a, key, path)
}

func (s *Clubs) tellApplicant(ctx context.Context, tx bun.Tx, c *Club, a *account.Application, key, path string) error {
	to, err := s.Accounts.FindIn(ctx, tx, a.AccountID)
	if err != nil {
		return err
	}
	return s.Letters.Send(ctx, tx, page.Message{
		Cause: fmt.Sprintf("%s %s %d", key, a.ID, a.Changed.UnixNano()), Person: to,
		Key: key, Data: map[string]string{"Club": c.DisplayName(), "Handle": c.Handle(), "Reason": a.Reason}, Path: path,
	})
}

// tellStaff writes to everybody of the town hall but one.
func (s *Clubs) tellStaff(ctx context.Context, tx bun.Tx, cause, key, path string, data any, but string) error {
	staff, err := s.Accounts.Staff(ctx, tx)
	if err != nil {
		return err
	}
	for _, to := range staff {
		if to.ID == but {
			continue
		}
		err := s.Letters.Send(ctx, tx, page.Message{
			Cause: cause + " " + to.ID, Person: to, Key: key, Data: data, Path: path,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep forgets clubs that were begun or refused and that nobody has touched
// for a long time: their handle is free again.
func (s *Clubs) Sweep(ctx context.Context) error {
	ids, err := s.Accounts.Abandoned(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, id := range ids {
			if err := s.actors.Drop(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// FieldOf gives the key of the word for what a club does, whatever its state;
// "" for none.
func (s *Clubs) FieldOf(ctx context.Context, handle string) (string, error) {
	c, err := s.find(ctx, s.db.Read(), handle, actor.Active, actor.Requested, actor.Archived)
	if err != nil || c.Field == "" {
		return "", err
	}
	return FieldKey(c.Field), nil
}
