package federation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
)

const (
	// maxPeers is how many actors of others are remembered.
	maxPeers = 10_000
	// refresh is how often an actor is asked for again at most.
	refresh = 5 * time.Minute
)

// peers remembers actors of other servers. It implements signature.Directory.
type peers struct {
	client *transport.Client
	sign   transport.Sign

	mu    sync.Mutex
	known map[string]peer // by id, or by the address of a key's own document
}

// peer is what is remembered of an actor: its document, or why there is none.
type peer struct {
	actor   *as.Actor
	refused error
	fetched time.Time
}

func (p *peers) knows(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[id].actor != nil
}

// actor gives an actor, as it was remembered or from its own server.
func (p *peers) actor(ctx context.Context, id string) (*as.Actor, error) {
	there := p.remembered(id)
	if there.actor != nil {
		return there.actor, nil
	}
	if there.refused != nil && time.Since(there.fetched) < refresh {
		return nil, there.refused
	}
	return p.fetch(ctx, id)
}

func (p *peers) remembered(id string) peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[id]
}

// fetch asks the actor's own server for it and remembers what it says.
func (p *peers) fetch(ctx context.Context, id string) (*as.Actor, error) {
	a, err := p.read(ctx, id)
	if err == nil && a.ID != id {
		err = fmt.Errorf("%w: %s shows %s", signature.ErrInvalid, id, a.ID)
	}
	if err != nil {
		if !errors.Is(err, signature.ErrUnavailable) {
			p.remember(id, peer{refused: err, fetched: time.Now()})
		}
		return nil, err
	}
	p.remember(id, peer{actor: a, fetched: time.Now()})
	return a, nil
}

func (p *peers) remember(id string, one peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= maxPeers {
		for some := range p.known { // whichever comes: it can be had again
			delete(p.known, some)
			break
		}
	}
	p.known[id] = one
}

func (p *peers) read(ctx context.Context, address string) (*as.Actor, error) {
	doc, err := p.client.Get(ctx, address, p.sign)
	var status *transport.StatusError
	switch {
	case errors.As(err, &status) && status.Code == http.StatusGone:
		return nil, fmt.Errorf("%w: %w", signature.ErrGone, err)
	case errors.As(err, &status) && status.Code < http.StatusInternalServerError && status.Code != http.StatusTooManyRequests, errors.Is(err, transport.ErrBlocked):
		return nil, fmt.Errorf("%w: %w", signature.ErrInvalid, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", signature.ErrUnavailable, err)
	}
	a, err := as.DecodeActor(doc.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", signature.ErrInvalid, err)
	}
	if !as.SameOrigin(a.ID, doc.URL) {
		return nil, fmt.Errorf("%w: %s shows an actor of another server", signature.ErrInvalid, doc.URL)
	}
	return a, nil
}

// Key implements signature.Directory. A key counts only if its owner lists it.
func (p *peers) Key(ctx context.Context, keyID string, fresh bool) (signature.Key, error) {
	owner, _, fragment := strings.Cut(keyID, "#")
	if !fragment { // GoToSocial: the key's own document names its owner
		stub := p.remembered(keyID)
		if stub.actor == nil {
			a, err := p.read(ctx, keyID)
			if err != nil {
				return signature.Key{}, err
			}
			stub = peer{actor: a, fetched: time.Now()}
			p.remember(keyID, stub)
		}
		owner = stub.actor.ID
	}
	find := p.actor
	if fresh && time.Since(p.remembered(owner).fetched) >= refresh {
		find = p.fetch
	}
	a, err := find(ctx, owner)
	if err != nil {
		return signature.Key{}, err
	}
	return listed(a, keyID)
}

// listed reads the key keyID from its owner's document.
func listed(a *as.Actor, keyID string) (signature.Key, error) {
	if k := a.PublicKey; k != nil && k.ID == keyID {
		public, err := signature.ParsePublic(k.PublicKeyPem)
		if err != nil {
			return signature.Key{}, fmt.Errorf("%w: %w", signature.ErrInvalid, err)
		}
		return signature.Key{ID: keyID, Owner: a.ID, Public: public}, nil
	}
	for _, m := range a.AssertionMethod {
		if m.ID == keyID && m.Controller == a.ID {
			public, err := signature.ParseMultikey(m.PublicKeyMultibase)
			if err != nil {
				return signature.Key{}, fmt.Errorf("%w: %w", signature.ErrInvalid, err)
			}
			return signature.Key{ID: keyID, Owner: a.ID, Public: public}, nil
		}
	}
	return signature.Key{}, fmt.Errorf("%w: %s lists no key %s", signature.ErrInvalid, a.ID, keyID)
}

// maxSeen is how many received activities are remembered at least.
const maxSeen = 50_000

// seen remembers which activities came, the latest ones. The zero seen is
// ready.
type seen struct {
	mu       sync.Mutex
	now, old map[string]bool
}

// add tells whether key is new.
func (s *seen) add(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now[key] || s.old[key] {
		return false
	}
	if s.now == nil || len(s.now) >= maxSeen {
		s.now, s.old = map[string]bool{}, s.now
	}
	s.now[key] = true
	return true
}

func (s *seen) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.now, key)
	delete(s.old, key)
}
