package inbox

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// How much is in hand at once: requests that are verified or wait to be safe,
// and the bytes that were read of all bodies. What comes on top is sent away,
// before anything of it is read where that can be known. What a sender only
// announces costs nothing, lest a few slow ones close the inbox for everybody.
const (
	maxRequests = 512
	maxHeld     = 64 << 20
	// usual is the size that most bodies do not reach; maxLarge is what is held
	// at most when a body grows beyond it, so that the others have room left.
	usual    = 64 << 10
	maxLarge = maxHeld / 4 * 3
)

// errOverload says that too much is in hand.
var errOverload = errors.New("too much arrives at once")

// load is what a Handler has in hand.
type load struct {
	requests, held atomic.Int64
	// away counts who was sent away since it was last said, at told.
	away, told atomic.Int64
}

// full tells whether r is sent away unread.
func (l *load) full(r *http.Request) bool {
	held := l.held.Load()
	return l.requests.Load() >= maxRequests || held >= maxHeld || r.ContentLength > usual && held >= maxLarge
}

// enter lets a request in that was read, unless too many are in hand; then leave
// is nil.
func (l *load) enter() (leave func()) {
	leave = func() { l.requests.Add(-1) }
	if l.requests.Add(1) > maxRequests {
		leave()
		return nil
	}
	return leave
}

// counted is a body of which each byte that was read counts as held, until it is
// let go.
type counted struct {
	io.Reader
	load *load
	size int64
}

// Read implements io.Reader.
func (b *counted) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.size += int64(n)
	held := b.load.held.Add(int64(n))
	if n > 0 && (held > maxHeld || b.size > usual && held > maxLarge) {
		return n, errOverload
	}
	return n, err
}

func (b *counted) letGo() { b.load.held.Add(-b.size) }

// tell says at most every ten seconds that requests are sent away: one line for
// each of them would be a burden of its own.
func (l *load) tell(log *slog.Logger) {
	n, now := l.away.Add(1), time.Now().Unix()
	if last := l.told.Load(); now-last >= 10 && l.told.CompareAndSwap(last, now) {
		l.away.Add(-n)
		log.Warn("inbox overloaded: requests are sent away until later", "count", n)
	}
}
