package actor

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The fragments by which the keys of a local actor are known: the RSA key that
// every peer verifies, and the one that only some do.
const (
	mainKey    = "#main-key"
	ed25519Key = "#ed25519-key"
)

// KeyFragments are the fragments of the keys of local actors.
var KeyFragments = []string{mainKey[1:], ed25519Key[1:]}

// privateKey holds the keys with which a local actor signs.
type privateKey struct {
	bun.BaseModel `bun:"table:actor_keys"`
	ActorID       string `bun:"actor_id,pk"`
	PrivateKeyPEM string // RSA
	Ed25519KeyPEM string `bun:"ed25519_key_pem"`
	Created       time.Time

	// multikey is the public half of the Ed25519 key, set when it is made.
	multikey as.Multikey `bun:"-"`
}

// mintKeys makes the keys of the local actor id; public is that of RSA.
func (s *Actors) mintKeys(id string) (keys *privateKey, public string, err error) {
	key, err := s.NewKey()
	if err != nil {
		return nil, "", err
	}
	keys = &privateKey{ActorID: id, Created: s.now()}
	if keys.PrivateKeyPEM, err = signature.EncodePrivate(key); err != nil {
		return nil, "", err
	}
	if err := keys.mintEd25519(); err != nil {
		return nil, "", err
	}
	public, err = signature.EncodePublic(key.Public())
	return keys, public, err
}

func (k *privateKey) mintEd25519() error {
	key, err := signature.NewEd25519Key()
	if err != nil {
		return err
	}
	k.multikey = as.Multikey{
		ID: k.ActorID + ed25519Key, Type: "Multikey", Controller: k.ActorID,
		PublicKeyMultibase: signature.EncodeMultikey(key.Public().(ed25519.PublicKey)),
	}
	k.Ed25519KeyPEM, err = signature.EncodePrivate(key)
	return err
}

// EnsureKeys gives an Ed25519 key to each actor of ours that was made before
// there were any.
func (s *Actors) EnsureKeys(ctx context.Context) error {
	var rows []*privateKey
	if err := s.db.Read().NewSelect().Model(&rows).Where("ed25519_key_pem = ''").Scan(ctx); err != nil {
		return fmt.Errorf("find actors without an Ed25519 key: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	for _, row := range rows {
		if err := row.mintEd25519(); err != nil {
			return fmt.Errorf("make key of %s: %w", row.ActorID, err)
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		database.Ring(ctx)
		for _, row := range rows {
			if err := s.addEd25519(ctx, tx, row); err != nil {
				return fmt.Errorf("store key of %s: %w", row.ActorID, err)
			}
		}
		return nil
	})
}

// addEd25519 stores the key, unless another process was faster.
func (s *Actors) addEd25519(ctx context.Context, tx bun.Tx, row *privateKey) error {
	res, err := tx.NewUpdate().Model(row).Column("ed25519_key_pem").WherePK().Where("ed25519_key_pem = ''").Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	a := &Actor{ID: row.ActorID, AssertionMethod: []as.Multikey{row.multikey}}
	_, err = tx.NewUpdate().Model(a).Column("assertion_method").WherePK().Exec(ctx)
	return err
}

// Signer gives the RSA key with which the local actor id signs, which every
// peer verifies.
func (s *Actors) Signer(ctx context.Context, id string) (signature.Signer, error) {
	return s.signer(ctx, s.db.Read(), id, mainKey)
}

// Ed25519Signer gives the Ed25519 key of the local actor id, for hosts that are
// known to verify it.
func (s *Actors) Ed25519Signer(ctx context.Context, id string) (signature.Signer, error) {
	return s.signer(ctx, s.db.Read(), id, ed25519Key)
}

// ProofSigner gives the same key for proofs. It looks into db for that of an
// actor who was made in the same transaction.
func (s *Actors) ProofSigner(ctx context.Context, db bun.IDB, id string) (signature.Signer, error) {
	return s.signer(ctx, db, id, ed25519Key)
}

func (s *Actors) signer(ctx context.Context, db bun.IDB, id, fragment string) (signature.Signer, error) {
	if signer, ok := s.signers.Load(id + fragment); ok {
		return signer.(signature.Signer), nil
	}
	var row privateKey
	err := db.NewSelect().Model(&row).Where("actor_id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return signature.Signer{}, problem.NotFoundf("there is no key of %s", id)
	}
	if err != nil {
		return signature.Signer{}, fmt.Errorf("find key of %s: %w", id, err)
	}
	pem := row.PrivateKeyPEM
	if fragment == ed25519Key {
		pem = row.Ed25519KeyPEM
	}
	key, err := signature.DecodePrivate(pem)
	if err != nil {
		return signature.Signer{}, fmt.Errorf("open key of %s: %w", id, err)
	}
	signer := signature.Signer{KeyID: id + fragment, Private: key}
	s.signers.Store(id+fragment, signer)
	return signer, nil
}
