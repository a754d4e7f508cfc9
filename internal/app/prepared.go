package app

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/web/prepared"
)

const (
	// keptBytes is how much memory prepared answers may take.
	keptBytes = 32 << 20
	// glance is how often changes are looked for when no bell rings, look how
	// long that may take.
	glance = 400 * time.Millisecond
	look   = 500 * time.Millisecond
	// tell is how often the log says what was answered from memory.
	tell = time.Minute
)

// door is the routes with what stands before them.
type door struct {
	chi.Router
	front http.Handler
}

// ServeHTTP implements http.Handler.
func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.front.ServeHTTP(w, r) }

// blocked tells whether a host is kept out, from memory where it can.
func (t *Town) blocked(store *prepared.Store) func(ctx context.Context, host string) (bool, error) {
	known := prepared.NewFacts[bool](store)
	return func(ctx context.Context, host string) (bool, error) {
		return known.Find(host, func() (bool, error) { return t.Actors.Blocked(ctx, host) })
	}
}

// watch drops prepared answers as soon as what they show has changed, until ctx
// ends. What this process writes is dropped before the Write returns; what
// others write when the bell rings, or at the next glance without it.
func (t *Town) watch(ctx context.Context, store *prepared.Store) {
	var one sync.Mutex
	changes := t.db.Watch()
	renew := func() {
		one.Lock()
		defer one.Unlock()
		began := time.Now()
		ctx, cancel := context.WithTimeout(ctx, look)
		defer cancel()
		changed, err := changes.Look(ctx)
		if err != nil {
			return // soon nothing is answered from memory any more
		}
		store.Renew(began, changed...)
		if slices.Contains(changed, "") { // it may be how the town speaks, which letters must know too
			if err := t.speak(ctx); err != nil {
				t.log.Error("speak in the manner of the town", "error", err)
			}
		}
	}
	t.db.OnRing(renew)
	defer t.db.OnRing(nil)
	glances, lines := time.NewTicker(glance), time.NewTicker(tell)
	defer glances.Stop()
	defer lines.Stop()
	for renew(); ctx.Err() == nil; {
		select {
		case <-glances.C:
			renew()
		case <-lines.C:
			t.tell(store)
		case <-ctx.Done():
		}
	}
	t.tell(store)
}

// tell writes one line for each route that was answered from memory.
func (t *Town) tell(store *prepared.Store) {
	store.Report(func(route string, answers, bytes int64) {
		remembered.Add(uint64(answers), classOf(route)) //nolint:gosec // a count is not negative
		t.log.LogAttrs(context.Background(), slog.LevelInfo, "requests answered from memory",
			slog.String("route", route), slog.Int64("answers", answers), slog.Int64("bytes", bytes))
	})
}
