package activity

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Region joins the town with other towns, and with those who take what it
// publishes through its relay actor.
type Region interface {
	// Asked answers a Follow of the relay actor, or of the Public collection as
	// Mastodon sends it to a relay.
	Asked(ctx context.Context, tx bun.Tx, a *as.Activity, sender *actor.Actor) error
	// Accepted and Rejected hear what another server answers to a Follow by the relay
	// actor, which is stored or gone by then; Left hears that it takes its own back.
	Accepted(ctx context.Context, tx bun.Tx, a *as.Activity, sender *actor.Actor) error
	Rejected(ctx context.Context, tx bun.Tx, sender *actor.Actor) error
	Left(ctx context.Context, tx bun.Tx, sender *actor.Actor) error
	// Neighbour tells whether an id is that of the relay actor of another town.
	Neighbour(ctx context.Context, db bun.IDB, id string) (bool, error)
	// Takes tells whether something by an actor of another town is taken; Taken hears
	// that it was stored.
	Takes(ctx context.Context, db bun.IDB, o *as.Object, author *actor.Actor) (bool, error)
	Taken(ctx context.Context, tx bun.Tx, o *as.Object, author *actor.Actor) error
	// LetsGo removes what came from a host by an agreement and is not shared any
	// more, and tells whether it did: then it is as if it had never come.
	LetsGo(ctx context.Context, tx bun.Tx, id, host string) (bool, error)
	// Agreed tells whether an agreement with a host is in force.
	Agreed(ctx context.Context, db bun.IDB, host string) (bool, error)
	// Readers gives by their ids which towns and relays are told directly what
	// became of something of ours, and Announce tells the others.
	Readers(ctx context.Context, tx bun.Tx, kind string, o *object.Object) ([]string, error)
	Announce(ctx context.Context, tx bun.Tx, kind string, o *object.Object) error
	// Directories gives the towns that have a list of our clubs.
	Directories(ctx context.Context, tx bun.Tx) ([]string, error)
}

// relayed tells whether what an activity follows is our relay actor.
func (s *Activities) relayed(id string) bool {
	return s.Region != nil && (as.IsPublic(id) || id == s.site.RelayID())
}

// overreaches tells whether the relay actor of another town shares what is on a
// third server: nobody speaks for others, and nothing is passed on.
func (s *Activities) overreaches(ctx context.Context, db bun.IDB, a *as.Activity) (bool, error) {
	// Most boosts are by people: only who may be a relay is looked up.
	if s.Region == nil || !strings.HasSuffix(a.Actor, "/relay") || as.SameOrigin(a.Object.Ref(), a.Actor) {
		return false, nil
	}
	return s.Region.Neighbour(ctx, db, a.Actor)
}

// takes tells whether a town shares o with us by an agreement.
func (s *Activities) takes(ctx context.Context, db bun.IDB, o *as.Object, author *actor.Actor) (bool, error) {
	if s.Region == nil {
		return false, nil
	}
	return s.Region.Takes(ctx, db, o, author)
}

// shares stores what the relay actor of another town shares of its own; done is
// false when a comes from somebody else.
func (s *Activities) shares(ctx context.Context, tx bun.Tx, a *as.Activity) (done bool, err error) {
	if over, err := s.overreaches(ctx, tx, a); err != nil {
		return false, err
	} else if over {
		return false, forbidden(a, "it shares what is on another server")
	}
	o := a.Object.Object
	if s.Region == nil || o == nil || o.AttributedTo == "" || !strings.HasSuffix(a.Actor, "/relay") {
		return false, nil
	}
	if town, err := s.Region.Neighbour(ctx, tx, a.Actor); err != nil || !town {
		return false, err
	}
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return true, err
	}
	if author.Blocked || author.State == actor.Suspended {
		return true, forbidden(a, "its author is kept out")
	}
	takes, err := s.Region.Takes(ctx, tx, o, author)
	if err == nil && !takes {
		_, err = s.Region.LetsGo(ctx, tx, o.ID, author.Host)
	}
	if err != nil || !takes {
		return true, err
	}
	if err := s.objects.Receive(ctx, tx, o, author); err != nil {
		return true, err
	}
	if s.Look != nil {
		if err := s.Look(ctx, tx, o.ID, author); err != nil {
			return true, err
		}
	}
	return true, s.Region.Taken(ctx, tx, o, author)
}

// Tell sends the present version of one of our objects to some actors alone.
func (s *Activities) Tell(ctx context.Context, tx bun.Tx, o *object.Object, to ...string) error {
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil || author.State != actor.Active {
		return err
	}
	doc, err := s.objects.Document(ctx, tx, o, author)
	if err != nil {
		return err
	}
	return s.PublishTo(ctx, tx, author, &as.Activity{Type: Update, To: doc.To, Cc: doc.Cc, Object: as.Item{Object: doc}}, to)
}

// Withdraw tells a town that one of our objects is not shared with it any more under
// these terms: it is deleted there, and may come again.
func (s *Activities) Withdraw(ctx context.Context, tx bun.Tx, o *object.Object, terms *as.Peering, town string) error {
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	return s.PublishTo(ctx, tx, author, &as.Activity{Type: Delete, To: []string{town}, Object: as.Item{ID: o.ID}, Agreement: terms}, []string{town})
}

// withdrawn removes what its author shares with us no more, and tells whether that
// is what a Delete says.
func (s *Activities) withdrawn(ctx context.Context, tx bun.Tx, a *as.Activity) (bool, error) {
	if a.Agreement == nil || s.Region == nil || a.Object.Ref() == a.Actor {
		return false, nil
	}
	host := foundIn(ctx).sender.Host
	if town, err := s.Region.Agreed(ctx, tx, host); err != nil || !town {
		return false, err // it is deleted, whatever else it says
	}
	_, err := s.Region.LetsGo(ctx, tx, a.Object.Ref(), host)
	return true, err
}

// TellActor sends to some actors alone what one of ours says of itself.
func (s *Activities) TellActor(ctx context.Context, tx bun.Tx, a *actor.Actor, to ...string) error {
	return s.PublishTo(ctx, tx, a, &as.Activity{
		Type: Update, To: []string{as.Public}, Cc: []string{a.Followers}, Object: as.Item{Actor: s.actors.Activity(a)},
	}, to)
}

// FollowUnder makes the local actor follower follow target under the terms of an
// agreement, once more if it does already: each Follow tells the terms anew.
func (s *Activities) FollowUnder(ctx context.Context, tx bun.Tx, follower, target *actor.Actor, terms *as.Peering) error {
	f := &actor.Follow{ID: s.site.NewActivityID(), ActorID: follower.ID, ObjectID: target.ID, State: actor.FollowPending}
	if before, err := s.actors.FindFollow(ctx, tx, follower.ID, target.ID); err == nil {
		f.State = before.State
	} else if problem.KindOf(err) != problem.NotFound {
		return err
	}
	if err := s.actors.PutFollow(ctx, tx, f); err != nil {
		return err
	}
	return s.Publish(ctx, tx, follower, &as.Activity{ID: f.ID, Type: Follow, To: []string{target.ID}, Object: as.Item{ID: target.ID}, Agreement: terms})
}

// Answer tells sender what becomes of its Follow id of target, one of ours: kind is
// Accept or Reject.
func (s *Activities) Answer(ctx context.Context, tx bun.Tx, kind string, target *actor.Actor, sender, id, object string, terms *as.Peering) error {
	follow := &as.Activity{ID: id, Type: Follow, Actor: sender, Object: as.Item{ID: object}}
	return s.Publish(ctx, tx, target, &as.Activity{Type: kind, To: []string{sender}, Object: as.Item{Activity: follow}, Agreement: terms})
}
