package inbox

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// How much is in hand at once: requests that are read, verified or wait to be
// safe, and the bytes of their bodies. What comes on top is sent away before
// anything of it is read.
const (
	maxRequests = 512
	maxHeld     = 64 << 20
)

// load is what a Handler has in hand.
type load struct {
	requests, held atomic.Int64
	// away counts who was sent away since it was last said, at told.
	away, told atomic.Int64
}

// enter lets a request in, unless too much is in hand; then leave is nil.
func (l *load) enter(r *http.Request) (leave func()) {
	size := r.ContentLength
	if size < 0 || size > maxBody {
		size = maxBody
	}
	leave = func() {
		l.requests.Add(-1)
		l.held.Add(-size)
	}
	requests, held := l.requests.Add(1), l.held.Add(size)
	if requests > maxRequests || held > maxHeld {
		leave()
		return nil
	}
	return leave
}

// tell says at most every ten seconds that requests are sent away: one line for
// each of them would be a burden of its own.
func (l *load) tell(log *slog.Logger) {
	n, now := l.away.Add(1), time.Now().Unix()
	if last := l.told.Load(); now-last >= 10 && l.told.CompareAndSwap(last, now) {
		l.away.Add(-n)
		log.Warn("inbox overloaded: requests are sent away until later", "count", n)
	}
}
