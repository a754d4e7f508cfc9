package account

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// Ways are those on which a person can sign in.
type Ways struct {
	Password bool
	// Passkeys is how many passkeys there are.
	Passkeys int64
	// Services is how many identities there are at the town's sign-in service.
	Services int64
}

// Count tells how many ways in there are.
func (w Ways) Count() int64 {
	n := w.Passkeys + w.Services
	if w.Password {
		n++
	}
	return n
}

// Ways gives on which ways the person can sign in now.
func (s *Accounts) Ways(ctx context.Context, id string) (Ways, error) {
	return s.ways(ctx, s.db.Read(), id)
}

func (s *Accounts) ways(ctx context.Context, db bun.IDB, id string) (w Ways, err error) {
	a, err := s.find(ctx, db, id)
	if err != nil {
		return w, err
	}
	w.Password = a.PasswordHash != ""
	if w.Passkeys, err = db.NewSelect().Model((*Passkey)(nil)).Where("account_id = ?", id).Where("ended IS NULL").Count(ctx); err != nil {
		return w, fmt.Errorf("count passkeys: %w", err)
	}
	if s.service != nil { // what cannot be used now is no way in
		q := db.NewSelect().Model((*Identity)(nil)).Where("account_id = ?", id).Where("issuer = ?", s.service.Issuer)
		if w.Services, err = q.Count(ctx); err != nil {
			return w, fmt.Errorf("count identities: %w", err)
		}
	}
	return w, nil
}

// keepsAWayIn gives a problem when no way in is left to the person.
func (s *Accounts) keepsAWayIn(ctx context.Context, tx bun.Tx, id string) error {
	w, err := s.ways(ctx, tx, id)
	if err != nil || w.Count() > 0 {
		return err
	}
	return lastWay()
}

func lastWay() error {
	var errs problem.Fields
	errs.Add("remove", "This is your last way to sign in. Please add another passkey or set a password first.")
	return errs.Err()
}

// lockAccount keeps others from changing the ways in of the person until tx
// ends: two who each remove one of the last two would remove both.
func lockAccount(ctx context.Context, tx bun.Tx, id string) error {
	if _, err := tx.NewUpdate().Model((*Account)(nil)).Set("epoch = epoch").Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("lock account: %w", err)
	}
	return nil
}
