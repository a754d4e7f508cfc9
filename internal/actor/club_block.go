package actor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
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

// KeptAway tells whether every one of the clubs keeps the remote actor away;
// without a club nobody does.
func (s *Actors) KeptAway(ctx context.Context, db bun.IDB, actorID string, clubIDs ...string) (bool, error) {
	if len(clubIDs) == 0 {
		return false, nil
	}
	a, err := s.Find(ctx, db, actorID)
	if err != nil {
		return false, err
	}
	var blocking []string
	err = db.NewSelect().Model((*ClubBlock)(nil)).Column("actor_id").Where("actor_id IN (?)", bun.List(clubIDs)).
		Where("target IN (?)", bun.List([]string{a.ID, a.Host})).Scan(ctx, &blocking)
	if err != nil {
		return false, fmt.Errorf("ask who keeps %s away: %w", actorID, err)
	}
	for _, id := range clubIDs {
		if !slices.Contains(blocking, id) {
			return false, nil
		}
	}
	return true, nil
}
