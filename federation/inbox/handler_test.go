package inbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
)

const (
	eve = "https://b.test/eve"
	bob = "https://b.test/bob"
)

// world is what a handler stands on, with what it was asked.
type world struct {
	key      signature.Key
	err      error // of verifying
	claims   string
	queueErr error
	proves   string // who has proven what comes
	proofErr error
	known    bool
	noProofs bool
	verified int
	received []Received
}

func (w *world) Verify(*http.Request, []byte) (signature.Key, error) {
	w.verified++
	return w.key, w.err
}

func (w *world) KeyID(*http.Request) string { return w.claims }

func (w *world) Receive(_ context.Context, r Received) (bool, error) {
	if w.queueErr != nil {
		return false, w.queueErr
	}
	w.received = append(w.received, r)
	return len(w.received) == 1, nil
}

// proofs is the world as far as it verifies proofs.
type proofs struct{ *world }

func (p proofs) Verify(_ context.Context, _ []byte, by string) error {
	if p.proofErr != nil || p.proves == by {
		return p.proofErr
	}
	return errors.New("no proof")
}

func (w *world) handler() *Handler {
	h := &Handler{
		Verifier: w, Proofs: proofs{w}, Queue: w, Log: slog.New(slog.DiscardHandler),
		Blocked: func(_ context.Context, host string) (bool, error) { return host == "blocked.test", nil },
		Known:   func(context.Context, string) (bool, error) { return w.known, nil },
	}
	if w.noProofs {
		h.Proofs = nil
	}
	return h
}

// named complains when what was kept is not by whom body says, or is not known
// to be passed on when it is.
func (w *world) named(t *testing.T, body string) {
	t.Helper()
	for _, got := range w.received {
		if !strings.Contains(body, `"actor":"`+got.ActorID+`"`) {
			t.Errorf("kept as done by %s", got.ActorID)
		}
		if got.PassedOn != (got.ActorID != eve) {
			t.Errorf("passed on: %v", got.PassedOn)
		}
	}
}

func follow(id, by string) string {
	return `{"@context":"https://www.w3.org/ns/activitystreams","id":"` + id + `","type":"Follow","actor":"` + by + `","object":"https://here.test/1"}`
}

func TestHandler(t *testing.T) {
	good := follow("https://b.test/f/1", eve)
	// Who reads keys in any case sees that eve deletes herself.
	forged := `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/c/1","type":"Create","TYPE":"Delete","actor":"` + eve +
		`","object":{"id":"https://b.test/n/1","type":"Note","attributedTo":"` + eve + `"},"OBJECT":"` + eve + `"}`
	about := func(kind, by, object string) string {
		return `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/d/1","type":"` + kind + `","actor":"` + by + `","object":"` + object + `"}`
	}
	for name, tc := range map[string]struct {
		world            world
		body, kind, code string // Content-Type and Content-Encoding
		status           int
		verified, kept   int
	}{
		"an activity":                                        {world: world{}, body: good, status: 202, verified: 1, kept: 1},
		"an activity as JSON (Gancio)":                       {body: good, kind: "application/json; charset=utf-8", status: 202, verified: 1, kept: 1},
		"an activity as JSON-LD":                             {body: good, kind: as.MediaTypeLD, status: 202, verified: 1, kept: 1},
		"a form":                                             {body: good, kind: "application/x-www-form-urlencoded", status: 415},
		"T-DOS-13 a compressed body":                         {body: good, code: "gzip", status: 415},
		"T-DOS-20 more than 1 MB":                            {body: strings.Repeat(" ", maxBody+1), status: 413},
		"T-DOS-22 nothing":                                   {body: "", status: 400},
		"T-DOS-22 null":                                      {body: "null", status: 400},
		"T-DOS-22 half an activity":                          {body: good[:60], status: 400},
		"T-DOS-22 no object":                                 {body: strings.Replace(good, `,"object":"https://here.test/1"`, "", 1), status: 400},
		"no id":                                              {body: strings.Replace(good, `"id":"https://b.test/f/1",`, "", 1), status: 400},
		"an id on another host":                              {body: follow("https://c.test/f/1", eve), status: 400},
		"no @context (Gancio)":                               {body: strings.Replace(good, `"@context":"https://www.w3.org/ns/activitystreams",`, "", 1), status: 202, verified: 1, kept: 1},
		"another @context":                                   {body: strings.Replace(good, "https://www.w3.org/ns/activitystreams", "https://schema.org/", 1), status: 400},
		"T-SIG-02 no signature":                              {world: world{err: signature.ErrUnsigned}, body: good, status: 401, verified: 1},
		"a signature that does not hold":                     {world: world{err: signature.ErrInvalid}, body: good, status: 401, verified: 1},
		"a signature that cannot be read":                    {world: world{err: signature.ErrMalformed}, body: good, status: 400, verified: 1},
		"T-SIG-14 a key that cannot be had now":              {world: world{err: signature.ErrUnavailable}, body: good, status: 503, verified: 1},
		"a key whose owner is gone":                          {world: world{err: signature.ErrGone}, body: good, status: 401, verified: 1},
		"T-SIG-01 another actor":                             {body: follow("https://b.test/f/1", bob), status: 401, verified: 1},
		"another actor, who has proven it":                   {world: world{proves: bob}, body: follow("https://b.test/f/1", bob), status: 202, verified: 1, kept: 1},
		"a proof of somebody else":                           {world: world{proves: "https://b.test/x"}, body: follow("https://b.test/f/1", bob), status: 401, verified: 1},
		"a proof whose key cannot be had now":                {world: world{proofErr: signature.ErrUnavailable}, body: follow("https://b.test/f/1", bob), status: 503, verified: 1},
		"a proof of who is kept out":                         {world: world{proves: "https://blocked.test/x"}, body: follow("https://blocked.test/f", "https://blocked.test/x"), status: 403, verified: 1},
		"another actor, where nobody verifies proofs":        {world: world{noProofs: true, proves: bob}, body: follow("https://b.test/f/1", bob), status: 401, verified: 1},
		"a proof without a signature":                        {world: world{proves: bob, err: signature.ErrUnsigned}, body: follow("https://b.test/f/1", bob), status: 401, verified: 1},
		"a blocked key":                                      {world: world{claims: "https://blocked.test/x#k"}, body: good, status: 403},
		"a queue that fails":                                 {world: world{queueErr: errors.New("disk full")}, body: good, status: 503, verified: 1},
		"T-SIG-17 a stranger leaves":                         {body: about("Delete", eve, eve), status: 202},
		"a stranger changes":                                 {body: about("Update", eve, eve), status: 202},
		"somebody known leaves":                              {world: world{known: true}, body: about("Delete", eve, eve), status: 202, verified: 1, kept: 1},
		"somebody known left, and its key with it":           {world: world{known: true, err: signature.ErrGone, claims: eve + "#main-key"}, body: about("Delete", eve, eve), status: 202, verified: 1, kept: 1},
		"a neighbour's key is gone":                          {world: world{known: true, err: signature.ErrGone, claims: bob + "#main-key"}, body: about("Delete", eve, eve), status: 401, verified: 1},
		"somebody known left and changes something":          {world: world{known: true, err: signature.ErrGone, claims: eve + "#main-key"}, body: about("Update", eve, eve), status: 401, verified: 1},
		"a stranger deletes something":                       {body: about("Delete", eve, "https://b.test/n/1"), status: 202, verified: 1, kept: 1},
		"T-ID-07 keys in another case, of somebody who left": {world: world{known: true, err: signature.ErrGone, claims: eve + "#main-key"}, body: forged, status: 401, verified: 1},
		"T-DOS-04 5,000 recipients":                          {body: strings.Replace(good, `"object"`, `"to":[`+strings.Repeat(`"https://c.test/u",`, 4999)+`"https://c.test/u"],"object"`, 1), status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := tc.world
			w.key = signature.Key{Owner: eve}
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", as.MediaType)
			if tc.kind != "" {
				r.Header.Set("Content-Type", tc.kind)
			}
			if tc.code != "" {
				r.Header.Set("Content-Encoding", tc.code)
			}
			answer := httptest.NewRecorder()
			w.handler().ServeHTTP(answer, r)
			if answer.Code != tc.status || w.verified != tc.verified || len(w.received) != tc.kept {
				t.Errorf("status %d, verified %d times, kept %d; want %d, %d, %d: %s", answer.Code, w.verified, len(w.received), tc.status, tc.verified, tc.kept, answer.Body)
			}
			w.named(t, tc.body)
			if (answer.Header().Get("Retry-After") != "") != (tc.status == 503) {
				t.Errorf("Retry-After %q", answer.Header().Get("Retry-After"))
			}
			if tc.body != "" && strings.Contains(answer.Body.String(), eve) {
				t.Error("the answer repeats what was sent")
			}
		})
	}
}

// TestWait: who sends too much is asked to come again before anybody's key is
// looked for; who has proven who it is, also after that.
func TestWait(t *testing.T) {
	for name, tc := range map[string]struct {
		full           []bool // by proven
		status         int
		verified, kept int
	}{
		"no wave":                          {[]bool{false, false}, 202, 1, 1},
		"T-MOD-11 a wave":                  {[]bool{true, true}, 429, 0, 0},
		"the one that makes the wave full": {[]bool{false, true}, 429, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{claims: eve + "#main-key", key: signature.Key{Owner: eve}}
			h := w.handler()
			h.Wait = func(host, kind string, proven bool) time.Duration {
				if host != "b.test" || kind != "Follow" {
					t.Errorf("asked for %s of %s", kind, host)
				}
				if proven && tc.full[1] || !proven && tc.full[0] {
					return 90 * time.Second
				}
				return 0
			}
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(follow("https://b.test/f/1", eve)))
			r.Header.Set("Content-Type", as.MediaType)
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code != tc.status || w.verified != tc.verified || len(w.received) != tc.kept {
				t.Errorf("status %d, verified %d times, kept %d", answer.Code, w.verified, len(w.received))
			}
			if got := answer.Header().Get("Retry-After"); (tc.status == 429) != (got == "91") {
				t.Errorf("Retry-After %q", got)
			}
		})
	}
}

// breaking is a body that ends with an error.
type breaking struct {
	io.Reader
	err error
}

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// TestBodyBreaksOff: the sender may try again, which it does not after 400.
func TestBodyBreaksOff(t *testing.T) {
	for _, err := range []error{io.ErrUnexpectedEOF, os.ErrDeadlineExceeded} {
		w := world{key: signature.Key{Owner: eve}}
		r := httptest.NewRequest(http.MethodPost, "/ap/inbox", breaking{strings.NewReader(follow("https://b.test/f/1", eve)[:50]), err})
		r.Header.Set("Content-Type", as.MediaType)
		answer := httptest.NewRecorder()
		w.handler().ServeHTTP(answer, r)
		if answer.Code != http.StatusRequestTimeout || len(w.received) != 0 {
			t.Errorf("%v: status %d, %d kept", err, answer.Code, len(w.received))
		}
	}
}

// TestLines: the log names the actor only where something was refused, the host
// always.
func TestLines(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		says bool
	}{"taken": {nil, false}, "refused": {signature.ErrInvalid, true}} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			w := world{key: signature.Key{Owner: eve}, err: tc.err}
			h := w.handler()
			h.Log = slog.New(slog.NewTextHandler(&said, nil))
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(follow("https://b.test/f/1", eve)))
			r.Header.Set("Content-Type", as.MediaType)
			h.ServeHTTP(httptest.NewRecorder(), r)
			if strings.Contains(said.String(), eve) != tc.says || !strings.Contains(said.String(), "host=b.test") {
				t.Error(said.String())
			}
		})
	}
}

func TestHandlerTwice(t *testing.T) {
	w := world{key: signature.Key{Owner: eve}}
	for _, name := range []string{"T-SIG-10 the first time", "T-SIG-10 the same once more"} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(follow("https://b.test/f/1", eve)))
			r.Header.Set("Content-Type", as.MediaType)
			answer := httptest.NewRecorder()
			w.handler().ServeHTTP(answer, r)
			if answer.Code != http.StatusAccepted {
				t.Errorf("status %d", answer.Code)
			}
		})
	}
}

func TestMux(t *testing.T) {
	var called string
	note := func(name string) Receive[int] {
		return func(context.Context, int, *as.Activity) error { called = name; return nil }
	}
	m := new(Mux[int])
	m.Handle("Undo", "Follow", note("undo follow"))
	m.Handle("Undo", "", note("undo"))
	m.Prepare("Undo", func(_ context.Context, a *as.Activity) error { a.Content = "ready"; return nil })
	for want, a := range map[string]*as.Activity{
		"undo follow": {Type: "Undo", Object: as.Item{Activity: &as.Activity{Type: "Follow"}}},
		"undo":        {Type: "Undo", Object: as.Item{ID: "https://b.test/1"}},
	} {
		if err := m.Ready(t.Context(), a); err != nil || a.Content != "ready" {
			t.Errorf("%s was not prepared: %v", want, err)
		}
		if err := m.Dispatch(t.Context(), 1, a); err != nil || called != want {
			t.Errorf("%s: %q, %v", want, called, err)
		}
	}
	if err := m.Dispatch(t.Context(), 1, &as.Activity{Type: "Like"}); !errors.Is(err, ErrUnhandled) {
		t.Errorf("%v", err)
	}
	if list := strings.Join(m.List(), ","); list != "Undo,Undo Follow" {
		t.Errorf("%s", list)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second function took the place of the first")
		}
	}()
	m.Handle("Undo", "", note("again"))
}
