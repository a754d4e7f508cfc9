package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// An Invitation asks somebody to speak for a club.
type Invitation struct {
	bun.BaseModel `bun:"table:invitations,alias:invitation"`

	ID        string `bun:"id,pk"`
	TokenHash string
	ActorID   string
	Email     string
	// Role is that in the club.
	Role string
	// ByAccount is who invited.
	ByAccount        string
	Created, Expires time.Time
}

// PutInvitation stores an invitation with a new token; an older one to the same
// address and club ends.
func (s *Accounts) PutInvitation(ctx context.Context, tx bun.Tx, i *Invitation) (token string, err error) {
	var errs problem.Fields
	if i.Email = checkEmail(&errs, i.Email); errs.Err() != nil {
		return "", errs.Err()
	}
	kept, err := retention.Of(ctx, tx, retention.Invitation)
	if err != nil {
		return "", err
	}
	token = rand.Text()
	i.ID, i.TokenHash, i.Created = uuid.Must(uuid.NewV7()).String(), digest(token), s.now()
	i.ByAccount, i.Expires = Decider(i.ByAccount), i.Created.Add(kept)
	if _, err := tx.NewDelete().Model((*Invitation)(nil)).Where("actor_id = ?", i.ActorID).Where("email = ?", i.Email).Exec(ctx); err != nil {
		return "", fmt.Errorf("store invitation: %w", err)
	}
	if _, err := tx.NewInsert().Model(i).Exec(ctx); err != nil {
		return "", fmt.Errorf("store invitation: %w", err)
	}
	return token, nil
}

// Invitations gives those of a club that can still be accepted.
func (s *Accounts) Invitations(ctx context.Context, actorID string) ([]*Invitation, error) {
	var list []*Invitation
	err := s.db.Read().NewSelect().Model(&list).Where("actor_id = ?", actorID).Where("expires > ?", s.now()).Order("created", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// Withdraw ends an invitation of a club.
func (s *Accounts) Withdraw(ctx context.Context, tx bun.Tx, actorID, id string) error {
	_, err := tx.NewDelete().Model((*Invitation)(nil)).Where("actor_id = ?", actorID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	return nil
}

// WithdrawBy ends all invitations that a person has sent, or only those of one
// club.
func (s *Accounts) WithdrawBy(ctx context.Context, tx bun.Tx, accountID, actorID string) error {
	q := tx.NewDelete().Model((*Invitation)(nil)).Where("by_account = ?", accountID)
	if actorID != "" {
		q = q.Where("actor_id = ?", actorID)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("withdraw invitations: %w", err)
	}
	return nil
}

// HandInvitations makes those of a club ones of another club, to write for it: who
// owns that one says who owns it, too.
func (s *Accounts) HandInvitations(ctx context.Context, tx bun.Tx, from, into string) error {
	_, err := tx.NewUpdate().Model((*Invitation)(nil)).Set("actor_id = ?", into).Set("role = ?", actor.Editor).Where("actor_id = ?", from).Exec(ctx)
	if err != nil {
		return fmt.Errorf("hand invitations over: %w", err)
	}
	return nil
}

// FindInvitation gives the invitation with this token, and the account with its
// address, nil when there is none. Without such a one it is a problem.Gone.
func (s *Accounts) FindInvitation(ctx context.Context, token string) (*Invitation, *Account, error) {
	i := new(Invitation)
	err := s.db.Read().NewSelect().Model(i).Where("token_hash = ?", digest(token)).Where("expires > ?", s.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, problem.Gonef("this invitation was used, withdrawn or is too old")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find invitation: %w", err)
	}
	a, err := s.FindEmail(ctx, i.Email)
	if problem.KindOf(err) == problem.NotFound {
		return i, nil, nil
	}
	return i, a, err
}

// ErrWaits says that the town hall has not let the person in yet: an invitation
// is no way around its word, and works afterwards.
var ErrWaits = problem.Conflictf("the town hall has not let this person in yet")

// Accept uses an invitation up for a person who is there; also does in the same
// transaction what belongs to it. Who waits for the town hall gets ErrWaits, and
// the invitation stays.
func (s *Accounts) Accept(ctx context.Context, i *Invitation, accountID string, also func(ctx context.Context, tx bun.Tx, accountID string) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.accept(ctx, tx, i, accountID, also) })
	if err != nil {
		return fmt.Errorf("accept invitation: %w", err)
	}
	return nil
}

// Join makes an account of who is invited, without waiting, and uses the
// invitation up.
// Of d the name, the password and the language count.
func (s *Accounts) Join(ctx context.Context, i *Invitation, d Draft, also func(ctx context.Context, tx bun.Tx, accountID string) error) (*Account, error) {
	d.Email, d.Role = i.Email, Editor
	return s.join(ctx, d, func(ctx context.Context, tx bun.Tx, a *Account) error { return s.accept(ctx, tx, i, a.ID, also) })
}

func (s *Accounts) accept(ctx context.Context, tx bun.Tx, i *Invitation, accountID string, also func(ctx context.Context, tx bun.Tx, accountID string) error) error {
	res, err := tx.NewDelete().Model((*Invitation)(nil)).Where("id = ?", i.ID).Where("expires > ?", s.now()).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, problem.Gonef("this invitation was used or withdrawn"))
	}
	waits, err := s.waits(ctx, tx, accountID)
	if err != nil {
		return err
	}
	if waits {
		return ErrWaits
	}
	return also(ctx, tx, accountID)
}
