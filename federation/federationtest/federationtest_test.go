package federationtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// peer is a program under test: it signs as somebody elsewhere.
type peer struct {
	t      *testing.T
	f      *Fediverse
	client *http.Client
	signer signature.Signer
	keys   Keys
}

const sender = "https://town.test/actor"

func newPeer(t *testing.T, o Options) *peer {
	t.Helper()
	o.Dir = t.TempDir()
	f, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	private, err := signature.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, f: f, signer: signature.Signer{KeyID: sender + "#main-key", Private: private}, keys: Keys{}}
	p.keys[p.signer.KeyID] = signature.Key{ID: p.signer.KeyID, Owner: sender, Public: private.Public()}
	p.client = &http.Client{Transport: &http.Transport{
		DialContext: f.DialContext, TLSClientConfig: &tls.Config{RootCAs: f.Roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

func (p *peer) hosts(n int) []*Host {
	p.t.Helper()
	hosts, err := p.f.Add("h", n)
	if err != nil {
		p.t.Fatal(err)
	}
	return hosts
}

func (p *peer) post(ctx context.Context, inbox string) (int, error) {
	p.t.Helper()
	body := []byte(`{"id":"https://town.test/1","type":"Create","actor":"` + sender + `"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/activity+json")
	if err := p.signer.Cavage(r, body, time.Now()); err != nil {
		p.t.Fatal(err)
	}
	res, err := p.client.Do(r)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func (p *peer) get(url string) string {
	p.t.Helper()
	res, err := p.client.Get(url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v", url, res.StatusCode, err)
	}
	return fmt.Sprintf("HTTP/%d ", res.ProtoMajor) + string(body)
}

func TestAFanOutIsChecked(t *testing.T) {
	p := newPeer(t, Options{Keys: 2})
	var want []string
	for _, h := range p.hosts(3) {
		want = append(want, h.SharedInbox())
	}
	for _, inbox := range want {
		if status, err := p.post(t.Context(), inbox); status != http.StatusAccepted {
			t.Fatalf("status %d, %v", status, err)
		}
	}
	if err := p.f.WaitFor(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	list := p.f.Take()
	if err := Check(list, want, p.keys); err != nil {
		t.Errorf("a good fan-out: %v", err)
	}
	if kind, id := list[0].Type(); kind != "Create" || id != "https://town.test/1" {
		t.Errorf("%s %s", kind, id)
	}
	forged := append([]Delivery(nil), list...)
	forged[1].Body = bytes.Replace(forged[1].Body, []byte("town.test/1"), []byte("town.test/2"), 1)
	for says, wrong := range map[string]error{
		"got it twice":           Check(append(list[:3:3], list[0]), want, p.keys),
		"got nothing":            Check(list[1:], want, p.keys),
		"got what is not for it": Check(list, want[1:], p.keys),
		"digest":                 Check(forged, want, p.keys),
		"nobody shows the key":   Check(list, want, Keys{}),
	} {
		if wrong == nil || !strings.Contains(wrong.Error(), says) {
			t.Errorf("%v, want %q", wrong, says)
		}
	}
}

func TestWaitingEnds(t *testing.T) {
	p := newPeer(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := p.f.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 are missing") {
		t.Errorf("%v", err)
	}
}

func TestActorsAreShown(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1 ": false, "HTTP/2 ": true} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, Options{HTTP2: http2})
			hosts := p.hosts(2)
			hosts[1].Personal()
			hosts[1].ShowEd25519()
			for i, h := range hosts {
				text, ok := strings.CutPrefix(p.get(h.Actor("lena")), name)
				if !ok {
					t.Errorf("it is not %s: %.20s", name, text)
				}
				var doc struct {
					Inbox           string
					Endpoints       struct{ SharedInbox string }
					AssertionMethod []struct{ ID, PublicKeyMultibase string }
				}
				if err := json.Unmarshal([]byte(text), &doc); err != nil {
					t.Fatal(err)
				}
				keys := Keys{}
				if err := keys.Learn([]byte(text)); err != nil {
					t.Fatal(err)
				}
				id := h.Actor("lena")
				if ed := keys[id+"#ed25519-key"]; (ed.Owner == id) != (i == 1) {
					t.Errorf("the Ed25519 key is %+v", ed)
				}
				if keys[id+"#main-key"].Owner != id || doc.Inbox != id+"/inbox" || doc.Endpoints.SharedInbox != h.SharedInbox() {
					t.Errorf("%+v", doc)
				}
				if len(doc.AssertionMethod) != i || i == 1 && !strings.HasPrefix(doc.AssertionMethod[0].PublicKeyMultibase, "z6Mk") {
					t.Errorf("%+v", doc.AssertionMethod)
				}
				if !strings.Contains(p.get("https://"+h.Authority()+"/.well-known/webfinger?resource=acct:lena@"+h.Authority()), id) {
					t.Error("WebFinger does not lead to the actor")
				}
				if h.Gets() != 2 {
					t.Errorf("%d fetches are counted", h.Gets())
				}
			}
			if p.f.Gets() != 4 {
				t.Errorf("%d fetches are counted", p.f.Gets())
			}
		})
	}
}

func TestHostsMisbehave(t *testing.T) {
	p := newPeer(t, Options{})
	h := p.hosts(1)[0]
	if err := h.Set(Refusing); err == nil {
		t.Error("a host without an address of its own refuses")
	}
	if err := h.OwnAddress(); err != nil {
		t.Fatal(err)
	}
	try := func(patience time.Duration) (int, error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return p.post(ctx, h.SharedInbox())
	}
	for _, warm := range []bool{true, false} {
		for how, want := range map[Behaviour]error{Refusing: syscall.ECONNREFUSED, Silent: context.DeadlineExceeded, Hanging: context.DeadlineExceeded} {
			if !warm {
				p.client.CloseIdleConnections()
			}
			if err := h.Set(how); err != nil {
				t.Fatal(err)
			}
			patience := 150 * time.Millisecond
			if how == Refusing {
				patience = time.Minute
				// The client may not have seen yet that its connection is closed.
				if _, err := try(patience); err == nil {
					t.Error("a host that refuses has answered")
				}
			}
			if status, err := try(patience); !errors.Is(err, want) {
				t.Errorf("behaviour %d: status %d, %v", how, status, err)
			}
			if err := h.Set(Answering); err != nil {
				t.Fatal(err)
			}
			if status, err := p.post(t.Context(), h.SharedInbox()); status != http.StatusAccepted {
				t.Errorf("after behaviour %d: status %d, %v", how, status, err)
			}
		}
	}
	if n := p.f.Arrived(); n != 6 {
		t.Errorf("%d arrived", n)
	}
}

func TestHostsAnswerAsToldAndLate(t *testing.T) {
	p := newPeer(t, Options{})
	h := p.hosts(1)[0]
	h.Answer(func(*http.Request) (int, string) { return http.StatusTooManyRequests, "30" })
	if status, err := p.post(t.Context(), h.SharedInbox()); status != http.StatusTooManyRequests {
		t.Errorf("status %d, %v", status, err)
	}
	h.Answer(nil)
	h.Delay(time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if status, err := p.post(ctx, h.SharedInbox()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("status %d, %v", status, err)
	}
	h.Delay(0)
	if n := p.f.Arrived(); n > 1 {
		t.Errorf("%d arrived, what was refused counts", n)
	}
}
