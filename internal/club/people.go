package club

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// living are the states of clubs that have people.
var living = []string{actor.Active, actor.Requested}

// RemoveEditor takes from a person the right to speak for the club. Owners do it
// and the person itself. The last owner must name another one first; only the
// town hall may take the last one, and looks after the club then.
func (s *Clubs) RemoveEditor(ctx context.Context, by, handle, accountID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.locked(ctx, tx, handle, actor.Active, actor.Requested, actor.Archived)
		if err != nil {
			return err
		}
		if by != accountID {
			if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
				return err
			}
		}
		last, err := s.lastOwner(ctx, tx, by, c.ID, accountID)
		if err != nil {
			return err
		}
		if err := s.take(ctx, tx, accountID, c.ID); err != nil {
			return err
		}
		if by != accountID {
			err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.uneditor", Target: c.PreferredUsername, AccountID: accountID})
			if err != nil {
				return err
			}
		}
		if !last {
			return nil
		}
		return s.actors.Orphan(ctx, tx, c.ID)
	})
	if err != nil {
		return fmt.Errorf("remove editor: %w", err)
	}
	return nil
}

func (s *Clubs) take(ctx context.Context, tx bun.Tx, accountID, clubID string) error {
	if err := s.Accounts.WithdrawBy(ctx, tx, accountID, clubID); err != nil {
		return err
	}
	return s.actors.RemoveEditor(ctx, tx, accountID, clubID)
}

// SetRole makes an owner of an editor, or the other way round.
func (s *Clubs) SetRole(ctx context.Context, by, handle, accountID, role string) error {
	if err := checkRole(role); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.locked(ctx, tx, handle, living...)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		roles, err := s.actors.EditorsIn(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if roles[accountID] == "" {
			return problem.NotFoundf("this person does not write for the club")
		}
		last := false
		if role == actor.Editor {
			if last, err = s.lastOwner(ctx, tx, by, c.ID, accountID); err != nil {
				return err
			}
		}
		if role == actor.Editor { // who is no owner any more invites nobody
			if err := s.Accounts.WithdrawBy(ctx, tx, accountID, c.ID); err != nil {
				return err
			}
		}
		if err := s.actors.AddEditor(ctx, tx, accountID, c.ID, role); err != nil {
			return err
		}
		err = ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.editor", Target: c.PreferredUsername, AccountID: accountID, Detail: role})
		if err != nil || !last {
			return err
		}
		return s.actors.Orphan(ctx, tx, c.ID)
	})
	if err != nil {
		return fmt.Errorf("change the role in a club: %w", err)
	}
	return nil
}

func checkRole(role string) error {
	var errs problem.Fields
	if role != actor.Owner && role != actor.Editor {
		errs.Add("role", "The role is owner or editor.")
	}
	return errs.Err()
}

// lastOwner tells whether the club has no owner without this person. Unless the
// town hall asks, it is a problem then.
func (s *Clubs) lastOwner(ctx context.Context, tx bun.Tx, by, clubID, accountID string) (bool, error) {
	roles, err := s.actors.EditorsIn(ctx, tx, clubID)
	if err != nil || roles[accountID] == "" || roles[accountID] != actor.Owner && len(roles) > 1 {
		return false, err
	}
	delete(roles, accountID)
	if hasOwner(roles) {
		return false, nil
	}
	err = s.actors.May(ctx, tx, by, clubID, actor.Moderate)
	if problem.KindOf(err) == problem.Forbidden {
		var errs problem.Fields
		errs.Add("person", "A club needs an owner; please name another one first.")
		return false, errs.Err()
	}
	return err == nil, err
}

// An Invitee is whom somebody asks to speak for a club.
type Invitee struct {
	Email, Role string
	// Lang is the language of the letter, Address the network address from which
	// it is asked for.
	Lang, Address string
}

// Invite asks somebody by mail to speak for the club, and gives the link of the
// invitation. Too many are a problem.TooMany.
func (s *Clubs) Invite(ctx context.Context, by, handle string, who Invitee) (link string, err error) {
	if err := checkRole(who.Role); err != nil {
		return "", err
	}
	if _, _, err := account.CheckRegistration("x", who.Email); err != nil {
		return "", err
	}
	c, err := s.find(ctx, s.db.Read(), handle, living...)
	if err != nil {
		return "", err
	}
	if err := s.actors.May(ctx, s.db.Read(), by, c.ID, actor.Manage); err != nil {
		return "", err
	}
	if c.State != actor.Active {
		var errs problem.Fields
		errs.Add("email", "The town hall has not approved this club yet; please invite people afterwards.")
		return "", errs.Err()
	}
	if err := s.Accounts.AdmitInvite(ctx, by, who.Address, who.Email); err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		i := &account.Invitation{ActorID: c.ID, Email: who.Email, Role: who.Role, ByAccount: by}
		if err := s.notYet(ctx, tx, c.ID, who.Email); err != nil {
			return err
		}
		token, err := s.Accounts.PutInvitation(ctx, tx, i)
		if err != nil {
			return err
		}
		link = s.actors.Site().Origin + invitePath + token
		name := ""
		if a, err := s.Accounts.FindIn(ctx, tx, by); err == nil {
			name = a.Name
		}
		return s.Letters.Send(ctx, tx, page.Message{
			Cause: "invite " + i.ID, To: i.Email, Lang: who.Lang, Key: "letter.invited." + who.Role,
			Data: map[string]string{"Club": c.DisplayName(), "By": name, "Days": strconv.Itoa(int(i.Expires.Sub(i.Created).Hours()) / 24)}, Path: invitePath + token,
		})
	})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return link, nil
}

// notYet gives a problem when the person with this address is in the club.
func (s *Clubs) notYet(ctx context.Context, tx bun.Tx, clubID, email string) error {
	roles, err := s.actors.EditorsIn(ctx, tx, clubID)
	if err != nil {
		return err
	}
	for id := range roles {
		a, err := s.Accounts.FindIn(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, e, _ := account.CheckRegistration("x", email); a.Email == e {
			var errs problem.Fields
			errs.Add("email", "This person writes for the club already; you can change the role in the list.")
			return errs.Err()
		}
	}
	return nil
}

// WithdrawInvitation ends an invitation: its link leads nowhere.
func (s *Clubs) WithdrawInvitation(ctx context.Context, by, handle, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.find(ctx, tx, handle, living...)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		return s.Accounts.Withdraw(ctx, tx, c.ID, id)
	})
	if err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	return nil
}

// accept is what an accepted invitation does. Who is an owner already stays it.
func (s *Clubs) accept(i *account.Invitation) func(ctx context.Context, tx bun.Tx, accountID string) error {
	return func(ctx context.Context, tx bun.Tx, accountID string) error {
		if err := s.actors.Lock(ctx, tx, i.ActorID); err != nil {
			return err
		}
		roles, err := s.actors.EditorsIn(ctx, tx, i.ActorID)
		if err != nil {
			return err
		}
		if roles[accountID] == actor.Owner {
			return nil
		}
		return s.actors.AddEditor(ctx, tx, accountID, i.ActorID, i.Role)
	}
}

func hasOwner(roles map[string]string) bool {
	for _, role := range roles {
		if role == actor.Owner {
			return true
		}
	}
	return false
}

// LeaveAll takes a person who leaves for good out of all clubs, in the
// transaction of that and before the account goes, and says what becomes of
// them. A club without an owner goes to the town hall, whose people are told,
// never into nothing.
func (s *Clubs) LeaveAll(ctx context.Context, tx bun.Tx, accountID string) ([]account.Left, error) {
	roles, err := s.actors.RolesIn(ctx, tx, accountID)
	if err != nil {
		return nil, fmt.Errorf("leave clubs: %w", err)
	}
	if err := s.actors.Lock(ctx, tx, slices.Collect(maps.Keys(roles))...); err != nil {
		return nil, fmt.Errorf("leave clubs: %w", err)
	}
	left, err := s.Accounts.Clubs(ctx, tx, accountID)
	if err != nil {
		return nil, err
	}
	for _, l := range left {
		if err := s.take(ctx, tx, accountID, l.Club.ID); err != nil {
			return nil, fmt.Errorf("leave clubs: %w", err)
		}
		switch l.Fate() {
		case account.Dropped:
			err = s.actors.Drop(ctx, tx, l.Club.ID)
		case account.Ownerless, account.Orphaned:
			err = s.toTownhall(ctx, tx, l.Club, accountID)
		}
		if err != nil {
			return nil, fmt.Errorf("leave clubs: %w", err)
		}
	}
	return left, s.Accounts.WithdrawBy(ctx, tx, accountID, "")
}

// toTownhall gives a club without an owner to the town hall, whose people are
// told, but for who gave it.
func (s *Clubs) toTownhall(ctx context.Context, tx bun.Tx, c *actor.Actor, by string) error {
	if err := s.actors.Orphan(ctx, tx, c.ID); err != nil {
		return err
	}
	return s.tellStaff(ctx, tx, "orphan "+actor.Key(c.ID)+" "+rand.Text(), "letter.hall.orphan", "/rathaus/vereine/"+c.PreferredUsername,
		map[string]string{"Club": c.DisplayName()}, by)
}

// SoleOwner tells whether the person is the only owner of the club.
func (s *Clubs) SoleOwner(ctx context.Context, db bun.IDB, clubID, accountID string) (bool, error) {
	roles, err := s.actors.EditorsIn(ctx, db, clubID)
	if err != nil || roles[accountID] != actor.Owner {
		return false, err
	}
	delete(roles, accountID)
	return !hasOwner(roles), nil
}

// HandOver gives a club to the town hall whose only owner stops: others who
// write for it go on, and the town hall names an owner. While there is another
// owner it is a problem.
func (s *Clubs) HandOver(ctx context.Context, by, handle string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.locked(ctx, tx, handle, actor.Active)
		if err != nil {
			return err
		}
		roles, err := s.actors.EditorsIn(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if roles[by] != actor.Owner {
			return problem.Forbiddenf("%s does not own this club", by)
		}
		delete(roles, by)
		if hasOwner(roles) {
			var errs problem.Fields
			errs.Add("person", "Others are owners of this club, too; you can simply stop.")
			return errs.Err()
		}
		if err := s.take(ctx, tx, by, c.ID); err != nil {
			return err
		}
		return s.toTownhall(ctx, tx, c.Actor, by)
	})
	if err != nil {
		return fmt.Errorf("hand a club over: %w", err)
	}
	return nil
}

// locked finds a club and keeps others from changing it, or who speaks for it,
// until tx ends.
func (s *Clubs) locked(ctx context.Context, tx bun.Tx, handle string, states ...string) (*Club, error) {
	c, err := s.find(ctx, tx, handle, states...)
	if err != nil {
		return nil, err
	}
	if err := s.actors.Lock(ctx, tx, c.ID); err != nil {
		return nil, err
	}
	return s.find(ctx, tx, handle, states...) // as whoever was here before has left it
}
