package main

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
)

type eventCmd struct {
	Add    eventAddCmd    `cmd:"" help:"Publish an event."`
	Change eventChangeCmd `cmd:"" help:"Change an event; everybody who has it is told."`
	Cancel eventCancelCmd `cmd:"" help:"Cancel an event; it stays, with the reason."`
}

// later are the flags of an event that are named already and do nothing yet.
type later struct {
	Capacity string `hidden:""`
	Repeat   string `hidden:""`
	Count    string `hidden:""`
	Until    string `hidden:""`
}

func (l later) check() error {
	for flag, value := range map[string]string{"--capacity": l.Capacity, "--repeat": l.Repeat, "--count": l.Count, "--until": l.Until} {
		if value != "" {
			return errUsage{flag + ": this flag belongs to a later version and does nothing yet"}
		}
	}
	return nil
}

type eventAddCmd struct {
	Club     string  `required:"" help:"The handle of the club in whose name it is published."`
	Name     string  `required:"" help:"What it is called."`
	Start    string  `required:"" help:"When it starts: 2026-07-11T19:00, 11.07.2026 19:00, or the date alone for a whole day."`
	End      string  `help:"When it ends."`
	Place    string  `help:"Where it is."`
	Category string  `help:"What it is about: music, culture, festival, family, sport, nature, learning, volunteering, faith, townhall or other."`
	Text     string  `help:"What it is (Markdown)."`
	Picture  picture `embed:""`
	Later    later   `embed:""`
}

// Run publishes the event.
func (cmd eventAddCmd) Run(c *call) error {
	if err := cmd.Later.check(); err != nil {
		return err
	}
	picture, closeFile, err := cmd.Picture.open("--image")
	if err != nil {
		return err
	}
	defer closeFile()
	t, err := c.town()
	if err != nil {
		return err
	}
	k, err := c.club("--club", cmd.Club)
	if err != nil {
		return err
	}
	e, err := t.Events.Create(c.ctx, actor.Operator, event.Draft{
		AttributedTo: k.ID, Name: cmd.Name, Start: cmd.Start, End: cmd.End, Place: cmd.Place, Category: cmd.Category, Text: cmd.Text, Picture: picture,
	})
	if err != nil {
		return err
	}
	return c.print(made{ID: e.ID, URL: e.URL}, "%s  %s", e.URL, e.ID)
}

type eventChangeCmd struct {
	ID       string  `arg:"" help:"The event's id, or its last part."`
	Name     *string `help:"Its new name."`
	Start    *string `help:"Its new start; the length stays unless --end is given."`
	End      *string `help:"Its new end."`
	Place    *string `help:"Its new place."`
	Category *string `help:"What it is about, as for event add; \"\" for nothing."`
	Text     *string `help:"Its new text (Markdown)."`
	Picture  picture `embed:""`
	Later    later   `embed:""`
}

// Run changes the event.
func (cmd eventChangeCmd) Run(c *call) error {
	if err := cmd.Later.check(); err != nil {
		return err
	}
	if cmd.Name == nil && cmd.Start == nil && cmd.End == nil && cmd.Place == nil && cmd.Category == nil && cmd.Text == nil && cmd.Picture.Image == "" && cmd.Picture.Alt == "" && cmd.Picture.Focus == "" {
		return errUsage{"nothing to change: give --name, --start, --end, --place, --category, --text or --image"}
	}
	picture, closeFile, err := cmd.Picture.open("--image")
	if err != nil {
		return err
	}
	defer closeFile()
	t, err := c.town()
	if err != nil {
		return err
	}
	e, err := t.Events.Change(c.ctx, actor.Operator, t.ObjectID(cmd.ID), event.Change{
		Name: cmd.Name, Start: cmd.Start, End: cmd.End, Place: cmd.Place, Category: cmd.Category, Text: cmd.Text, Picture: object.PictureChange{New: picture},
	})
	if err != nil {
		return unknown(err, "ID", cmd.ID, "event add and the event's page name its id")
	}
	return c.print(made{ID: e.ID, URL: e.URL}, "%s  %s", e.URL, e.ID)
}

type eventCancelCmd struct {
	ID     string `arg:"" help:"The event's id, or its last part."`
	Reason string `required:"" help:"Why, in one sentence that readers see."`
}

// Run cancels the event.
func (cmd eventCancelCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	e, err := t.Events.Cancel(c.ctx, actor.Operator, t.ObjectID(cmd.ID), cmd.Reason)
	if err != nil {
		return unknown(err, "ID", cmd.ID, "event add and the event's page name its id")
	}
	return c.print(made{ID: e.ID, URL: e.URL}, "%s  %s", e.URL, e.ID)
}

type postCmd struct {
	Add postAddCmd `cmd:"" help:"Publish a post on the pin board."`
}

type postAddCmd struct {
	Club string `required:"" help:"The handle of the club in whose name it is published."`
	Text string `required:"" help:"The post (Markdown); - reads standard input."`
	Kind string `help:"What kind of notice it is: ${kinds}." default:"announcement" placeholder:"KIND"`
}

// maxInput is how much of standard input a post may be, in bytes.
const maxInput = 1 << 20

// Run publishes the post.
func (cmd postAddCmd) Run(c *call) error {
	if cmd.Text == "-" {
		text, err := io.ReadAll(io.LimitReader(c.in, maxInput))
		if err != nil {
			return fmt.Errorf("read the post from standard input: %w", err)
		}
		cmd.Text = string(text)
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	k, err := c.club("--club", cmd.Club)
	if err != nil {
		return err
	}
	p, err := t.Posts.Create(c.ctx, actor.Operator, post.Draft{AttributedTo: k.ID, Text: cmd.Text, Kind: cmd.Kind})
	if err != nil {
		return err
	}
	return c.print(made{ID: p.ID, URL: p.URL}, "%s  %s", p.URL, p.ID)
}

type deleteCmd struct {
	ID string `arg:"" help:"The id of an event, a post or an opportunity, or its last part."`
}

// Run deletes the thing.
func (cmd deleteCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	id := t.ObjectID(cmd.ID)
	if err := t.Activities.DeleteObject(c.ctx, actor.Operator, id); err != nil {
		return unknown(err, "ID", cmd.ID, "give what event add, post add or opportunity add printed, or its last part")
	}
	return c.print(made{ID: id}, "%s is deleted.", id)
}

type pinCmd struct {
	ID string `arg:"" help:"The id of an event or a post, or its last part."`
}

// Run pins it.
func (cmd pinCmd) Run(c *call) error {
	return c.pin(cmd.ID, "%s is pinned.", func(t *app.Town, id string) error { return t.Activities.Pin(c.ctx, actor.Operator, id) })
}

type unpinCmd struct {
	ID string `arg:"" help:"The id of an event or a post, or its last part."`
}

// Run takes it from there.
func (cmd unpinCmd) Run(c *call) error {
	return c.pin(cmd.ID, "%s is not pinned.", func(t *app.Town, id string) error { return t.Activities.Unpin(c.ctx, actor.Operator, id) })
}

func (c *call) pin(arg, said string, do func(t *app.Town, id string) error) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	id := t.ObjectID(arg)
	if err := do(t, id); err != nil {
		return unknown(err, "ID", arg, "give what event add or post add printed, or its last part")
	}
	return c.print(made{ID: id}, said, id)
}

type hideCmd struct {
	ID string `arg:"" help:"The id of a foreign object, as remote list prints it."`
}

// Run hides it.
func (cmd hideCmd) Run(c *call) error { return c.setHidden(cmd.ID, true) }

type showCmd struct {
	ID string `arg:"" help:"The id of a foreign object, as remote list prints it."`
}

// Run shows it again.
func (cmd showCmd) Run(c *call) error { return c.setHidden(cmd.ID, false) }

func (c *call) setHidden(id string, hidden bool) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if id, err = t.RemoteID(c.ctx, id); err != nil {
		return err
	}
	if err := t.Activities.Hide(c.ctx, actor.Operator, id, hidden); err != nil {
		return err
	}
	word := "shown again"
	if hidden {
		word = "hidden"
	}
	return c.print(map[string]any{"id": id, "hidden": hidden}, "%s is %s.", id, word)
}

type blockCmd struct {
	Add    blockAddCmd    `cmd:"" help:"Keep a domain and all below it out, or with --limit, --allow and --without-pictures let less or more of it in."`
	List   blockListCmd   `cmd:"" help:"List the domains that are kept out; with --all those that are limited or allowed too."`
	Remove blockRemoveCmd `cmd:"" help:"Let a domain in again."`
}

type blockAddCmd struct {
	Domain          string `arg:"" help:"The domain, like example.org."`
	Limit           bool   `xor:"severity" help:"Do not keep it out: only who follows somebody there sees it, and it stands in no public list."`
	Allow           bool   `xor:"severity" help:"Do not keep it out: enter it as one that is let in where only entered ones are."`
	WithoutPictures bool   `help:"Take no pictures from there. Alone it changes nothing else."`
	WithoutReports  bool   `help:"Take no reports from there. Alone it changes nothing else."`
}

// severity says what holds for the domain: without pictures or reports alone it is
// let in.
func (cmd blockAddCmd) severity() actor.Severity {
	switch {
	case cmd.Limit:
		return actor.Limited
	case cmd.Allow, cmd.WithoutPictures, cmd.WithoutReports:
		return actor.Allowed
	}
	return actor.Blocked
}

// Run keeps the domain out, or does less.
func (cmd blockAddCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	severity := cmd.severity()
	domain, err := t.Moderation.Enter(c.ctx, actor.Operator, actor.Block{
		Domain: cmd.Domain, Severity: severity, RejectMedia: cmd.WithoutPictures, RejectReports: cmd.WithoutReports,
	})
	if err != nil {
		return err
	}
	words := map[actor.Severity]string{actor.Blocked: "is kept out", actor.Limited: "is limited", actor.Allowed: "is let in"}[severity]
	if cmd.WithoutPictures {
		words += ", without pictures"
	}
	if cmd.WithoutReports {
		words += ", without reports"
	}
	return c.print(map[string]any{"id": domain, "domain": domain, "severity": severity, "without_pictures": cmd.WithoutPictures, "without_reports": cmd.WithoutReports}, "%s %s.", domain, words)
}

type blockListCmd struct {
	All bool `help:"List what is limited or allowed too, with what holds."`
}

// entered is an entry as block list --all prints it.
type entered struct {
	Domain          string         `json:"domain"`
	Severity        actor.Severity `json:"severity"`
	WithoutPictures bool           `json:"without_pictures"`
	WithoutReports  bool           `json:"without_reports"`
}

// Run lists the domains.
func (cmd blockListCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	blocks, err := t.Actors.Blocks(c.ctx)
	if err != nil {
		return err
	}
	names, all := []string{}, []entered{}
	var lines []string
	for _, b := range blocks {
		all = append(all, entered{b.Domain, b.Severity, b.RejectMedia, b.RejectReports})
		lines = append(lines, b.Domain+" "+string(b.Severity))
		if b.Severity == actor.Blocked {
			names = append(names, b.Domain)
		}
	}
	if cmd.All {
		return c.print(all, "%s", strings.Join(lines, "\n"))
	}
	if len(names) == 0 && !c.cli.JSON {
		return c.print(nil, "No domain is kept out.")
	}
	return c.print(names, "%s", strings.Join(names, "\n"))
}

type blockRemoveCmd struct {
	Domain string `arg:"" help:"The domain."`
}

// Run lets the domain in.
func (cmd blockRemoveCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Moderation.Unblock(c.ctx, actor.Operator, cmd.Domain); err != nil {
		return err
	}
	return c.print(map[string]string{"id": cmd.Domain, "domain": cmd.Domain}, "%s is let in.", cmd.Domain)
}
