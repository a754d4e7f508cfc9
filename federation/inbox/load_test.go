package inbox

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
		size int64 // as announced, -1 for none
	}{
		"many requests": {maxRequests, 200},
		"large bodies":  {maxHeld / maxBody, maxBody},
		"no length":     {maxHeld / maxBody, -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &slow{world: world{key: signature.Key{Owner: eve}}, open: make(chan struct{})}
			var said bytes.Buffer
			h := s.handler()
			h.Queue, h.Verifier, h.Log = s, verified{eve}, slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
			send := func(body io.Reader) *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodPost, "/ap/inbox", body)
				r.Header.Set("Content-Type", as.MediaType)
				r.ContentLength = tc.size
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return w
			}
			s.waiting.Add(tc.n)
			var all sync.WaitGroup
			for range tc.n {
				all.Go(func() {
					if w := send(strings.NewReader(follow("https://b.test/f/1", eve))); w.Code != http.StatusAccepted {
						t.Errorf("what was taken in gets %d", w.Code)
					}
				})
			}
			s.waiting.Wait()
			for range 50 {
				if w := send(unread{t}); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
					t.Errorf("what is too much gets %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
				}
			}
			if n := strings.Count(said.String(), "\n"); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
			close(s.open)
			all.Wait()
			s.waiting.Add(1)
			if w := send(strings.NewReader(follow("https://b.test/f/2", eve))); w.Code != http.StatusAccepted {
				t.Errorf("afterwards %d", w.Code)
			}
		})
	}
}

// verified takes every request for one of an actor.
type verified struct{ actor string }

func (v verified) Verify(*http.Request, []byte) (signature.Key, error) {
	return signature.Key{Owner: v.actor}, nil
}

func (v verified) KeyID(*http.Request) string { return v.actor + "#main-key" }
