package activitypub

import (
	"errors"
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
	keyID := s.Verifier.KeyID(r)
	host := as.Host(keyID)
	if host == "" {
		return nil
	}
	// Whether the signature holds does not matter here: nobody is better off for
	// naming a host that is not his.
	blocked, err := s.Blocked(r.Context(), host)
	if err != nil {
		return err
	}
	if blocked {
		return problem.Forbiddenf("%s is kept out", host)
	}
	if r.URL.Path == "/ap/instance" {
		return nil // two servers that want each other's key first would wait for ever
	}
	known, err := s.Actors.KnowsKey(r.Context(), keyID)
	switch {
	case errors.Is(err, signature.ErrUnavailable):
		return problem.Unavailablef("find the key %s: %w", keyID, err)
	case err != nil:
		return problem.Forbiddenf("%s may not read: %w", keyID, err)
	case !known:
		return nil
	}
	_, err = s.Verifier.Verify(r, nil)
	switch {
	case errors.Is(err, signature.ErrUnavailable):
		return problem.Unavailablef("verify who asks: %w", err)
	case err != nil:
		return problem.SignedOutf("verify who asks: %w", err)
	}
	return nil
}
