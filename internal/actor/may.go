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
// publishes; Manage covers its profile, its editors and whom it follows.
const (
	Publish Act = "publish"
	Manage  Act = "manage"
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
	return nil
}

// May gives a problem.Forbidden unless by may do act in the name of actorID.
func (s *Actors) May(ctx context.Context, tx bun.Tx, by, actorID string, act Act) error {
	if by == Operator {
		return nil
	}
	q := tx.NewSelect().Model((*editor)(nil)).Where("account_id = ?", by).Where("actor_id = ?", actorID)
	if act == Manage {
		q = q.Where("role = ?", Owner)
	}
	ok, err := q.Exists(ctx)
	if err != nil {
		return fmt.Errorf("ask whether %s may %s: %w", by, act, err)
	}
	if !ok {
		return problem.Forbiddenf("you may not %s in the name of this club", act)
	}
	return nil
}
