package club

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxFormer is how many former addresses a club may name.
const maxFormer = 10

// The fields of what can be wrong with a move: the address where the club is
// going, and the one from where it came.
const (
	FieldTo   = "to"
	FieldFrom = "from"
)

// AddFormer notes that the club was the account who, "@name@host", elsewhere
// before: so that account can move here, with its followers.
func (s *Clubs) AddFormer(ctx context.Context, by, handle, who string) (*actor.Actor, error) {
	former, err := s.elsewhere(ctx, by, handle, FieldFrom, who)
	if err != nil {
		return nil, err
	}
	err = s.relocate(ctx, by, handle, func(ctx context.Context, tx bun.Tx, c *Club) error {
		if c.Knows(former.ID) {
			return nil
		}
		if len(c.AlsoKnownAs) >= maxFormer {
			var errs problem.Fields
			errs.Add(FieldFrom, "There are %d former addresses already; please remove one first.", maxFormer)
			return errs.Err()
		}
		c.AlsoKnownAs = append(slices.Clone(c.AlsoKnownAs), former.ID)
		return s.tellFormer(ctx, tx, c)
	})
	if err != nil {
		return nil, fmt.Errorf("note a former address: %w", err)
	}
	return former, nil
}

// RemoveFormer ends that; id is the id of the actor. One that is not there any
// more changes nothing.
func (s *Clubs) RemoveFormer(ctx context.Context, by, handle, id string) error {
	err := s.relocate(ctx, by, handle, func(ctx context.Context, tx bun.Tx, c *Club) error {
		if !c.Knows(id) {
			return nil
		}
		c.AlsoKnownAs = slices.DeleteFunc(slices.Clone(c.AlsoKnownAs), func(one string) bool { return one == id })
		return s.tellFormer(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("remove a former address: %w", err)
	}
	return nil
}

func (s *Clubs) tellFormer(ctx context.Context, tx bun.Tx, c *Club) error {
	if err := s.actors.PutAliases(ctx, tx, c.Actor); err != nil {
		return err
	}
	return s.activities.PublishActor(ctx, tx, c.Actor)
}

// Former gives the accounts that the club was before, as far as they are known.
func (s *Clubs) Former(ctx context.Context, c *Club) ([]*actor.Actor, error) {
	var list []*actor.Actor
	for _, id := range c.AlsoKnownAs {
		a, err := s.actors.Find(ctx, s.actors.Reader(), id)
		if problem.KindOf(err) == problem.NotFound {
			a, err = &actor.Actor{ID: id, Acct: id, URL: id}, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Now gives where the club lives now, nil when that is here.
func (s *Clubs) Now(ctx context.Context, c *Club) (*actor.Actor, error) {
	if c.MovedTo == "" {
		return nil, nil
	}
	a, err := s.actors.Find(ctx, s.actors.Reader(), c.MovedTo)
	if problem.KindOf(err) == problem.NotFound {
		return &actor.Actor{ID: c.MovedTo, Acct: c.MovedTo, URL: c.MovedTo}, nil
	}
	return a, err
}

// CheckMove tells whether the club can move to the account who, "@name@host",
// elsewhere, which is asked anew, and gives it. Nothing is changed.
func (s *Clubs) CheckMove(ctx context.Context, by, handle, who string) (*actor.Actor, error) {
	c, err := s.find(ctx, s.db.Read(), handle, actor.Active)
	if err != nil {
		return nil, err
	}
	target, err := s.elsewhere(ctx, by, handle, FieldTo, who)
	if err != nil {
		return nil, err
	}
	return target, s.mayGo(c, target)
}

// mayGo says why the club cannot move to target.
func (s *Clubs) mayGo(c *Club, target *actor.Actor) error {
	var errs problem.Fields
	switch until := c.MayMove(); {
	case c.MovedTo == target.ID:
		return nil
	case c.MovedTo != "":
		errs.Add(FieldTo, "The club has moved already; please take that back first.")
	case until.After(time.Now()):
		errs.Add(FieldTo, "The club moved less than seven days ago; please try again from %s on.", until.AddDate(0, 0, 1).Format(time.DateOnly))
	case target.MovedTo != "":
		errs.Add(FieldTo, "This account has itself moved; please give the address where it is now.")
	case !target.Knows(c.ID):
		errs.Add(FieldTo, "This account does not name the club yet. Please enter %s there as its former account, at Mastodon under Preferences, Account, Moving from a different account.", c.Handle())
	}
	return errs.Err()
}

// Move moves the club to the account who, "@name@host", elsewhere, which names it
// as what it was before, and asks its followers to follow there. What it has
// published stays. To where it is already it moves no second time.
func (s *Clubs) Move(ctx context.Context, by, handle, who string) (*actor.Actor, error) {
	target, err := s.elsewhere(ctx, by, handle, FieldTo, who)
	if err != nil {
		return nil, err
	}
	err = s.relocate(ctx, by, handle, func(ctx context.Context, tx bun.Tx, c *Club) error {
		if err := s.mayGo(c, target); err != nil || c.MovedTo == target.ID {
			return err
		}
		return s.activities.Move(ctx, tx, c.Actor, target.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("move club: %w", err)
	}
	return target, nil
}

// Return takes a move back: the club is active here again. Its followers who
// have gone stay where they are.
func (s *Clubs) Return(ctx context.Context, by, handle string) error {
	err := s.relocate(ctx, by, handle, func(ctx context.Context, tx bun.Tx, c *Club) error {
		if c.MovedTo == "" {
			return nil
		}
		if err := s.actors.Return(ctx, tx, c.Actor); err != nil {
			return err
		}
		return s.activities.PublishActor(ctx, tx, c.Actor)
	})
	if err != nil {
		return fmt.Errorf("take a move back: %w", err)
	}
	return nil
}

// relocate lets do change where a club lives, for those who manage it.
func (s *Clubs) relocate(ctx context.Context, by, handle string, do func(ctx context.Context, tx bun.Tx, c *Club) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.find(ctx, tx, handle, actor.Active)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		return do(ctx, tx, c)
	})
}

// elsewhere asks the server of the account who for it, for those who manage the
// club: nobody else makes us ask. What is wrong is said at field.
func (s *Clubs) elsewhere(ctx context.Context, by, handle, field, who string) (*actor.Actor, error) {
	c, err := s.find(ctx, s.db.Read(), handle, actor.Active)
	if err != nil {
		return nil, err
	}
	if err := s.actors.May(ctx, s.actors.Reader(), by, c.ID, actor.Manage); err != nil {
		return nil, err
	}
	var errs problem.Fields
	name, domain, err := webfinger.ParseHandle(strings.TrimSpace(who))
	if err != nil {
		errs.Add(field, "Please write the address like @club@example.org.")
		return nil, errs.Err()
	}
	site := s.actors.Site()
	if domain == site.HandleDomain || domain == site.Host() {
		errs.Add(field, "This address is of this town; please give one of another server.")
		return nil, errs.Err()
	}
	a, err := s.actors.Lookup(ctx, "@"+name+"@"+domain)
	if err == nil {
		return a, nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	var status *transport.StatusError
	switch {
	case errors.Is(err, transport.ErrBlocked):
		errs.Add(field, "This server may not be asked from here; please ask the town hall.")
	case errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusGone):
		errs.Add(field, "There is no such account at %s; please check how it is written.", domain)
	default:
		errs.Add(field, "The server %s does not answer as expected; please check the address, or try again later.", domain)
	}
	return nil, errs.Err()
}
