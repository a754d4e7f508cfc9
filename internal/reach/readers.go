package reach

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// What is counted.
const (
	Calendar = "calendar"
	Feed     = "feed"
)

const (
	// flushing is how often the numbers are written down.
	flushing = 5 * time.Minute
	// mostSeen is how many readers a process tells apart on a day. Whoever asks in
	// ever new names fills no more memory than that.
	mostSeen = 200_000
)

// Readers counts who reads calendars and feeds of clubs. A reader is a network
// address with the name that the program gives itself, hashed with a secret of
// the day that is never written down: nobody can tell who it was, and nobody is
// known again on the next day. Make one with NewReaders.
type Readers struct {
	db     *database.DB
	actors *actor.Actors
	zone   *time.Location
	log    *slog.Logger
	now    func() time.Time

	mu     sync.Mutex
	day    string
	secret [32]byte
	seen   map[counted]map[uint64]struct{}
	total  int
	// past are the numbers of days that ended since the last flush.
	past map[row]int
}

// counted is one feed of one club.
type counted struct{ handle, feed string }

// row is a number of a day.
type row struct {
	counted
	day string
}

// NewReaders counts days in the zone of the town.
func NewReaders(db *database.DB, actors *actor.Actors, zone *time.Location, log *slog.Logger) *Readers {
	return &Readers{db: db, actors: actors, zone: zone, log: log, now: time.Now, seen: map[counted]map[uint64]struct{}{}, past: map[row]int{}}
}

// Count counts who is given a calendar or a feed of a club by next, also from
// memory. clubs is the path under which their pages are; address tells from where
// a request comes.
func (c *Readers) Count(clubs string, address func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, clubs)
		handle, file, two := strings.Cut(rest, "/")
		feed := feedOf(file)
		if !ok || !two || feed == "" || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		if rec.status == http.StatusOK || rec.status == http.StatusNotModified {
			c.saw(counted{strings.ToLower(handle), feed}, address(r), r.UserAgent())
		}
	})
}

func feedOf(file string) string {
	switch file {
	case "kalender.ics":
		return Calendar
	case "feed.atom", "feed.rss", "feed.json":
		return Feed
	}
	return ""
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what is underneath.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (c *Readers) saw(what counted, address, agent string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin()
	sum := sha256.Sum256(append(append(append(c.secret[:], address...), 0), agent...))
	readers := c.seen[what]
	if readers == nil {
		readers = map[uint64]struct{}{}
		c.seen[what] = readers
	}
	reader := binary.BigEndian.Uint64(sum[:8])
	if _, again := readers[reader]; !again && c.total < mostSeen {
		readers[reader] = struct{}{}
		c.total++
	}
}

// begin ends the day that is over: its numbers wait to be written down, and who
// was there is forgotten, with the secret.
func (c *Readers) begin() {
	today := c.now().In(c.zone).Format(time.DateOnly)
	if today == c.day {
		return
	}
	for what, readers := range c.seen {
		c.past[row{what, c.day}] = len(readers)
	}
	c.day, c.total = today, 0
	clear(c.seen)
	_, _ = rand.Read(c.secret[:]) // never fails (crypto/rand)
}

// numbers gives what is to be written down. Those of days that ended stay until
// they are; see written.
func (c *Readers) numbers() map[row]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin()
	all := maps.Clone(c.past)
	for what, readers := range c.seen {
		if len(readers) > 0 {
			all[row{what, c.day}] = len(readers)
		}
	}
	return all
}

// written forgets the numbers of days that ended, once they are written down.
func (c *Readers) written(all map[row]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r, n := range all {
		if c.past[r] == n {
			delete(c.past, r)
		}
	}
}

// Run writes the numbers down again and again, until ctx ends, and then once
// more.
func (c *Readers) Run(ctx context.Context) {
	tick := time.NewTicker(flushing)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if err := c.Flush(context.WithoutCancel(ctx)); err != nil {
			c.log.Error("write down how many readers feeds have", "error", err)
		}
	}
}

// Flush writes the numbers down. A process that was started again has seen fewer
// than one before it: the larger number of a day stays.
func (c *Readers) Flush(ctx context.Context) error {
	all := c.numbers()
	if len(all) == 0 {
		return nil
	}
	err := c.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for r, n := range all {
			club, err := c.actors.FindUsername(ctx, tx, r.handle, actor.Active)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			_, err = tx.NewRaw("INSERT INTO readers (actor_id, feed, day, readers) VALUES (?, ?, ?, ?) ON CONFLICT (actor_id, feed, day) "+
				"DO UPDATE SET readers = EXCLUDED.readers WHERE readers.readers < EXCLUDED.readers", club.ID, r.feed, r.day, n).Exec(ctx)
			if err != nil {
				return fmt.Errorf("write down readers: %w", err)
			}
		}
		return nil
	})
	if err == nil {
		c.written(all)
	}
	return err
}

// Forget drops the numbers of days that are over for long.
func (c *Readers) Forget(ctx context.Context) error {
	return c.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		kept, err := retention.Of(ctx, tx, retention.Readers)
		if err != nil {
			return err
		}
		old := c.now().Add(-kept).In(c.zone).Format(time.DateOnly)
		if _, err := tx.NewRaw("DELETE FROM readers WHERE day < ?", old).Exec(ctx); err != nil {
			return fmt.Errorf("forget old numbers of readers: %w", err)
		}
		return nil
	})
}

// A Day is how many read a club's calendar and its feeds on one day, at least.
type Day struct {
	Day            time.Time
	Calendar, Feed int
}

// Days gives the last n days of the club before today, the latest first.
func (c *Readers) Days(ctx context.Context, actorID string, n int) ([]Day, error) {
	var rows []struct {
		Feed, Day string
		Readers   int
	}
	err := c.db.Read().NewRaw("SELECT feed, day, readers FROM readers WHERE actor_id = ? ORDER BY day DESC LIMIT ?", actorID, 2*(n+1)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list readers of %s: %w", actorID, err)
	}
	byDay := map[string]*Day{}
	list := make([]Day, n)
	today := c.now().In(c.zone)
	for i := range list {
		list[i].Day = today.AddDate(0, 0, -1-i)
		byDay[list[i].Day.Format(time.DateOnly)] = &list[i]
	}
	for _, r := range rows {
		day := byDay[r.Day]
		switch {
		case day == nil:
		case r.Feed == Calendar:
			day.Calendar = r.Readers
		default:
			day.Feed = r.Readers
		}
	}
	return list, nil
}
