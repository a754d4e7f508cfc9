package prepared

import (
	"sync"
	"time"
)

// maxFacts is how many are remembered at most.
const maxFacts = 4096

// Facts remembers what was found out about names, for as long as the store
// knows what changes and nothing drops all of its answers. Make one with
// NewFacts.
type Facts[V any] struct {
	store *Store
	mu    sync.Mutex
	known map[string]V
	// turn is that of the store in which they were found out.
	turn uint64
}

// NewFacts gives an empty memory beside s.
func NewFacts[V any](s *Store) *Facts[V] { return &Facts[V]{store: s, known: map[string]V{}} }

// Find gives what is remembered of name, or what find finds out about it now.
func (f *Facts[V]) Find(name string, find func() (V, error)) (V, error) {
	turn, current := f.store.now()
	if !current {
		return find()
	}
	f.mu.Lock()
	if f.turn != turn {
		clear(f.known)
		f.turn = turn
	}
	v, ok := f.known[name]
	f.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := find()
	if err != nil {
		return v, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	// What was read before a change must not be remembered after it.
	if after, current := f.store.now(); current && after == turn && f.turn == turn {
		f.known[name] = v
		for other := range f.known {
			if len(f.known) <= maxFacts {
				break
			}
			delete(f.known, other) // one by chance, so that new names do not drive out all others at once
		}
	}
	return v, nil
}

// now gives the turn, and whether it is known what changes.
func (s *Store) now() (turn uint64, current bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turn, time.Now().Before(s.fresh)
}
