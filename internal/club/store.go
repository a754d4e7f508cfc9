package club

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// row is what a club has beyond its actor.
type row struct {
	bun.BaseModel `bun:"table:clubs,alias:club"`
	ActorID       string `bun:"actor_id,pk"`
	Source        string
	Field         string
	Website       string
	Verified      time.Time `bun:",nullzero"`
	Imprint       string
}

func (s *Clubs) put(ctx context.Context, tx bun.Tx, c *Club) error {
	_, err := tx.NewInsert().Model(&row{ActorID: c.ID, Source: c.Source, Field: c.Field, Website: c.Website, Verified: c.Verified, Imprint: c.Imprint}).
		On("CONFLICT (actor_id) DO UPDATE").Set("source = EXCLUDED.source").Set("field = EXCLUDED.field").
		Set("website = EXCLUDED.website").Set("verified = EXCLUDED.verified").Set("imprint = EXCLUDED.imprint").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store club: %w", err)
	}
	return nil
}

func (s *Clubs) find(ctx context.Context, db bun.IDB, handle string, states ...string) (*Club, error) {
	a, err := s.actors.FindUsername(ctx, db, handle, states...)
	if err != nil {
		return nil, err
	}
	if a.Part() { // everything leads to the club that it is a part of
		return nil, problem.NotFoundf("the club %s is a part of another one", handle)
	}
	var r row
	err = db.NewSelect().Model(&r).Where("actor_id = ?", a.ID).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find club %s: %w", handle, err)
	}
	return &Club{Actor: a, Source: r.Source, Field: r.Field, Website: r.Website, Verified: r.Verified, Imprint: r.Imprint}, nil
}
