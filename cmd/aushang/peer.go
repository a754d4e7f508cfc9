package main

import (
	"fmt"
	"strings"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/peer"
)

type peerCmd struct {
	Add     peerAddCmd     `cmd:"" help:"Ask another town to share with this one."`
	Accept  peerAcceptCmd  `cmd:"" help:"Agree to what another town asks for."`
	Decline peerDeclineCmd `cmd:"" help:"Refuse what another town asks for."`
	Change  peerChangeCmd  `cmd:"" help:"Set other terms; the other town is told."`
	List    peerListCmd    `cmd:"" help:"List the towns and what was agreed with them."`
	Pause   peerPauseCmd   `cmd:"" help:"Stop at once that anything goes or shows; nothing is lost."`
	Resume  peerResumeCmd  `cmd:"" help:"Go on; what was missed is made up for."`
	Remove  peerRemoveCmd  `cmd:"" help:"End an agreement, and remove what came by it."`
}

// terms are the flags of what is agreed.
type terms struct {
	Asks    string `default:"events,opportunities,announcements" help:"What this town would like to have: events, opportunities, clubs, announcements, wanted, offers, help, with commas between them; \"\" for nothing."`
	Gives   string `default:"events,opportunities,announcements" help:"What the other town may have of this one."`
	AsksKm  int    `name:"asks-km" help:"Of events and opportunities only what lies within so many kilometres of --asks-near; 0 is no limit."`
	GivesKm int    `name:"gives-km" help:"The same for what the other town may have."`
	// AsksNear and GivesNear are places, "" for that of the town.
	AsksNear  string `name:"asks-near" help:"The place around which the kilometres count; without it, that of this town."`
	GivesNear string `name:"gives-near" help:"The same for what the other town may have."`
	Trusted   bool   `help:"Show at once what comes; otherwise the town hall looks at it first."`
	Purpose   string `help:"What it is for, in one sentence."`
}

func (t terms) read() (peer.Terms, error) {
	p := peer.Terms{Trusted: t.Trusted, Purpose: t.Purpose, AsksNear: peer.Near{Place: t.AsksNear, Km: t.AsksKm}, GivesNear: peer.Near{Place: t.GivesNear, Km: t.GivesKm}}
	for flag, list := range map[string]struct {
		typed string
		to    *[]string
	}{"--asks": {t.Asks, &p.Asks}, "--gives": {t.Gives, &p.Gives}} {
		for _, scope := range strings.FieldsFunc(list.typed, func(r rune) bool { return r == ',' || r == ' ' }) {
			if !strings.Contains(" "+strings.Join(peer.Scopes, " ")+" ", " "+scope+" ") {
				return p, errUsage{fmt.Sprintf("%s: there is nothing called %q that could be shared; give some of %s", flag, scope, strings.Join(peer.Scopes, ", "))}
			}
			*list.to = append(*list.to, scope)
		}
	}
	return p, nil
}

// peerPrinted is what these verbs print.
type peerPrinted struct {
	Host  string   `json:"host"`
	State string   `json:"state"`
	In    []string `json:"in"`
	Out   []string `json:"out"`
	// InNear and OutNear say within which areas of that lies what lies somewhere.
	InNear  []printedArea `json:"inNear,omitempty"`
	OutNear []printedArea `json:"outNear,omitempty"`
	// Paused says who pauses: ours, theirs, or "".
	Paused   string `json:"paused,omitempty"`
	Trusted  bool   `json:"trusted"`
	Software string `json:"software,omitempty"`
	Fault    string `json:"fault,omitempty"`
}

// printedArea is all that lies within some kilometres of a place.
type printedArea struct {
	Place     string  `json:"place"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Km        int     `json:"km"`
}

func printedAreas(list []peer.Area) []printedArea {
	var all []printedArea
	for _, a := range list {
		all = append(all, printedArea{a.Name, a.Latitude, a.Longitude, a.Km})
	}
	return all
}

func printed(p *peer.Peer) peerPrinted {
	line := peerPrinted{Host: p.Host, State: p.State, In: append([]string{}, p.In()...), Out: append([]string{}, p.Out()...), Trusted: p.Trusted, Software: p.Software, Fault: p.Fault, InNear: printedAreas(p.InNear()), OutNear: printedAreas(p.OutNear())}
	switch {
	case !p.Paused.IsZero():
		line.Paused = "ours"
	case !p.TheirPaused.IsZero():
		line.Paused = "theirs"
	}
	return line
}

type peerAddCmd struct {
	Domain string `arg:"" help:"The domain of the other town."`
	Terms  terms  `embed:""`
}

// Run asks it.
func (cmd peerAddCmd) Run(c *call) error {
	terms, err := cmd.Terms.read()
	if err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	host, err := t.Peers.Propose(c.ctx, actor.Operator, cmd.Domain, terms)
	if err != nil {
		return err
	}
	return c.print(map[string]string{"host": host}, "%s is asked.", host)
}

type peerAcceptCmd struct {
	Host  string `arg:"" help:"The host of the other town, as peer list shows it."`
	Terms terms  `embed:""`
}

// Run accepts.
func (cmd peerAcceptCmd) Run(c *call) error {
	terms, err := cmd.Terms.read()
	if err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Peers.Accept(c.ctx, actor.Operator, cmd.Host, terms); err != nil {
		return err
	}
	return c.print(map[string]string{"host": cmd.Host}, "The agreement with %s is in force.", cmd.Host)
}

type peerChangeCmd struct {
	Host  string `arg:"" help:"The host of the other town, as peer list shows it."`
	Terms terms  `embed:""`
}

// Run changes the terms.
func (cmd peerChangeCmd) Run(c *call) error {
	terms, err := cmd.Terms.read()
	if err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Peers.Change(c.ctx, actor.Operator, cmd.Host, terms); err != nil {
		return err
	}
	return c.print(map[string]string{"host": cmd.Host}, "%s is told the new terms.", cmd.Host)
}

type peerDeclineCmd struct {
	Host string `arg:"" help:"The host of the other town, as peer list shows it."`
}

// Run declines.
func (cmd peerDeclineCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Peers.Decline(c.ctx, actor.Operator, cmd.Host); err != nil {
		return err
	}
	return c.print(map[string]string{"host": cmd.Host}, "%s is told that nothing is shared.", cmd.Host)
}

type peerPauseCmd struct {
	Host string `arg:"" help:"The host of the other town, as peer list shows it."`
}

// Run pauses.
func (cmd peerPauseCmd) Run(c *call) error {
	return c.pause(cmd.Host, true, "Nothing of %s shows or goes there now.")
}

type peerResumeCmd struct {
	Host string `arg:"" help:"The host of the other town, as peer list shows it."`
}

// Run goes on.
func (cmd peerResumeCmd) Run(c *call) error { return c.pause(cmd.Host, false, "It goes on with %s.") }

func (c *call) pause(host string, on bool, says string) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Peers.Pause(c.ctx, actor.Operator, host, on); err != nil {
		return err
	}
	return c.print(map[string]string{"host": host}, says, host)
}

type peerRemoveCmd struct {
	Host string `arg:"" help:"The host of the other town, as peer list shows it."`
}

// Run ends it.
func (cmd peerRemoveCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Peers.End(c.ctx, actor.Operator, cmd.Host); err != nil {
		return err
	}
	return c.print(map[string]string{"host": cmd.Host}, "The agreement with %s is over.", cmd.Host)
}

type peerListCmd struct{}

// Run lists them.
func (peerListCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list, err := t.Peers.List(c.ctx)
	if err != nil {
		return err
	}
	all := []peerPrinted{}
	var lines []string
	for _, p := range list {
		l := printed(p)
		all = append(all, l)
		lines = append(lines, fmt.Sprintf("%s  %s  we get: %s  they get: %s", l.Host, l.State, strings.Join(l.In, " "), strings.Join(l.Out, " ")))
	}
	if len(all) == 0 && !c.cli.JSON {
		return c.print(nil, "Nothing was agreed with any town.")
	}
	return c.print(all, "%s", strings.Join(lines, "\n"))
}
