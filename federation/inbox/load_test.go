package inbox

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
)

// slow is a queue that takes nothing until it is opened.
type slow struct {
	world
	open    chan struct{}
	waiting sync.WaitGroup
}

func (s *slow) Receive(context.Context, Received) (bool, error) {
	s.waiting.Done()
	<-s.open
	return true, nil
}

// unread fails the test when somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body of a request that is sent away was read")
	return 0, io.EOF
}

// TestOverload: what is too much is sent away unread, and what was taken in is
// answered all the same.
func TestOverload(t *testing.T) {
	for name, tc := range map[string]struct {
		n    int
		size int  // of the bodies
		open bool // for bodies of the usual size
	}{
		"many requests": {maxRequests, 200, false},
		"large bodies":  {maxLarge / maxBody, maxBody, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &slow{world: world{key: signature.Key{Owner: eve}}, open: make(chan struct{})}
			var said bytes.Buffer
			h := s.handler()
			h.Queue, h.Verifier, h.Log = s, verified{eve}, slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
			send := func(body io.Reader, size int) *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodPost, "/ap/inbox", body)
				r.Header.Set("Content-Type", as.MediaType)
				r.ContentLength = int64(size)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return w
			}
			s.waiting.Add(tc.n)
			var all sync.WaitGroup
			for range tc.n {
				all.Go(func() {
					if w := send(strings.NewReader(sized(tc.size)), tc.size); w.Code != http.StatusAccepted {
						t.Errorf("what was taken in gets %d", w.Code)
					}
				})
			}
			s.waiting.Wait()
			for range 50 {
				if w := send(unread{t}, tc.size); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
					t.Errorf("what is too much gets %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
				}
			}
			if tc.open {
				s.waiting.Add(1)
				all.Go(func() {
					if w := send(strings.NewReader(sized(200)), 200); w.Code != http.StatusAccepted {
						t.Errorf("one of the usual size gets %d", w.Code)
					}
				})
				s.waiting.Wait()
				if w := send(strings.NewReader(sized(tc.size)), -1); w.Code != http.StatusServiceUnavailable {
					t.Errorf("what does not say that it is too much gets %d", w.Code)
				}
			}
			if n := strings.Count(said.String(), "\n"); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
			close(s.open)
			all.Wait()
			s.waiting.Add(1)
			if w := send(strings.NewReader(sized(tc.size)), tc.size); w.Code != http.StatusAccepted {
				t.Errorf("afterwards %d", w.Code)
			}
		})
	}
}

// sized is an activity of this many bytes.
func sized(n int) string {
	a := follow("https://b.test/f/1", eve)
	return strings.Repeat(" ", max(0, n-len(a))) + a
}

// TestSlowBodies: who announces much and sends little keeps nobody out.
func TestSlowBodies(t *testing.T) {
	w := &world{key: signature.Key{Owner: eve}}
	h := w.handler()
	var all, begun sync.WaitGroup
	ends := make(chan struct{})
	for range 2 * maxRequests {
		begun.Add(1)
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", &trickle{begun: begun.Done, ends: ends})
			r.Header.Set("Content-Type", as.MediaType)
			r.ContentLength = maxBody
			h.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	begun.Wait()
	r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(follow("https://b.test/f/1", eve)))
	r.Header.Set("Content-Type", as.MediaType)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	if answer.Code != http.StatusAccepted {
		t.Errorf("among slow senders one gets %d", answer.Code)
	}
	close(ends)
	all.Wait()
	if held, requests := h.load.held.Load(), h.load.requests.Load(); held != 0 || requests != 0 {
		t.Errorf("%d bytes and %d requests are in hand when all is over", held, requests)
	}
}

// trickle is a body of which one byte comes, and then nothing for long.
type trickle struct {
	begun func()
	ends  chan struct{}
	sent  bool
}

func (s *trickle) Read(p []byte) (int, error) {
	if !s.sent {
		s.sent = true
		return copy(p, "{"), nil
	}
	s.begun()
	<-s.ends
	return 0, os.ErrDeadlineExceeded
}

// verified takes every request for one of an actor.
type verified struct{ actor string }

func (v verified) Verify(*http.Request, []byte) (signature.Key, error) {
	return signature.Key{Owner: v.actor}, nil
}

func (v verified) KeyID(*http.Request) string { return v.actor + "#main-key" }
