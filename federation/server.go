package federation

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/proof"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
)

// Options is what a Server is made from.
type Options struct {
	// Origin is "https://host[:port]", where others find the server. All ids
	// begin with it.
	Origin string
	// Client is the way out; nil lets through https to public addresses.
	Client *transport.Client
	// Owner tells who wrote what the program keeps under an id, "" when it keeps
	// nothing there; nil stands for a program that keeps nothing of others.
	Owner func(ctx context.Context, id string) (string, error)
	// Log gets what goes wrong; nil means slog.Default().
	Log *slog.Logger
}

// A Handler does what a received activity says. Its actor is proven to have
// said it and may (inbox.Authorise). An error keeps nothing: the sender is asked
// to try again.
type Handler func(ctx context.Context, a *as.Activity) error

// A Server is a small ActivityPub server: the front door to this library for a
// program that keeps its few things itself. It serves its actors and objects,
// takes what others deliver and delivers in return. What it knows it forgets
// when the program ends; a program that must not forget puts its own inbox.Queue
// and outbox.Store behind the parts that Server joins. Make one with New.
type Server struct {
	options Options
	host    string
	mux     inbox.Mux[struct{}]
	inbox   *inbox.Handler
	peers   *peers
	seen    seen
	lanes   outbox.Memory

	mu        sync.RWMutex
	actors    map[string]signature.Signer // by the actor's id
	documents map[string]any              // by id: an actor or an object
	handles   map[string]string           // preferredUsername -> id
}

// New makes a server without actors. An origin that is none is an error.
func New(o Options) (*Server, error) {
	u, err := url.Parse(o.Origin)
	if err != nil || u.Host == "" || u.Path != "" || u.Scheme != "https" {
		return nil, fmt.Errorf("federation: the origin %q is not https://host[:port]", o.Origin)
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Client == nil {
		o.Client = transport.New(transport.Options{Self: u.Host})
	}
	s := &Server{options: o, host: u.Host, actors: map[string]signature.Signer{}, documents: map[string]any{}, handles: map[string]string{}}
	s.peers = &peers{client: o.Client, sign: s.signGet, known: map[string]peer{}}
	s.inbox = &inbox.Handler{
		Verifier: &signature.Verifier{Keys: s.peers, Scheme: u.Scheme, Host: u.Host},
		Proofs:   &proof.Verifier{Keys: s.peers},
		Queue:    queue{s}, Log: o.Log,
		Blocked: func(context.Context, string) (bool, error) { return false, nil },
		Known:   func(_ context.Context, id string) (bool, error) { return s.peers.knows(id), nil },
	}
	return s, nil
}

// Handle lets f do what activities of a type say, such as "Follow". Call it
// before the server serves; it panics when the type has its function already.
func (s *Server) Handle(activity string, f Handler) {
	s.mux.Handle(activity, "", func(ctx context.Context, _ struct{}, a *as.Activity) error { return f(ctx, a) })
}

// AddActor lets the server show an actor and sign with its key. Its id, type
// and preferredUsername must be given; what is empty of the rest that others
// need (inbox, followers, key, ...) is filled in, and the whole is returned.
//
// ActivityPub 4.
func (s *Server) AddActor(a as.Actor, key crypto.Signer) (as.Actor, error) {
	if !s.owns(a.ID) || a.Type == "" || a.PreferredUsername == "" {
		return a, fmt.Errorf("federation: an actor needs an id that begins with %s, a type and a preferredUsername", s.options.Origin)
	}
	pem, err := signature.EncodePublic(key.Public())
	if err != nil {
		return a, fmt.Errorf("federation: add %s: %w", a.ID, err)
	}
	signer := signature.Signer{KeyID: a.ID + "#main-key", Private: key}
	a.Context, a.PublicKey = as.ContextActor, &as.PublicKey{ID: signer.KeyID, Owner: a.ID, PublicKeyPem: pem}
	a.Endpoints = &as.Endpoints{SharedInbox: s.options.Origin + "/inbox"}
	for _, missing := range []struct {
		field *string
		value string
	}{
		{&a.Inbox, a.ID + "/inbox"},
		{&a.Outbox, a.ID + "/outbox"},
		{&a.Followers, a.ID + "/followers"},
		{&a.Following, a.ID + "/following"},
		{&a.URL, a.ID},
		{&a.Webfinger, a.PreferredUsername + "@" + s.host},
	} {
		if *missing.field == "" {
			*missing.field = missing.value
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actors[a.ID], s.documents[a.ID], s.handles[strings.ToLower(a.PreferredUsername)] = signer, a, a.ID
	for _, id := range []string{a.Outbox, a.Followers, a.Following} {
		s.documents[id] = as.Collection{Context: as.ContextActivity, ID: id, Type: "OrderedCollection", TotalItems: as.Int(0)}
	}
	return a, nil
}

// Show lets the server show an object to everybody under its id.
func (s *Server) Show(o as.Object) {
	o.Context = as.ContextObject
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[o.ID] = o
}

// Send delivers an activity in the name of an actor of the server to the inboxes
// of the actors to. What is empty of its id, actor, audience and time is filled
// in. It returns when all inboxes are found and the activity is on its lanes.
//
// ActivityPub 7.1.
func (s *Server) Send(ctx context.Context, from string, a *as.Activity, to ...string) error {
	if a.ID == "" {
		a.ID = s.options.Origin + "/activities/" + rand.Text()
	}
	if a.Published.IsZero() {
		a.Published = time.Now()
	}
	if len(a.To) == 0 {
		a.To = to
	}
	a.Context, a.Actor = as.ContextActivity, from
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("federation: send %s: %w", a.Type, err)
	}
	inboxes := map[string]bool{}
	for _, id := range to {
		actor, err := s.peers.actor(ctx, id)
		if err != nil {
			return fmt.Errorf("federation: send %s: %w", a.Type, err)
		}
		where := actor.Inbox
		if shared := actor.SharedInbox(); shared != "" && slices.ContainsFunc(a.To, as.IsPublic) {
			where = shared
		}
		inboxes[where] = true
	}
	s.lanes.Enqueue(from, a.ID, a.Object.Ref(), body, slices.Sorted(maps.Keys(inboxes))...)
	return nil
}

// Run delivers what Send is given until ctx ends. It returns nil.
func (s *Server) Run(ctx context.Context) error {
	d := &outbox.Dispatcher{
		Store: &s.lanes, Client: s.options.Client, Signers: outbox.SignerFunc(s.signer), Wake: s.lanes.Wake(), Owner: s.host, Log: s.options.Log,
	}
	return d.Run(ctx)
}

// ServeHTTP implements http.Handler: WebFinger, inboxes, actors and objects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/.well-known/webfinger":
		webfinger.Handler(s.resolve).ServeHTTP(w, r)
	case r.URL.Path == "/.well-known/host-meta":
		webfinger.HostMeta(s.options.Origin).ServeHTTP(w, r)
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/inbox"):
		s.inbox.ServeHTTP(w, r)
	default:
		s.show(w, r)
	}
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	document, ok := s.documents[s.options.Origin+r.URL.EscapedPath()]
	s.mu.RUnlock()
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	body, err := json.Marshal(document)
	if err != nil {
		s.options.Log.Error("show document", "path", r.URL.Path, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", as.MediaType)
	_, _ = w.Write(body)
}

func (s *Server) resolve(_ context.Context, resource string) (*webfinger.JRD, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id := resource
	if name, domain, err := webfinger.ParseHandle(resource); err == nil && domain == s.host {
		id = s.handles[strings.ToLower(name)]
	}
	a, ok := s.documents[id].(as.Actor)
	if !ok {
		return nil, webfinger.ErrNotFound
	}
	return &webfinger.JRD{
		Subject: "acct:" + a.PreferredUsername + "@" + s.host, Aliases: []string{a.ID},
		Links: []webfinger.Link{{Rel: "self", Type: as.MediaType, Href: a.ID}},
	}, nil
}

func (s *Server) owns(id string) bool { return as.SameOrigin(id, s.options.Origin+"/") }

// signer gives the key of one of our actors; it is an outbox.SignerFunc.
func (s *Server) signer(_ context.Context, actorID string) (signature.Signer, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	signer, ok := s.actors[actorID]
	if !ok {
		return signer, fmt.Errorf("federation: there is no actor %s", actorID)
	}
	return signer, nil
}

// signGet signs a request for a document as one of our actors, since many
// servers show nothing to strangers.
func (s *Server) signGet(r *http.Request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(s.actors)) {
		return s.actors[id].Cavage(r, nil, time.Now())
	}
	return nil
}

// queue is the inbox.Queue of a Server: it applies at once.
type queue struct{ s *Server }

// Receive implements inbox.Queue.
func (q queue) Receive(ctx context.Context, r inbox.Received) (fresh bool, err error) {
	s, key := q.s, r.ActorID+" "+r.ActivityID
	if !s.seen.add(key) {
		return false, nil
	}
	owner := ""
	if s.options.Owner != nil {
		if owner, err = s.options.Owner(ctx, r.Activity.Object.Ref()); err != nil {
			s.seen.drop(key)
			return false, fmt.Errorf("federation: find owner: %w", err)
		}
	}
	if err := inbox.Authorise(r.Activity, owner); err != nil {
		s.options.Log.Warn("activity refused", "error", err)
		return true, nil
	}
	err = s.mux.Dispatch(ctx, struct{}{}, r.Activity)
	if err != nil && !errors.Is(err, inbox.ErrUnhandled) {
		s.seen.drop(key)
		return false, err
	}
	return true, nil
}
