package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// How long somebody stays signed in: without coming back, and at all.
const (
	SessionIdle = 30 * 24 * time.Hour
	SessionLife = 90 * 24 * time.Hour
)

// What the data of a session say of who is signed in. SessionRef is how the
// session is called on pages, SessionDevice a rough name of the device, and
// SessionBegun the time of signing in, in seconds since 1970.
const (
	SessionAccount = "account"
	SessionRef     = "ref"
	SessionDevice  = "device"
	SessionBegun   = "begun"
)

// session is a row of the sessions, of which only a hash of the token is kept.
type session struct {
	bun.BaseModel `bun:"table:sessions"`
	Token         string `bun:"token,pk"`
	Data          []byte
	Expires       time.Time
	Ref           string
	AccountID     string
	Device        string
	Begun         time.Time `bun:",nullzero"`
	Seen          time.Time `bun:",nullzero"`
}

// SessionStore keeps sessions in the database, so that they outlive a restart
// and are the same for all processes. It is a store of alexedwards/scs, which
// hands in tokens that are hashed already.
type SessionStore struct{ accounts *Accounts }

// Sessions gives the store of the sessions.
func (s *Accounts) Sessions() SessionStore { return SessionStore{s} }

type beginKey struct{}

// AllowBegin gives a context in which nobody can be signed in anew before begin
// was called. A session that was ended while a request ran does not come back
// with what that request stores.
func AllowBegin(ctx context.Context) (within context.Context, begin func()) {
	begun := new(bool)
	return context.WithValue(ctx, beginKey{}, begun), func() { *begun = true }
}

// FindCtx gives the data of a session that has not expired.
func (s SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	row := new(session)
	err = s.accounts.db.Read().NewSelect().Model(row).Where("token = ?", token).Apply(s.accounts.alive).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return row.Data, true, nil
}

// alive narrows a query to sessions that go on.
func (s *Accounts) alive(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("expires > ?", s.now()).Where("seen IS NULL OR seen > ?", s.now().Add(-SessionIdle))
}

// CommitCtx stores a session. That of a person must be there already, unless
// it begins.
func (s SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	row := &session{Token: token, Data: data, Expires: expires.UTC(), Seen: s.accounts.now()}
	row.AccountID, _ = values[SessionAccount].(string)
	row.Ref, _ = values[SessionRef].(string)
	row.Device, _ = values[SessionDevice].(string)
	if begun, ok := values[SessionBegun].(int64); ok {
		row.Begun = time.Unix(begun, 0).UTC()
	}
	begins, _ := ctx.Value(beginKey{}).(*bool)
	return s.accounts.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		columns := []string{"data", "expires", "ref", "account_id", "device", "begun", "seen"}
		if row.AccountID != "" && (begins == nil || !*begins) {
			_, err := tx.NewUpdate().Model(row).Column(columns...).WherePK().Exec(ctx)
			return err
		}
		insert := tx.NewInsert().Model(row).On("CONFLICT (token) DO UPDATE")
		for _, c := range columns {
			insert = insert.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		_, err := insert.Exec(ctx)
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

// A Session is one device on which a person is signed in.
type Session struct {
	// Ref names it on pages; it lets nobody in.
	Ref string
	// Device is a rough name like "Firefox, Windows", "" for an unknown one.
	Device string
	// Begun is when the person signed in, Seen the last visit to the hour.
	Begun, Seen time.Time
}

// ListSessions gives where the person is signed in, the last used first.
func (s *Accounts) ListSessions(ctx context.Context, id string) ([]Session, error) {
	var rows []*session
	err := s.db.Read().NewSelect().Model(&rows).Where("account_id = ?", id).Apply(s.alive).Order("seen DESC", "begun DESC", "ref").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list := make([]Session, len(rows))
	for i, row := range rows {
		list[i] = Session{Ref: row.Ref, Device: row.Device, Begun: row.Begun, Seen: row.Seen}
	}
	return list, nil
}

// EndSession ends one session of the person; one that ended already is a
// problem.NotFound.
func (s *Accounts) EndSession(ctx context.Context, id, ref string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*session)(nil)).Where("account_id = ?", id).Where("ref = ?", ref).Exec(ctx)
		if err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, problem.NotFoundf("there is no session %s", ref))
		}
		return nil
	})
}

// EndSessions ends all sessions of the person, and gives the account with its
// new Epoch.
func (s *Accounts) EndSessions(ctx context.Context, id string) (a *Account, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if a, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		return s.endSessions(ctx, tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return a, nil
}

// endSessions gives a another Epoch, without which no session is worth
// anything, and forgets the sessions.
func (s *Accounts) endSessions(ctx context.Context, tx bun.Tx, a *Account) error {
	a.Epoch = rand.Text()
	if _, err := tx.NewUpdate().Model(a).WherePK().Column("epoch").Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewDelete().Model((*session)(nil)).Where("account_id = ?", a.ID).Exec(ctx)
	return err
}
