package actor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

var (
	findActor  = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE id = ?")
	findActive = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE id = ? AND local AND state = 'active'")
	findRemote = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE id = ? AND NOT local")
	findByKey  = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE (id = ? OR key_id = ?) AND NOT local LIMIT 1")
	findHandle = database.NewStatement("SELECT " + database.Columns((*Actor)(nil)) + " FROM actors WHERE preferred_username = ? AND local AND state = 'active' AND type <> 'Person'")
)

// Find gives the actor with this id, whatever its state.
func (s *Actors) Find(ctx context.Context, db bun.IDB, id string) (*Actor, error) {
	a := new(Actor)
	if err := findActor.Model(ctx, db, a, id); err != nil {
		return nil, notFound(err, id)
	}
	return a, nil
}

func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return problem.NotFoundf("there is no actor %s", what)
	}
	return fmt.Errorf("find actor %s: %w", what, err)
}

// FindLocal gives the active actor of ours with this user name, without regard
// to case; those of residents are found by FindResident alone.
func (s *Actors) FindLocal(ctx context.Context, username string) (*Actor, error) {
	username = strings.ToLower(strings.TrimPrefix(username, "@"))
	a := new(Actor)
	if err := findHandle.Model(ctx, s.db.Read(), a, username); err != nil {
		return nil, notFound(err, username)
	}
	return a, nil
}

// FindUsername gives the actor of ours with this user name in one of the
// states.
func (s *Actors) FindUsername(ctx context.Context, db bun.IDB, username string, states ...string) (*Actor, error) {
	username = strings.ToLower(strings.TrimPrefix(username, "@"))
	return one(ctx, db.NewSelect().
		Where("actor.local").Where("actor.type <> ?", Person).Where("actor.preferred_username = ?", username).
		Where("actor.state IN (?)", bun.List(states)), username)
}

// FindActive gives the active actor of ours with this id.
func (s *Actors) FindActive(ctx context.Context, id string) (*Actor, error) {
	a := new(Actor)
	if err := findActive.Model(ctx, s.db.Read(), a, id); err != nil {
		return nil, notFound(err, id)
	}
	return a, nil
}

var isActive = database.NewStatement("SELECT 1 FROM actors WHERE id = ? AND local AND state = 'active'")

// Active tells whether id is an active actor of ours.
func (s *Actors) Active(ctx context.Context, db bun.IDB, id string) (bool, error) {
	yes, err := isActive.Exists(ctx, db, id)
	if err != nil {
		return false, fmt.Errorf("find actor %s: %w", id, err)
	}
	return yes, nil
}

// FindURL gives the active actor of ours whose page is url.
func (s *Actors) FindURL(ctx context.Context, url string) (*Actor, error) {
	return one(ctx, s.db.Read().NewSelect().
		Where("actor.url = ?", url).Where("actor.url <> ''").Where("actor.local").Where("actor.state = ?", Active), url)
}

// List gives all active actors of ours of this type, by name.
func (s *Actors) List(ctx context.Context, kind string) ([]*Actor, error) {
	return s.listFrom(ctx, kind, nil, 0, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// ListFrom gives at most limit of those that public lists show, beginning with
// the actor from; nil is the first one, and 0 no limit. With a limit it is a
// list for readers: without those whose profile nobody has confirmed for long.
func (s *Actors) ListFrom(ctx context.Context, kind string, from *Actor, limit int) ([]*Actor, error) {
	return s.listFrom(ctx, kind, from, limit, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("NOT actor.limited") })
}

func (s *Actors) listFrom(ctx context.Context, kind string, from *Actor, limit int, more func(*bun.SelectQuery) *bun.SelectQuery) ([]*Actor, error) {
	var list []*Actor
	q := s.db.Read().NewSelect().Model(&list).
		Where("actor.local").Where("actor.type = ?", kind).Where("actor.state = ?", Active).Where("actor.merged IS NULL").Apply(more).
		OrderExpr("LOWER(actor.name), actor.id").Limit(int64(limit))
	if limit > 0 {
		q = q.Where("actor.stale < 2")
	}
	if from != nil {
		q = q.Where("(LOWER(actor.name), actor.id) >= (LOWER(?), ?)", from.Name, from.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list actors: %w", err)
	}
	return list, nil
}

// groups lists what a choice of clubs shows.
var groups = database.NewStatement(`SELECT preferred_username, name FROM actors
WHERE local AND type = 'Group' AND state = 'active' AND merged IS NULL AND NOT limited AND stale < 2 ORDER BY LOWER(name), id`)

// Groups gives the active clubs by name, with their names alone.
func (s *Actors) Groups(ctx context.Context) ([]*Actor, error) {
	rows, err := groups.Query(ctx, s.db.Read())
	if err != nil {
		return nil, fmt.Errorf("list clubs: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var list []*Actor
	for rows.Next() {
		a := &Actor{Type: Group, Local: true, State: Active}
		if err := rows.Scan(&a.PreferredUsername, &a.Name); err != nil {
			return nil, fmt.Errorf("list clubs: %w", err)
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list clubs: %w", err)
	}
	return list, nil
}

// ListAll gives the actors of ours of this type in every state, by name.
func (s *Actors) ListAll(ctx context.Context, kind string) ([]*Actor, error) {
	var list []*Actor
	err := s.db.Read().NewSelect().Model(&list).Where("actor.local").Where("actor.type = ?", kind).
		OrderExpr("LOWER(actor.name), actor.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list actors: %w", err)
	}
	return list, nil
}

// ListRemote gives the actors from elsewhere whose handle, name or id contains
// match, in order of handle; "" matches all.
func (s *Actors) ListRemote(ctx context.Context, match string) ([]*Actor, error) {
	var list []*Actor
	q := s.db.Read().NewSelect().Model(&list).Where("NOT actor.local").OrderExpr("actor.acct, actor.id")
	if match != "" {
		like := "%" + strings.ToLower(match) + "%"
		q = q.Where("LOWER(actor.acct) LIKE ? OR LOWER(actor.name) LIKE ? OR LOWER(actor.id) LIKE ?", like, like, like)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list remote actors: %w", err)
	}
	return list, nil
}

var knowsActor = database.NewStatement("SELECT 1 FROM actors WHERE id = ?")

// Known tells whether we have stored the actor id.
func (s *Actors) Known(ctx context.Context, id string) (bool, error) {
	return knowsActor.Exists(ctx, s.db.Read(), id)
}

func one(ctx context.Context, q *bun.SelectQuery, what string) (*Actor, error) {
	a := new(Actor)
	if err := q.Model(a).Limit(1).Scan(ctx); err != nil {
		return nil, notFound(err, what)
	}
	return a, nil
}

// FindAll gives the active actors of ours with these ids, by id.
func (s *Actors) FindAll(ctx context.Context, ids []string) (map[string]*Actor, error) {
	var list []*Actor
	err := s.db.Read().NewSelect().Model(&list).Where("actor.id IN (?)", bun.List(ids)).
		Where("actor.local").Where("actor.state = ?", Active).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find actors: %w", err)
	}
	all := make(map[string]*Actor, len(list))
	for _, a := range list {
		all[a.ID] = a
	}
	return all, nil
}

// FindHandle gives the actor of another server that is stored with the handle
// "@name@domain"; nobody is asked. Another form is a problem.Invalid.
func (s *Actors) FindHandle(ctx context.Context, handle string) (*Actor, error) {
	name, domain, err := webfinger.ParseHandle(handle)
	if err != nil {
		return nil, problem.Invalidf("%s is no address of an account: %w", handle, err)
	}
	return one(ctx, s.db.Read().NewSelect().Where("NOT actor.local").
		Where("LOWER(actor.acct) = ?", strings.ToLower(name+"@"+domain)).OrderExpr("actor.state, actor.id"), handle)
}
