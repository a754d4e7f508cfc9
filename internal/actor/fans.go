package actor

import (
	"context"
	"fmt"
	"time"
)

// A Fan is who follows one of our actors from elsewhere.
type Fan struct {
	ID, Acct, Name string
	// Since is when the Follow came.
	Since time.Time
}

// Fans gives a page of those who follow actorID, by id, without those from hosts
// that are kept out. They are for who speaks for it alone. after is the id of the
// last one of the page before.
func (s *Actors) Fans(ctx context.Context, actorID, after string, limit int) ([]Fan, error) {
	var list []Fan
	err := s.db.Read().NewSelect().Model((*Follow)(nil)).Join("JOIN actors AS actor ON actor.id = follow.actor_id").
		ColumnExpr("actor.id, actor.acct, actor.name, follow.created AS since").
		Where("follow.object_id = ?", actorID).Where("follow.state = ?", FollowAccepted).Where("NOT actor.blocked").Where("actor.state <> ?", Suspended).
		Where("actor.id > ?", after).OrderExpr("actor.id").Limit(int64(limit)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list followers of %s: %w", actorID, err)
	}
	return list, nil
}
