package activity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Merge makes our club from a part of our club into, for good: on the wire it
// moves there (FEP-7628). Other servers learn first that into knows from, then
// that from is into now; then comes the Move. Our own followers of from follow
// into at once, and into follows whom from has followed.
func (s *Activities) Merge(ctx context.Context, tx bun.Tx, from, into *actor.Actor) error {
	if err := s.unpinAll(ctx, tx, from); err != nil {
		return err
	}
	if err := s.followFor(ctx, tx, from, into); err != nil {
		return err
	}
	parts, err := s.actors.Merge(ctx, tx, from, into)
	if err != nil {
		return err
	}
	for _, a := range append([]*actor.Actor{into, from}, parts...) {
		if err := s.PublishActor(ctx, tx, a); err != nil {
			return err
		}
	}
	err = s.Publish(ctx, tx, from, &as.Activity{Type: Move, To: []string{from.Followers}, Object: as.Item{ID: from.ID}, Target: into.ID})
	if err != nil {
		return err
	}
	followers, err := s.actors.LocalFollowers(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	for _, follower := range followers {
		if err := s.actors.RemoveFollow(ctx, tx, follower.ID, from.ID); err != nil {
			return err
		}
		if err := s.followOn(ctx, tx, follower, into); err != nil {
			return err
		}
	}
	return nil
}

// unpinAll takes what a club has pinned from the top of its page.
func (s *Activities) unpinAll(ctx context.Context, tx bun.Tx, a *actor.Actor) error {
	pinned, err := s.objects.PinnedBy(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, id := range pinned {
		o, err := s.objects.Own(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.unpin(ctx, tx, o, a); err != nil {
			return err
		}
	}
	return nil
}

// followFor lets into follow whom from follows, and from nobody any more.
func (s *Activities) followFor(ctx context.Context, tx bun.Tx, from, into *actor.Actor) error {
	followed, err := s.actors.Follows(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	for _, target := range followed {
		if err := s.leave(ctx, tx, from, target); err != nil {
			return fmt.Errorf("follow for %s: %w", from.ID, err)
		}
		_, err := s.actors.FindFollow(ctx, tx, into.ID, target.ID)
		if problem.KindOf(err) == problem.NotFound {
			err = s.followOn(ctx, tx, into, target)
		}
		if err != nil {
			return fmt.Errorf("follow for %s: %w", from.ID, err)
		}
	}
	return nil
}

// leave takes a Follow back; one of ours need not be told.
func (s *Activities) leave(ctx context.Context, tx bun.Tx, follower, target *actor.Actor) error {
	if target.Local {
		return s.actors.RemoveFollow(ctx, tx, follower.ID, target.ID)
	}
	return s.Unfollow(ctx, tx, follower, target)
}
