package town

import (
	"context"
	"time"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
)

// named is with how many followers a server is called by its name: behind one
// with fewer a single person may stand, who would be named with it. What our
// clubs follow they name themselves.
const named = 3

// openMonths is how many months are looked at.
const openMonths = 12

// Openly is what the town says of its dealings with others and of what it
// decides, as a program reads it.
type Openly struct {
	Town string `json:"town"`
	// At is when it was made.
	At time.Time `json:"at"`
	// Federated is false while the town speaks with nobody.
	Federated bool `json:"federated"`
	// Connected are the servers that are named, Unnamed counts the others.
	Connected []Server   `json:"connected"`
	Unnamed   OtherSides `json:"unnamed"`
	// OnlyAllowed says that nobody but who is entered is let in.
	OnlyAllowed bool `json:"onlyAllowed"`
	// Entries say who is kept out, limited or let in by name; Unlisted counts those
	// that the town hall keeps to itself.
	Entries  []Entry `json:"entries"`
	Unlisted int     `json:"unlisted"`
	// Months are the last ones, the newest first.
	Months []OpenMonth `json:"months"`
	// Kept says for how many hours what is kept.
	Kept map[string]int `json:"keptHours"`
}

// A Server is one with which we are connected.
type Server struct {
	Host      string `json:"host"`
	Software  string `json:"software,omitempty"`
	Followers int    `json:"followers"`
	Follows   int    `json:"follows"`
	// Since and Last are days; Last is "" when nothing is known of it.
	Since string `json:"since"`
	Last  string `json:"lastContact,omitempty"`
}

// OtherSides counts servers that are not named, and who follows from there.
type OtherSides struct {
	Servers   int `json:"servers"`
	Followers int `json:"followers"`
}

// An Entry says how far a domain and all below it is let in.
type Entry struct {
	Domain        string         `json:"domain"`
	Severity      actor.Severity `json:"severity"`
	RejectMedia   bool           `json:"rejectMedia,omitempty"`
	RejectReports bool           `json:"rejectReports,omitempty"`
	Comment       string         `json:"comment,omitempty"`
	Since         string         `json:"since"`
}

// OpenMonth are the numbers of one month, by the names of moderation.Counts.
type OpenMonth struct {
	Month  string         `json:"month"`
	Counts map[string]int `json:"counts"`
	first  time.Time
}

// openly gathers it.
func (p *Pages) openly(ctx context.Context) (*Openly, error) {
	run, err := p.Running(ctx)
	if err != nil {
		return nil, err
	}
	look, err := p.Look(ctx)
	if err != nil {
		return nil, err
	}
	now := p.now().In(p.Zone)
	o := &Openly{Town: p.name(look), At: now, Federated: run.Federation, Connected: []Server{}, Entries: []Entry{}, Kept: map[string]int{}}
	for name, d := range run.Kept {
		o.Kept[name] = int(d.Hours())
	}
	servers, err := p.Connections(ctx)
	if err != nil {
		return nil, err
	}
	o.connect(servers, p.Zone)
	entries, err := p.actors.Blocks(ctx)
	if err != nil {
		return nil, err
	}
	only, err := p.actors.OnlyAllowed(ctx)
	if err != nil {
		return nil, err
	}
	o.OnlyAllowed = only != nil
	for _, b := range entries {
		if b.Unlisted {
			o.Unlisted++
			continue
		}
		o.Entries = append(o.Entries, Entry{
			Domain: b.PublicDomain(), Severity: b.Severity, RejectMedia: b.RejectMedia, RejectReports: b.RejectReports, Comment: b.PublicComment,
			Since: b.Created.In(p.Zone).Format(time.DateOnly),
		})
	}
	o.Months, err = p.openMonths(ctx, now)
	return o, err
}

// connect sorts servers into those that are named and the others.
func (o *Openly) connect(servers []activity.Connection, zone *time.Location) {
	for _, c := range servers {
		if c.Followers < named && c.Follows == 0 {
			o.Unnamed.Servers++
			o.Unnamed.Followers += c.Followers
			continue
		}
		s := Server{Host: c.Host, Software: c.Software, Followers: c.Followers, Follows: c.Follows, Since: c.Since.In(zone).Format(time.DateOnly)}
		if !c.Last.IsZero() {
			s.Last = c.Last.In(zone).Format(time.DateOnly)
		}
		o.Connected = append(o.Connected, s)
	}
}

// openMonths counts what was reported and decided in the last months.
func (p *Pages) openMonths(ctx context.Context, now time.Time) ([]OpenMonth, error) {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	happened, err := p.Moderation.Happened(ctx, first.AddDate(0, 1-openMonths, 0))
	if err != nil {
		return nil, err
	}
	var list []OpenMonth
	for i := range openMonths {
		m := OpenMonth{first: first.AddDate(0, -i, 0), Counts: map[string]int{}}
		m.Month = m.first.Format("2006-01")
		for _, name := range moderation.Counts {
			m.Counts[name] = 0
			for _, at := range happened[name] {
				if at = at.In(now.Location()); at.Year() == m.first.Year() && at.Month() == m.first.Month() {
					m.Counts[name]++
				}
			}
		}
		list = append(list, m)
	}
	return list, nil
}
