package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// refusedAddresses must never be reached (reference corpus of special-purpose
// addresses).
var refusedAddresses = strings.Fields(`0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
	172.31.255.255 192.0.0.1 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255
	198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:0.0.0.0
	::ffff:0:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::7f00:1 100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1
	2002:7f00:1:: 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1%lo fec0::1 ff02::1`)

// TestGuardRefuses: by the address of the connection, and as a literal.
func TestGuardRefuses(t *testing.T) {
	t.Run("T-SSRF-01 T-SSRF-02 T-SSRF-04 T-SSRF-17 special addresses", guardRefuses)
}

func guardRefuses(t *testing.T) {
	c := New(Options{})
	for _, a := range refusedAddresses {
		ip, err := netip.ParseAddr(a)
		if err != nil {
			t.Fatal(err)
		}
		network := "tcp6"
		if ip.Is4() {
			network = "tcp4"
		}
		if err := c.control(network, netip.AddrPortFrom(ip, 443).String(), nil); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s: %v", a, err)
		}
		if err := c.Check("https://" + net.JoinHostPort(strings.ReplaceAll(a, "%", "%25"), "443") + "/"); !errors.Is(err, ErrBlocked) {
			t.Errorf("as a literal, %s: %v", a, err)
		}
	}
	for _, a := range []string{"1.1.1.1:443", "[2606:4700::1111]:443"} {
		if err := c.control("tcp", a, nil); err == nil {
			t.Errorf("network tcp was let through")
		}
		network := "tcp4"
		if a[0] == '[' {
			network = "tcp6"
		}
		if err := c.control(network, a, nil); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := c.control("tcp4", "1.1.1.1:8443", nil); err == nil {
		t.Error("another port was let through")
	}
}

// TestCheckRefuses: by the form of the address.
func TestCheckRefuses(t *testing.T) {
	t.Run("T-SSRF-05 T-SSRF-08 T-SSRF-13 T-SSRF-20 T-SSRF-22 odd addresses", checkRefuses)
}

func checkRefuses(t *testing.T) {
	c := New(Options{Self: "here.example"})
	for _, u := range []string{
		"http://a.example/", "file:///etc/passwd", "gopher://a.example/", "ftp://a.example/", "data:text/plain,x", "unix:/run/x", "//a.example/", "",
		"https://a.example:8443/", "https://u:p@a.example/", "https://u@a.example/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f.1/",
		"https://0x7f000001/", "https://2130706433/", "https://127.0.0.1./", "https://①②⑦.⓪.⓪.①/", "https://[::1%25lo]/", "https://localhost/",
		"https://localhost./", "https://LOCALHOST/", "https://foo.localhost/", "https://x.internal/", "https://x.local/", "https://metadata/",
		"https://x.onion/", "https://here.example/ap/instance", "https://HERE.example:443/", "https://a.example\\@b.example/", "https://a b.example/",
		"https://a.example\r\nX: y/", "https://a%2eexample/", "https://-a.example/", "https://a..example/",
	} {
		if err := c.Check(u); !errors.Is(err, ErrBlocked) {
			t.Errorf("%q: %v", u, err)
		}
	}
	for _, u := range []string{"https://a.example/x?y=z#f", "https://müsterdorf.example/", "https://a.example:443/"} {
		if err := c.Check(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
}

// peer is a TLS server on loopback and a client that may reach it.
func peer(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	allow, err := ParseAllowed(fmt.Sprintf("127.0.0.0/8:%d", s.Listener.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	return s, New(Options{Allow: []AllowedAddress{allow}, Roots: roots, UserAgent: "test"})
}

func unsigned(*http.Request) error { return nil }

// TestDefaultConnectsNowhere proves at a listener that the default lets no
// packet to loopback.
func TestDefaultConnectsNowhere(t *testing.T) {
	var reached atomic.Bool
	s, _ := peer(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	c := New(Options{})
	if _, err := c.Plain(context.Background(), s.URL, "*/*", 10); !errors.Is(err, ErrBlocked) {
		t.Errorf("err = %v", err)
	}
	if reached.Load() {
		t.Error("the server was reached")
	}
}

func TestGetTypes(t *testing.T) {
	for contentType, ok := range map[string]bool{
		"application/activity+json":                                            true,
		"application/activity+json; charset=utf-8":                             true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: true,
		"APPLICATION/ACTIVITY+JSON":                                            true,
		"application/json":                                                     false,
		"application/ld+json":                                                  false,
		"text/html":                                                            false,
		"image/png":                                                            false,
		"":                                                                     false,
		"application/activity+json; charset=utf-16":                            false,
	} {
		t.Run("T-ID-10 "+contentType, func(t *testing.T) {
			s, c := peer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{contentType}
				_, _ = w.Write([]byte("{}"))
			})
			if _, err := c.Get(context.Background(), s.URL, unsigned); (err == nil) != ok {
				t.Errorf("err = %v, want ok = %v", err, ok)
			}
		})
	}
}

func TestGetRedirects(t *testing.T) {
	var signed atomic.Int32
	var s *httptest.Server
	s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/activity+json")
		switch r.URL.Path {
		case "/one":
			http.Redirect(w, r, "/two", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "https://127.0.0.1:1/", http.StatusFound)
		}
	})
	sign := func(*http.Request) error { signed.Add(1); return nil }
	doc, err := c.Get(context.Background(), s.URL+"/one", sign)
	if err != nil || doc.URL != s.URL+"/two" || signed.Load() != 2 {
		t.Errorf("doc = %v, err = %v, signed %d times", doc, err, signed.Load())
	}
	if _, err := c.Get(context.Background(), s.URL+"/loop", sign); err == nil {
		t.Error("a loop ended well")
	}
	if _, err := c.Get(context.Background(), s.URL+"/inside", sign); !errors.Is(err, ErrBlocked) {
		t.Errorf("led inside: %v", err)
	}
}

func TestPlainLimit(t *testing.T) {
	t.Run("T-DOS-13 a limit, and what is compressed", plainLimit)
}

func plainLimit(t *testing.T) {
	s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
		if code, ok := strings.CutPrefix(r.URL.Path, "/code/"); ok {
			w.Header().Set("Content-Encoding", code)
		}
		_, _ = w.Write(make([]byte, 10))
	})
	for limit, ok := range map[int64]bool{9: false, 10: true, 11: true} {
		if _, err := c.Plain(context.Background(), s.URL, "*/*", limit); (err == nil) != ok {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	for _, code := range []string{"gzip", "GZIP", "gzip,%20gzip", "br", "zstd", "deflate"} {
		if _, err := c.Plain(context.Background(), s.URL+"/code/"+code, "*/*", 100); err == nil {
			t.Errorf("an answer in %s was taken", code)
		}
	}
}

// TestDoor: what goes through it has a limit too, and is led nowhere else.
func TestDoor(t *testing.T) {
	s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
		}
		_, _ = w.Write(make([]byte, 10))
	})
	for limit, ok := range map[int64]bool{9: false, 10: true} {
		res, err := c.Door(limit).Get(s.URL)
		if (err == nil) != ok {
			t.Errorf("limit %d: %v", limit, err)
		}
		if err == nil {
			if body, err := io.ReadAll(res.Body); len(body) != 10 || err != nil {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			_ = res.Body.Close()
		}
	}
	if res, err := c.Door(100).Get(s.URL + "/elsewhere"); err != nil || res.StatusCode != http.StatusFound {
		t.Errorf("%v, %v", res, err)
	}
	if _, err := c.Door(100).Get(s.URL + "/packed"); err == nil {
		t.Error("what is packed was taken")
	}
}

// TestEveryMethodIsGuarded: no method, and no door, passes by the guard.
func TestEveryMethodIsGuarded(t *testing.T) {
	t.Run("T-SSRF-11 every method", func(t *testing.T) {
		var reached atomic.Bool
		s, _ := peer(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
		c := New(Options{})
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
			if _, err := c.request(t.Context(), method, s.URL, nil); !errors.Is(err, ErrBlocked) {
				t.Errorf("%s: %v", method, err)
			}
			r := httptest.NewRequest(method, s.URL, nil).WithContext(t.Context())
			if res, err := c.round.RoundTrip(r); !errors.Is(err, ErrBlocked) {
				t.Errorf("%s past the first check: %v, %v", method, res, err)
			}
		}
		if _, err := c.Get(t.Context(), s.URL, unsigned); !errors.Is(err, ErrBlocked) {
			t.Error(err)
		}
		if _, err := c.Post(t.Context(), s.URL, nil, unsigned); !errors.Is(err, ErrBlocked) {
			t.Error(err)
		}
		if _, err := c.Door(1 << 10).Get(s.URL); !errors.Is(err, ErrBlocked) {
			t.Error(err)
		}
		if reached.Load() {
			t.Error("something was reached")
		}
	})
}

// TestTrickle: whoever answers a byte now and then is not waited for, and
// others are asked meanwhile.
func TestTrickle(t *testing.T) {
	t.Run("T-DOS-01 an answer that trickles", func(t *testing.T) {
		s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/activity+json")
			for r.URL.Path == "/slow" && r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		})
		healthy, other := peer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/activity+json")
		})
		c.patience = 300 * time.Millisecond
		for _, ask := range map[string]func(ctx context.Context) error{
			"get":   func(ctx context.Context) error { _, err := c.Get(ctx, s.URL+"/slow", unsigned); return err },
			"plain": func(ctx context.Context) error { _, err := c.Plain(ctx, s.URL+"/slow", "*/*", 1<<20); return err },
		} {
			waiting, err := make(chan error), error(nil)
			go func() { waiting <- ask(context.Background()) }()
			if _, err = other.Get(t.Context(), healthy.URL, unsigned); err != nil {
				t.Errorf("another host was not asked meanwhile: %v", err)
			}
			if err = <-waiting; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it ends with %v", err)
			}
		}
		if New(Options{}).patience > 30*time.Second {
			t.Error("a whole exchange may take more than 30 seconds")
		}
	})
}

func TestStatusError(t *testing.T) {
	s, c := peer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90000")
		w.WriteHeader(http.StatusGone)
	})
	_, err := c.Get(context.Background(), s.URL, unsigned)
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusGone || status.RetryAfter != maxRetryAfter {
		t.Errorf("err = %#v", err)
	}
}

func TestPost(t *testing.T) {
	s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/away":
			http.Redirect(w, r, "/inbox", http.StatusFound)
		case r.Header.Get("Signature") != "s":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusAccepted)
		}
	})
	sign := func(r *http.Request) error { r.Header.Set("Signature", "s"); return nil }
	for path, want := range map[string]int{"/inbox": http.StatusAccepted, "/away": http.StatusFound} {
		for range 2 { // the second one over the same connection
			a, err := c.Post(context.Background(), s.URL+path, []byte("{}"), sign)
			if err != nil || a.Status != want {
				t.Errorf("%s: %v, %v", path, a, err)
			}
		}
	}
	broken := errors.New("no key")
	if _, err := c.Post(context.Background(), s.URL+"/inbox", []byte("{}"), func(*http.Request) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	spent := false
	if _, err := c.Post(context.Background(), "https://127.0.0.1:1/inbox", []byte("{}"), func(*http.Request) error { spent = true; return nil }); err == nil || spent {
		t.Errorf("a signature was spent on nobody: %v", err)
	}
}

func TestBlocked(t *testing.T) {
	s, c := peer(t, func(http.ResponseWriter, *http.Request) {})
	c.options.Blocked = func(context.Context, string) (bool, error) { return true, nil }
	if _, err := c.Plain(context.Background(), s.URL, "*/*", 10); !errors.Is(err, ErrBlocked) {
		t.Errorf("err = %v", err)
	}
}

// TestBlockedNobodyKnows: that it cannot be told now whether a host is kept out
// is no refusal, and nobody is asked meanwhile.
func TestBlockedNobodyKnows(t *testing.T) {
	s, c := peer(t, func(http.ResponseWriter, *http.Request) { t.Error("the host was asked") })
	busy := errors.New("the database is busy")
	c.options.Blocked = func(context.Context, string) (bool, error) { return false, busy }
	if _, err := c.Plain(context.Background(), s.URL, "*/*", 10); errors.Is(err, ErrBlocked) || !errors.Is(err, busy) {
		t.Errorf("err = %v", err)
	}
}

// TestPostOnAStaleConnection: a connection that the other server closes just
// when it is used again costs no failure, and the second request is signed for
// its own moment.
func TestPostOnAStaleConnection(t *testing.T) {
	var mu sync.Mutex
	requests, arrived := map[string]int{}, 0
	s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if requests[r.RemoteAddr]++; requests[r.RemoteAddr] > 1 {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				err = conn.Close()
			}
			if err != nil {
				t.Error(err)
			}
			return
		}
		if _, there := r.Header["Idempotency-Key"]; there {
			t.Error("the mark of what may go out again is sent")
		}
		arrived++
		w.WriteHeader(http.StatusAccepted)
	})
	signed := 0
	for range 2 {
		answer, err := c.Post(t.Context(), s.URL+"/inbox", []byte("{}"), func(*http.Request) error { signed++; return nil })
		if err != nil || answer.Status != http.StatusAccepted {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	if arrived != 2 || signed != 3 {
		t.Errorf("%d arrived, %d were signed", arrived, signed)
	}
}
