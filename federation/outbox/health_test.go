package outbox

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	day := 24 * time.Hour
	for attempts, want := range map[int]time.Duration{0: 0, 1: 30 * time.Second, 2: 2 * time.Minute, 3: 8 * time.Minute, 7: 12 * time.Hour, 8: day, 20: day} {
		if got := Backoff(attempts, nil); got != want {
			t.Errorf("%d: %s, want %s", attempts, got, want)
		}
		low, high := Backoff(attempts, func() float64 { return 0 }), Backoff(attempts, func() float64 { return 1 })
		if low != want*4/5 || high != want*6/5 {
			t.Errorf("%d: from %s to %s", attempts, low, high)
		}
	}
}

// TestBreaker: five failures within ten minutes open it, probes come half an
// hour later and then less often, an answer closes it.
func TestBreaker(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var h Health
	for range 4 {
		h.fail(now)
		now = now.Add(time.Minute)
	}
	if h.Open() || h.Failures != 4 {
		t.Fatalf("after four failures %+v", h)
	}
	h.fail(now.Add(20 * time.Minute)) // the others are too long ago
	if h.Open() || h.Strikes != 1 {
		t.Fatalf("after twenty minutes %+v", h)
	}
	for range 4 {
		h.fail(now.Add(21 * time.Minute))
	}
	if !h.Open() {
		t.Fatalf("after five failures in a minute %+v", h)
	}
	for _, want := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 6 * time.Hour} {
		if wait := h.NotBefore.Sub(h.LastFailure); wait < want*4/5 || wait > want*6/5 {
			t.Errorf("the next probe comes after %s, not %s", wait, want)
		}
		h.fail(h.NotBefore)
	}
	h.answer(true, now)
	if h.Open() || h.Standing() != Proven || !h.NotBefore.IsZero() {
		t.Errorf("after an answer %+v", h)
	}
}

// TestAnswersAndHealth: what counts as a failure of the host, and what makes a
// lane stop.
func TestAnswersAndHealth(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		after  string
		health Health // what is compared of it: Failures
		held   int
	}{
		"accepted":                  {status: 202},
		"not found":                 {status: 404},
		"unauthorised":              {status: 401},
		"a fault for each":          {status: 500, health: Health{Failures: 3}},
		"a fault, and come later":   {status: 503, after: "600", health: Health{Failures: 1}, held: 2},
		"too many, and come later":  {status: 429, after: "600", held: 2},
		"too many, without a time":  {status: 429, held: 2},
		"time-out of the other one": {status: 408, health: Health{Failures: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			p := listen(t, func(w http.ResponseWriter, _ *http.Request) {
				if tc.after != "" {
					w.Header().Set("Retry-After", tc.after)
				}
				w.WriteHeader(tc.status)
			})
			m := newJournal()
			for _, object := range []string{"x", "y", "z"} {
				m.put(p.URL+"/inbox", object)
			}
			start := time.Now()
			dispatch(t, m, p)
			var last Report
			m.until(t, func() bool {
				i := slices.IndexFunc(m.reports, func(r Report) bool { return r.Ended })
				if i >= 0 {
					last = m.reports[i]
				}
				return i >= 0
			})
			held := 0
			for _, r := range last.Results {
				if r.Outcome == Held {
					held++
				}
			}
			if last.Health.Failures != tc.health.Failures || held != tc.held {
				t.Errorf("%d failures and %d held: %+v", last.Health.Failures, held, last)
			}
			if wait := last.Health.NotBefore.Sub(start); tc.after != "" && wait < 10*time.Minute {
				t.Errorf("the host asked for ten minutes and gets %s", wait)
			}
			if asked := last.Health.Asked.After(start); asked != (tc.after != "" || tc.status == http.StatusTooManyRequests) {
				t.Errorf("that the host asked for time is %v: %+v", asked, last.Health)
			}
		})
	}
}

// TestSilentHost: the lane rests, and what follows is not tried.
func TestSilentHost(t *testing.T) {
	m := newJournal()
	m.put("https://127.0.0.1:1/inbox", "x")
	m.put("https://127.0.0.1:1/inbox", "y")
	p := listen(t, accepted)
	dispatchTo(t, m, []string{"127.0.0.0/8:1"}, p)
	results := m.await(t, 2)
	if results[0].Outcome != Failed || results[1].Outcome != Held {
		t.Errorf("%+v", results)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.reports[len(m.reports)-1]
	if !last.Ended || last.Health.Failures != 1 || !last.Rest.After(time.Now()) {
		t.Errorf("%+v", last)
	}
}

// TestGivenUp: after fourteen days, and not before.
func TestGivenUp(t *testing.T) {
	p := listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	m := newJournal()
	m.put(p.URL+"/inbox", "old")
	m.put(p.URL+"/inbox", "young")
	waiting := m.lanes[p.host()].waiting
	waiting[0].Queued, waiting[1].Queued = time.Now().Add(-patience), time.Now().Add(-patience+time.Hour)
	dispatch(t, m, p)
	for _, r := range m.await(t, 2) {
		if want := map[string]Outcome{"old": Final, "young": Failed}[r.Delivery.ObjectID]; r.Outcome != want {
			t.Errorf("%s: outcome %d", r.Delivery.ObjectID, r.Outcome)
		}
	}
}
