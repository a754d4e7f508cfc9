package foreign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/transport"
)

// drawing gives a picture of this size.
func drawing(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// others play the servers from which pictures come.
type others struct {
	mu     sync.Mutex
	asked  map[string]int
	answer func(ctx context.Context, url string) ([]byte, error)
}

func (o *others) get(ctx context.Context, url, _ string, _ int64) ([]byte, error) {
	o.mu.Lock()
	o.asked[url]++
	answer := o.answer
	o.mu.Unlock()
	return answer(ctx, url)
}

func (o *others) count(url string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[url]
}

func open(t *testing.T, quota int64, answer func(ctx context.Context, url string) ([]byte, error)) (*Pictures, *others) {
	t.Helper()
	o := &others{asked: map[string]int{}, answer: answer}
	p, err := New(Options{Get: o.get, Folder: filepath.Join(t.TempDir(), "foreign"), Quota: quota, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	p.cache.free = func() (int64, error) { return 1 << 40, nil }
	t.Cleanup(func() { p.stop(); p.flights.done.Wait() })
	return p, o
}

func at(host string, n int) *source {
	return &source{of: fmt.Sprintf("of%d", n), url: fmt.Sprintf("https://%s/%d.png", host, n), side: iconSide}
}

// land waits for a fetch that must have begun.
func land(t *testing.T, landed <-chan struct{}) {
	t.Helper()
	if landed == nil {
		t.Fatal("nothing is fetched")
	}
	select {
	case <-landed:
	case <-time.After(20 * time.Second):
		t.Fatal("the fetch does not end")
	}
}

func (p *Pictures) has(s *source) bool {
	k, err := p.cache.open(s.name())
	if err != nil {
		return false
	}
	_ = k.Close()
	return true
}

func TestLimits(t *testing.T) {
	t.Run("T-MED-11 a host that hangs leaves room for others", hanging)
	t.Run("T-MED-11 nothing is kept on a full disk or without quota", full)
	t.Run("T-MED-11 the least used go first", leastUsed)
	t.Run("T-SSRF-19 a host is asked for so many in a minute", flooded)
}

func hanging(t *testing.T) {
	picture := drawing(t, 4, 4)
	p, o := open(t, 1<<20, func(ctx context.Context, url string) ([]byte, error) {
		if strings.Contains(url, "dead.test") {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return picture, nil
	})
	begun := 0
	for n := range 2 * maxWaitingHost {
		if p.fetch(at("dead.test", n)) != nil {
			begun++
		}
	}
	if begun != maxWaitingHost {
		t.Errorf("%d pictures of one host wait, want %d", begun, maxWaitingHost)
	}
	for n := range 10 {
		s := at("good.test", n)
		land(t, p.fetch(s))
		if !p.has(s) {
			t.Fatalf("picture %d of the good host is not there", n)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	stuck := 0
	for url := range o.asked {
		if strings.Contains(url, "dead.test") {
			stuck++
		}
	}
	if stuck > fromOne {
		t.Errorf("%d requests hang at one host, want at most %d", stuck, fromOne)
	}
}

func TestOneFetchForAllWhoAsk(t *testing.T) {
	release, picture := make(chan struct{}), drawing(t, 4, 4)
	p, o := open(t, 1<<20, func(context.Context, string) ([]byte, error) { <-release; return picture, nil })
	s := at("good.test", 1)
	first := p.fetch(s)
	if first == nil || p.fetch(s) != first {
		t.Error("who comes second does not join")
	}
	close(release)
	land(t, first)
	if n := o.count(s.url); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhatFailedRests(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		body []byte
		// again is after how long the picture is tried again, and others after how
		// long another one of the host.
		again, others time.Duration
	}{
		"it is no picture":           {nil, []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), never, 0},
		"it is not there":            {&transport.StatusError{Code: http.StatusNotFound}, nil, never, 0},
		"the host has a fault":       {&transport.StatusError{Code: http.StatusBadGateway}, nil, notNow, 0},
		"the host is kept out":       {fmt.Errorf("get: %w", transport.ErrBlocked), nil, notNow, 0},
		"the host does not answer":   {errors.New("connection refused"), nil, notNow, hostRest},
		"it is cut off":              {io.ErrUnexpectedEOF, nil, notNow, hostRest},
		"the process ends meanwhile": {context.Canceled, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := open(t, 1<<20, func(context.Context, string) ([]byte, error) { return tc.body, tc.err })
			now := time.Now()
			p.flights.now = func() time.Time { return now }
			s, other := at("ill.test", 1), at("ill.test", 2)
			land(t, p.fetch(s))
			if p.has(s) {
				t.Fatal("there is a copy")
			}
			began := now
			for _, wait := range []struct {
				s    *source
				time time.Duration
			}{{other, tc.others}, {s, tc.again}} {
				if wait.time > 0 {
					now = began.Add(wait.time - time.Second)
					if p.fetch(wait.s) != nil {
						t.Errorf("%s is tried again before %s", wait.s.url, wait.time)
					}
				}
				now = began.Add(wait.time)
				p.flights.mu.Lock()
				h := p.flights.admit(wait.s.name(), "ill.test")
				p.flights.mu.Unlock()
				if h == nil {
					t.Errorf("%s is not tried again after %s", wait.s.url, wait.time)
				}
			}
		})
	}
}

func flooded(t *testing.T) {
	picture := drawing(t, 4, 4)
	p, _ := open(t, 1<<20, func(context.Context, string) ([]byte, error) { return picture, nil })
	now := time.Now()
	p.flights.now = func() time.Time { return now }
	for n := range perMinute {
		land(t, p.fetch(at("busy.test", n)))
	}
	if p.fetch(at("busy.test", perMinute)) != nil {
		t.Error("one more is fetched within the minute")
	}
	land(t, p.fetch(at("other.test", 1)))
	now = now.Add(time.Minute)
	land(t, p.fetch(at("busy.test", perMinute)))
}

func full(t *testing.T) {
	get := func(context.Context, string) ([]byte, error) { return nil, errors.New("asked") }
	p, _ := open(t, 1<<20, get)
	p.cache.free = func() (int64, error) { return floor - 1, nil }
	if p.fetch(at("good.test", 1)) != nil {
		t.Error("something is fetched on a full disk")
	}
	p, _ = open(t, 0, get)
	if p.fetch(at("good.test", 1)) != nil {
		t.Error("something is fetched without a quota")
	}
	if got := p.address(t.Context(), "of", "https://good.test/1.png"); got != "" {
		t.Errorf("pages name %s", got)
	}
}

func leastUsed(t *testing.T) {
	p, _ := open(t, 1000, nil)
	c := p.cache
	name := func(n int) string { return (&source{of: fmt.Sprint(n)}).name() }
	for n := range 9 {
		if err := c.put(name(n), "of", "image/png", bytes.Repeat([]byte("x"), 100-len("of image/png\n"))); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Duration(100-n) * time.Hour)
		if err := c.root.Chtimes(name(n), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if k, err := c.open(name(0)); err != nil { // used again: it is the newest now
		t.Fatal(err)
	} else if b, err := io.ReadAll(io.NewSectionReader(k, k.begin, k.size)); err != nil || string(b) != strings.Repeat("x", 87) || k.of != "of" || k.mediaType != "image/png" {
		t.Errorf("it is %q of %s, %s, %v", b, k.of, k.mediaType, err)
	}
	if err := c.put(name(9), "of", "image/png", bytes.Repeat([]byte("x"), 200)); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]bool{0: true, 1: false, 2: false, 3: false, 4: true, 8: true, 9: true} {
		if k, err := c.open(name(n)); (err == nil) != want {
			t.Errorf("copy %d is there: %v", n, err == nil)
		} else if err == nil {
			_ = k.Close()
		}
	}
	if _, total, err := c.list(); err != nil || total > 900 {
		t.Errorf("all take %d bytes, %v", total, err)
	}
}

func TestSweeping(t *testing.T) {
	p, _ := open(t, 1<<20, nil)
	c, now := p.cache, time.Now()
	age := func(name string, d time.Duration) {
		t.Helper()
		if err := c.root.Chtimes(name, now.Add(-d), now.Add(-d)); err != nil {
			t.Fatal(err)
		}
	}
	names := map[string]string{}
	for _, of := range []string{"wanted", "unwanted", "unused"} {
		names[of] = (&source{of: of}).name()
		if err := c.put(names[of], of, "image/png", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	age(names["unused"], unused+time.Hour)
	broken := (&source{of: "broken"}).name()
	for _, name := range []string{broken, "a.1.part", "b.2.part"} {
		if err := c.root.WriteFile(name, []byte("no line"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	age("a.1.part", 2*time.Hour)
	err := c.sweep(func(name, of string) (bool, error) { return of != "unwanted" && name == names[of], nil })
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(c.root.Name())
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if len(left) != 2 || !strings.Contains(strings.Join(left, " "), names["wanted"]) || !strings.Contains(strings.Join(left, " "), "b.2.part") {
		t.Errorf("left are %v", left)
	}
	failed := errors.New("the database is away")
	if err := c.sweep(func(string, string) (bool, error) { return false, failed }); !errors.Is(err, failed) {
		t.Errorf("sweeping ends with %v", err)
	}
	if k, err := c.open(names["wanted"]); err != nil {
		t.Error("a copy went although nobody could tell whether it is wanted")
	} else {
		_ = k.Close()
	}
}

func TestLetters(t *testing.T) {
	for name, want := range map[string]string{
		"Lena Müller": "LM", "ärzte ohne grenzen": "ÄO", "🦊 Fuchs": "F", "<b>&": "B", "": "", "***": "", "42": "4", "Æthel  (sie) X": "ÆS",
	} {
		if got := letters(name); got != want {
			t.Errorf("%q has the letters %q, want %q", name, got, want)
		}
	}
}
