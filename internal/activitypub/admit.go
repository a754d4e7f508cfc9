package activitypub

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/problem"
)

// admitted refuses who may not read in the name in which he asks. Deliveries
// are refused by the inbox itself.
func (s *Surface) admitted(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if err := s.admit(r); err != nil {
			w.Header().Set("Cache-Control", "no-store")
			return err
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// Admits tells whether a request would be answered; it is for what answers from
// memory before any route.
func (s *Surface) Admits(r *http.Request) bool { return s.admit(r) == nil }

// admit gives why a request to read is refused. Without a signature none is:
// what is shown is for everybody. Who signs must not be kept out or gone, and
// must prove to be who we know. Nobody is fetched for that: a stranger reads
// what he could read without a signature.
func (s *Surface) admit(r *http.Request) error {
	if r.Method == http.MethodPost || len(r.Header["Signature"]) == 0 && len(r.Header["Signature-Input"]) == 0 && len(r.Header["Authorization"]) == 0 {
		return nil
	}
	_, invalid := s.verifier.Verify(r, nil)
	if invalid == nil {
		return nil
	}
	// Whether the signature holds does not matter for who is kept out: nobody is
	// better off for naming a host that is not his.
	keyID := s.verifier.KeyID(r)
	if out, err := s.keptOut(r.Context(), keyID); err != nil {
		return err
	} else if out {
		return problem.Forbiddenf("%s is kept out", keyID)
	}
	if keyID == "" || r.URL.Path == "/ap/instance" || r.URL.Path == relayPath {
		return nil // two servers that want each other's key first would wait for ever
	}
	_, known, err := s.Actors.KnownKey(r.Context(), keyID)
	switch {
	case errors.Is(err, signature.ErrUnavailable), err == nil && known && errors.Is(invalid, signature.ErrUnavailable):
		return problem.Unavailablef("verify who asks: %w", errors.Join(err, invalid))
	case err != nil:
		return problem.Forbiddenf("%s may not read: %w", keyID, err)
	case known:
		return problem.SignedOutf("verify who asks: %w", invalid)
	}
	return nil
}

// keptOut tells whether the host of a key is kept out. A host may name any
// number of keys.
func (s *Surface) keptOut(ctx context.Context, keyID string) (bool, error) {
	host := as.Host(keyID)
	if host == "" {
		return false, nil
	}
	return s.Blocked(ctx, host)
}

// acquaintances gives the keys of those whom we know and who are not kept out.
type acquaintances struct{ *Surface }

// Key implements signature.Directory.
func (d acquaintances) Key(ctx context.Context, keyID string, fresh bool) (signature.Key, error) {
	out, err := d.keptOut(ctx, keyID)
	if err != nil {
		return signature.Key{}, fmt.Errorf("%w: %w", signature.ErrUnavailable, err)
	}
	key, known, err := d.Actors.KnownKey(ctx, keyID)
	switch {
	case err != nil:
		return signature.Key{}, err
	case out || !known:
		return signature.Key{}, fmt.Errorf("%w: we do not know %.200q", signature.ErrInvalid, keyID)
	case fresh:
		return d.Actors.Key(ctx, keyID, true)
	}
	return key, nil
}
