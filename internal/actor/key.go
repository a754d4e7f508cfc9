package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/problem"
)

// keyPatience is how long a request waits for a key from elsewhere.
const keyPatience = 10 * time.Second

// keyFetches is how many requests one key may cost: its own document with a
// second knock, and its owner's.
const keyFetches = 3

// Key gives the public key keyID of an actor elsewhere. fresh asks for it again
// at its own server, once in five minutes for each actor. It implements
// signature.Directory: errors say whether the key can be had later
// (signature.ErrUnavailable), its owner is gone (signature.ErrGone), or it
// counts for nothing (signature.ErrInvalid), like that of an actor whose host
// is kept out.
func (s *Actors) Key(ctx context.Context, keyID string, fresh bool) (signature.Key, error) {
	known := fresh
	if !fresh {
		key, stored, err := s.knownKey(ctx, keyID)
		if err != nil || key.Public != nil {
			return key, err
		}
		known = stored
	}
	if as.Host(keyID) == "" || s.site.Owns(keyID) {
		return signature.Key{}, fmt.Errorf("%w: %.200q is no key of another server", signature.ErrInvalid, keyID)
	}
	if err := s.keys.refusal(keyID, as.Host(keyID)); err != nil {
		return signature.Key{}, err
	}
	// Requests that need the same key at once share one fetch, which must not
	// end with the first of them.
	got := s.keys.flights.DoChan(keyID, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyPatience)
		defer cancel()
		return s.askKey(transport.WithBudget(ctx, keyFetches), keyID, known)
	})
	select {
	case <-ctx.Done():
		return signature.Key{}, fmt.Errorf("%w: %w", signature.ErrUnavailable, ctx.Err())
	case r := <-got:
		return r.Val.(signature.Key), r.Err
	}
}

// KnownKey gives what Key would give without asking for it, and whether there
// is such a key. An actor who has left or is kept out gives an error, as with
// Key.
func (s *Actors) KnownKey(ctx context.Context, keyID string) (key signature.Key, known bool, err error) {
	key, _, err = s.knownKey(ctx, keyID)
	return key, key.Public != nil, err
}

// knownKey gives the key keyID if it is known; the zero Key if not. stored
// tells whether its owner is, who then does not list the key.
func (s *Actors) knownKey(ctx context.Context, keyID string) (key signature.Key, stored bool, err error) {
	key, turn, ok := s.keys.find(ctx, keyID, s.countKeys)
	if ok {
		return key, true, nil
	}
	owner, _, fragment := strings.Cut(keyID, "#")
	a := new(Actor)
	if fragment { // it stands in its owner's document, whoever else may claim it
		err = findRemote.Model(ctx, s.db.Read(), a, owner)
	} else {
		err = findByKey.Model(ctx, s.db.Read(), a, keyID, keyID)
	}
	if err != nil {
		err = notFound(err, keyID)
	}
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return signature.Key{}, false, nil
	case err != nil:
		return signature.Key{}, false, fmt.Errorf("%w: %w", signature.ErrUnavailable, err)
	case a.Blocked:
		return signature.Key{}, true, fmt.Errorf("%w: %s is kept out", signature.ErrInvalid, a.Host)
	case a.State != Active:
		return signature.Key{}, true, fmt.Errorf("%w: %s has left", signature.ErrGone, a.ID)
	}
	if key, err = a.publicKey(keyID); err != nil {
		return signature.Key{}, true, nil //nolint:nilerr // its server may have another one by now
	}
	s.keys.keep(keyID, key, turn)
	return key, true, nil
}

// countKeys reads what tells whether a stored key has changed.
func (s *Actors) countKeys(ctx context.Context) (keyCount, error) {
	var n keyCount
	err := s.db.Read().NewSelect().TableExpr("key_changes").ColumnExpr("COUNT(*) AS rows, COALESCE(MAX(seq), 0) AS last").Scan(ctx, &n)
	return n, err
}

// askKey fetches the document of the owner of keyID and stores it. For some
// time it is remembered when there is none. A known one that was fetched again
// less than five minutes ago is given as it is stored.
func (s *Actors) askKey(ctx context.Context, keyID string, known bool) (signature.Key, error) {
	document, _, _ := strings.Cut(keyID, "#")
	if !known || !s.keys.mayRefresh(document) {
		key, stored, err := s.knownKey(ctx, keyID) // another request may have got it meanwhile
		if err != nil || key.Public != nil {
			key.Fetched = known
			return key, err
		}
		if known || stored && !s.keys.mayRefresh(document) {
			return signature.Key{}, fmt.Errorf("%w: %s does not list the key %s", signature.ErrInvalid, document, keyID)
		}
	}
	host := as.Host(keyID)
	if !s.keys.mayAsk(host) {
		s.keys.unanswered(document)
		return signature.Key{}, fmt.Errorf("%w: %s was asked for many keys just now", signature.ErrUnavailable, host)
	}
	key, err := s.fetchKey(ctx, keyID)
	// Trouble of our database, and what was never asked, tells nothing about the
	// host's keys.
	s.keys.wasAsked(host, err != nil && !errors.Is(err, transport.ErrBlocked) && problem.KindOf(err) != problem.Unavailable)
	if errors.Is(err, signature.ErrUnavailable) {
		s.keys.unanswered(document)
	}
	var status *transport.StatusError
	var network net.Error
	switch {
	case problem.KindOf(err) == problem.Unavailable: // our database is busy
	case errors.Is(err, signature.ErrGone):
		s.keys.refuse(keyID, err, goneFor)
	case errors.Is(err, signature.ErrInvalid):
		s.keys.refuse(keyID, err, refusedFor)
	case errors.As(err, &network) && !errors.As(err, &status):
		s.keys.refuse(host, err, silentFor)
	case err != nil:
		s.keys.refuse(keyID, err, silentFor)
	}
	return key, err
}

func (s *Actors) fetchKey(ctx context.Context, keyID string) (signature.Key, error) {
	owner, err := s.keyOwner(ctx, keyID)
	if err != nil {
		return signature.Key{}, keyError(err)
	}
	a, err := s.Refresh(ctx, owner)
	if err != nil {
		return signature.Key{}, keyError(err)
	}
	key, err := a.publicKey(keyID)
	if err != nil {
		return signature.Key{}, fmt.Errorf("%w: %w", signature.ErrInvalid, err)
	}
	if a.Blocked {
		return signature.Key{}, fmt.Errorf("%w: %s is kept out", signature.ErrInvalid, a.Host)
	}
	key.Fetched = true
	return key, nil
}

// keyOwner tells whose key keyID is. With a fragment the rest is the actor;
// otherwise (GoToSocial) the key's own document names its owner.
func (s *Actors) keyOwner(ctx context.Context, keyID string) (string, error) {
	if owner, _, ok := strings.Cut(keyID, "#"); ok {
		return owner, nil
	}
	doc, err := s.Fetch(ctx, keyID)
	if err != nil {
		return "", err
	}
	var key struct {
		Owner      string `json:"owner"`
		Controller string `json:"controller"`
		PublicKey  struct {
			Owner string `json:"owner"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(doc.Body, &key); err != nil {
		return "", problem.Invalidf("the key %s cannot be read", keyID)
	}
	for _, owner := range []string{key.PublicKey.Owner, key.Owner, key.Controller} {
		if as.SameOrigin(owner, keyID) {
			return owner, nil
		}
	}
	return "", problem.Invalidf("the key %s names no owner on its host", keyID)
}

// publicKey gives the key keyID of the actor, which must list it. PeerTube
// names the actor itself and means its main key.
func (a *Actor) publicKey(keyID string) (signature.Key, error) {
	if a.PublicKeyPEM != "" && (keyID == a.KeyID || keyID == a.ID) {
		public, err := signature.ParsePublic(a.PublicKeyPEM)
		if err != nil {
			return signature.Key{}, fmt.Errorf("key of %s: %w", a.ID, err)
		}
		return signature.Key{ID: keyID, Owner: a.ID, Public: public}, nil
	}
	for _, m := range a.AssertionMethod {
		if m.ID != keyID {
			continue
		}
		public, err := signature.ParseMultikey(m.PublicKeyMultibase)
		if err != nil {
			return signature.Key{}, fmt.Errorf("key of %s: %w", a.ID, err)
		}
		return signature.Key{ID: keyID, Owner: a.ID, Public: public}, nil
	}
	return signature.Key{}, problem.NotFoundf("%s does not list the key %s", a.ID, keyID)
}

// keyError says in the words of signature why a key cannot be had.
func keyError(err error) error {
	var status *transport.StatusError
	switch {
	case errors.As(err, &status) && status.Code == http.StatusGone:
		return fmt.Errorf("%w: %w", signature.ErrGone, err)
	case errors.As(err, &status) && (status.Code >= 500 || status.Code == http.StatusTooManyRequests || status.Code == http.StatusRequestTimeout):
		return fmt.Errorf("%w: %w", signature.ErrUnavailable, err)
	case errors.As(err, &status), errors.Is(err, transport.ErrBlocked), problem.IsDiscard(err), problem.KindOf(err) == problem.Invalid:
		return fmt.Errorf("%w: %w", signature.ErrInvalid, err)
	}
	return fmt.Errorf("%w: %w", signature.ErrUnavailable, err)
}
