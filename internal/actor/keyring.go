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
	// How many keys that are not there one host may be asked for within a minute,
	// lest whoever names such keys makes us flood it. When they are used up one is
	// asked for now and then still: it may be that of somebody real.
	askingTime  = time.Minute
	mostInVain  = 30
	nowAndAgain = 2 * time.Second
	// mostAtOnce is how many keys of one host may be asked for at the same time.
	mostAtOnce = 300
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
	// modern are hosts that take a GET with RFC 9421 and not with draft-cavage.
	modern ring[bool]
}

// asking is what a host is being asked for, and what of that it did not have
// since a time.
type asking struct {
	since, last    time.Time
	inVain, atWork int
}

// keyCount is what the database counts: it never is the same after a change.
type keyCount struct{ Rows, Last int64 }

// refusal is a remembered error.
type refusal struct {
	err   error
	until time.Time
}

func newKeyring() *keyring {
	return &keyring{now: time.Now, known: ring[signature.Key]{}, refused: ring[refusal]{}, refreshed: ring[time.Time]{}, asked: ring[asking]{}, modern: ring[bool]{}}
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
	a, now := k.asked[host], k.now()
	if now.Sub(a.since) >= askingTime {
		a.since, a.inVain = now, 0
	}
	if a.atWork >= mostAtOnce || a.inVain >= mostInVain && now.Sub(a.last) < nowAndAgain {
		return false
	}
	a.atWork++
	a.last = now
	k.asked.put(host, a)
	return true
}

// wasAsked notes that a host is no longer being asked, and whether it was in
// vain.
func (k *keyring) wasAsked(host string, inVain bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.asked[host]
	if !ok {
		return
	}
	if a.atWork > 0 {
		a.atWork--
	}
	if inVain {
		a.inVain++
	}
	k.asked[host] = a
}

// isModern tells whether a host is known to take RFC 9421 alone; setModern
// notes it.
func (k *keyring) isModern(host string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.modern[host]
}

func (k *keyring) setModern(host string, modern bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if modern {
		k.modern.put(host, true)
	} else {
		delete(k.modern, host)
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
