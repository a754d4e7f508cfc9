package activity

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// receiveFollow makes the sender a follower of one of our clubs and says so at
// once. A repeated Follow gets its own Accept: the first one may be lost. The
// instance itself is not followed.
//
// ActivityPub 7.5.
func (s *Activities) receiveFollow(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	if s.relayed(a.Object.Ref()) {
		return s.Region.Asked(ctx, tx, a, foundIn(ctx).sender)
	}
	followed, err := s.actors.Find(ctx, tx, a.Object.Ref())
	if err != nil {
		return err
	}
	if !followed.Local || followed.State != actor.Active {
		return problem.NotFoundf("there is no actor %s", a.Object.Ref())
	}
	away, err := s.actors.KeptAway(ctx, tx, foundIn(ctx).sender, followed.ID)
	if err != nil {
		return err
	}
	stays, err := s.follows(ctx, tx, a.Actor, followed)
	if err != nil {
		return err
	}
	answer := Reject
	if followed.Type == actor.Group && !away && stays {
		answer = Accept
		err := s.actors.PutFollow(ctx, tx, &actor.Follow{ID: a.ID, ActorID: a.Actor, ObjectID: followed.ID, State: actor.FollowAccepted})
		if err != nil {
			return err
		}
	}
	// Mastodon finds its Follow by the embedded id, Lemmy wants it nested.
	follow := &as.Activity{ID: a.ID, Type: Follow, Actor: a.Actor, Object: as.Item{ID: followed.ID}}
	return s.Publish(ctx, tx, followed, &as.Activity{Type: answer, To: []string{a.Actor}, Object: as.Item{Activity: follow}})
}

// follows tells whether who asks to follow the club may: everybody, but once it
// has moved only who follows it already.
func (s *Activities) follows(ctx context.Context, tx bun.Tx, id string, club *actor.Actor) (bool, error) {
	if club.MovedTo == "" {
		return true, nil
	}
	f, err := s.actors.FindFollow(ctx, tx, id, club.ID)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	return err == nil && f.State == actor.FollowAccepted, err
}

// Follow makes the local actor follower follow target, once target's server
// agrees. The Follow is stored before it is sent: its Accept may be faster
// than the answer to our request.
func (s *Activities) Follow(ctx context.Context, tx bun.Tx, follower, target *actor.Actor) error {
	f := &actor.Follow{ID: s.site.NewActivityID(), ActorID: follower.ID, ObjectID: target.ID, State: actor.FollowPending}
	if err := s.actors.PutFollow(ctx, tx, f); err != nil {
		return err
	}
	return s.Publish(ctx, tx, follower, &as.Activity{ID: f.ID, Type: Follow, To: []string{target.ID}, Object: as.Item{ID: target.ID}})
}

// Unfollow takes a Follow of ours back.
func (s *Activities) Unfollow(ctx context.Context, tx bun.Tx, follower, target *actor.Actor) error {
	f, err := s.actors.FindFollow(ctx, tx, follower.ID, target.ID)
	if err != nil {
		return err
	}
	if err := s.actors.RemoveFollow(ctx, tx, follower.ID, target.ID); err != nil {
		return err
	}
	inner := &as.Activity{ID: f.ID, Type: Follow, Actor: follower.ID, Object: as.Item{ID: target.ID}}
	return s.Publish(ctx, tx, follower, &as.Activity{Type: Undo, To: []string{target.ID}, Object: as.Item{Activity: inner}})
}

// receiveAccept brings a Follow of ours into force.
func (s *Activities) receiveAccept(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	f, err := s.ourFollow(ctx, tx, a)
	if err != nil {
		return err
	}
	f.State = actor.FollowAccepted
	if err := s.actors.PutFollow(ctx, tx, f); err != nil || s.Region == nil || f.ActorID != s.site.RelayID() {
		return err
	}
	return s.Region.Accepted(ctx, tx, a, foundIn(ctx).sender)
}

// receiveReject ends a Follow of ours, also a long accepted one.
func (s *Activities) receiveReject(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	f, err := s.ourFollow(ctx, tx, a)
	if err != nil {
		return err
	}
	if err := s.actors.RemoveFollow(ctx, tx, f.ActorID, f.ObjectID); err != nil || s.Region == nil || f.ActorID != s.site.RelayID() {
		return err
	}
	return s.Region.Rejected(ctx, tx, foundIn(ctx).sender)
}

// ourFollow gives the Follow of ours that the sender of a answers, found by
// its id or by who follows whom. Only who is followed may answer.
func (s *Activities) ourFollow(ctx context.Context, tx bun.Tx, a *as.Activity) (*actor.Follow, error) {
	f, err := s.actors.FindFollowID(ctx, tx, a.Object.Ref())
	if inner := a.Object.Activity; problem.KindOf(err) == problem.NotFound && inner != nil && inner.Type == Follow {
		f, err = s.actors.FindFollow(ctx, tx, inner.Actor, a.Actor)
	}
	if err != nil {
		return nil, err
	}
	if f.ObjectID != a.Actor || !s.site.Owns(f.ActorID) {
		return nil, forbidden(a, "it answers what another actor was asked")
	}
	return f, nil
}

// past clamps a foreign time to now.
func (s *Activities) past(t time.Time) time.Time {
	if now := s.now(); t.IsZero() || t.After(now) {
		return now
	}
	return t.UTC().Truncate(time.Second)
}
