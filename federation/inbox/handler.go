package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
)

// maxBody is how large a delivery may be, in bytes; Mastodon's limit too.
const maxBody = 1 << 20

// retryLater is how long a sender is asked to wait when we cannot take
// something now, in seconds.
const retryLater = 60

// Received is an activity whose sender is proven.
type Received struct {
	Activity *as.Activity
	// ActivityID and ActorID together name it; the same pair twice is the same
	// activity.
	ActivityID, ActorID string
	Type                string
	Body                []byte
	At                  time.Time
	// PassedOn says that another server than the actor's own delivered it, with
	// a proof of the actor: it may be old.
	PassedOn bool
}

// A Queue keeps what was received.
type Queue interface {
	// Receive returns when r is safe. fresh is false for what the same actor
	// sent before. After an error nothing is kept and the sender tries again.
	Receive(ctx context.Context, r Received) (fresh bool, err error)
}

// A Verifier proves who sent a request. *signature.Verifier is one.
type Verifier interface {
	Verify(r *http.Request, body []byte) (signature.Key, error)
	// KeyID gives the key that the request claims, unproven; "" when none.
	KeyID(r *http.Request) string
}

// Proofs tells whether an actor has proven a document. *proof.Verifier does.
type Proofs interface {
	Verify(ctx context.Context, document []byte, by string) error
}

// Handler answers POST to an inbox, shared or personal.
type Handler struct {
	Verifier Verifier
	// Proofs is asked about what one server passes on from another; nil means
	// that nothing of that kind is taken.
	Proofs Proofs
	Queue  Queue
	// Blocked tells whether a host is kept out.
	Blocked func(ctx context.Context, host string) (bool, error)
	// Known tells whether an actor is stored here.
	Known func(ctx context.Context, actorID string) (bool, error)
	// Wait gives how long a host should wait to send an activity of this type
	// again, 0 for one that is taken. proven tells whether it has shown that it is
	// that host. nil takes all.
	Wait func(host, kind string, proven bool) time.Duration
	Log  *slog.Logger

	load load
}

// answer is how a delivery ends: a status, and a sentence for whoever debugs
// the other server.
type answer struct {
	status   int
	sentence string
	err      error
	// wait is after which time the sender should try again; 0 for the usual.
	wait time.Duration
}

// ServeHTTP implements http.Handler. It answers 202 once the activity is safe,
// also when it was before; 503 when the sender should try again; and with a
// final status for what will never be taken.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.load.full(r) {
		h.sendAway(w)
		return
	}
	start := time.Now()
	b := &counted{Reader: http.MaxBytesReader(w, r.Body, maxBody), load: &h.load}
	defer b.letGo()
	got := new(Received)
	a := h.take(r, b, got)
	if errors.Is(a.err, errOverload) {
		h.sendAway(w)
		return
	}
	h.note(r.Context(), a, got, time.Since(start))
	a.write(w)
}

func (h *Handler) sendAway(w http.ResponseWriter) {
	h.load.tell(h.Log)
	answer{status: http.StatusServiceUnavailable, sentence: "too much arrives at once, try again later"}.write(w)
}

// note writes a line about a delivery. Only where something was refused does it
// say by whom.
func (h *Handler) note(ctx context.Context, a answer, got *Received, took time.Duration) {
	level := slog.LevelInfo
	if a.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !h.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.Int("status", a.status), slog.Duration("duration", took), slog.String("type", kind(got.Type)), slog.String("host", as.Host(got.ActorID)),
	}
	if a.status >= http.StatusBadRequest {
		attrs = append(attrs, slog.String("actor", got.ActorID))
	}
	if a.err != nil {
		attrs = append(attrs, slog.String("error", short(a.err.Error())))
	}
	h.Log.LogAttrs(ctx, level, "inbox", attrs...)
}

func (a answer) write(w http.ResponseWriter) {
	if a.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(a.wait/time.Second)+1))
	} else if a.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryLater))
	}
	if a.sentence == "" {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": a.sentence})
}

// maxLogged is how much of what a sender says stands in a line of the log, in
// bytes.
const maxLogged = 500

// kinds are the types that stand in the log as they are; what else a sender
// writes there is its own text.
var kinds = []string{
	"Accept", "Add", "Announce", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Flag", "Follow", "Ignore", "Invite", "Join", "Leave",
	"Like", "Move", "Offer", "QuoteRequest", "Reject", "Remove", "TentativeAccept", "TentativeReject", "Undo", "Update", "View",
}

func kind(t string) string {
	if t == "" || slices.Contains(kinds, t) {
		return t
	}
	return "other"
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxLogged)], "") }

func (h *Handler) take(r *http.Request, b io.Reader, got *Received) answer {
	body, refused := readBody(r, b)
	if refused != nil {
		return *refused
	}
	leave := h.load.enter()
	if leave == nil {
		return answer{err: errOverload}
	}
	defer leave()
	claimed := h.Verifier.KeyID(r)
	if a := h.admit(r, as.Host(claimed)); a != nil {
		return *a
	}
	a, refused := understand(body)
	if refused != nil {
		return *refused
	}
	got.Activity, got.ActivityID, got.ActorID, got.Type, got.Body = a, a.ID, a.Actor, a.Type, body
	if aboutItself(a) {
		// A storm of these comes from servers whose people we never met.
		if known, err := h.Known(r.Context(), a.Actor); err == nil && !known {
			return answer{status: http.StatusAccepted}
		}
	}
	if a := h.slow(as.Host(claimed), a.Type, false); a != nil {
		return *a // before anybody's key is fetched
	}
	key, err := h.Verifier.Verify(r, body)
	if errors.Is(err, signature.ErrGone) && a.Type == "Delete" && aboutItself(a) && ownKey(claimed, a.Actor) {
		// Its key went with it: that its own server says so is the proof.
		key, err = signature.Key{Owner: a.Actor}, nil
	}
	if err != nil {
		return unverified(err)
	}
	return h.accept(r, key, as.Host(claimed), got)
}

// understand reads a body before anybody is asked who sent it: what is beyond
// the limits costs no fetch, and what is checked is what is kept, since nothing
// reads it in another way.
func understand(body []byte) (*as.Activity, *answer) {
	a, err := as.Decode(body)
	switch {
	case err != nil:
		return nil, &answer{status: http.StatusBadRequest, sentence: "this is no activity that can be understood", err: err}
	case a.ID == "" || !as.SameOrigin(a.ID, a.Actor):
		return nil, &answer{status: http.StatusBadRequest, sentence: "the activity needs an id on its actor's server"}
	case a.Object.IsZero():
		return nil, &answer{status: http.StatusBadRequest, sentence: "the activity needs an object"}
	}
	return a, nil
}

// accept keeps what a proven sender sent. The host admitted has been let in.
func (h *Handler) accept(r *http.Request, key signature.Key, admitted string, got *Received) answer {
	if host := as.Host(got.ActorID); host != admitted {
		if refused := h.admit(r, host); refused != nil {
			return *refused
		}
	}
	if got.ActorID != key.Owner {
		if refused := h.passedOn(r, got.Activity); refused != nil {
			return *refused
		}
		got.PassedOn = true
	}
	if a := h.slow(as.Host(key.Owner), got.Type, true); a != nil {
		return *a
	}
	got.At = time.Now().UTC()
	if _, err := h.Queue.Receive(r.Context(), *got); err != nil {
		return answer{status: http.StatusServiceUnavailable, sentence: "try again later", err: err}
	}
	return answer{status: http.StatusAccepted}
}

const notTheActor = "the activity's actor is not who signed, and has not proven it"

// passedOn refuses what somebody else than its actor signed, unless its actor
// has proven it. Where the actor signed, its proof is not looked at, as in
// Mastodon: it could only say the same.
//
// FEP-8b32; ActivityPub 7.1.2.
func (h *Handler) passedOn(r *http.Request, a *as.Activity) *answer {
	if h.Proofs == nil {
		return &answer{status: http.StatusUnauthorized, sentence: notTheActor}
	}
	err := h.Proofs.Verify(r.Context(), a.Raw, a.Actor)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, signature.ErrUnavailable):
		return &answer{status: http.StatusServiceUnavailable, sentence: "the key cannot be fetched now", err: err}
	}
	return &answer{status: http.StatusUnauthorized, sentence: notTheActor, err: err}
}

// admit refuses whoever is kept out, before anything is fetched.
func (h *Handler) admit(r *http.Request, host string) *answer {
	if host == "" {
		return nil
	}
	blocked, err := h.Blocked(r.Context(), host)
	switch {
	case err != nil:
		return &answer{status: http.StatusServiceUnavailable, sentence: "try again later", err: err}
	case blocked:
		return &answer{status: http.StatusForbidden, sentence: "this server does not take anything from yours"}
	}
	return nil
}

// slow asks a host to come again later when it sends too much at once.
func (h *Handler) slow(host, kind string, proven bool) *answer {
	if h.Wait == nil {
		return nil
	}
	wait := h.Wait(host, kind, proven)
	if wait <= 0 {
		return nil
	}
	return &answer{status: http.StatusTooManyRequests, sentence: "your server sends too much at once, try again later", wait: wait}
}

func unverified(err error) answer {
	switch {
	case errors.Is(err, signature.ErrUnavailable):
		return answer{status: http.StatusServiceUnavailable, sentence: "the key cannot be fetched now", err: err}
	case errors.Is(err, signature.ErrMalformed):
		return answer{status: http.StatusBadRequest, sentence: "the signature cannot be read", err: err}
	case errors.Is(err, signature.ErrUnsigned):
		return answer{status: http.StatusUnauthorized, sentence: "the request is not signed", err: err}
	}
	return answer{status: http.StatusUnauthorized, sentence: "the signature does not hold", err: err}
}

func readBody(r *http.Request, b io.Reader) ([]byte, *answer) {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, &answer{status: http.StatusUnsupportedMediaType, sentence: "send the body as it is, not compressed"}
	}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case as.MediaType, "application/ld+json", "application/json": // Gancio sends the last one
	default:
		return nil, &answer{status: http.StatusUnsupportedMediaType, sentence: "send application/activity+json"}
	}
	body, err := io.ReadAll(b)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &answer{status: http.StatusRequestEntityTooLarge, sentence: "an activity has at most 1 MB"}
	case errors.Is(err, errOverload):
		return nil, &answer{err: err}
	case err != nil: // the line broke: unlike 400 this is no last word
		return nil, &answer{status: http.StatusRequestTimeout, sentence: "the body breaks off", err: err}
	}
	return body, nil
}

// aboutItself tells whether an actor says that it changed or left.
func aboutItself(a *as.Activity) bool {
	return (a.Type == "Delete" || a.Type == "Update") && a.Actor == a.Object.ID
}

// ownKey tells whether keyID is a key of the actor itself: that a neighbour's
// key is gone proves nothing about it.
func ownKey(keyID, actor string) bool {
	owner, _, _ := strings.Cut(keyID, "#")
	return owner == actor
}
