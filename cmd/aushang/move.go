package main

import (
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/problem"
)

type clubMoveCmd struct {
	Handle string `arg:"" help:"The club's handle."`
	To     string `help:"Move to this account, which must name the club as a former one; followers are asked to follow there." placeholder:"@NAME@HOST" xor:"what"`
	Back   bool   `help:"Take the move back: the club publishes here again." xor:"what"`
	From   string `help:"Let this account, which the club was before, move here." placeholder:"@NAME@HOST" xor:"what"`
	Forget string `help:"End that." placeholder:"@NAME@HOST" xor:"what"`
}

// Run moves the club, or says where it came from.
func (cmd clubMoveCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	var other *actor.Actor
	switch {
	case cmd.To != "":
		other, err = t.Clubs.Move(c.ctx, actor.Operator, cmd.Handle, cmd.To)
	case cmd.Back:
		err = t.Clubs.Return(c.ctx, actor.Operator, cmd.Handle)
	case cmd.From != "":
		other, err = t.Clubs.AddFormer(c.ctx, actor.Operator, cmd.Handle, cmd.From)
	case cmd.Forget != "":
		other, err = forget(c, t.Clubs, cmd.Handle, cmd.Forget)
	default:
		return errUsage{"nothing to do: give --to, --back, --from or --forget"}
	}
	if err != nil {
		return unknown(err, "HANDLE", cmd.Handle, "club add adds a club")
	}
	k, err := t.Clubs.Find(c.ctx, cmd.Handle)
	if err != nil {
		return err
	}
	if other != nil {
		return c.print(made{ID: other.ID, URL: other.URL, Handle: other.Handle()}, "%s  %s  %s", other.Handle(), other.URL, other.ID)
	}
	return c.printClub(k)
}

// forget removes a former address of the club, as it is written.
func forget(c *call, clubs *club.Clubs, handle, who string) (*actor.Actor, error) {
	k, err := clubs.Find(c.ctx, handle)
	if err != nil {
		return nil, err
	}
	list, err := clubs.Former(c.ctx, k)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Handle() == who || a.Acct == who || a.ID == who {
			return a, clubs.RemoveFormer(c.ctx, actor.Operator, handle, a.ID)
		}
	}
	return nil, problem.Invalidf("--forget: %s is no former address of the club", who)
}

type clubMergeCmd struct {
	Handle string `arg:"" help:"The handle of the club that becomes a part."`
	Into   string `required:"" help:"The handle of the club that stays." placeholder:"HANDLE"`
}

// Run makes one club a part of another one.
func (cmd clubMergeCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Clubs.Merge(c.ctx, actor.Operator, cmd.Handle, cmd.Into); err != nil {
		return unknown(err, "HANDLE", cmd.Handle, "club add adds a club")
	}
	return nil
}
