package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// orphan is a club that has lost its last owner: the town hall looks after it
// until there is one again.
type orphan struct {
	bun.BaseModel `bun:"table:orphans"`
	ActorID       string `bun:"actor_id,pk"`
	Since         time.Time
}

// Lock keeps others from changing these actors, and who speaks for them, until
// tx ends. On SQLite one writes at a time anyway.
func (s *Actors) Lock(ctx context.Context, tx bun.Tx, ids ...string) error {
	if s.db.Dialect() != database.Postgres || len(ids) == 0 {
		return nil
	}
	var locked []string
	// All take them in the same order, or two would wait for each other. Rows that
	// only point to an actor need not wait.
	err := tx.NewSelect().Model((*Actor)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).Order("id").For("NO KEY UPDATE").Scan(ctx, &locked)
	if err != nil {
		return fmt.Errorf("lock actors: %w", err)
	}
	return nil
}

// Orphan gives a club that has no owner any more to the town hall.
func (s *Actors) Orphan(ctx context.Context, tx bun.Tx, actorID string) error {
	_, err := tx.NewInsert().Model(&orphan{ActorID: actorID, Since: s.now()}).On("CONFLICT (actor_id) DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("give a club to the town hall: %w", err)
	}
	return nil
}

// Orphans gives the clubs that the town hall looks after since they lost their
// last owner, with the time of that by their ids, and without archived ones.
func (s *Actors) Orphans(ctx context.Context) ([]*Actor, map[string]time.Time, error) {
	var rows []orphan
	if err := s.db.Read().NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("list clubs without an owner: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	since, ids := map[string]time.Time{}, []string{}
	for _, r := range rows {
		since[r.ActorID] = r.Since
		ids = append(ids, r.ActorID)
	}
	var list []*Actor
	err := s.db.Read().NewSelect().Model(&list).Where("actor.id IN (?)", bun.List(ids)).Where("actor.state IN (?, ?)", Active, Requested).
		OrderExpr("LOWER(actor.name), actor.id").Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list clubs without an owner: %w", err)
	}
	return list, since, nil
}

// Ownerless gives the ids of our clubs that nobody owns, those among them that
// never had an owner.
func (s *Actors) Ownerless(ctx context.Context) (map[string]bool, error) {
	var ids []string
	err := s.db.Read().NewSelect().Model((*Actor)(nil)).Column("id").Where("actor.local").Where("actor.type = ?", Group).
		Where("actor.merged IS NULL").Where("NOT EXISTS (SELECT 1 FROM editors e WHERE e.actor_id = actor.id AND e.role = ?)", Owner).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list clubs without an owner: %w", err)
	}
	none := map[string]bool{}
	for _, id := range ids {
		none[id] = true
	}
	return none, nil
}

// Taken tells whether an actor of ours has this user name, in whatever state.
func (s *Actors) Taken(ctx context.Context, db bun.IDB, username string) (bool, error) {
	taken, err := db.NewSelect().Model((*Actor)(nil)).Where("local").Where("preferred_username = ?", username).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find user name: %w", err)
	}
	return taken, nil
}

// Rename gives a requested actor another user name and page. Nobody elsewhere
// has seen it, so nothing is told; later a name is for ever.
func (s *Actors) Rename(ctx context.Context, tx bun.Tx, a *Actor, username, url string) error {
	if a.State != Requested {
		return problem.Conflictf("%s is public and keeps its name", a.PreferredUsername)
	}
	taken, err := s.Taken(ctx, tx, username)
	if err != nil {
		return err
	}
	if taken {
		return problem.Conflictf("the handle %s is taken here", username)
	}
	a.PreferredUsername, a.Acct, a.URL = username, username+"@"+s.site.HandleDomain, url
	if _, err := tx.NewUpdate().Model(a).Column("preferred_username", "acct", "url").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("rename actor %s: %w", a.ID, err)
	}
	database.Ring(ctx)
	return nil
}

// Drop forgets a requested actor with its key, as if it had never been: nobody
// elsewhere has seen it.
func (s *Actors) Drop(ctx context.Context, tx bun.Tx, id string) error {
	_, err := tx.NewDelete().Model((*Actor)(nil)).Where("id = ?", id).Where("local").Where("state = ?", Requested).Exec(ctx)
	if err != nil {
		return fmt.Errorf("drop actor %s: %w", id, err)
	}
	database.Ring(ctx)
	return nil
}
