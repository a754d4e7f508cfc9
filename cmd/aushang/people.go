package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

type personCmd struct {
	Add         personAddCmd         `cmd:"" help:"Add an account; without a password a one-time link is printed."`
	Password    personPasswordCmd    `cmd:"" help:"Give a person a new password, or print a one-time link; all sessions end."`
	Address     personAddressCmd     `cmd:"" help:"Give a person another mail address at once: for a town that sends no mail."`
	ResetFactor personResetFactorCmd `cmd:"" help:"Turn off the second factor of a person who has lost it; all sessions end."`
	Remove      personRemoveCmd      `cmd:"" help:"Forget a person for good. What he or she published stays with the clubs, without the name."`
}

type personPasswordCmd struct {
	Email         string `required:"" help:"The person's mail address."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run sets the password, or prints a link.
func (cmd personPasswordCmd) Run(c *call) error {
	password := ""
	if cmd.PasswordStdin {
		var err error
		if password, err = c.password(); err != nil {
			return err
		}
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	a, err := t.Accounts.FindEmail(c.ctx, cmd.Email)
	if err != nil {
		return unknown(err, "--email", cmd.Email, "person add adds an account")
	}
	if password == "" {
		link, err := t.Accounts.Invite(c.ctx, actor.Operator, a.ID)
		if err != nil {
			return err
		}
		if _, err := t.Accounts.EndSessions(c.ctx, a.ID); err != nil {
			return err
		}
		return c.print(made{ID: a.ID, URL: t.Config.Origin + "/", OneTimeURL: link}, "%s is signed out everywhere. Sign in once, within seven days: %s", a.Email, link)
	}
	if _, err := t.Accounts.SetPassword(c.ctx, a.ID, password); err != nil {
		return err
	}
	return c.print(made{ID: a.ID, URL: t.Config.Origin + "/"}, "%s has a new password, and is signed out everywhere.", a.Email)
}

type personAddressCmd struct {
	Email string `required:"" help:"The person's present mail address."`
	New   string `required:"" help:"The new one. Make sure that it is the person's."`
}

// Run gives the person the address.
func (cmd personAddressCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	a, err := t.Accounts.FindEmail(c.ctx, cmd.Email)
	if err != nil {
		return unknown(err, "--email", cmd.Email, "/rathaus/personen lists all accounts")
	}
	if err := t.Accounts.SetAddress(c.ctx, actor.Operator, a.ID, cmd.New); err != nil {
		if problem.Field(err) == "email" {
			return errUsage{fmt.Sprintf("--new: %q is no mail address, or the present one; write another one like anna@example.org", cmd.New)}
		}
		return taken(err, "--new", cmd.New, "take another address, or remove that account with person remove")
	}
	return c.print(made{ID: a.ID, URL: t.Config.Origin + "/"}, "%s signs in with %s from now on.", cmd.Email, cmd.New)
}

type personResetFactorCmd struct {
	Email string `required:"" help:"The person's mail address."`
}

// Run turns the second factor off.
func (cmd personResetFactorCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	a, err := t.Accounts.FindEmail(c.ctx, cmd.Email)
	if err != nil {
		return unknown(err, "--email", cmd.Email, "person add adds an account")
	}
	if err := t.Accounts.TakeFactor(c.ctx, actor.Operator, a.ID); err != nil {
		if problem.KindOf(err) == problem.NotFound {
			return fmt.Errorf("--email: %s has no second factor; there is nothing to turn off", cmd.Email)
		}
		return err
	}
	return c.print(made{ID: a.ID, URL: t.Config.Origin + "/"}, "%s signs in without a second factor, and is signed out everywhere.", a.Email)
}

// password reads a password from the first line of standard input.
func (c *call) password() (string, error) {
	line, err := bufio.NewReader(io.LimitReader(c.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", errUsage{"--password-stdin: standard input is empty; give the password in its first line"}
	}
	return password, nil
}

type personAddCmd struct {
	Email         string `required:"" help:"The mail address, which is also the name to sign in with."`
	Name          string `required:"" help:"First and last name."`
	Role          string `required:"" help:"resident, editor, office (of the town hall, for some clubs only), townhall or admin."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run adds the account.
func (cmd personAddCmd) Run(c *call) error {
	d := account.Draft{Email: cmd.Email, Name: cmd.Name, Role: cmd.Role}
	if cmd.PasswordStdin {
		var err error
		if d.Password, err = c.password(); err != nil {
			return err
		}
	}
	if err := c.there(); err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	a, link, err := t.Accounts.Create(c.ctx, actor.Operator, d)
	if err != nil {
		return taken(err, "--email", cmd.Email, "take another address, or give the person a new link under /rathaus/personen")
	}
	line := "Account for " + a.Email + " added."
	if link != "" {
		line += " Sign in once, within seven days: " + link
	}
	return c.print(made{ID: a.ID, URL: t.Config.Origin + "/", OneTimeURL: link}, "%s", line)
}

type personRemoveCmd struct {
	Email string `required:"" help:"The person's mail address."`
}

// removed is what is printed of somebody who was removed.
type removed struct {
	ID string `json:"id"`
	// Clubs says what becomes of the person's clubs, by handle: "stays",
	// "ownerless" or "orphaned".
	Clubs map[string]string `json:"clubs"`
}

// Run forgets the person.
func (cmd personRemoveCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	a, err := t.Accounts.FindEmail(c.ctx, cmd.Email)
	if err != nil {
		return unknown(err, "--email", cmd.Email, "/rathaus/personen lists all accounts")
	}
	_, clubs, err := t.RemovePerson(c.ctx, actor.Operator, a.ID)
	if err != nil {
		return err
	}
	said, out := "The account is removed, and all that pointed to it.", removed{ID: a.ID, Clubs: map[string]string{}}
	for _, k := range clubs {
		out.Clubs[k.Club.PreferredUsername] = k.Fate()
		switch k.Fate() {
		case account.Orphaned:
			said += fmt.Sprintf(" Nobody speaks for %s any more: club editor names somebody.", k.Club.PreferredUsername)
		case account.Ownerless:
			said += fmt.Sprintf(" Nobody owns %s any more: club editor --role owner names somebody.", k.Club.PreferredUsername)
		}
	}
	return c.print(out, "%s", said)
}

type clubCmd struct {
	Add      clubAddCmd      `cmd:"" help:"Add a club."`
	Change   clubChangeCmd   `cmd:"" help:"Change a club's profile; followers everywhere are told."`
	Editor   clubEditorCmd   `cmd:"" help:"Let a person speak for a club."`
	Move     clubMoveCmd     `cmd:"" help:"Move a club to another server, take that back, or let it come from one."`
	Merge    clubMergeCmd    `cmd:"" help:"Make a club a part of another one, for good; followers are told that it moved."`
	Follow   clubFollowCmd   `cmd:"" help:"Let a club follow an account elsewhere."`
	Unfollow clubUnfollowCmd `cmd:"" help:"End that."`
}

type clubAddCmd struct {
	Handle  string `required:"" help:"The name in the club's address: a to z, 0 to 9 and _."`
	Name    string `required:"" help:"The club's name."`
	Summary string `help:"What the club is, in a few sentences (Markdown)."`
	Field   string `help:"What it does: ${fields}." placeholder:"FIELD"`
	Website string `help:"The address of its website."`
	Active  bool   `help:"Make it public at once."`
}

// Run adds the club.
func (cmd clubAddCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	made, err := t.Clubs.Create(c.ctx, actor.Operator, club.Draft{
		Handle: cmd.Handle, Name: cmd.Name, Summary: cmd.Summary, Field: cmd.Field, Website: cmd.Website, Active: cmd.Active,
	})
	if err != nil {
		return taken(err, "--handle", cmd.Handle, "take another handle, or change that club with club change")
	}
	return c.printClub(made)
}

func (c *call) printClub(k *club.Club) error {
	return c.print(made{ID: k.ID, URL: k.URL, Handle: k.Handle()}, "%s  %s  %s", k.Handle(), k.URL, k.ID)
}

type clubChangeCmd struct {
	Handle  string  `arg:"" help:"The club's handle."`
	Name    *string `help:"Its new name."`
	Summary *string `help:"What it is (Markdown)."`
	Field   *string `help:"What it does: ${fields}, or empty." placeholder:"FIELD"`
	Website *string `help:"The address of its website, or empty."`
	Imprint *string `help:"The Impressum of the club itself, as lines, or empty."`
	Logo    string  `help:"A picture: JPEG, PNG or WebP." placeholder:"FILE"`
	Alt     string  `help:"What the logo shows, for who cannot see it."`
	Active  bool    `help:"Make a requested club public."`
}

// Run changes the club.
func (cmd clubChangeCmd) Run(c *call) error {
	ch := club.Change{Name: cmd.Name, Summary: cmd.Summary, Field: cmd.Field, Website: cmd.Website, Imprint: cmd.Imprint, Active: cmd.Active}
	if cmd.Name == nil && cmd.Summary == nil && cmd.Field == nil && cmd.Website == nil && cmd.Imprint == nil && cmd.Logo == "" && !cmd.Active {
		return errUsage{"nothing to change: give --name, --summary, --field, --website, --imprint, --logo or --active"}
	}
	logo, closeFile, err := picture{Image: cmd.Logo, Alt: cmd.Alt}.open("--logo")
	if err != nil {
		return err
	}
	defer closeFile()
	ch.Logo.New = logo
	t, err := c.town()
	if err != nil {
		return err
	}
	changed, err := t.Clubs.Change(c.ctx, actor.Operator, cmd.Handle, ch)
	if err != nil {
		return unknown(err, "HANDLE", cmd.Handle, "club add adds a club")
	}
	return c.printClub(changed)
}

// picture is a picture that is handed in with an event.
type picture struct {
	Image string `help:"A picture: JPEG, PNG or WebP." placeholder:"FILE"`
	Alt   string `help:"What the picture shows, for who cannot see it."`
	Focus string `help:"What to keep when it is cropped: X,Y from -1,-1 (bottom left) to 1,1." placeholder:"X,Y"`
}

// open opens the picture; nil when there is none.
func (p picture) open(flag string) (*object.Upload, func(), error) {
	if p.Image == "" {
		if p.Alt != "" || p.Focus != "" {
			return nil, nil, errUsage{"--alt, --focus: there is no picture; give one with " + flag}
		}
		return nil, func() {}, nil
	}
	if strings.TrimSpace(p.Alt) == "" {
		return nil, nil, errUsage{"--alt: please say what the picture shows, for those who cannot see it"}
	}
	u := &object.Upload{Alt: p.Alt}
	if p.Focus != "" {
		if _, err := fmt.Sscanf(p.Focus, "%g,%g", &u.Focus.X, &u.Focus.Y); err != nil {
			return nil, nil, errUsage{fmt.Sprintf("--focus: %q is no point; give two numbers from -1 to 1, like 0.2,-0.5", p.Focus)}
		}
	}
	f, err := os.Open(p.Image)
	if err != nil {
		return nil, nil, errUsage{fmt.Sprintf("%s: the file %s cannot be read; give the path of a JPEG, PNG or WebP picture", flag, p.Image)}
	}
	u.Image = f
	return u, func() { _ = f.Close() }, nil
}

type clubEditorCmd struct {
	Club  string `required:"" help:"The club's handle."`
	Email string `required:"" help:"The person's mail address."`
	Role  string `required:"" help:"owner or editor."`
}

// Run gives the person the role.
func (cmd clubEditorCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	a, err := t.Accounts.FindEmail(c.ctx, cmd.Email)
	if err != nil {
		return unknown(err, "--email", cmd.Email, "person add adds an account")
	}
	if err := t.Clubs.AddEditor(c.ctx, actor.Operator, cmd.Club, a.ID, cmd.Role); err != nil {
		return unknown(err, "--club", cmd.Club, "club add adds a club")
	}
	return c.print(made{ID: a.ID, URL: t.Config.Origin + "/"}, "%s is %s of %s.", a.Email, cmd.Role, cmd.Club)
}

type clubFollowCmd struct {
	Handle string `arg:"" help:"The club's handle."`
	Who    string `required:"" help:"Whom to follow, @name@host." placeholder:"@NAME@HOST"`
}

// Run lets the club follow.
func (cmd clubFollowCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if _, err := c.club("HANDLE", cmd.Handle); err != nil {
		return err
	}
	target, err := t.Clubs.Follow(c.ctx, actor.Operator, cmd.Handle, cmd.Who)
	if err != nil && len(problem.FieldsOf(err)) == 0 {
		return fmt.Errorf("--who: %s cannot be found; check how it is written, and whether its server can be reached (%w)", cmd.Who, err)
	}
	if err != nil {
		return err
	}
	return c.print(made{ID: target.ID, URL: target.URL, Handle: target.Handle()}, "%s asks to follow %s.", cmd.Handle, target.Handle())
}

type clubUnfollowCmd struct {
	Handle string `arg:"" help:"The club's handle."`
	Who    string `required:"" help:"Whom to follow no more, @name@host." placeholder:"@NAME@HOST"`
}

// Run ends the following.
func (cmd clubUnfollowCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if _, err := c.club("HANDLE", cmd.Handle); err != nil {
		return err
	}
	target, err := t.Clubs.Unfollow(c.ctx, actor.Operator, cmd.Handle, cmd.Who)
	if err != nil {
		return err
	}
	return c.print(made{ID: target.ID, URL: target.URL, Handle: target.Handle()}, "%s follows %s no more.", cmd.Handle, target.Handle())
}
