package actor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The states of a Follow: asked for and not answered, or in force.
const (
	FollowPending  = "pending"
	FollowAccepted = "accepted"
)

// A Follow says that one actor wants to have what another one publishes
// (ActivityPub 7.5).
type Follow struct {
	bun.BaseModel `bun:"table:follows,alias:follow"`

	// ID is the id of the Follow activity, the newest one when it was repeated.
	ID string `bun:"id"`
	// ActorID follows ObjectID.
	ActorID  string `bun:"actor_id,pk"`
	ObjectID string `bun:"object_id,pk"`
	State    string
	Created  time.Time
}

var putFollow = database.NewStatement("INSERT INTO follows (id, actor_id, object_id, state, created) VALUES (?, ?, ?, ?, ?) " +
	"ON CONFLICT (actor_id, object_id) DO UPDATE SET id = EXCLUDED.id, state = EXCLUDED.state")

// PutFollow stores f; a repeated one takes the place of the first.
func (s *Actors) PutFollow(ctx context.Context, tx bun.Tx, f *Follow) error {
	if f.Created.IsZero() {
		f.Created = s.now()
	}
	if _, err := putFollow.Exec(ctx, tx, f.ID, f.ActorID, f.ObjectID, f.State, f.Created); err != nil {
		return fmt.Errorf("store follow: %w", err)
	}
	database.Ring(ctx)
	return nil
}

// FindFollow gives the Follow of actorID on objectID.
func (s *Actors) FindFollow(ctx context.Context, db bun.IDB, actorID, objectID string) (*Follow, error) {
	return oneFollow(ctx, db.NewSelect().Where("actor_id = ?", actorID).Where("object_id = ?", objectID))
}

// FindFollowID gives the Follow with this activity id.
func (s *Actors) FindFollowID(ctx context.Context, db bun.IDB, id string) (*Follow, error) {
	return oneFollow(ctx, db.NewSelect().Where("id = ?", id))
}

func oneFollow(ctx context.Context, q *bun.SelectQuery) (*Follow, error) {
	f := new(Follow)
	err := q.Model(f).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no such follow")
	}
	if err != nil {
		return nil, fmt.Errorf("find follow: %w", err)
	}
	return f, nil
}

var deleteFollow = database.NewStatement("DELETE FROM follows WHERE actor_id = ? AND object_id = ?")

// RemoveFollow ends the Follow of actorID on objectID, if there is one.
func (s *Actors) RemoveFollow(ctx context.Context, tx bun.Tx, actorID, objectID string) error {
	if _, err := deleteFollow.Exec(ctx, tx, actorID, objectID); err != nil {
		return fmt.Errorf("remove follow: %w", err)
	}
	database.Ring(ctx)
	return nil
}

var followed = database.NewStatement(
	"SELECT 1 FROM follows WHERE object_id = ? AND state = ? AND actor_id IN (SELECT id FROM actors WHERE local)")

// Followed tells whether one of our actors follows id.
func (s *Actors) Followed(ctx context.Context, db bun.IDB, id string) (bool, error) {
	return followed.Exists(ctx, db, id, FollowAccepted)
}

// Followers counts who follows id, without those from hosts that are kept out.
func (s *Actors) Followers(ctx context.Context, db bun.IDB, id string) (int, error) {
	n, err := db.NewSelect().Model((*Follow)(nil)).
		Join("JOIN actors AS actor ON actor.id = follow.actor_id").
		Where("follow.object_id = ?", id).Where("follow.state = ?", FollowAccepted).
		Where("NOT actor.blocked").Where("actor.state <> ?", Suspended).Count(ctx)
	return int(n), err
}

// AllFollowers counts who follows any of our actors, each once, without those
// from hosts that are kept out.
func (s *Actors) AllFollowers(ctx context.Context) (int, error) {
	var n int
	err := s.db.Read().NewSelect().Model((*Follow)(nil)).ColumnExpr("COUNT(DISTINCT follow.actor_id)").
		Join("JOIN actors AS actor ON actor.id = follow.actor_id").Join("JOIN actors AS ours ON ours.id = follow.object_id").
		Where("follow.state = ?", FollowAccepted).Where("NOT actor.blocked").Where("actor.state <> ?", Suspended).Where("ours.local").Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count all followers: %w", err)
	}
	return n, nil
}

// CountFollowers counts who follows each of ids, as Followers does; who has none
// is left out.
func (s *Actors) CountFollowers(ctx context.Context, ids []string) (map[string]int, error) {
	var rows []struct {
		ObjectID string
		N        int
	}
	err := s.db.Read().NewSelect().Model((*Follow)(nil)).Column("follow.object_id").ColumnExpr("COUNT(*) AS n").
		Join("JOIN actors AS actor ON actor.id = follow.actor_id").
		Where("follow.object_id IN (?)", bun.List(ids)).Where("follow.state = ?", FollowAccepted).
		Where("NOT actor.blocked").Where("actor.state <> ?", Suspended).Group("follow.object_id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count followers: %w", err)
	}
	all := make(map[string]int, len(rows))
	for _, r := range rows {
		all[r.ObjectID] = r.N
	}
	return all, nil
}

// Following counts whom id follows.
func (s *Actors) Following(ctx context.Context, db bun.IDB, id string) (int, error) {
	n, err := db.NewSelect().Model((*Follow)(nil)).
		Where("actor_id = ?", id).Where("state = ?", FollowAccepted).Count(ctx)
	return int(n), err
}

// ListFollows gives the follows of remote actors on ours, newest first.
func (s *Actors) ListFollows(ctx context.Context) ([]*Follow, error) {
	var list []*Follow
	err := s.db.Read().NewSelect().Model(&list).
		Where("object_id IN (SELECT id FROM actors WHERE local)").
		OrderExpr("created DESC, actor_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list follows: %w", err)
	}
	return list, nil
}

// LocalFollowers gives those of ours who follow id.
func (s *Actors) LocalFollowers(ctx context.Context, db bun.IDB, id string) ([]*Actor, error) {
	var list []*Actor
	err := db.NewSelect().Model(&list).Where("actor.local").
		Where("actor.id IN (SELECT actor_id FROM follows WHERE object_id = ?)", id).Order("actor.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list our followers of %s: %w", id, err)
	}
	return list, nil
}

// FollowersLike gives the follows on id by target, an actor's id, or by all
// actors of the host that target is.
func (s *Actors) FollowersLike(ctx context.Context, db bun.IDB, id, target string) ([]*Follow, error) {
	var list []*Follow
	err := db.NewSelect().Model(&list).Where("object_id = ?", id).
		Where("actor_id IN (SELECT id FROM actors WHERE NOT local AND (id = ? OR host = ?))", target, target).Order("actor_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list follows by %s: %w", target, err)
	}
	return list, nil
}
