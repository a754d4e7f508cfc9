package federationtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// A Behaviour is how a host meets those who connect.
type Behaviour int

// The behaviours.
const (
	// Answering is what a host does at first.
	Answering Behaviour = iota
	// Refusing means that nothing listens: the connection is refused. Only a
	// host with an address of its own can.
	Refusing
	// Silent means that a TCP connection stands and nothing comes over it.
	Silent
	// Hanging means that TLS stands and no request is answered.
	Hanging
)

// A Host is one server, with as many actors as anybody asks for.
type Host struct {
	f      *Fediverse
	name   string
	key    *key
	shared bool // it has a shared inbox
	modern bool // it shows Ed25519 keys
	own    *listener
	gets   atomic.Int64

	mu      sync.Mutex
	how     Behaviour
	changed chan struct{} // closed when how changes
	delay   time.Duration
	answer  func(*http.Request) (status int, retryAfter string)
}

// Authority gives "name:port", as it stands in ids.
func (h *Host) Authority() string { return net.JoinHostPort(h.name, h.f.Port) }

// Gets tells how often something was fetched from this host so far.
func (h *Host) Gets() int64 { return h.gets.Load() }

// Actor gives the id of the actor called name, whose inbox is at id + "/inbox".
func (h *Host) Actor(name string) string { return "https://" + h.Authority() + "/users/" + name }

// SharedInbox gives where the host takes what is for many; "" when each actor
// has its own inbox only.
func (h *Host) SharedInbox() string {
	if !h.shared {
		return ""
	}
	return "https://" + h.Authority() + "/inbox"
}

// PublicKey gives the RSA key of all actors of the host, in PEM.
func (h *Host) PublicKey() string { return h.key.rsaPEM }

// Signer signs as the actor called name.
func (h *Host) Signer(name string) signature.Signer {
	return signature.Signer{KeyID: h.Actor(name) + "#main-key", Private: h.key.rsa}
}

// Ed25519Signer signs as the actor called name with the key that ShowEd25519
// shows.
func (h *Host) Ed25519Signer(name string) signature.Signer {
	return signature.Signer{KeyID: h.Actor(name) + "#ed25519-key", Private: h.key.ed25519}
}

// Personal takes the shared inbox away.
func (h *Host) Personal() { h.shared = false }

// ShowEd25519 lets the actors show an Ed25519 key beside their RSA key
// (FEP-521a).
func (h *Host) ShowEd25519() { h.modern = true }

// OwnAddress gives the host a listener of its own, so that it can refuse
// connections. At most 250 hosts have one.
func (h *Host) OwnAddress() error {
	f := h.f
	f.mu.Lock()
	f.own++
	address := fmt.Sprintf("%s%d", f.network, 3+f.own)
	f.addresses[h.name] = address
	f.mu.Unlock()
	l, err := f.listen(address)
	if err != nil {
		return fmt.Errorf("give %s an address: %w", h.name, err)
	}
	h.own = l
	return f.writeHosts()
}

// Set changes how the host meets others. Who waits at a silent or hanging host
// is answered when it answers again.
func (h *Host) Set(how Behaviour) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if how == h.how {
		return nil
	}
	if h.own == nil && how == Refusing {
		return fmt.Errorf("let %s refuse: it has no address of its own", h.name)
	}
	var err error
	switch {
	case how == Refusing:
		err = h.own.close()
	case h.how == Refusing:
		h.own, err = h.f.listen(h.f.address(h.name))
	}
	h.how = how
	close(h.changed)
	h.changed = make(chan struct{})
	return err
}

// Answer lets answer decide the status of what is posted, and the Retry-After,
// "" for none. nil means 202 always. Only what got 2xx counts as arrived.
func (h *Host) Answer(answer func(*http.Request) (status int, retryAfter string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// Delay lets every answer take so long.
func (h *Host) Delay(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.delay = d
}

func (f *Fediverse) address(name string) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.addresses[name]
}

func (h *Host) behaviour() Behaviour {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.how
}

// wait returns when the host does not behave so any more, ctx ends, or all ends.
func (h *Host) wait(ctx context.Context, how Behaviour) {
	for {
		h.mu.Lock()
		now, changed := h.how, h.changed
		h.mu.Unlock()
		if now != how {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		case <-h.f.ended:
			return
		}
	}
}

// ServeHTTP answers for all hosts.
func (f *Fediverse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := f.host(r.Host)
	if h == nil {
		http.Error(w, "no such host", http.StatusMisdirectedRequest)
		return
	}
	// A connection from better days is as silent as a new one.
	if how := h.behaviour(); how == Silent || how == Hanging {
		h.wait(r.Context(), how)
		panic(http.ErrAbortHandler)
	}
	if r.Method == http.MethodPost {
		h.post(w, r)
		return
	}
	h.gets.Add(1)
	f.gets.Add(1)
	h.pause(r.Context())
	h.get(w, r)
}

func (h *Host) pause(ctx context.Context) {
	h.mu.Lock()
	d := h.delay
	h.mu.Unlock()
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// get shows actors, and how to find them.
func (h *Host) get(w http.ResponseWriter, r *http.Request) {
	kind, body := "application/activity+json", ""
	name, isActor := strings.CutPrefix(r.URL.Path, "/users/")
	switch {
	case isActor && name != "" && !strings.Contains(name, "/"):
		body = h.actor(name)
	case r.URL.Path == "/.well-known/webfinger":
		account := strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:")
		name, _, _ := strings.Cut(account, "@")
		kind = "application/jrd+json"
		body = fmt.Sprintf(`{"subject":"acct:%s@%s","links":[{"rel":"self","type":"application/activity+json","href":"%s"}]}`, name, h.Authority(), h.Actor(name))
	case r.URL.Path == "/.well-known/nodeinfo":
		kind = "application/json"
		body = fmt.Sprintf(`{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://%s/nodeinfo/2.1"}]}`, h.Authority())
	case r.URL.Path == "/nodeinfo/2.1":
		kind = "application/json"
		body = `{"version":"2.1","software":{"name":"federationtest","version":"1"},"protocols":["activitypub"],"usage":{"users":{}},"openRegistrations":false}`
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write([]byte(body))
}

// actor is the document of the actor called name.
func (h *Host) actor(name string) string {
	id, more := h.Actor(name), ""
	if shared := h.SharedInbox(); shared != "" {
		more = `,"endpoints":{"sharedInbox":"` + shared + `"}`
	}
	if h.modern {
		more += fmt.Sprintf(`,"assertionMethod":[{"id":"%s#ed25519-key","type":"Multikey","controller":"%s","publicKeyMultibase":"%s"}]`, id, id, h.key.multikey)
	}
	return fmt.Sprintf(`{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1","https://w3id.org/security/multikey/v1"],`+
		`"id":"%[1]s","type":"Person","preferredUsername":"%[2]s","inbox":"%[1]s/inbox","outbox":"%[1]s/outbox","followers":"%[1]s/followers",`+
		`"publicKey":{"id":"%[1]s#main-key","owner":"%[1]s","publicKeyPem":"%[3]s"}%[4]s}`, id, name, strings.ReplaceAll(h.key.rsaPEM, "\n", `\n`), more)
}
