package outbox

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Standing is what is expected of a host. Each has lanes of its own, so that
// those that only hang delay no others.
type Standing int

// The standings. Standings is how many there are.
const (
	// Proven hosts took the last delivery.
	Proven Standing = iota
	// Unknown hosts were never heard of.
	Unknown
	// Failing hosts did not answer the last time.
	Failing
	Standings
)

const (
	// strikes failures within window open the breaker of a host.
	strikes = 5
	window  = 10 * time.Minute
	// firstProbe is how long an open breaker waits for its first probe. Each
	// further one waits twice as long, until lastProbe.
	firstProbe = 30 * time.Minute
	lastProbe  = 6 * time.Hour
	// patience is how long a delivery is tried.
	patience = 14 * 24 * time.Hour
)

// Health is what is remembered of a host between its deliveries. The zero
// Health is that of a host of which nothing is known.
type Health struct {
	// Failures counts failed attempts since the host last answered.
	Failures                 int
	LastSuccess, LastFailure time.Time
	// Strikes counts the failures since FirstStrike that may open the breaker.
	Strikes     int
	FirstStrike time.Time
	// Probes counts the probes since the breaker opened.
	Probes int
	// NotBefore is until when nothing is sent, also when something new is put
	// on the lane: until the next probe, or as long as the host asked for.
	NotBefore time.Time
	// Asked is until when the host asked to be left alone. NotBefore is never
	// earlier; it also holds when the host speaks to us and a probe does not.
	Asked time.Time
	// Knock is the way of signing with RSA that the host took last.
	Knock Knock
	// Ed25519 is what is known of the host and Ed25519.
	Ed25519 Support
}

// learn notes which knock the host took, after which others.
func (h *Health) learn(took Knock, refused []Knock) {
	if took == Ed25519 {
		return
	}
	h.Knock = took
	if slices.Contains(refused, Ed25519) {
		h.Ed25519 = Refuses
	}
}

// Standing says what is expected of the host.
func (h Health) Standing() Standing {
	switch {
	case h.Failures > 0:
		return Failing
	case h.LastSuccess.IsZero():
		return Unknown
	}
	return Proven
}

// Open tells whether the breaker is open: only probes are sent.
func (h Health) Open() bool { return h.Strikes >= strikes }

// answer notes that the host answers, and whether it took what was sent.
func (h *Health) answer(took bool, now time.Time) {
	if took {
		h.LastSuccess = now.Truncate(time.Second) // so that hosts can be written down together
	}
	h.Failures, h.Strikes, h.FirstStrike, h.Probes = 0, 0, time.Time{}, 0
	h.NotBefore, h.Asked = time.Time{}, time.Time{}
}

// fail notes that the host did not answer, or with a fault of its own.
func (h *Health) fail(now time.Time) {
	h.Failures++
	h.LastFailure = now
	switch {
	case h.Open():
		h.Probes++
	case h.Strikes == 0 || now.Sub(h.FirstStrike) > window:
		h.Strikes, h.FirstStrike = 1, now
	default:
		h.Strikes++
	}
	if h.Open() {
		h.NotBefore = now.Add(jitter(min(firstProbe<<min(h.Probes, 4), lastProbe), rand.Float64))
	}
}

// ask notes that the host asks to be left alone until until.
func (h *Health) ask(until time.Time) {
	h.Asked = later(h.Asked, until)
	h.NotBefore = later(h.NotBefore, until)
}

// rest gives until when a host that just failed is left alone.
func (h Health) rest(now time.Time) time.Time {
	if h.Open() {
		return h.NotBefore
	}
	return now.Add(min(Backoff(h.Failures, rand.Float64), lastProbe))
}

// schedule is how long the first attempts wait for the next one; after them it
// is a day.
var schedule = []time.Duration{
	30 * time.Second, 2 * time.Minute, 8 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// Backoff is how long to wait after so many attempts, with a fifth more or less
// by chance when random is given: hosts that fail together must not come back
// together. random gives a number from 0 to 1; nil means no chance.
func Backoff(attempts int, random func() float64) time.Duration {
	wait := 24 * time.Hour
	if attempts < 1 {
		return 0
	}
	if attempts <= len(schedule) {
		wait = schedule[attempts-1]
	}
	return jitter(wait, random)
}

func jitter(wait time.Duration, random func() float64) time.Duration {
	if random == nil {
		return wait
	}
	return wait + time.Duration((random()*2-1)*0.2*float64(wait))
}
