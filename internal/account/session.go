package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// session is a row of the sessions, of which only a hash of the token is kept.
type session struct {
	bun.BaseModel `bun:"table:sessions"`
	Token         string `bun:"token,pk"`
	Data          []byte
	Expires       time.Time
}

// SessionStore keeps sessions in the database, so that they outlive a restart
// and are the same for all processes. It is a store of alexedwards/scs, which
// hands in tokens that are hashed already.
type SessionStore struct{ accounts *Accounts }

// Sessions gives the store of the sessions.
func (s *Accounts) Sessions() SessionStore { return SessionStore{s} }

// FindCtx gives the data of a session that has not expired.
func (s SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	row := new(session)
	err = s.accounts.db.Read().NewSelect().Model(row).Where("token = ?", token).Where("expires > ?", s.accounts.now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return row.Data, true, nil
}

// CommitCtx stores a session.
func (s SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.accounts.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&session{Token: token, Data: data, Expires: expires.UTC()}).
			On("CONFLICT (token) DO UPDATE").Set("data = EXCLUDED.data").Set("expires = EXCLUDED.expires").Exec(ctx)
		return err
	})
}

// DeleteCtx ends a session.
func (s SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.accounts.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*session)(nil)).Where("token = ?", token).Exec(ctx)
		return err
	})
}

// Find implements scs.Store.
func (s SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s SessionStore) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete implements scs.Store.
func (s SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
