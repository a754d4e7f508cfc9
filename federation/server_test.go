package federation

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
)

// place is a server on loopback with one actor.
type place struct {
	*Server
	http  *httptest.Server
	actor as.Actor
	key   signature.Signer
}

// places are two servers that reach each other.
func places(t *testing.T, owner func(ctx context.Context, id string) (string, error)) (here, there *place) {
	t.Helper()
	list := []*place{{}, {}}
	roots := x509.NewCertPool()
	var allow []transport.AllowedAddress
	for _, p := range list {
		p.http = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ServeHTTP(w, r) }))
		t.Cleanup(p.http.Close)
		roots.AddCert(p.http.Certificate())
		a, err := transport.ParseAllowed(fmt.Sprintf("127.0.0.0/8:%d", p.http.Listener.Addr().(*net.TCPAddr).Port))
		if err != nil {
			t.Fatal(err)
		}
		allow = append(allow, a)
	}
	for _, p := range list {
		server, err := New(Options{
			Origin: p.http.URL, Client: transport.New(transport.Options{Allow: allow, Roots: roots}), Owner: owner, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.Server = server
		private, err := signature.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		if p.actor, err = server.AddActor(as.Actor{ID: p.http.URL + "/someone", Type: "Person", PreferredUsername: "Someone"}, private); err != nil {
			t.Fatal(err)
		}
		p.key = signature.Signer{KeyID: p.actor.PublicKey.ID, Private: private}
	}
	return list[0], list[1]
}

// post delivers an activity to here, signed by the actor of there.
func (p *place) post(t *testing.T, here *place, a as.Activity) int {
	t.Helper()
	a.Context = as.ContextActivity
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, here.actor.Inbox, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", as.MediaType)
	if err := p.key.Cavage(r, body, time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := here.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func TestTwoServers(t *testing.T) {
	here, there := places(t, nil)
	got := make(chan *as.Activity, 10)
	here.Handle(as.Follow, func(ctx context.Context, a *as.Activity) error {
		return here.Send(ctx, here.actor.ID, &as.Activity{Type: as.Accept, Object: as.Item{Activity: a}}, a.Actor)
	})
	there.Handle(as.Accept, func(_ context.Context, a *as.Activity) error { got <- a; return nil })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for _, p := range []*place{here, there} {
		go func() { ended <- p.Run(ctx) }()
	}
	follow := &as.Activity{Type: as.Follow, Object: as.Item{ID: here.actor.ID}}
	if err := there.Send(t.Context(), there.actor.ID, follow, here.actor.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case a := <-got:
		if a.Actor != here.actor.ID || a.Object.Ref() != follow.ID {
			t.Errorf("%+v", a)
		}
	case <-time.After(30 * time.Second):
		t.Error("no Accept came")
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestServerTakes(t *testing.T) {
	const kept = "https://elsewhere.test/notes/1"
	here, there := places(t, func(_ context.Context, id string) (string, error) {
		if id == kept {
			return "https://elsewhere.test/alice", nil
		}
		return "", nil
	})
	var came []string
	fails := errors.New("the disk is full")
	for _, kind := range []string{as.Create, as.Delete, as.Like} {
		here.Handle(kind, func(_ context.Context, a *as.Activity) error {
			came = append(came, a.ID)
			if strings.HasSuffix(a.ID, "/fails") {
				return fails
			}
			return nil
		})
	}
	id := func(name string) string { return there.http.URL + "/" + name }
	note := func(name, by string) as.Item {
		return as.Item{Object: &as.Object{ID: name, Type: "Note", AttributedTo: by}}
	}
	for name, tc := range map[string]struct {
		a      as.Activity
		status int
		came   bool
	}{
		"a like":                            {as.Activity{ID: id("like"), Type: as.Like, Actor: there.actor.ID, Object: as.Item{ID: here.actor.ID}}, 202, true},
		"an own note":                       {as.Activity{ID: id("create"), Type: as.Create, Actor: there.actor.ID, Object: note(id("n"), there.actor.ID)}, 202, true},
		"a note of somebody else":           {as.Activity{ID: id("forged"), Type: as.Create, Actor: there.actor.ID, Object: note(kept, "https://elsewhere.test/alice")}, 202, false},
		"a deletion of what another wrote":  {as.Activity{ID: id("delete"), Type: as.Delete, Actor: there.actor.ID, Object: as.Item{ID: kept}}, 202, false},
		"an activity in another's name":     {as.Activity{ID: id("name"), Type: as.Like, Actor: id("other"), Object: as.Item{ID: here.actor.ID}}, 401, false},
		"a type that nobody handles":        {as.Activity{ID: id("block"), Type: as.Block, Actor: there.actor.ID, Object: as.Item{ID: here.actor.ID}}, 202, false},
		"one that the program cannot apply": {as.Activity{ID: id("fails"), Type: as.Like, Actor: there.actor.ID, Object: as.Item{ID: here.actor.ID}}, 503, true},
	} {
		t.Run(name, func(t *testing.T) {
			came = nil
			if status := there.post(t, here, tc.a); status != tc.status || (len(came) == 1) != tc.came {
				t.Errorf("status %d, %v came", status, came)
			}
			again, status := len(came), there.post(t, here, tc.a)
			if failed := tc.status == 503; status != tc.status || (len(came) > again) != failed {
				t.Errorf("the same again: status %d, %d came; what failed is tried again, nothing else is", status, len(came)-again)
			}
		})
	}
}

func TestServerShows(t *testing.T) {
	here, _ := places(t, nil)
	here.Show(as.Object{ID: here.http.URL + "/notes/1", Type: "Note", AttributedTo: here.actor.ID, Content: "<p>Hi</p>"})
	host := strings.TrimPrefix(here.http.URL, "https://")
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/someone":           {200, `"preferredUsername":"Someone"`},
		"/someone/followers": {200, `"OrderedCollection"`},
		"/notes/1":           {200, `"@context"`},
		"/notes/2":           {404, ""},
		"/.well-known/webfinger?resource=acct:someone@" + host:        {200, `"subject":"acct:Someone@` + host},
		"/.well-known/webfinger?resource=" + here.actor.ID:            {200, `"self"`},
		"/.well-known/webfinger?resource=acct:nobody@" + host:         {404, ""},
		"/.well-known/webfinger?resource=acct:someone@elsewhere.test": {404, ""},
		"/.well-known/host-meta":                                      {200, "lrdd"},
	} {
		w := httptest.NewRecorder()
		here.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if _, err := New(Options{Origin: "http://board.example/x"}); err == nil {
		t.Error("an origin that is none was taken")
	}
	if _, err := here.AddActor(as.Actor{ID: "https://elsewhere.test/a", Type: "Person", PreferredUsername: "a"}, here.key.Private); err == nil {
		t.Error("an actor of another server was added")
	}
	if err := here.Send(t.Context(), here.actor.ID, &as.Activity{Type: as.Like}, here.http.URL+"/nobody"); err == nil {
		t.Error("something was sent to nobody")
	}
}
