package main

import (
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/problem"
)

type opportunityCmd struct {
	Add opportunityAddCmd `cmd:"" help:"Look for volunteers."`
}

type opportunityAddCmd struct {
	Club     string   `required:"" help:"The handle of the club in whose name it is published."`
	Name     string   `required:"" help:"What help is wanted for, in a few words."`
	Text     string   `required:"" help:"What is to be done (Markdown)."`
	Start    string   `help:"When help is wanted, if it is once. Without zone it is the town's time; a date alone is the whole day."`
	End      string   `help:"When that ends."`
	Shift    []string `help:"A shift, like 2026-07-11, 14:00 to 16:00, 4, selling cake. Can be given several times." sep:"none"`
	Times    string   `help:"Without a start: recurring, flexible or oncall." default:"flexible" enum:"recurring,flexible,oncall"`
	Places   int      `help:"How many people are wanted; 0 is any number."`
	Place    string   `help:"Where; otherwise somewhere in the town."`
	Remote   bool     `help:"It can be done from home."`
	Category string   `help:"A topic: sport, music, nature, rescue, youth, heritage, social, culture, faith or other."`
	Effort   string   `help:"How many hours it takes each time."`
	Until    string   `help:"The last day on which it is listed; otherwise half a year."`
	Event    string   `help:"The id of the event that it helps, or its last part."`
}

// Run publishes the opportunity.
func (cmd opportunityAddCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	k, err := c.club("--club", cmd.Club)
	if err != nil {
		return err
	}
	d := opportunity.Draft{
		AttributedTo: k.ID, Name: cmd.Name, Text: cmd.Text, Times: cmd.Times, Place: cmd.Place, Remote: cmd.Remote, Field: cmd.Category,
		Effort: cmd.Effort, Until: cmd.Until, Shifts: strings.Join(cmd.Shift, "\n"),
	}
	if cmd.Place == "" && !cmd.Remote {
		d.Place = t.Config.Name
	}
	if cmd.Places > 0 {
		d.Places = strconv.Itoa(cmd.Places)
	}
	if cmd.Event != "" {
		d.Context = t.ObjectID(cmd.Event)
	}
	if cmd.Start != "" || cmd.End != "" || len(cmd.Shift) > 0 {
		d.Times = opportunity.Once
	}
	if cmd.Start != "" || cmd.End != "" {
		if err := cmd.when(&d, t.Config.Location()); err != nil {
			return err
		}
	}
	o, err := t.Opportunities.Create(c.ctx, actor.Operator, d)
	if err != nil {
		return err
	}
	return c.print(made{ID: o.ID, URL: o.URL}, "%s  %s", o.URL, o.ID)
}

// when reads start and end. What lasts longer than a day is a shift, since a
// form has one day only.
func (cmd opportunityAddCmd) when(d *opportunity.Draft, zone *time.Location) error {
	var errs problem.Fields
	start, allDay, wrong := event.ParseTime(cmd.Start, zone)
	if wrong != "" {
		errs.Add("start", wrong)
		return errs.Err()
	}
	d.Day = start.Format(time.DateOnly)
	if !allDay {
		d.From = start.Format("15:04")
	}
	if cmd.End == "" {
		return nil
	}
	end, endDay, wrong := event.ParseTime(cmd.End, zone)
	switch {
	case wrong != "":
		errs.Add("end", wrong)
	case endDay || allDay:
		errs.Add("end", "Give both the start and the end with a time of day, or the start alone.")
	case !end.After(start):
		errs.Add("end", "The end is not after the start.")
	case end.Sub(start) > 12*time.Hour && end.Format(time.DateOnly) != start.Format(time.DateOnly):
		errs.Add("end", "It lasts longer than half a day; give a --shift for each of its days.")
	default:
		d.To = end.Format("15:04")
	}
	return errs.Err()
}
