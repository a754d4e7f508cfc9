package object

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// The reactions that are counted. An EmojiReact is a Like (FEP-c0e0).
const (
	Like     = "Like"
	Announce = "Announce"
)

// A Reaction is one actor's Like or Announce of one object (ActivityPub 7.10,
// 7.11). Each actor has at most one of each.
type Reaction struct {
	bun.BaseModel `bun:"table:reactions,alias:reaction"`

	Type     string `bun:"type,pk"`
	ObjectID string `bun:"object_id,pk"`
	ActorID  string `bun:"actor_id,pk"`
	// ID is the id of the activity.
	ID        string `bun:"id"`
	Published time.Time
	// Received is when we stored it.
	Received time.Time `bun:",nullzero"`
}

var insertReaction = database.NewStatement(
	"INSERT INTO reactions (type, object_id, actor_id, id, published, received) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")

// PutReaction stores r; a repeated one changes nothing.
func (s *Objects) PutReaction(ctx context.Context, tx bun.Tx, r *Reaction) error {
	if r.Published.IsZero() {
		r.Published = s.now()
	}
	r.Received = s.now()
	if _, err := insertReaction.Exec(ctx, tx, r.Type, r.ObjectID, r.ActorID, r.ID, r.Published, r.Received); err != nil {
		return fmt.Errorf("store reaction: %w", err)
	}
	database.Ring(ctx)
	return nil
}

var deleteReaction = database.NewStatement("DELETE FROM reactions WHERE actor_id = ? AND (id = ? OR (type = ? AND object_id = ?))")

// RemoveReaction takes the actor's own reaction back, found by the activity's
// id or, when that is not known, by type and object.
func (s *Objects) RemoveReaction(ctx context.Context, tx bun.Tx, actorID, activityID, kind, objectID string) error {
	if _, err := deleteReaction.Exec(ctx, tx, actorID, activityID, kind, objectID); err != nil {
		return fmt.Errorf("remove reaction: %w", err)
	}
	database.Ring(ctx)
	return nil
}

// ListReactions gives the reactions of remote actors, newest first.
func (s *Objects) ListReactions(ctx context.Context) ([]*Reaction, error) {
	var list []*Reaction
	err := s.db.Read().NewSelect().Model(&list).
		Where("actor_id NOT IN (SELECT id FROM actors WHERE local)").OrderExpr("published DESC, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list reactions: %w", err)
	}
	return list, nil
}

// Participants gives the remote actors who reacted to the object or answered
// it: they too must learn when it changes.
func (s *Objects) Participants(ctx context.Context, db bun.IDB, id string) ([]string, error) {
	var ids []string
	err := db.NewRaw("SELECT actor_id FROM reactions WHERE object_id = ? UNION SELECT attributed_to FROM objects WHERE in_reply_to = ? AND in_reply_to <> '' AND NOT local AND deleted IS NULL",
		id, id).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("find participants of %s: %w", id, err)
	}
	return ids, nil
}
