package database

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is the PostgreSQL channel on which processes ring.
const channel = "aushang"

const (
	// glance is how often SQLite is asked whether another process wrote.
	glance = 100 * time.Millisecond
	// reconnect is how long a lost LISTEN connection waits.
	reconnect = time.Second
)

// bell is a hint that something was committed. Whoever waits for it must find
// the same work without it: a poll every second does.
type bell struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
	// first runs at each ring, before anybody is woken.
	first func()
}

func (b *bell) ring() {
	b.mu.Lock()
	first := b.first
	b.mu.Unlock()
	if first != nil {
		first()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.subs {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last ring: one is enough
		}
	}
}

// Ring makes the bell ring when the Write that ctx belongs to commits, in this
// process and in all others on the same database. Outside a Write it does
// nothing.
func Ring(ctx context.Context) {
	if w, ok := ctx.Value(writingKey{}).(*writing); ok {
		w.rung = true
	}
}

// Bell gives a channel that receives after each ring; several rings before a
// look count as one. stop must be called when nobody listens any more.
func (db *DB) Bell() (rings <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	db.bell.mu.Lock()
	defer db.bell.mu.Unlock()
	if db.bell.subs == nil {
		db.bell.subs = map[chan struct{}]struct{}{}
	}
	db.bell.subs[c] = struct{}{}
	return c, func() {
		db.bell.mu.Lock()
		defer db.bell.mu.Unlock()
		delete(db.bell.subs, c)
	}
}

// OnRing makes fn run at each ring, before the Write that rang returns, so that
// whoever wrote finds it done. There is one such function; nil ends it. It must
// be quick, and it runs in many goroutines.
func (db *DB) OnRing(fn func()) {
	db.bell.mu.Lock()
	defer db.bell.mu.Unlock()
	db.bell.first = fn
}

// Listen hears the bell of other processes until ctx ends and rings it here:
// LISTEN on PostgreSQL, PRAGMA data_version on SQLite.
func (db *DB) Listen(ctx context.Context) {
	for ctx.Err() == nil {
		if db.dialect == Postgres {
			_ = db.listenPostgres(ctx) // lost: the poll goes on, and we try again
		} else {
			_ = db.listenSQLite(ctx)
		}
		db.bell.ring() // something may have been missed
		select {
		case <-ctx.Done():
		case <-time.After(reconnect):
		}
	}
}

func (db *DB) listenPostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, db.dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to lose
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		db.bell.ring()
	}
}

func (db *DB) listenSQLite(ctx context.Context) error {
	var last int64
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		var version int64
		// It changes when another connection commits. Asked on the one that writes
		// here, that is another process.
		if err := db.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
			return err
		}
		if last != 0 && version != last {
			db.bell.ring()
		}
		last = version
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
