package activity

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
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

// Hearing tries what waits for a host at once when the host speaks to us: then
// it is there again. Run must be running.
type Hearing struct {
	db    *database.DB
	log   *slog.Logger
	now   func() time.Time
	hosts chan string
}

// Hearing gives the one that knows the lanes.
func (s *Activities) Hearing(log *slog.Logger) *Hearing {
	return &Hearing{db: s.db, log: log, now: func() time.Time { return time.Now().UTC() }, hosts: make(chan string, 1024)}
}

// Heard notes that the owner of id has proven itself in a request. It reads
// and writes nothing and never waits: when very many speak some are not heard,
// and are when they speak again.
func (h *Hearing) Heard(id string) {
	if len(h.hosts) == cap(h.hosts) {
		return
	}
	select {
	case h.hosts <- as.Host(id):
	default:
	}
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
		heard := map[string]bool{}
		select {
		case <-ctx.Done():
			return
		case host := <-h.hosts:
			heard[host] = true
		}
		end := time.After(listening)
	gather:
		for {
			select {
			case <-ctx.Done():
				return
			case host := <-h.hosts:
				heard[host] = true
			case <-end:
				break gather
			}
		}
		if err := h.Wake(ctx, slices.Sorted(maps.Keys(heard))...); err != nil && ctx.Err() == nil {
			h.log.Error("wake lanes of hosts that were heard", "error", err)
		}
	}
}

// Wake makes the lanes of those hosts due that fail. A host that speaks and
// never listens is tried less often the longer it does.
func (h *Hearing) Wake(ctx context.Context, hosts ...string) error {
	var failing []*lane
	err := h.db.Read().NewSelect().Model(&failing).Column("host", "failures", "last_failure").
		Where("failures > 0").Where("host IN (?)", bun.List(hosts)).Order("host").Scan(ctx)
	if err != nil {
		return fmt.Errorf("find failing hosts: %w", err)
	}
	failing = slices.DeleteFunc(failing, func(row *lane) bool {
		quiet := min(time.Duration(row.Failures*row.Failures)*time.Second, 10*time.Minute)
		return h.now().Sub(row.LastFailure) < quiet
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
