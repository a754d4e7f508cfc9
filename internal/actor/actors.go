package actor

import (
	"context"
	"crypto/rsa"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Actors is the register of all actors. Make one with New.
type Actors struct {
	db     *database.DB
	site   Site
	client *transport.Client
	now    func() time.Time

	// Farewell gives HTML that stands before the summary of an actor of ours that is
	// not active any more; nil for none. It is set once, before anything is asked.
	Farewell func() string
	// NewKey makes the RSA key of an actor of ours: signature.NewKey, unless
	// something else is set before anything is asked.
	NewKey func() (*rsa.PrivateKey, error)

	// signers holds opened keys by their id; a stored key never changes.
	signers sync.Map // of signature.Signer
	keys    *keyring
}

// New gives the register over db. client fetches actors from other servers.
func New(db *database.DB, site Site, client *transport.Client) *Actors {
	return &Actors{db: db, site: site, client: client, keys: newKeyring(), NewKey: signature.NewKey, now: func() time.Time {
		return time.Now().UTC().Truncate(time.Second)
	}}
}

// Site says where this town lives.
func (s *Actors) Site() Site { return s.site }

// Reader gives the way to look, for those who hold no transaction.
func (s *Actors) Reader() bun.IDB { return s.db.Read() }

// Create stores an actor that Mint prepared, with its key. A name that is
// taken gives a problem.Conflict.
func (s *Actors) Create(ctx context.Context, tx bun.Tx, a *Actor) error {
	taken, err := tx.NewSelect().Model((*Actor)(nil)).
		Where("local").Where("preferred_username = ?", a.PreferredUsername).Exists(ctx)
	if err != nil {
		return fmt.Errorf("create actor: %w", err)
	}
	if taken {
		return problem.Conflictf("the handle %s is taken here", a.PreferredUsername)
	}
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		return fmt.Errorf("create actor: %w", err)
	}
	if _, err := tx.NewInsert().Model(a.keys).Exec(ctx); err != nil {
		return fmt.Errorf("create actor's keys: %w", err)
	}
	return nil
}

// EnsureInstance makes the actor of the whole server when there is none yet.
// Its name is the handle domain, as peers expect of an instance.
func (s *Actors) EnsureInstance(ctx context.Context) error {
	return s.ensure(ctx, Draft{ID: s.site.InstanceID(), Type: Application, PreferredUsername: "instance", Name: s.site.Name, URL: s.site.Origin + "/", State: Active})
}

// EnsureRelay makes the actor by whom the town shares with others, with this page,
// when there is none yet.
func (s *Actors) EnsureRelay(ctx context.Context, page string) error {
	return s.ensure(ctx, Draft{ID: s.site.RelayID(), Type: Application, PreferredUsername: "relay", Name: s.site.Name, URL: s.site.Origin + page, State: Active})
}

// ensure makes an actor of which there is one only.
func (s *Actors) ensure(ctx context.Context, d Draft) error {
	exists, err := s.db.Read().NewSelect().Model((*Actor)(nil)).Where("id = ?", d.ID).Exists(ctx)
	if err != nil || exists {
		return err
	}
	a, err := s.Mint(d)
	if err != nil {
		return fmt.Errorf("make the actor %s: %w", d.PreferredUsername, err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.Create(ctx, tx, a) })
	if problem.KindOf(err) == problem.Conflict || database.IsConflict(err) {
		return nil // another process was faster
	}
	return err
}

// Change stores a local actor's new name, summary, fields, icon or state.
func (s *Actors) Change(ctx context.Context, tx bun.Tx, a *Actor) error {
	a.renew(s.now())
	if a.Attachment == nil {
		a.Attachment = []as.Attachment{}
	}
	_, err := tx.NewUpdate().Model(a).
		Column("name", "summary", "attachment", "icon_url", "icon_media_type", "icon_name", "state", "updated").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("change actor %s: %w", a.ID, err)
	}
	database.Ring(ctx)
	return nil
}
