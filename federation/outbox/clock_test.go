package outbox

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/transport"
)

// TestClockSteps: while the clock steps two hours on, back and on again,
// deliveries that fail at first all arrive, and none is given up.
func TestClockSteps(t *testing.T) {
	var mu sync.Mutex
	tried := map[string]int{}
	p := listen(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if tried[r.URL.Path]++; tried[r.URL.Path] == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	var ahead atomic.Int64
	allow, err := transport.ParseAllowed(fmt.Sprintf("127.0.0.0/8:%d", p.Listener.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	m := newJournal()
	d := &Dispatcher{
		Store: m, Client: transport.New(transport.Options{Allow: []transport.AllowedAddress{allow}, Roots: roots}), Signers: one, Wake: m.Wake(),
		Owner: "test", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = d.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	for n, step := range []time.Duration{2 * time.Hour, -2 * time.Hour, 10 * time.Minute, -10 * time.Minute} {
		m.put(fmt.Sprintf("%s/inbox%d", p.URL, n), fmt.Sprint(n))
		m.until(t, func() bool { return len(m.results) > n })
		ahead.Add(int64(step))
	}
	go func() {
		for ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			ahead.Add(int64(10 * time.Minute))
		}
	}()
	done := func() (n int) {
		for _, r := range m.results {
			if r.Outcome == Final || r.Outcome == Forget {
				t.Errorf("%s is given up: %s", r.Delivery.Inbox, r.Error)
			}
			if r.Outcome == Done {
				n++
			}
		}
		return n
	}
	m.until(t, func() bool { return done() == 4 })
}
