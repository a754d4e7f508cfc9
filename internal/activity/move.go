package activity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Move makes the local actor from live at target, another actor that names it
// in alsoKnownAs, and asks its followers to follow there (FEP-7628). First they
// get its new document, so that who looks at it when the Move arrives finds
// what it says.
func (s *Activities) Move(ctx context.Context, tx bun.Tx, from *actor.Actor, target string) error {
	if err := s.actors.Leave(ctx, tx, from, target); err != nil {
		return err
	}
	if err := s.PublishActor(ctx, tx, from); err != nil {
		return err
	}
	return s.Publish(ctx, tx, from, &as.Activity{
		Type: Move, To: []string{from.Followers}, Object: as.Item{ID: from.ID}, Target: target,
	})
}

// PublishActor tells the followers of a local actor what it says of itself now
// (ActivityPub 7.3).
func (s *Activities) PublishActor(ctx context.Context, tx bun.Tx, a *actor.Actor) error {
	return s.Publish(ctx, tx, a, &as.Activity{
		Type: Update, To: []string{as.Public}, Cc: []string{a.Followers}, Object: as.Item{Actor: s.actors.Activity(a)},
	})
}

// receiveMove lets our clubs follow an actor to its new place, which may be
// here. The new place must know the old one (ActivityPub 7.6 does not know
// Move; FEP-7628).
func (s *Activities) receiveMove(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	target, err := s.actors.Find(ctx, tx, a.Target)
	if err != nil {
		return err
	}
	switch {
	case target.ID == a.Actor || !target.Knows(a.Actor):
		return forbidden(a, "the new actor does not name the old one")
	case target.State != actor.Active:
		return forbidden(a, "the new actor is not there")
	}
	if err := s.actors.SetMoved(ctx, tx, a.Actor, target.ID); err != nil {
		return err
	}
	followers, err := s.actors.LocalFollowers(ctx, tx, a.Actor)
	if err != nil {
		return err
	}
	for _, follower := range followers {
		if err := s.Unfollow(ctx, tx, follower, foundIn(ctx).sender); err != nil {
			return err
		}
		if err := s.followOn(ctx, tx, follower, target); err != nil {
			return err
		}
	}
	return nil
}

// followOn makes a club follow what it followed before to its new place. A club
// of ours need not be asked, and nobody follows itself.
func (s *Activities) followOn(ctx context.Context, tx bun.Tx, follower, target *actor.Actor) error {
	if follower.ID == target.ID {
		return nil
	}
	if !target.Local {
		return s.Follow(ctx, tx, follower, target)
	}
	return s.actors.PutFollow(ctx, tx, &actor.Follow{
		ID: s.site.NewActivityID(), ActorID: follower.ID, ObjectID: target.ID, State: actor.FollowAccepted,
	})
}

// fetchTarget reads the new actor of a Move from its own server.
func (s *Activities) fetchTarget(ctx context.Context, a *as.Activity) error {
	if a.Target == "" {
		return problem.Discard(problem.Invalidf("a Move without a target"))
	}
	if s.site.Owns(a.Target) {
		return nil
	}
	if _, err := s.actors.Refresh(ctx, a.Target); err != nil {
		return fmt.Errorf("fetch target of a Move: %w", err)
	}
	return nil
}
