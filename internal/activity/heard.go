package activity

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/database"
)

// listening is how long names of hosts are gathered before one look at what is
// known of them.
const listening = 100 * time.Millisecond

// maxHeard is how many are heard between two looks.
const maxHeard = 1024

// Hearing tries what waits for a host at once when the host speaks to us: then
// it is there again. Run must be running.
type Hearing struct {
	db  *database.DB
	log *slog.Logger
	now func() time.Time

	mu sync.Mutex
	// owners are the ids that were heard since the last look; any, which has room
	// for one, tells Run of the first of them.
	owners map[string]struct{}
	any    chan struct{}
}

// Hearing gives the one that knows the lanes.
func (s *Activities) Hearing(log *slog.Logger) *Hearing {
	return &Hearing{db: s.db, log: log, now: func() time.Time { return time.Now().UTC() }, owners: map[string]struct{}{}, any: make(chan struct{}, 1)}
}

// Heard notes that the owner of id has proven itself in a request. It reads
// and writes nothing and never waits: when very many speak some are not heard,
// and are when they speak again.
func (h *Hearing) Heard(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, again := h.owners[id]; again || len(h.owners) == maxHeard {
		return
	}
	if len(h.owners) == 0 {
		h.any <- struct{}{} // Run took the last one before it emptied owners
	}
	h.owners[id] = struct{}{}
}

// heard gives the hosts that were heard since the last time.
func (h *Hearing) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	hosts := map[string]struct{}{}
	for id := range h.owners {
		hosts[as.Host(id)] = struct{}{}
	}
	clear(h.owners)
	return slices.Sorted(maps.Keys(hosts))
}

// Verifier gives v, hearing whoever proves itself, be it with a delivery or
// with a signed fetch.
func (h *Hearing) Verifier(v inbox.Verifier) inbox.Verifier { return hearingVerifier{v, h} }

type hearingVerifier struct {
	inbox.Verifier
	hearing *Hearing
}

// Verify implements inbox.Verifier.
func (v hearingVerifier) Verify(r *http.Request, body []byte) (signature.Key, error) {
	key, err := v.Verifier.Verify(r, body)
	if err == nil {
		v.hearing.Heard(key.Owner)
	}
	return key, err
}

// Run wakes the lanes of failing hosts that were heard, until ctx ends.
func (h *Hearing) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.any:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(listening):
		}
		if err := h.Wake(ctx, h.heard()...); err != nil && ctx.Err() == nil {
			h.log.Error("wake lanes of hosts that were heard", "error", err)
		}
	}
}

// Wake makes the lanes of those hosts due that fail. A host that speaks and
// never listens is tried less often the longer it does, and one that asked for
// time has it.
func (h *Hearing) Wake(ctx context.Context, hosts ...string) error {
	var failing []*lane
	err := h.db.Read().NewSelect().Model(&failing).Column("host", "failures", "last_failure", "asked_until").
		Where("failures > 0").Where("host IN (?)", bun.List(hosts)).Order("host").Scan(ctx)
	if err != nil {
		return fmt.Errorf("find failing hosts: %w", err)
	}
	failing = slices.DeleteFunc(failing, func(row *lane) bool {
		quiet := min(time.Duration(row.Failures*row.Failures)*time.Second, 10*time.Minute)
		return h.now().Sub(row.LastFailure) < quiet || row.AskedUntil.After(h.now())
	})
	if len(failing) == 0 {
		return nil
	}
	return h.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, row := range failing { // in the order of their names
			_, err := tx.NewUpdate().Model((*lane)(nil)).Set("due_at = ?", h.now()).Set("not_before = NULL").Set("wakes = wakes + 1").
				Where("host = ?", row.Host).Where("due_at IS NOT NULL").Exec(ctx)
			if err != nil {
				return fmt.Errorf("wake lane of %s: %w", row.Host, err)
			}
		}
		database.Ring(ctx)
		return release(ctx, tx, names(failing), h.now())
	})
}
