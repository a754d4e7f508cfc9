package main

import (
	"strings"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

type siteVoiceCmd struct {
	Club string `arg:"" optional:"" help:"The handle of the club whose notices are the announcements of the town hall."`
	None bool   `help:"No club speaks for the town hall any more."`
}

// voicePrinted is what the verb prints: the actor, and the page of what it
// announces.
type voicePrinted struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// Run sets in whose name the town hall announces.
func (cmd siteVoiceCmd) Run(c *call) error {
	if (cmd.Club == "") != cmd.None {
		return errUsage{"give the handle of a club, or --none"}
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	p := voicePrinted{URL: t.Config.Origin + town.NoticesPath}
	if cmd.None {
		if err := t.Settings.Speak(c.ctx, actor.Operator, ""); err != nil {
			return err
		}
		return c.print(p, "No club speaks for the town hall any more.")
	}
	a, err := t.Actors.FindLocal(c.ctx, strings.TrimPrefix(cmd.Club, "@"))
	if err != nil {
		return err
	}
	if a.Type != actor.Group {
		return problem.NotFoundf("there is no club %s", cmd.Club)
	}
	if err := t.Settings.Speak(c.ctx, actor.Operator, a.ID); err != nil {
		return err
	}
	p.ID = a.ID
	return c.print(p, "%s speaks for the town hall now; %s lists what it announces.", a.Handle(), p.URL)
}
