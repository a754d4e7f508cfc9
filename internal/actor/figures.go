package actor

import (
	"context"
	"fmt"
	"time"
)

// ClubsSince gives when each active club of the town began.
func (s *Actors) ClubsSince(ctx context.Context) ([]time.Time, error) {
	var list []time.Time
	err := s.db.Read().NewSelect().Model((*Actor)(nil)).Column("actor.published").
		Where("actor.local").Where("actor.type = ?", Group).Where("actor.state = ?", Active).Where("actor.merged IS NULL").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list when clubs began: %w", err)
	}
	return list, nil
}

// FollowersOfAll lists who follows anybody here, and since when; nobody who is
// kept out.
func (s *Actors) FollowersOfAll(ctx context.Context) ([]Follower, error) {
	var list []Follower
	err := s.db.Read().NewSelect().Model((*Follow)(nil)).Column("actor.host", "follow.created").
		Join("JOIN actors AS actor ON actor.id = follow.actor_id").Join("JOIN actors AS ours ON ours.id = follow.object_id").
		Where("follow.state = ?", FollowAccepted).Where("NOT actor.blocked").Where("ours.local").Where("NOT actor.local").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list since when the town is followed: %w", err)
	}
	return list, nil
}
