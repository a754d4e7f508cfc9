package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// Addressed gives to whom an actor of ours has spoken, in what is stored still.
func (s *Activities) Addressed(ctx context.Context, db bun.IDB, actorID string) ([]string, error) {
	var rows []*sent
	if err := db.NewSelect().Model(&rows).Where("activity.actor_id = ?", actorID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find to whom %s spoke: %w", actorID, err)
	}
	var list []string
	for _, row := range rows {
		var a struct{ To []string }
		if err := json.Unmarshal(row.Body, &a); err != nil {
			return nil, fmt.Errorf("read what %s said: %w", actorID, err)
		}
		for _, id := range a.To {
			if !as.IsPublic(id) && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	return list, nil
}

// Unsay forgets all that an actor of ours has said, also what has not arrived
// yet.
func (s *Activities) Unsay(ctx context.Context, tx bun.Tx, actorID string) error {
	if _, err := tx.NewDelete().Model((*sent)(nil)).Where("actor_id = ?", actorID).Exec(ctx); err != nil {
		return fmt.Errorf("forget what %s said: %w", actorID, err)
	}
	return nil
}

// portion is how many things are asked about at once.
const portion = 500

// UnsayAbout forgets what our actors have said about these things to others alone,
// also what has not arrived yet. That something is gone stays said.
func (s *Activities) UnsayAbout(ctx context.Context, tx bun.Tx, objectIDs ...string) error {
	for ids := range slices.Chunk(objectIDs, portion) {
		if _, err := tx.NewDelete().Model((*sent)(nil)).Where("object_id IN (?)", bun.List(ids)).Where("NOT public").Where("type <> ?", Delete).Exec(ctx); err != nil {
			return fmt.Errorf("forget what was said to others alone: %w", err)
		}
	}
	return nil
}

// Unsaid tells whether one of our actors has said that this is gone.
func (s *Activities) Unsaid(ctx context.Context, tx bun.Tx, objectID string) (bool, error) {
	is, err := tx.NewSelect().Model((*sent)(nil)).Where("object_id = ?", objectID).Where("type = ?", Delete).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find whether something was taken back: %w", err)
	}
	return is, nil
}

// Sent gives the bytes of an activity of ours, whoever may see it.
func (s *Activities) Sent(ctx context.Context, db bun.IDB, id string) (json.RawMessage, error) {
	row := new(sent)
	if err := db.NewSelect().Model(row).Where("activity.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err, "there is no activity %s", id)
	}
	return row.Body, nil
}
