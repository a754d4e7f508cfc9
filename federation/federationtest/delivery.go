package federationtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// A Delivery is what was posted to an inbox and taken, as it came.
type Delivery struct {
	At time.Time
	// Host is "name:port", Path that of the inbox.
	Host, Path string
	Header     http.Header
	Body       []byte
}

// mailbox holds what arrived.
type mailbox struct {
	mu   sync.Mutex
	list []Delivery
}

func (h *Host) post(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it has gone
	}
	h.pause(r.Context())
	h.mu.Lock()
	answer := h.answer
	h.mu.Unlock()
	status, retryAfter := http.StatusAccepted, ""
	if answer != nil {
		status, retryAfter = answer(r)
	}
	if status >= 200 && status < 300 {
		h.f.inbox.put(Delivery{At: at, Host: r.Host, Path: r.URL.RequestURI(), Header: r.Header, Body: body})
	}
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
}

func (m *mailbox) put(d Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, d)
}

// Arrived tells how many deliveries were taken since the last Take.
func (f *Fediverse) Arrived() int {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	return len(f.inbox.list)
}

// Take gives what arrived since the last Take.
func (f *Fediverse) Take() []Delivery {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	list := f.inbox.list
	f.inbox.list = make([]Delivery, 0, cap(list))
	return list
}

// Wait waits until n deliveries have arrived since the last Take.
func (f *Fediverse) Wait(ctx context.Context, n int) error {
	return f.await(ctx, func(list []Delivery) int { return n - len(list) })
}

// WaitFor waits until each of inboxes got something since the last Take,
// whatever came to others.
func (f *Fediverse) WaitFor(ctx context.Context, inboxes []string) error {
	left := make(map[string]bool, len(inboxes))
	for _, inbox := range inboxes {
		left[inbox] = true
	}
	seen := 0
	return f.await(ctx, func(list []Delivery) int {
		for ; seen < len(list); seen++ {
			delete(left, list[seen].Inbox())
		}
		return len(left)
	})
}

// await looks every millisecond how many deliveries are missing.
func (f *Fediverse) await(ctx context.Context, missing func([]Delivery) int) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		f.inbox.mu.Lock()
		n := missing(f.inbox.list)
		f.inbox.mu.Unlock()
		if n <= 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for deliveries, %d are missing: %w", n, ctx.Err())
		}
	}
}

// Inbox gives the address of the inbox that it came to.
func (d *Delivery) Inbox() string { return "https://" + d.Host + d.Path }

// Type gives the type of the activity and its id.
func (d *Delivery) Type() (kind, id string) {
	var a struct{ Type, ID string }
	_ = json.Unmarshal(d.Body, &a) // what is no activity has no type
	return a.Type, a.ID
}

// Verify checks the signature against keys and that it is by the activity's
// actor. A delivery may be checked at any time after it came.
func (d *Delivery) Verify(keys signature.Directory) error {
	u, err := url.Parse(d.Path)
	if err != nil {
		return fmt.Errorf("verify delivery: %w", err)
	}
	r := &http.Request{Method: http.MethodPost, URL: u, Host: d.Host, Header: d.Header.Clone(), ContentLength: int64(len(d.Body))}
	v := &signature.Verifier{Keys: keys, Scheme: "https", Host: d.Host, Now: func() time.Time { return d.At }}
	key, err := v.Verify(r, d.Body)
	if err != nil {
		return fmt.Errorf("verify delivery to %s%s: %w", d.Host, d.Path, err)
	}
	var a struct{ Actor string }
	if err := json.Unmarshal(d.Body, &a); err != nil || a.Actor != key.Owner {
		return fmt.Errorf("verify delivery to %s%s: signed by %s, its actor is %s", d.Host, d.Path, key.Owner, a.Actor)
	}
	return nil
}

// Check looks at all deliveries of one fan-out: each inbox of want got exactly
// one, nobody else got any, and all signatures hold.
func Check(list []Delivery, want []string, keys signature.Directory) error {
	var errs []error
	left := make(map[string]bool, len(want))
	for _, inbox := range want {
		left[inbox] = true
	}
	seen := map[string]bool{}
	for i := range list {
		d := &list[i]
		inbox := d.Inbox()
		switch {
		case seen[inbox]:
			errs = append(errs, fmt.Errorf("%s got it twice", inbox))
		case !left[inbox]:
			errs = append(errs, fmt.Errorf("%s got what is not for it", inbox))
		}
		seen[inbox] = true
		delete(left, inbox)
		if err := d.Verify(keys); err != nil {
			errs = append(errs, err)
		}
	}
	for inbox := range left {
		errs = append(errs, fmt.Errorf("%s got nothing", inbox))
	}
	if len(errs) > 5 {
		errs = append(errs[:5], fmt.Errorf("and %d more", len(errs)-5))
	}
	return errors.Join(errs...)
}

// Keys is a directory of the keys of those who deliver, filled once.
type Keys map[string]signature.Key

// Key implements signature.Directory.
func (k Keys) Key(_ context.Context, keyID string, _ bool) (signature.Key, error) {
	key, ok := k[keyID]
	if !ok {
		return key, fmt.Errorf("%w: nobody shows the key %s", signature.ErrInvalid, keyID)
	}
	return key, nil
}

// Learn reads the keys of an actor's document: the RSA key, and those of
// FEP-521a.
func (k Keys) Learn(document []byte) error {
	var a struct {
		ID              string
		PublicKey       struct{ ID, PublicKeyPem string }
		AssertionMethod []struct{ ID, PublicKeyMultibase string }
	}
	if err := json.Unmarshal(document, &a); err != nil {
		return fmt.Errorf("learn key: %w", err)
	}
	public, err := signature.ParsePublic(strings.TrimSpace(a.PublicKey.PublicKeyPem))
	if err != nil {
		return fmt.Errorf("learn key of %s: %w", a.ID, err)
	}
	k[a.PublicKey.ID] = signature.Key{ID: a.PublicKey.ID, Owner: a.ID, Public: public, Fetched: true}
	for _, m := range a.AssertionMethod {
		public, err := signature.ParseMultikey(m.PublicKeyMultibase)
		if err != nil {
			return fmt.Errorf("learn key of %s: %w", a.ID, err)
		}
		k[m.ID] = signature.Key{ID: m.ID, Owner: a.ID, Public: public, Fetched: true}
	}
	return nil
}
