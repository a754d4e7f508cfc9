package actor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// A ClubBlock keeps an actor or a host away from one club.
type ClubBlock struct {
	bun.BaseModel `bun:"table:club_blocks,alias:club_block"`

	ActorID string `bun:"actor_id,pk"`
	// Target is the id of an actor, or a host.
	Target  string `bun:"target,pk"`
	Created time.Time
}

// PutClubBlock keeps target, the id of an actor or a host, away from the club.
func (s *Actors) PutClubBlock(ctx context.Context, tx bun.Tx, clubID, target string) error {
	_, err := tx.NewInsert().Model(&ClubBlock{ActorID: clubID, Target: target, Created: s.now()}).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("block %s: %w", target, err)
	}
	return nil
}

// RemoveClubBlock lets target come near the club again.
func (s *Actors) RemoveClubBlock(ctx context.Context, tx bun.Tx, clubID, target string) error {
	_, err := tx.NewDelete().Model((*ClubBlock)(nil)).Where("actor_id = ?", clubID).Where("target = ?", target).Exec(ctx)
	if err != nil {
		return fmt.Errorf("unblock %s: %w", target, err)
	}
	return nil
}

// ClubBlocks gives whom the club keeps away, the latest first.
func (s *Actors) ClubBlocks(ctx context.Context, clubID string) ([]*ClubBlock, error) {
	var list []*ClubBlock
	if err := s.db.Read().NewSelect().Model(&list).Where("actor_id = ?", clubID).OrderExpr("created DESC, target").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list blocks of %s: %w", clubID, err)
	}
	return list, nil
}

var keepingAway = database.NewStatement("SELECT actor_id FROM club_blocks WHERE target IN (?, ?)")

// KeepingAway gives the ids of the clubs that keep the remote actor away.
func (s *Actors) KeepingAway(ctx context.Context, db bun.IDB, a *Actor) ([]string, error) {
	rows, err := keepingAway.Query(ctx, db, a.ID, a.Host)
	if err != nil {
		return nil, fmt.Errorf("ask who keeps %s away: %w", a.ID, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("ask who keeps %s away: %w", a.ID, err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask who keeps %s away: %w", a.ID, err)
	}
	return ids, nil
}

// KeptAway tells whether the club keeps the remote actor away.
func (s *Actors) KeptAway(ctx context.Context, db bun.IDB, a *Actor, clubID string) (bool, error) {
	ids, err := s.KeepingAway(ctx, db, a)
	return slices.Contains(ids, clubID), err
}

// HandClubBlocks keeps whom the club from keeps away also away from the club into.
func (s *Actors) HandClubBlocks(ctx context.Context, tx bun.Tx, from, into string) error {
	const hand = "INSERT INTO club_blocks (actor_id, target, created) SELECT ?, target, created FROM club_blocks WHERE actor_id = ? ON CONFLICT DO NOTHING"
	if _, err := tx.NewRaw(hand, into, from).Exec(ctx); err != nil {
		return fmt.Errorf("hand blocks over: %w", err)
	}
	return nil
}
