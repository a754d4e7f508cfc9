package outbox

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
)

// memory is a Store for one process.
type memory struct {
	mu      sync.Mutex
	lanes   map[string]*Lane
	leased  map[string]bool
	due     map[string]time.Time
	waiting []*Delivery
	next    map[int64]time.Time
	host    map[int64]string
	results []Result
	changed chan struct{}
}

func newMemory() *memory {
	return &memory{
		lanes: map[string]*Lane{}, leased: map[string]bool{}, due: map[string]time.Time{}, next: map[int64]time.Time{},
		host: map[int64]string{}, changed: make(chan struct{}, 1000),
	}
}

// put adds a delivery and wakes its lane.
func (m *memory) put(host, inbox, object string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := int64(len(m.host) + 1)
	m.waiting = append(m.waiting, &Delivery{ID: id, ActivityID: fmt.Sprint("a", id), ActorID: "https://here.test/1", ObjectID: object, Inbox: inbox, Body: fmt.Append(nil, id)})
	m.host[id] = host
	if m.lanes[host] == nil {
		m.lanes[host] = &Lane{Host: host}
	}
	m.lanes[host].Wakes++
	m.due[host] = time.Time{}
}

func (m *memory) Free(context.Context, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leased = map[string]bool{}
	for id := range m.next {
		delete(m.next, id)
	}
	return nil
}

func (m *memory) Claim(_ context.Context, _ string, now time.Time, _ time.Duration, limit int) ([]Lane, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Lane
	for host, l := range m.lanes {
		if at, ok := m.due[host]; ok && !at.After(now) && !m.leased[host] && len(list) < limit {
			m.leased[host] = true
			list = append(list, *l)
		}
	}
	return list, nil
}

func (m *memory) Renew(context.Context, string, []string, time.Time) error { return nil }

func (m *memory) Begin(_ context.Context, host, _ string, now time.Time, next func(int) time.Time, limit int) ([]Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Delivery
	seen := map[string]bool{}
	for _, d := range m.waiting {
		if m.host[d.ID] != host || seen[d.ObjectID] {
			continue
		}
		seen[d.ObjectID] = true
		if at, ok := m.next[d.ID]; ok && at.After(now) || len(list) == limit {
			continue
		}
		d.Attempts++
		m.next[d.ID] = next(d.Attempts)
		list = append(list, *d)
	}
	return list, nil
}

func (m *memory) Finish(_ context.Context, results []Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range results {
		m.results = append(m.results, r)
		if r.Outcome == Failed {
			m.next[r.Delivery.ID] = r.Next
		} else {
			m.waiting = slices.DeleteFunc(m.waiting, func(d *Delivery) bool { return d.ID == r.Delivery.ID })
		}
		if r.Outcome == Done {
			m.lanes[r.Host].LastSuccess = time.Now()
		}
		m.changed <- struct{}{}
	}
	return nil
}

func (m *memory) Sleep(_ context.Context, _ string, l Lane, _ bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leased[l.Host] = false
	delete(m.due, l.Host)
	for _, d := range m.waiting {
		if at, ok := m.next[d.ID]; m.host[d.ID] == l.Host && (!ok || m.due[l.Host].After(at) || m.due[l.Host].IsZero()) {
			m.due[l.Host] = at
		}
	}
	if m.lanes[l.Host].Wakes != l.Wakes {
		m.due[l.Host] = time.Time{}
	}
	return nil
}

// await waits until n results are written, and gives all.
func (m *memory) await(t *testing.T, n int) []Result {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		m.mu.Lock()
		if len(m.results) >= n {
			defer m.mu.Unlock()
			return slices.Clone(m.results)
		}
		m.mu.Unlock()
		select {
		case <-m.changed:
		case <-end:
			t.Fatalf("only %d of %d results came", len(m.results), n)
		}
	}
}

// keys signs for everybody with one key.
type keys struct{ signer signature.Signer }

func (k keys) Signer(context.Context, string) (signature.Signer, error) { return k.signer, nil }

var one = func() keys {
	key, err := signature.NewKey()
	if err != nil {
		panic(err)
	}
	return keys{signature.Signer{KeyID: "https://here.test/1#main-key", Private: key}}
}()

// peer is another server: it answers by answer and remembers what came.
type peer struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	rfc    int
}

func listen(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *peer {
	t.Helper()
	p := new(peer)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		p.bodies = append(p.bodies, string(body))
		if r.Header.Get("Signature-Input") != "" {
			p.rfc++
		}
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) host() string { return p.Listener.Addr().String() }

func (p *peer) came() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.bodies)
}

func accepted(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }

// dispatch runs a dispatcher on m that may reach the peers, until stop.
func dispatch(t *testing.T, m *memory, peers ...*peer) (stop func()) {
	t.Helper()
	roots := x509.NewCertPool()
	var allow []transport.AllowedAddress
	for _, p := range peers {
		roots.AddCert(p.Certificate())
		a, err := transport.ParseAllowed(fmt.Sprintf("127.0.0.0/8:%d", p.Listener.Addr().(*net.TCPAddr).Port))
		if err != nil {
			t.Fatal(err)
		}
		allow = append(allow, a)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	d := &Dispatcher{
		Store: m, Client: transport.New(transport.Options{Allow: allow, Roots: roots}), Signers: one,
		Wake: make(chan struct{}), Owner: "test", Log: slog.New(slog.DiscardHandler),
	}
	go func() { _ = d.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

func TestOrderOfAnObject(t *testing.T) {
	p := listen(t, accepted)
	m := newMemory()
	for _, object := range []string{"x", "x", "y", "x"} {
		m.put(p.host(), p.URL+"/inbox", object)
	}
	dispatch(t, m, p)
	m.await(t, 4)
	came := p.came()
	if i, j, k := slices.Index(came, "1"), slices.Index(came, "2"), slices.Index(came, "4"); len(came) != 4 || i > j || j > k {
		t.Errorf("came %v", came)
	}
}

func TestAHangingHostDelaysNobody(t *testing.T) {
	release := make(chan struct{})
	hangs := listen(t, func(w http.ResponseWriter, _ *http.Request) { <-release; w.WriteHeader(http.StatusAccepted) })
	well := listen(t, accepted)
	m := newMemory()
	m.put(hangs.host(), hangs.URL+"/inbox", "x")
	for i := range 5 {
		m.put(well.host(), well.URL+"/inbox", fmt.Sprint("y", i))
	}
	dispatch(t, m, hangs, well)
	for _, r := range m.await(t, 5) {
		if r.Host != well.host() {
			t.Errorf("%s was waited for", r.Host)
		}
	}
	close(release)
	m.await(t, 6)
}

func TestAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		status  int
		outcome Outcome
		knocks  int
	}{
		"accepted":           {202, Done, 1},
		"Mobilizon's 200":    {200, Done, 1},
		"gone":               {410, Forget, 1},
		"not found":          {404, Final, 1},
		"forbidden":          {403, Final, 1},
		"led elsewhere":      {302, Final, 1},
		"too large":          {413, Final, 1},
		"not implemented":    {501, Final, 1},
		"unauthorised":       {401, Failed, 2},
		"bad request":        {400, Final, 2},
		"too many":           {429, Failed, 1},
		"time-out":           {408, Failed, 1},
		"a fault of its own": {500, Failed, 1},
		"temporarily not":    {503, Failed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := listen(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "5000")
				w.WriteHeader(tc.status)
			})
			m := newMemory()
			m.put(p.host(), p.URL+"/inbox", "x")
			start := time.Now()
			dispatch(t, m, p)
			r := m.await(t, 1)[0]
			if r.Outcome != tc.outcome || r.Status != tc.status || len(p.came()) != tc.knocks {
				t.Errorf("outcome %d, status %d after %d knocks", r.Outcome, r.Status, len(p.came()))
			}
			if r.Outcome == Failed && r.Next.Before(start.Add(5000*time.Second)) {
				t.Errorf("Retry-After is not obeyed: %s", r.Next)
			}
		})
	}
}

// TestSecondKnock: RFC 9421 after draft-cavage was refused, and first from then
// on.
func TestSecondKnock(t *testing.T) {
	p := listen(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature-Input") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	m := newMemory()
	m.put(p.host(), p.URL+"/inbox", "x")
	m.put(p.host(), p.URL+"/inbox", "y")
	dispatch(t, m, p)
	for _, r := range m.await(t, 2) {
		if r.Outcome != Done {
			t.Errorf("%+v", r)
		}
	}
	if n := len(p.came()); n != 3 || p.rfc != 2 {
		t.Errorf("%d knocks, %d by RFC 9421", n, p.rfc)
	}
}

// TestStopAndGoOn: what one dispatcher does not send another one on the same
// store does.
func TestStopAndGoOn(t *testing.T) {
	first := make(chan struct{}, 1)
	p := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		select {
		case first <- struct{}{}:
		default:
		}
		w.WriteHeader(http.StatusAccepted)
	})
	m := newMemory()
	const n = 60
	for range n {
		m.put(p.host(), p.URL+"/inbox", "x") // one object: one after the other
	}
	stop := dispatch(t, m, p)
	<-first
	stop()
	dispatch(t, m, p)
	done := 0
	for _, r := range m.await(t, n) {
		if r.Outcome == Done {
			done++
		}
	}
	came := p.came()
	slices.Sort(came)
	if done != n || len(slices.Compact(came)) != n {
		t.Errorf("%d done, %d came", done, len(came))
	}
}

func TestNoConnectionIsNoSignature(t *testing.T) {
	p := listen(t, accepted)
	m := newMemory()
	m.put("127.0.0.1:1", "https://127.0.0.1:1/inbox", "x")
	m.put("broken", "https://", "y")
	dispatch(t, m, p)
	for _, r := range m.await(t, 2) {
		if r.Outcome != Failed || r.Error == "" || r.Status != 0 {
			t.Errorf("%+v", r)
		}
	}
}

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
	total := time.Duration(0)
	for n := 1; n < giveUp; n++ {
		total += Backoff(n, nil)
	}
	if total < 13*day || total > 15*day {
		t.Errorf("given up after %s", total)
	}
}
