package outbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
)

// journal is a Memory that keeps the results.
type journal struct {
	Memory
	mu      sync.Mutex
	results []Result
	reports []Report
	changed chan struct{}
	// claims are the hosts in the order in which they were claimed.
	claims []string
}

func newJournal() *journal { return &journal{changed: make(chan struct{}, 10000)} }

// put adds a delivery.
func (j *journal) put(inbox, object string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	id := j.last + 1
	j.Enqueue("https://here.test/1", fmt.Sprint("a", id), object, fmt.Append(nil, id), inbox)
}

func (j *journal) Claim(ctx context.Context, c Claim) ([]Lane, error) {
	lanes, err := j.Memory.Claim(ctx, c)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range lanes {
		j.claims = append(j.claims, l.Host)
	}
	return lanes, err
}

func (j *journal) Finish(ctx context.Context, owner string, reports []Report) (bool, error) {
	due, err := j.Memory.Finish(ctx, owner, reports)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range reports {
		j.results = append(j.results, r.Results...)
		j.reports = append(j.reports, r)
	}
	j.changed <- struct{}{}
	return due, err
}

// await waits until n results are written, and gives all.
func (j *journal) await(t *testing.T, n int) []Result {
	t.Helper()
	var list []Result
	j.until(t, func() bool { list = slices.Clone(j.results); return len(list) >= n })
	return list
}

// until waits until done, which is asked after each change.
func (j *journal) until(t *testing.T, done func() bool) {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		j.mu.Lock()
		ok := done()
		j.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-j.changed:
		case <-end:
			t.Fatalf("it does not come: %+v", j.results)
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

var oneEd25519 = func() keys {
	key, err := signature.NewEd25519Key()
	if err != nil {
		panic(err)
	}
	return keys{signature.Signer{KeyID: "https://here.test/1#ed25519-key", Private: key}}
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
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.note(string(body), r)
		answer(w, r)
	}))
	p.EnableHTTP2 = true
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

// note remembers what came.
func (p *peer) note(body string, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies = append(p.bodies, body)
	if r.Header.Get("Signature-Input") != "" {
		p.rfc++
	}
}

func (p *peer) host() string { return p.Listener.Addr().String() }

func (p *peer) came() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.bodies)
}

func accepted(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }

// dispatch runs a dispatcher on m that may reach the peers, until stop.
func dispatch(t *testing.T, m *journal, peers ...*peer) (stop func()) {
	t.Helper()
	return dispatchTo(t, m, nil, peers...)
}

// dispatchTo does so where more addresses may be reached.
func dispatchTo(t *testing.T, m *journal, addresses []string, peers ...*peer) (stop func()) {
	t.Helper()
	return dispatchStore(t, m, m.Wake(), addresses, peers...)
}

func dispatchStore(t *testing.T, store Store, wake <-chan struct{}, addresses []string, peers ...*peer) (stop func()) {
	t.Helper()
	roots := x509.NewCertPool()
	var allow []transport.AllowedAddress
	for _, address := range addresses {
		a, err := transport.ParseAllowed(address)
		if err != nil {
			t.Fatal(err)
		}
		allow = append(allow, a)
	}
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
		Store: store, Client: transport.New(transport.Options{Allow: allow, Roots: roots}), Signers: one, Ed25519: oneEd25519,
		Wake: wake, Owner: "test", Log: slog.New(slog.DiscardHandler),
	}
	go func() { _ = d.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

func TestOrderOfAnObject(t *testing.T) {
	p := listen(t, accepted)
	m := newJournal()
	for _, object := range []string{"x", "x", "y", "x"} {
		m.put(p.URL+"/inbox", object)
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
	m := newJournal()
	m.put(hangs.URL+"/inbox", "x")
	for i := range 5 {
		m.put(well.URL+"/inbox", fmt.Sprint("y", i))
	}
	dispatch(t, m, hangs, well)
	for _, r := range m.await(t, 5) {
		if r.Delivery.Inbox != well.URL+"/inbox" {
			t.Errorf("%s was waited for", r.Delivery.Inbox)
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
			m := newJournal()
			m.put(p.URL+"/inbox", "x")
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
	m := newJournal()
	m.put(p.URL+"/inbox", "x")
	m.put(p.URL+"/inbox", "y")
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

// TestEd25519: a host that is known to verify Ed25519 gets it; one that refuses
// it gets RSA, and is not asked a second time.
func TestEd25519(t *testing.T) {
	for name, tc := range map[string]struct {
		refuses bool
		told    Support
		by      []string // whom each knock is signed by
		want    Support
		knock   Knock
	}{
		"verifies": {told: Verifies, by: []string{"ed25519", "ed25519"}, want: Verifies},
		"refuses":  {told: Verifies, refuses: true, by: []string{"ed25519", "main", "main"}, want: Refuses, knock: Cavage},
		"untold":   {by: []string{"main", "main"}, knock: Cavage},
		"refused":  {told: Refuses, by: []string{"main", "main"}, want: Refuses, knock: Cavage},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var by []string
			p := listen(t, func(w http.ResponseWriter, r *http.Request) {
				_, key, _ := strings.Cut(r.Header.Get("Signature")+r.Header.Get("Signature-Input"), "https://here.test/1#")
				key, _, _ = strings.Cut(key, "-key")
				mu.Lock()
				by = append(by, key)
				mu.Unlock()
				if tc.refuses && key == "ed25519" {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				w.WriteHeader(http.StatusAccepted)
			})
			m := newJournal()
			m.put(p.URL+"/inbox", "x")
			m.lanes[p.host()].Health.Ed25519 = tc.told
			m.put(p.URL+"/inbox", "y")
			dispatch(t, m, p)
			for _, r := range m.await(t, 2) {
				if r.Outcome != Done {
					t.Errorf("%+v", r)
				}
			}
			if !slices.Equal(by, tc.by) {
				t.Errorf("knocks by %v, want %v", by, tc.by)
			}
			m.until(t, func() bool { return len(m.reports) > 0 && m.reports[len(m.reports)-1].Ended })
			if h := m.reports[len(m.reports)-1].Health; h.Ed25519 != tc.want || h.Knock != tc.knock {
				t.Errorf("then %+v", h)
			}
		})
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
	m := newJournal()
	const n = 60
	for range n {
		m.put(p.URL+"/inbox", "x") // one object: one after the other
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

// TestNoConnectionIsNoSignature: and a broken inbox stops nothing (T-DOS-25).
func TestNoConnectionIsNoSignature(t *testing.T) {
	p := listen(t, accepted)
	m := newJournal()
	m.put("https://127.0.0.1:1/inbox", "x")
	for _, broken := range []string{"https://", "", "https:///inbox", "[\"https://b.test/inbox\"]", strings.Repeat("x", 2<<20)} {
		m.put(broken, "y") // on no lane
	}
	m.put("https://no host/inbox", "y")
	m.put(p.URL+"/inbox", "z")
	dispatch(t, m, p)
	for _, r := range m.await(t, 2) {
		if done := r.Delivery.Inbox == p.URL+"/inbox"; done != (r.Outcome == Done) || !done && (r.Error == "" || r.Status != 0) {
			t.Errorf("%+v", r)
		}
	}
}

// TestPathWithoutQuery: a peer that leaves the query out of what it verifies is
// asked so, and from then on first.
func TestPathWithoutQuery(t *testing.T) {
	p := listen(t, nil)
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.note(string(body), r)
		bare := r.Clone(r.Context())
		bare.URL.RawQuery = ""
		v := &signature.Verifier{Keys: directory{}, Scheme: "https", Host: r.Host}
		if _, err := v.Verify(bare, body); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	m := newJournal()
	m.put(p.URL+"/inbox?actor=lena", "x")
	m.put(p.URL+"/inbox?actor=lena", "y")
	dispatch(t, m, p)
	for _, r := range m.await(t, 2) {
		if r.Outcome != Done {
			t.Errorf("%+v", r)
		}
	}
	if n := len(p.came()); n != 3 || m.lanes[p.host()].Health.Knock != CavagePath {
		t.Errorf("%d knocks, then %q", n, m.lanes[p.host()].Health.Knock)
	}
}

// directory knows the one key.
type directory struct{}

func (directory) Key(context.Context, string, bool) (signature.Key, error) {
	return signature.Key{ID: one.signer.KeyID, Owner: "https://here.test/1", Public: one.signer.Private.Public()}, nil
}

// TestSeveralInboxes: over one connection of HTTP/2 at once, where a single
// inbox gets HTTP/1.1; the order of each object holds.
func TestSeveralInboxes(t *testing.T) {
	const inboxes, rounds = 20, 3
	var mu sync.Mutex
	protocols, connections := map[string]int{}, map[string]bool{}
	p := listen(t, nil)
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.note(r.URL.Path+" "+string(body), r)
		mu.Lock()
		protocols[r.Proto]++
		connections[r.RemoteAddr] = true
		mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	})
	m := newJournal()
	for range rounds {
		for i := range inboxes {
			m.put(fmt.Sprintf("%s/%d", p.URL, i), "x")
		}
	}
	stop := dispatch(t, m, p)
	m.await(t, inboxes*rounds)
	stop()
	if protocols["HTTP/2.0"] != inboxes*rounds || len(connections) != 1 {
		t.Errorf("%v over %d connections", protocols, len(connections))
	}
	last := map[string]int{}
	for _, line := range p.came() {
		var inbox string
		var id int
		if _, err := fmt.Sscan(line, &inbox, &id); err != nil {
			t.Fatal(err)
		}
		if id < last[inbox] {
			t.Errorf("%s: %d comes after %d", inbox, id, last[inbox])
		}
		last[inbox] = id
	}
	m.put(p.URL+"/0", "y")
	dispatch(t, m, p)
	m.await(t, inboxes*rounds+1)
	mu.Lock()
	defer mu.Unlock()
	if protocols["HTTP/1.1"] != 1 {
		t.Errorf("a single inbox gets %v", protocols)
	}
}

// TestProvenFirst: hosts that were never heard of and only hang keep no proven
// host waiting, however many they are.
func TestProvenFirst(t *testing.T) {
	silent, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	port := silent.Addr().(*net.TCPAddr).Port
	p := listen(t, accepted)
	m := newJournal()
	for i := range 3 * slots[Unknown] {
		m.put(fmt.Sprintf("https://127.1.%d.%d:%d/inbox", i/250, 1+i%250, port), "x")
	}
	m.put(p.URL+"/inbox", "y")
	m.lanes[p.host()].Health.LastSuccess = time.Now()
	dispatchTo(t, m, []string{fmt.Sprintf("127.0.0.0/8:%d", port)}, p)
	if first := m.await(t, 1)[0]; first.Outcome != Done {
		t.Errorf("first came %+v", first)
	}
	// Connections that nobody accepted end with their listener.
	if err := silent.Close(); err != nil {
		t.Fatal(err)
	}
}

// away is a journal whose results cannot be written for a while.
type away struct {
	*journal
	tries int
}

func (a *away) Finish(ctx context.Context, owner string, reports []Report) (bool, error) {
	if a.tries++; a.tries <= 3 {
		return false, errors.New("the database is away")
	}
	return a.journal.Finish(ctx, owner, reports)
}

// TestStoreAway: what was sent while results could not be written does not go
// out a second time.
func TestStoreAway(t *testing.T) {
	p := listen(t, accepted)
	m := newJournal()
	for i := range 5 {
		m.put(p.URL+"/inbox", fmt.Sprint(i))
	}
	stop := dispatchStore(t, &away{journal: m}, m.Wake(), nil, p)
	m.await(t, 5)
	stop()
	if came := p.came(); len(came) != 5 {
		t.Errorf("came %v", came)
	}
}

// asking is a store that keeps the question whether a host is in work.
type asking struct {
	*journal
	held func(host string) bool
}

func (s *asking) Claim(ctx context.Context, c Claim) ([]Lane, error) {
	s.mu.Lock()
	s.held = c.Held
	s.mu.Unlock()
	return s.journal.Claim(ctx, c)
}

// TestHeld: a lane is held from its claim until its end is written down.
func TestHeld(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	p := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		w.WriteHeader(http.StatusAccepted)
	})
	s := &asking{journal: newJournal()}
	s.put(p.URL+"/inbox", "x")
	stop := dispatchStore(t, s, s.Wake(), nil, p)
	<-entered
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	if !held(p.host()) || held("b.test") {
		t.Error("the dispatcher does not know what it is at work on")
	}
	close(release)
	s.await(t, 1)
	stop()
	if held(p.host()) {
		t.Error("a lane that ended is held for ever")
	}
}

// TestMemoryForgets: a lane is kept for what waits, and for what is to be known
// of its host the next time, and no longer.
func TestMemoryForgets(t *testing.T) {
	well := listen(t, accepted)
	ill := listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	m := newJournal()
	m.put(well.URL+"/inbox", "x")
	m.put(ill.URL+"/inbox", "x")
	stop := dispatch(t, m, well, ill)
	m.await(t, 2)
	stop()
	if m.lanes[well.host()] != nil || m.lanes[ill.host()] == nil {
		t.Errorf("kept are %v", m.lanes)
	}
}
