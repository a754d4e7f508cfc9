package moderation

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/net/publicsuffix"

	"codeberg.org/aushang/aushang/internal/database"
)

// The kinds of what comes in waves, by the type of the activity. Updates,
// deletions and what is taken back are never slowed.
var tideKinds = map[string]string{
	"Like": "like", "EmojiReact": "like", "Dislike": "like", "Announce": "announce", "Follow": "follow", "Create": "create", "Flag": "flag",
}

// fewer is by how much fewer reports than likes one host may send: somebody
// reads each of them.
const fewer = 10

// mostTides is how many hosts are counted at a time, in this hour.
const mostTides = 20000

// A Tide counts what each host sends in an hour and says when it is too much.
// What is beyond is to be sent again later: nothing is lost of what many people
// like, and a wave from one host becomes a trickle. Each process counts for
// itself. Make one with NewTide, and Run it so that the town hall sees it.
type Tide struct {
	db  *database.DB
	max int
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	counts map[tideKey]*tideCount
}

type tideKey struct{ host, kind string }

// tideCount is what came in an hour: all of it, and how much was sent away; and
// what of that is not written down yet.
type tideCount struct {
	hour              time.Time
	n                 int
	unwritten, unheld int
}

// NewTide gives a tide that lets at most max of a kind in from one host in an
// hour; 0 for any number.
func NewTide(db *database.DB, most int, log *slog.Logger) *Tide {
	return &Tide{db: db, max: most, log: log, now: func() time.Time { return time.Now().UTC() }, counts: map[tideKey]*tideCount{}}
}

// Wait counts an activity of a host whose sender has proven who it is, and gives
// how long it should wait to be sent again; 0 lets it in. Without proven nothing
// is counted that is let in: anybody may name any host.
func (t *Tide) Wait(host, kind string, proven bool) time.Duration {
	kind = tideKinds[kind]
	if t == nil || t.max == 0 || kind == "" {
		return 0
	}
	now := t.now()
	hour := now.Truncate(time.Hour)
	key := tideKey{registered(host), kind}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[key]
	if c == nil || !c.hour.Equal(hour) {
		if !proven {
			return 0
		}
		if c == nil && len(t.counts) >= mostTides {
			t.prune(hour)
		}
		c = &tideCount{hour: hour}
		t.counts[key] = c
	}
	most := t.max
	if kind == "flag" {
		most = max(1, most/fewer)
	}
	if c.n < most {
		if proven {
			c.n++
			c.unwritten++
		}
		return 0
	}
	c.n++
	c.unwritten++
	c.unheld++
	return hour.Add(time.Hour).Sub(now)
}

// prune forgets what was counted before this hour, or all.
func (t *Tide) prune(hour time.Time) {
	for key, c := range t.counts {
		if !c.hour.Equal(hour) {
			delete(t.counts, key)
		}
	}
	if len(t.counts) >= mostTides {
		clear(t.counts)
	}
}

// registered gives the domain that somebody has registered: who has one has all
// names below it.
func registered(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name
}

// writing is how often is written down what was too much.
const writing = time.Second

// Run writes down what was too much, until ctx ends.
func (t *Tide) Run(ctx context.Context) {
	tick := time.NewTicker(writing)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := t.Write(ctx); err != nil && ctx.Err() == nil {
			t.log.Error("write down a wave", "error", err)
		}
	}
}

const putWave = "INSERT INTO waves (host, kind, hour, n, held, settled) VALUES (?, ?, ?, ?, ?, FALSE) " +
	"ON CONFLICT (host, kind, hour) DO UPDATE SET n = waves.n + EXCLUDED.n, held = waves.held + EXCLUDED.held"

// Write writes down what was too much since it was called last.
func (t *Tide) Write(ctx context.Context) error {
	type wave struct {
		tideKey
		tideCount
	}
	var due []wave
	t.mu.Lock()
	for key, c := range t.counts {
		if c.unheld > 0 {
			due = append(due, wave{key, *c})
			c.unwritten, c.unheld = 0, 0
		}
	}
	t.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	err := t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, w := range due {
			if _, err := tx.NewRaw(putWave, w.host, w.kind, w.hour, w.unwritten, w.unheld).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down waves: %w", err)
	}
	return nil
}
