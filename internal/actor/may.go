package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// Operator acts on the command line of the server: it may do everything. All
// others who act are ids of accounts.
const Operator = "operator"

// The roles of an editor of a club: an owner may also change the club and its
// editors.
const (
	Owner  = "owner"
	Editor = "editor"
)

// Act is something a person may want to do in a club's name.
type Act string

// The acts. Publish covers creating, changing and deleting what a club
// publishes and answering in its name; Manage covers its profile, its editors
// and whom it follows; Moderate is the town hall's: taking away what must not
// stand there.
const (
	Publish  Act = "publish"
	Manage   Act = "manage"
	Moderate Act = "moderate"
)

// editor is a person's right to speak for a club.
type editor struct {
	bun.BaseModel `bun:"table:editors"`
	AccountID     string `bun:"account_id,pk"`
	ActorID       string `bun:"actor_id,pk"`
	Role          string
	Created       time.Time
}

// AddEditor gives account the role in the club, or changes the one it has.
func (s *Actors) AddEditor(ctx context.Context, tx bun.Tx, accountID, actorID, role string) error {
	_, err := tx.NewInsert().
		Model(&editor{AccountID: accountID, ActorID: actorID, Role: role, Created: s.now()}).
		On("CONFLICT (account_id, actor_id) DO UPDATE").Set("role = EXCLUDED.role").Exec(ctx)
	if err != nil {
		return fmt.Errorf("add editor: %w", err)
	}
	if role == Owner {
		if _, err := tx.NewDelete().Model((*orphan)(nil)).Where("actor_id = ?", actorID).Exec(ctx); err != nil {
			return fmt.Errorf("add editor: %w", err)
		}
	}
	return nil
}

// RemoveEditor takes from account its right to speak for the club.
func (s *Actors) RemoveEditor(ctx context.Context, tx bun.Tx, accountID, actorID string) error {
	_, err := tx.NewDelete().Model((*editor)(nil)).Where("account_id = ?", accountID).Where("actor_id = ?", actorID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove editor: %w", err)
	}
	return nil
}

// whole are an actor and the one of ours of which it is a part by now, if any:
// who speaks for that one speaks for it. It takes the id twice.
const whole = "(SELECT id FROM actors WHERE id = ? UNION ALL SELECT moved_to FROM actors WHERE id = ? AND merged IS NOT NULL)"

// Editors gives the role of each account that may speak for the club.
func (s *Actors) Editors(ctx context.Context, actorID string) (map[string]string, error) {
	return s.EditorsIn(ctx, s.db.Read(), actorID)
}

// EditorsIn gives the role of each account that may speak for the club, as db
// has it.
func (s *Actors) EditorsIn(ctx context.Context, db bun.IDB, actorID string) (map[string]string, error) {
	return roles(ctx, db.NewSelect().Where("actor_id IN "+whole, actorID, actorID), func(e editor) string { return e.AccountID })
}

// stored gives the role of each account that is written down for the club itself.
func (s *Actors) stored(ctx context.Context, db bun.IDB, actorID string) (map[string]string, error) {
	return roles(ctx, db.NewSelect().Where("actor_id = ?", actorID), func(e editor) string { return e.AccountID })
}

// RolesOf gives the role of the account in each club it may speak for, by the
// club's id; those that are a part of one of them are among these.
func (s *Actors) RolesOf(ctx context.Context, accountID string) (map[string]string, error) {
	all, err := s.RolesIn(ctx, s.db.Read(), accountID)
	if err != nil {
		return nil, err
	}
	var parts []struct{ ID, Role string }
	err = s.db.Read().NewSelect().TableExpr("editors AS e").Join("JOIN actors AS part ON part.moved_to = e.actor_id AND part.merged IS NOT NULL").
		ColumnExpr("part.id, e.role").Where("e.account_id = ?", accountID).Scan(ctx, &parts)
	if err != nil {
		return nil, fmt.Errorf("list editors: %w", err)
	}
	for _, p := range parts {
		all[p.ID] = p.Role
	}
	return all, nil
}

// RolesIn gives the role of the account in each club itself, as db has it.
func (s *Actors) RolesIn(ctx context.Context, db bun.IDB, accountID string) (map[string]string, error) {
	return roles(ctx, db.NewSelect().Where("account_id = ?", accountID), func(e editor) string { return e.ActorID })
}

func roles(ctx context.Context, q *bun.SelectQuery, key func(editor) string) (map[string]string, error) {
	var rows []editor
	if err := q.Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list editors: %w", err)
	}
	all := map[string]string{}
	for _, e := range rows {
		all[key(e)] = e.Role
	}
	return all, nil
}

// May gives a problem.Forbidden unless by may do act in the name of actorID:
// its editors publish, its owners and the town hall manage, the town hall
// moderates. Somebody of the town hall who looks after some clubs only may it for
// these; with "" for actorID the whole town is meant.
func (s *Actors) May(ctx context.Context, db bun.IDB, by, actorID string, act Act) error {
	if by == Operator {
		return nil
	}
	var ok bool
	var err error
	if act != Moderate {
		q := db.NewSelect().Model((*editor)(nil)).Where("account_id = ?", by).Where("actor_id IN "+whole, actorID, actorID)
		if act == Manage {
			q = q.Where("role = ?", Owner)
		}
		ok, err = q.Exists(ctx)
	}
	if err == nil && !ok && act != Publish {
		ok, err = db.NewSelect().TableExpr("accounts").Where("id = ?", by).Where("role IN ('townhall', 'admin')").Exists(ctx)
	}
	if err == nil && !ok && act != Publish && actorID != "" {
		var some []int
		err = db.NewRaw(ofMandate, by, actorID, actorID).Scan(ctx, &some)
		ok = len(some) > 0
	}
	if err != nil {
		return fmt.Errorf("ask whether %s may %s: %w", by, act, err)
	}
	if !ok {
		return problem.Forbiddenf("you may not %s in the name of this club", act)
	}
	return nil
}
