package actor

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// Secret gives 32 bytes that nobody else can know, for one purpose: the same in
// every process of the town and after each start. They are derived from the key
// of the town's own actor (RFC 5869), so with another key they are others.
func (s *Actors) Secret(ctx context.Context, purpose string) ([]byte, error) {
	signer, err := s.Ed25519Signer(ctx, s.site.InstanceID())
	if err != nil {
		return nil, fmt.Errorf("derive a secret: %w", err)
	}
	key, ok := signer.Private.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("derive a secret: the key of the town is a %T", signer.Private)
	}
	return hkdf.Key(sha256.New, key.Seed(), nil, "aushang: "+purpose, sha256.Size)
}
