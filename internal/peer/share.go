package peer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
)

// shareable tells whether something of ours may be shared at all.
func shareable(o *object.Object) bool {
	return o.Local && o.Visibility == object.Public && o.InReplyTo == "" && !o.Hidden
}

// Readers implements activity.Region. Towns that say their terms are told directly
// what they get; whoever has had an announcement is told of changes. A deletion
// goes to all of them, whatever was agreed since.
func (s *Peers) Readers(ctx context.Context, tx bun.Tx, kind string, o *object.Object) ([]string, error) {
	if !shareable(o) && kind != activity.Delete || o.InReplyTo != "" || o.Visibility != object.Public {
		return nil, nil
	}
	towns, err := s.list(ctx, tx, Live)
	if err != nil {
		return nil, err
	}
	var ids []string
	if len(towns) > 0 {
		about, err := s.judge(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		for _, p := range towns {
			goes := p.Terms && kind == activity.Delete
			if p.Terms && !goes && p.Open() {
				if goes, err = about.goes(ctx, tx, p); err != nil {
					return nil, err
				}
			}
			if goes {
				ids = append(ids, p.ActorID)
			}
		}
	}
	if kind == activity.Create {
		return ids, nil
	}
	more, err := s.subscribers(ctx, tx, false)
	return append(ids, more...), err
}

// subscribers gives who follows the relay actor; with relays those alone that read
// changes from announcements.
func (s *Peers) subscribers(ctx context.Context, db bun.IDB, relays bool) ([]string, error) {
	var ids []string
	q := db.NewSelect().Model((*actor.Follow)(nil)).Column("follow.actor_id").Where("follow.object_id = ?", s.actors.Site().RelayID()).
		Where("follow.state = ?", actor.FollowAccepted).Order("follow.actor_id")
	if relays {
		q = q.Where("follow.actor_id LIKE '%/relay'")
	}
	if err := q.Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list who follows the relay: %w", err)
	}
	return ids, nil
}

// Announce implements activity.Region. What is new is announced to all who follow
// the relay actor. A change is announced again only to relays such as Mobilizon's,
// which read the thing anew then: Mastodon takes the Update that it got.
func (s *Peers) Announce(ctx context.Context, tx bun.Tx, kind string, o *object.Object) error {
	if !shareable(o) || kind != activity.Create && kind != activity.Update {
		return nil
	}
	if kind == activity.Update {
		if err := s.withdraw(ctx, tx, o); err != nil {
			return err
		}
	}
	to, err := s.subscribers(ctx, tx, kind == activity.Update)
	if err != nil || len(to) == 0 {
		return err
	}
	relay, err := s.relay(ctx, tx)
	if err != nil {
		return err
	}
	a := &as.Activity{Type: activity.Announce, To: []string{as.Public}, Cc: []string{relay.Followers}, Object: as.Item{ID: o.ID}}
	if kind == activity.Create {
		return s.activities.Publish(ctx, tx, relay, a)
	}
	return s.activities.PublishTo(ctx, tx, relay, a, to)
}

// withdraw tells the towns that may have something and do not get it any more, since
// it is of another kind now, or lies elsewhere. A pause does not keep that back, as little as a deletion.
func (s *Peers) withdraw(ctx context.Context, tx bun.Tx, o *object.Object) error {
	towns, err := s.list(ctx, tx, Live)
	if err != nil || len(towns) == 0 {
		return err
	}
	about, err := s.judge(ctx, tx, o)
	if err != nil {
		return err
	}
	for _, p := range towns {
		if !p.Terms || !about.went(p) {
			continue
		}
		if goes, err := about.goes(ctx, tx, p); err != nil {
			return err
		} else if goes {
			continue
		}
		if err := s.activities.Withdraw(ctx, tx, o, p.terms(), p.ActorID); err != nil {
			return err
		}
	}
	return nil
}

// Directories implements activity.Region.
func (s *Peers) Directories(ctx context.Context, tx bun.Tx) ([]string, error) {
	towns, err := s.list(ctx, tx, Live)
	var ids []string
	for _, p := range towns {
		if p.Terms && p.Open() && slices.Contains(p.Out(), Clubs) {
			ids = append(ids, p.ActorID)
		}
	}
	return ids, err
}

const (
	// batch is how much is sent to a town in one transaction.
	batch = 50
	// news is how old a post is at most that a town gets with which something was
	// just agreed.
	news = 60 * 24 * time.Hour
)

// CatchUp sends to each town what it has missed: all that stands when the agreement
// is new, and after a pause what was changed meanwhile.
func (s *Peers) CatchUp(ctx context.Context) error {
	towns, err := s.list(ctx, s.db.Read(), Live)
	if err != nil {
		return err
	}
	if len(towns) > 0 { // what is done in transactions finds the places there
		if err := s.Places.Ready(ctx); err != nil {
			return err
		}
	}
	home, err := s.home(ctx)
	if err != nil {
		return err
	}
	for _, p := range towns {
		if !p.Terms || !p.Open() {
			continue
		}
		if p.Home != home {
			if err := s.moved(ctx, p.Host, home); err != nil {
				return err
			}
		}
		if p.Due.IsZero() { // as a rule: then nothing is written
			if fresh, err := s.freshClubs(ctx, s.db.Read(), p); err != nil {
				return err
			} else if len(fresh) == 0 {
				continue
			}
		}
		for more := true; more; {
			err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				var err error
				more, err = s.catchUp(ctx, tx, p.Host)
				return err
			})
			if err != nil {
				return fmt.Errorf("send to %s what it has missed: %w", p.Host, err)
			}
		}
	}
	return nil
}

// moved tells a town that this one is somewhere else, or was found: what has no place
// counts as being there.
func (s *Peers) moved(ctx context.Context, host string, home Area) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := s.latest(ctx, tx, host)
		if err != nil || p == nil || p.State != Live || p.Home == home {
			return err
		}
		before := *p
		if len(p.OutNear()) > 0 {
			p.resend(time.Time{})
		}
		if err := s.follow(ctx, tx, p); err != nil {
			return err
		}
		return s.put(ctx, tx, &before, p)
	})
}

// catchUp sends some of it, and tells whether there is more.
func (s *Peers) catchUp(ctx context.Context, tx bun.Tx, host string) (bool, error) {
	p, err := s.latest(ctx, tx, host)
	if err != nil || p == nil || !p.Open() {
		return false, err
	}
	if err := s.tellClubs(ctx, tx, p); err != nil {
		return false, err
	}
	if p.Due.IsZero() {
		return false, s.progress(ctx, tx, p)
	}
	list, err := s.missed(ctx, tx, p)
	if err != nil {
		return false, err
	}
	var ids []string
	for _, o := range list {
		ids = append(ids, o.ID)
	}
	over, err := s.objects.Over(ctx, tx, ids)
	if err != nil {
		return false, err
	}
	for _, o := range list {
		p.DueAfter = o.ID
		if slices.Contains(over, o.ID) {
			continue
		}
		about, err := s.judge(ctx, tx, o)
		if err != nil {
			return false, err
		}
		if goes, err := about.goes(ctx, tx, p); err != nil {
			return false, err
		} else if !goes {
			continue
		}
		if err := s.activities.Tell(ctx, tx, o, p.ActorID); err != nil {
			return false, err
		}
	}
	more := len(list) == batch
	if !more {
		p.Due, p.DueAfter = time.Time{}, ""
	}
	return more, s.progress(ctx, tx, p)
}

// missed gives what comes next of what was changed since p.Due.
func (s *Peers) missed(ctx context.Context, tx bun.Tx, p *Peer) ([]*object.Object, error) {
	var list []*object.Object
	q := tx.NewSelect().Model(&list).Relation("Attachment", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("position") }).
		Where("object.local").Where("object.id > ?", p.DueAfter).Where("object.in_reply_to = ''").Where("object.stale < 2").
		Apply(object.VisibleTo(object.Viewer{})).Where("object.visibility = ?", object.Public).
		Where("(object.published >= ? OR object.updated >= ? OR object.received >= ?)", p.Due, p.Due, p.Due).Order("object.id").Limit(batch)
	if p.Due.Equal(dawn) {
		q = q.Where("(object.type <> 'Note' OR object.published >= ?)", s.now().Add(-news))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list what %s has missed: %w", p.Host, err)
	}
	return list, nil
}

// freshClubs gives those of our clubs of which a town that has our directory does
// not know.
func (s *Peers) freshClubs(ctx context.Context, db bun.IDB, p *Peer) ([]*actor.Actor, error) {
	if !slices.Contains(p.Out(), Clubs) {
		return nil, nil
	}
	var list []*actor.Actor
	q := db.NewSelect().Model(&list).Where("actor.local").Where("actor.type = ?", actor.Group).Where("actor.state = ?", actor.Active).
		Where("actor.merged IS NULL").Where("NOT actor.limited").Order("actor.id")
	if !p.ClubsTold.IsZero() {
		q = q.Where("(actor.published >= ? OR actor.updated >= ?)", p.ClubsTold, p.ClubsTold)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list clubs for %s: %w", p.Host, err)
	}
	return list, nil
}

// tellClubs tells a town of them.
func (s *Peers) tellClubs(ctx context.Context, tx bun.Tx, p *Peer) error {
	now := s.now()
	list, err := s.freshClubs(ctx, tx, p)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := s.activities.TellActor(ctx, tx, a, p.ActorID); err != nil {
			return err
		}
	}
	if len(list) > 0 {
		p.ClubsTold = now
	}
	return nil
}

// progress notes how far a town was told.
func (s *Peers) progress(ctx context.Context, tx bun.Tx, p *Peer) error {
	_, err := tx.NewUpdate().Model(p).Column("due", "due_after", "clubs_told").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("note how far %s was told: %w", p.Host, err)
	}
	return nil
}

// asking is how often a town is asked how it is.
const asking = time.Hour

// LookAfter asks each town what it runs and what time it is there.
func (s *Peers) LookAfter(ctx context.Context) error {
	towns, err := s.List(ctx)
	if err != nil || s.Ask == nil {
		return err
	}
	for _, p := range towns {
		if p.State != Live || s.now().Sub(p.Probed) < asking/2 {
			continue
		}
		software, clock, err := s.Ask(ctx, p.Host)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.Probed, p.Fault = s.now(), ""
		if err != nil {
			p.Fault = line(err.Error())
		} else {
			p.Software, p.Clock = line(software), int(clock.Round(time.Second).Seconds())
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model(p).Column("probed", "software", "clock", "fault").WherePK().Exec(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("note how %s is: %w", p.Host, err)
		}
	}
	return nil
}
