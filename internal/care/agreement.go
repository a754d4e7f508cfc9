package care

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// An Agreement says that a club accepted a version of the agreement on data
// care.
type Agreement struct {
	bun.BaseModel `bun:"table:agreements,alias:agreement"`

	ClubID string `bun:"club_id,pk"`
	// Version is when the text was written that was accepted.
	Version time.Time `bun:"version,pk"`
	// AccountID is the owner who accepted it, "" when that person left.
	AccountID string
	Accepted  time.Time
}

// Version tells which version of the agreement holds now.
func (s *Care) Version(ctx context.Context) (time.Time, error) {
	if s.Terms == nil {
		return time.Unix(0, 0).UTC(), nil
	}
	return s.Terms(ctx)
}

// Agreed gives who accepted the version that holds now, by the ids of the clubs.
func (s *Care) Agreed(ctx context.Context) (map[string]*Agreement, error) {
	version, err := s.Version(ctx)
	if err != nil {
		return nil, err
	}
	var list []*Agreement
	if err := s.db.Read().NewSelect().Model(&list).Where("version = ?", version).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list who accepted the agreement: %w", err)
	}
	all := make(map[string]*Agreement, len(list))
	for _, a := range list {
		all[a.ClubID] = a
	}
	return all, nil
}

// Agree accepts the agreement for a club: one of its owners does, nobody in
// their place. version is the one that was read: when another one holds by now,
// it gives object.ErrStale. What was accepted stays as it was.
func (s *Care) Agree(ctx context.Context, by, clubID string, version time.Time) error {
	roles, err := s.actors.RolesOf(ctx, by)
	if err != nil {
		return err
	}
	if roles[clubID] != actor.Owner {
		return problem.Forbiddenf("%s is no owner of %s", by, clubID)
	}
	now, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if !version.Equal(now) {
		return object.ErrStale
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		database.Ring(ctx)
		_, err := tx.NewInsert().Model(&Agreement{ClubID: clubID, Version: now, AccountID: by, Accepted: s.now()}).On("CONFLICT DO NOTHING").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("accept the agreement: %w", err)
	}
	return nil
}
