package reach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
)

const (
	// mostThings is how many of the latest things of a club are listed.
	mostThings = 50
	// months is how many months are looked at, and days how many days.
	months = 12
	days   = 14
	// week is how many of them are drawn.
	week = 7
	// fewest is from how many followers on a server is named: of fewer the server
	// would tell who they are.
	fewest = 3
)

// A Tally is a name with a number.
type Tally struct {
	Name string
	N    int
}

// A Month is how many follow since that month, of those who follow still.
type Month struct {
	Month time.Time
	N     int
}

// A Thing is something a club published, as the application calls it.
type Thing struct{ Href, Title, Line string }

// reaction is a thing with how others reacted to it.
type reaction struct {
	Thing
	Published time.Time
	object.Counts
}

// figures are all numbers of a club.
type figures struct {
	Followers int
	// Hosts are the servers on which several follow, the largest first; Others
	// counts those on all other servers.
	Hosts  []Tally
	Others int
	Months []Month
	Things []reaction
	Sum    object.Counts
	Days   []Day
	// Calendar and Feed are how many read on a day of the last seven.
	Calendar, Feed int
}

func (s *Surface) figures(ctx context.Context, club *actor.Actor) (*figures, error) {
	f := new(figures)
	followers, err := s.Actors.FollowersSince(ctx, club.ID)
	if err != nil {
		return nil, err
	}
	f.follow(followers, time.Now().In(s.Zone))
	if err := s.react(ctx, f, club.ID); err != nil {
		return nil, err
	}
	if f.Days, err = s.Readers.Days(ctx, club.ID, days); err != nil {
		return nil, err
	}
	for _, d := range f.Days[:week] {
		f.Calendar += d.Calendar
		f.Feed += d.Feed
	}
	f.Calendar, f.Feed = (f.Calendar+week/2)/week, (f.Feed+week/2)/week
	return f, nil
}

// follow counts followers by server and by month.
func (f *figures) follow(followers []actor.Follower, now time.Time) {
	f.Followers = len(followers)
	byHost := map[string]int{}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	for i := range months {
		f.Months = append(f.Months, Month{Month: first.AddDate(0, -i, 0)})
	}
	for _, one := range followers {
		byHost[one.Host]++
		since := one.Created.In(now.Location())
		if i := (first.Year()-since.Year())*12 + int(first.Month()-since.Month()); i >= 0 && i < months {
			f.Months[i].N++
		}
	}
	for host, n := range byHost {
		if n < fewest {
			f.Others += n
			continue
		}
		f.Hosts = append(f.Hosts, Tally{host, n})
	}
	slices.SortFunc(f.Hosts, func(a, b Tally) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
}

// react counts the reactions to the latest things of the club.
func (s *Surface) react(ctx context.Context, f *figures, clubID string) error {
	list, err := s.Objects.ListBy(ctx, object.Viewer{}, clubID, object.Page{Limit: mostThings, All: true}, s.Types...)
	if err != nil {
		return err
	}
	things, err := s.Entitle(ctx, list)
	if err != nil {
		return err
	}
	for i, o := range list {
		counts, err := s.Objects.Count(ctx, o.ID)
		if err != nil {
			return err
		}
		f.Things = append(f.Things, reaction{things[i], o.Published.In(s.Zone), counts})
		f.Sum.Likes += counts.Likes
		f.Sum.Announces += counts.Announces
		f.Sum.Replies += counts.Replies
	}
	return nil
}
