package prepared

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
)

// Terms say on which terms an answer may be given again.
type Terms struct {
	// Targets are the request targets (RFC 9112 3.2.1) that mean this answer, as
	// they are usually written. Under others it is not kept, so that nobody can
	// fill the memory with names of his choice.
	Targets []string
	// Vary is on what else the answer depends.
	Vary Vary
	// Tags name the things that it shows; see Renew.
	Tags []string
	// Until ends it; zero is never.
	Until time.Time
}

// NextMinute ends what depends on the time: whatever happens by the clock in a
// town happens at a full minute. It must be asked before what it ends is looked
// up, which may take until after that minute.
func NextMinute() time.Time { return time.Now().Truncate(time.Minute).Add(time.Minute) }

type attemptKey struct{}

// attempt is a request on the way to its handler.
type attempt struct {
	terms *Terms
	// round is that in which it began; current says that changes were known then.
	round    uint64
	current  bool
	personal bool
	chi      *chi.Context
}

// route is the pattern by which the handler was found.
func (at *attempt) route() string { return at.chi.RoutePattern() }

// Keep says that the answer to the request of ctx may be given again, if it
// gets status 200. It must be called before the answer begins, and only for
// what everybody may see. Where nothing is kept it does nothing.
func Keep(ctx context.Context, t Terms) {
	at, ok := ctx.Value(attemptKey{}).(*attempt)
	if ok && !(at.personal && t.Vary&ByPerson != 0) {
		at.terms = &t
	}
}

// Handler answers from memory, or lets next answer and keeps what it may. What
// may be kept gets an ETag and, asked with it, the answer 304.
func (s *Store) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if a, t := s.find(r); a != nil && (s.Admit == nil || s.Admit(r)) {
			_, n := a.serve(w, r)
			t.answers.Add(1)
			t.bytes.Add(int64(n))
			return
		}
		at := s.begin(r)
		ctx := context.WithValue(context.WithValue(r.Context(), attemptKey{}, at), chi.RouteCtxKey, at.chi)
		rec := &recorder{ResponseWriter: w, attempt: at}
		next.ServeHTTP(rec, r.WithContext(ctx))
		s.finish(rec, r)
	})
}

func (s *Store) begin(r *http.Request) *attempt {
	at := &attempt{personal: s.Personal(r), chi: chi.NewRouteContext()}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	at.round, at.current = s.round, now.Before(s.fresh)
	return at
}

// finish sends what was held back, and keeps it.
func (s *Store) finish(rec *recorder, r *http.Request) {
	if !rec.held {
		return
	}
	terms := rec.attempt.terms
	a := newAnswer(rec.Header(), slices.Clip(rec.body.Bytes()), terms.Vary)
	a.variant, a.until = s.variant(r, terms.Vary), terms.Until
	if slices.Contains(terms.Targets, r.RequestURI) && len(a.body) <= maxBody && len(terms.Tags) <= maxTags {
		s.put(r.RequestURI, rec.attempt, a)
	}
	a.serve(rec.ResponseWriter, r)
}

// recorder holds an answer back that may be kept; everything else passes.
type recorder struct {
	http.ResponseWriter
	attempt *attempt
	begun   bool
	held    bool
	body    bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	switch {
	case w.held && status >= http.StatusOK:
		// The handler failed after it began. Nothing of it is sent yet: what it
		// says now is the answer, and is not kept.
		w.held = false
		w.body.Reset()
		w.Header().Del("Content-Length")
	case !w.begun && status >= http.StatusOK:
		w.begun = true
		w.held = status == http.StatusOK && w.attempt.terms != nil && keepable(w.Header())
	}
	if !w.held {
		w.ResponseWriter.WriteHeader(status)
	}
}

// keepable is the last guard: what sets a cookie or calls itself private is
// meant for one reader.
func keepable(h http.Header) bool {
	control := h.Get("Cache-Control")
	return len(h["Set-Cookie"]) == 0 && len(h["Content-Encoding"]) == 0 && !strings.Contains(control, "private") && !strings.Contains(control, "no-store")
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if w.held {
		return w.body.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is underneath.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
