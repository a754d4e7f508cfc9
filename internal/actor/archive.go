package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// published finds an actor that other servers may read: an active one, or one
// that was active and is archived.
var published = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE id = ? AND local AND (state = 'active' OR state = 'archived' AND archived IS NOT NULL)")

// SetState stores a new state of the local actor a. One that was active and is
// archived stays readable for other servers, and nothing of it but itself. What
// is a part of it goes with it.
func (s *Actors) SetState(ctx context.Context, tx bun.Tx, a *Actor, state string) error {
	switch {
	case state == Archived && a.State == Active:
		a.Archived = s.now()
	case state == Active:
		a.Archived = time.Time{}
	}
	a.State = state
	a.renew(s.now())
	if _, err := tx.NewUpdate().Model(a).Column("state", "archived", "updated").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("set state of %s: %w", a.ID, err)
	}
	_, err := tx.NewUpdate().Model(a).Column("state", "archived").Where("moved_to = ?", a.ID).Where("merged IS NOT NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("set state of what is a part of %s: %w", a.ID, err)
	}
	database.Ring(ctx)
	return nil
}

// FindPublished gives the actor of ours with this id that other servers may
// read: it is active, or it was and says that it is no more.
func (s *Actors) FindPublished(ctx context.Context, id string) (*Actor, error) {
	a := new(Actor)
	if err := published.Model(ctx, s.db.Read(), a, id); err != nil {
		return nil, notFound(err, id)
	}
	return a, nil
}

// FindFormer gives the archived actor of ours with this user name, or with this
// page, that was active before.
func (s *Actors) FindFormer(ctx context.Context, username, url string) (*Actor, error) {
	a, err := one(ctx, s.db.Read().NewSelect().Where("actor.local").Where("actor.state = ?", Archived).Where("actor.archived IS NOT NULL").
		Where("(actor.preferred_username = ? OR actor.url = ?)", username, url), username+url)
	if err == nil && a.Type != Group {
		return nil, problem.NotFoundf("%s is no club", a.ID)
	}
	return a, err
}
