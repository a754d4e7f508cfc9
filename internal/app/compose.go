package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/web/component"
)

// How much of each kind stands on the start page and on a club's.
const (
	startEvents = 6
	startPosts  = 4
	startClubs  = 6
	clubEvents  = 6
	clubPosts   = 6
	startJobs   = 4
	clubJobs    = 6
)

// news joins what the start page shows.
func (t *Town) news(ctx context.Context, lang string) (timeline.New, error) {
	var n timeline.New
	var err error
	if t.open(listOf(event.Path)) {
		if err = t.soon(ctx, lang, &n); err != nil {
			return n, err
		}
	}
	if t.open(listOf(post.Path)) {
		if n.Posts, err = t.Posts.Cards(ctx, "", startPosts); err != nil {
			return n, err
		}
	}
	if n.Jobs, err = t.jobs(ctx, "", lang, startJobs); err != nil {
		return n, err
	}
	if n.Clubs, err = t.Clubs.Cards(ctx, nil, startClubs); err != nil {
		return n, err
	}
	fields, err := t.Clubs.Fields(ctx)
	for _, f := range fields {
		n.Fields = append(n.Fields, component.Chip{Key: f.Key, Href: f.Href, Count: component.Count(f.N)})
	}
	return n, err
}

// listOf gives the path of the list above the pages of single things.
func listOf(path string) string { return strings.TrimSuffix(path, "/") }

// soon adds what is on.
func (t *Town) soon(ctx context.Context, lang string, n *timeline.New) (err error) {
	if n.Events, err = t.Events.Rows(ctx, "", lang, startEvents); err != nil {
		return err
	}
	for _, soon := range []struct {
		when string
		to   **int
	}{{"heute", &n.Today}, {"wochenende", &n.Weekend}} {
		count, err := t.Events.CountWhen(ctx, soon.when)
		if err != nil {
			return err
		}
		*soon.to = component.Count(count)
	}
	return nil
}

// published joins what a club's page shows.
func (t *Town) published(ctx context.Context, actorID, lang string) (club.Published, error) {
	var p club.Published
	var err error
	if t.open(listOf(event.Path)) {
		if p.Events, err = t.Events.Rows(ctx, actorID, lang, clubEvents); err != nil {
			return p, err
		}
	}
	if p.Upcoming = len(p.Events); p.Upcoming == clubEvents {
		if p.Upcoming, err = t.Events.CountUpcoming(ctx, actorID, time.Now()); err != nil {
			return p, err
		}
	}
	if t.open(listOf(post.Path)) {
		if p.Posts, err = t.Posts.Cards(ctx, actorID, clubPosts+1); err != nil {
			return p, err
		}
	}
	if p.Jobs, err = t.jobs(ctx, actorID, lang, clubJobs+1); err != nil {
		return p, err
	}
	if p.MoreJobs = len(p.Jobs) > clubJobs; p.MoreJobs {
		p.Jobs = p.Jobs[:clubJobs]
	}
	if p.MorePosts = len(p.Posts) > clubPosts; p.MorePosts {
		p.Posts = p.Posts[:clubPosts]
	}
	return p, nil
}

// jobs gives what helpers are looked for, if the town uses that.
func (t *Town) jobs(ctx context.Context, actorID, lang string, limit int) ([]component.Job, error) {
	if !t.open(listOf(opportunity.Path)) {
		return nil, nil
	}
	return t.Opportunities.Jobs(ctx, actorID, lang, limit)
}

// jobsFor gives what helpers are looked for at an event, if the town uses that.
func (t *Town) jobsFor(ctx context.Context, id, lang string) ([]component.Job, error) {
	if !t.open(listOf(opportunity.Path)) {
		return nil, nil
	}
	return t.Opportunities.JobsFor(ctx, id, lang)
}

// upcoming counts what each of the clubs has announced.
func (t *Town) upcoming(ctx context.Context, ids []string) (map[string]int, error) {
	if !t.open(listOf(event.Path)) {
		return nil, nil
	}
	return t.Events.CountByClub(ctx, ids, time.Now())
}

// upcomingIDs lists the events of a club that have not ended, for other servers.
func (t *Town) upcomingIDs(ctx context.Context, actorID, after string, limit int) (ids []string, total int, err error) {
	if !t.open(listOf(event.Path)) {
		return nil, 0, nil
	}
	return t.Events.UpcomingIDs(ctx, actorID, after, limit)
}

// ObjectID gives the id that an operator means: the full one, or its last
// segment.
func (t *Town) ObjectID(arg string) string {
	if strings.Contains(arg, "://") {
		return arg
	}
	return t.Actors.Site().ObjectID(arg)
}

// RemoteID gives the id of the stored remote object that an operator means:
// the full one, or its last segment when only one ends with it.
func (t *Town) RemoteID(ctx context.Context, arg string) (string, error) {
	if strings.Contains(arg, "://") {
		return arg, nil
	}
	list, err := t.Objects.ListRemote(ctx, arg)
	if err != nil {
		return "", err
	}
	var found []string
	for _, o := range list {
		if o.Key() == arg {
			found = append(found, o.ID)
		}
	}
	if len(found) != 1 {
		return "", problem.NotFoundf("there is not exactly one foreign object whose id ends with %s: give the full id", arg)
	}
	return found[0], nil
}

// Remote is something that is stored from another server.
type Remote struct {
	// Type is actor, note, event, like, boost or follower.
	Type string `json:"type"`
	ID   string `json:"id"`
	// Author is the id of who wrote or did it.
	Author string `json:"author,omitempty"`
	// Acct is the address of an actor, name@domain.
	Acct   string    `json:"acct,omitempty"`
	Name   string    `json:"name,omitempty"`
	Text   string    `json:"text,omitempty"` // HTML, clean
	Object string    `json:"object,omitempty"`
	Hidden bool      `json:"hidden"`
	Time   time.Time `json:"time,omitzero"`
}

// Remote lists what is stored from other servers and contains match.
func (t *Town) Remote(ctx context.Context, match string) ([]Remote, error) {
	list := []Remote{}
	actors, err := t.Actors.ListRemote(ctx, match)
	if err != nil {
		return nil, err
	}
	for _, a := range actors {
		list = append(list, Remote{Type: "actor", ID: a.ID, Acct: a.Acct, Name: a.Name, Hidden: a.Blocked, Time: a.Published})
	}
	objects, err := t.Objects.ListRemote(ctx, match)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		list = append(list, Remote{
			Type: strings.ToLower(o.Type), ID: o.ID, Author: o.AttributedTo, Name: o.Name, Text: o.Content,
			Object: o.InReplyTo, Hidden: o.Hidden, Time: o.Published,
		})
	}
	done, err := t.done(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range done {
		if match == "" || strings.Contains(strings.ToLower(d.ID+" "+d.Author+" "+d.Object), strings.ToLower(match)) {
			list = append(list, d)
		}
	}
	return list, nil
}

// done lists likes, boosts and followers.
func (t *Town) done(ctx context.Context) ([]Remote, error) {
	var list []Remote
	reactions, err := t.Objects.ListReactions(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range reactions {
		kind := "like"
		if r.Type == object.Announce {
			kind = "boost"
		}
		list = append(list, Remote{Type: kind, ID: r.ID, Author: r.ActorID, Object: r.ObjectID, Time: r.Published})
	}
	follows, err := t.Actors.ListFollows(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range follows {
		list = append(list, Remote{Type: "follower", ID: f.ID, Author: f.ActorID, Object: f.ObjectID, Time: f.Created})
	}
	return list, nil
}

// Demo fills a database without clubs with a sample village and gives how many
// clubs it made. Where there are clubs it is refused, or with keep does
// nothing.
func (t *Town) Demo(ctx context.Context, keep bool) (int, error) {
	clubs, err := t.Clubs.List(ctx)
	if err != nil {
		return 0, err
	}
	if len(clubs) > 0 {
		if keep {
			return 0, nil
		}
		return 0, problem.Conflictf("there are clubs in this database; the sample village needs an empty one (with --keep nothing is done)")
	}
	n, err := t.village(ctx)
	if err != nil {
		return n, fmt.Errorf("fill the sample village: %w", err)
	}
	return n, nil
}
