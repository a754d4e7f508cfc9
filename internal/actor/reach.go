package actor

import (
	"context"
	"fmt"
	"time"
)

// A Follower is what is counted of who follows an actor: where, and since when.
type Follower struct {
	Host    string
	Created time.Time
}

// FollowersSince gives where those are who follow id, and since when, without
// who they are and without those from hosts that are kept out.
func (s *Actors) FollowersSince(ctx context.Context, id string) ([]Follower, error) {
	var list []Follower
	err := s.db.Read().NewSelect().Model((*Follow)(nil)).Column("actor.host", "follow.created").
		Join("JOIN actors AS actor ON actor.id = follow.actor_id").
		Where("follow.object_id = ?", id).Where("follow.state = ?", FollowAccepted).
		Where("NOT actor.blocked").Where("actor.state <> ?", Suspended).Order("follow.created").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list since when %s is followed: %w", id, err)
	}
	return list, nil
}
