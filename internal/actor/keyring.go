package actor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/sync/singleflight"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/signature"
)

const (
	// maxRing is how many keys, refusals and times are remembered at most.
	maxRing = 4096
	// glance is how long stored keys are believed unchanged without a look.
	glance = 100 * time.Millisecond
	// refreshing is how long a known key is not fetched again.
	refreshing = 5 * time.Minute
	// How long it is remembered that a key cannot be had: for ever as far as
	// its server knows, not at all, or not just now.
	goneFor    = time.Hour
	refusedFor = 5 * time.Minute
	silentFor  = 30 * time.Second
	// What one host may be asked for keys within a minute, lest whoever names
	// its keys makes us flood it. A key that is not there counts as many.
	askingTime = time.Minute
	mostAsked  = 300
	inVain     = 10
)

// keyring holds the parsed keys of others. The stored row is the truth: every
// change of one is counted by the database (key_changes), and a ring that finds
// another count than before forgets all it knows. So a key that another
// process replaced is believed a moment longer at most.
type keyring struct {
	now     func() time.Time
	flights singleflight.Group

	mu    sync.Mutex
	known ring[signature.Key]
	count keyCount
	// looked is when the count was last read, and turns counts how often all
	// was forgotten.
	looked time.Time
	turns  int
	// refused tells by key id, or by host, why there is no key; refreshed when
	// a known one was last fetched again, by the document that it stands in.
	refused   ring[refusal]
	refreshed ring[time.Time]
	asked     ring[asking]
}

// asking is how much a host was asked for since a time.
type asking struct {
	since time.Time
	count int
}

// keyCount is what the database counts: it never is the same after a change.
type keyCount struct{ Rows, Last int64 }

// refusal is a remembered error.
type refusal struct {
	err   error
	until time.Time
}

func newKeyring() *keyring {
	return &keyring{now: time.Now, known: ring[signature.Key]{}, refused: ring[refusal]{}, refreshed: ring[time.Time]{}, asked: ring[asking]{}}
}

// ring is a map that forgets something whenever it is full.
type ring[V any] map[string]V

func (r ring[V]) put(key string, value V) {
	if _, ok := r[key]; !ok && len(r) >= maxRing {
		for old := range r {
			delete(r, old)
			break
		}
	}
	r[key] = value
}

// find gives the key with this id, and the turn in which it was looked for.
// count reads the count of the database; when it fails nothing is known.
func (k *keyring) find(ctx context.Context, id string, count func(context.Context) (keyCount, error)) (signature.Key, int, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); now.Sub(k.looked) >= glance {
		k.looked = now // the others need not wait for this look
		k.mu.Unlock()
		got, err := count(ctx)
		k.mu.Lock()
		if err != nil {
			k.looked = time.Time{}
		}
		if err != nil || got != k.count {
			k.count = got
			k.turns++
			clear(k.known)
		}
	}
	key, ok := k.known[id]
	return key, k.turns, ok
}

// keep remembers a key that was read in this turn. One that was read before a
// change may be the old one.
func (k *keyring) keep(id string, key signature.Key, turn int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if turn == k.turns {
		k.known.put(id, key)
	}
}

// doubt lets the next find look at the database: this process has just written.
func (k *keyring) doubt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = time.Time{}
}

// Forget removes traces of key changes that every process has seen, and lets
// hosts that refused Ed25519 be asked again: they may have learned it.
func (s *Actors) Forget(ctx context.Context) error {
	if err := s.db.Prune(ctx, "key_changes", "seq", "changed < ?", s.now().Add(-24*time.Hour)); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE hosts SET ed25519 = ? WHERE ed25519 = ?", outbox.Untold, outbox.Refuses).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget who refused Ed25519: %w", err)
		}
		return nil
	})
}

// refusal gives why the first of names cannot be had, if it was asked for not
// long ago.
func (k *keyring) refusal(names ...string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		r, ok := k.refused[name]
		if ok && k.now().Before(r.until) {
			return r.err
		}
		delete(k.refused, name)
	}
	return nil
}

func (k *keyring) refuse(name string, err error, wait time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refused.put(name, refusal{err, k.now().Add(wait)})
}

// mayAsk tells whether a host may be asked for one more key, and notes that it
// is.
func (k *keyring) mayAsk(host string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.asked[host]
	if k.now().Sub(a.since) >= askingTime {
		a = asking{since: k.now()}
	}
	if a.count >= mostAsked {
		return false
	}
	a.count++
	k.asked.put(host, a)
	return true
}

// askedInVain notes that a host did not have a key.
func (k *keyring) askedInVain(host string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, ok := k.asked[host]; ok {
		a.count += inVain - 1
		k.asked[host] = a
	}
}

// mayRefresh tells whether the known document of a key may be fetched again,
// and notes that it is.
func (k *keyring) mayRefresh(document string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if last, ok := k.refreshed[document]; ok && k.now().Sub(last) < refreshing {
		return false
	}
	k.refreshed.put(document, k.now())
	return true
}

// unanswered takes that note back: the server did not answer.
func (k *keyring) unanswered(document string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.refreshed, document)
}
