package signature

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What can be wrong with a signature, and what it means for the answer.
var (
	// ErrUnsigned says that there is no signature (401).
	ErrUnsigned = errors.New("the request is not signed")
	// ErrMalformed says that the signature cannot be read (400).
	ErrMalformed = errors.New("the signature cannot be read")
	// ErrInvalid says that the signature does not hold (401).
	ErrInvalid = errors.New("the signature does not hold")
	// ErrUnavailable says that the key cannot be had now, maybe later (503).
	ErrUnavailable = errors.New("the key cannot be had now")
	// ErrGone says that the key's owner has left for good (its server answers
	// 410).
	ErrGone = errors.New("the owner of the key is gone")
)

// window is how far a signature's time may be from ours, both ways: what
// Mastodon allows.
const window = time.Hour

// maxHeader is the length of a signature header, in bytes.
const maxHeader = 8 << 10

// A Directory gives public keys.
type Directory interface {
	// Key gives the key with this id. fresh asks for it at its own server
	// again, because the known one did not fit. Errors that wrap ErrGone or
	// ErrUnavailable are passed on.
	Key(ctx context.Context, keyID string, fresh bool) (Key, error)
}

// Verifier verifies requests to this server. The zero Verifier is not usable.
type Verifier struct {
	Keys Directory
	// Scheme and Host ("host[:port]") are where other servers find us. What a
	// request itself claims to be addressed to is not believed.
	Scheme, Host string
	// Fragments are those of the keys that this server shows. Fedify fetches a
	// key by its whole id and signs the fragment too, which is no part of a
	// request's target (RFC 9421 2.2.2; RFC 9110 7.1).
	Fragments []string
	// Now gives the time; nil means time.Now.
	Now func() time.Time
}

// Verify checks the signature of r, whose body was read to the end, and gives
// the key that made it. Where both families of headers are there,
// Signature-Input decides (as in Mastodon). A known key that does not fit is
// fetched again, once. Errors wrap one of the errors above.
//
// draft-cavage-http-signatures-12; RFC 9421 3.2; RFC 9530 2.
func (v *Verifier) Verify(r *http.Request, body []byte) (Key, error) {
	for _, h := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest", "Date", "Authorization"} {
		if values := r.Header.Values(h); len(values) > 1 || len(values) == 1 && len(values[0]) > maxHeader {
			return Key{}, fmt.Errorf("%w: %s is there twice or too long", ErrMalformed, h)
		}
	}
	var claim claim
	var err error
	if r.Header.Get("Signature-Input") != "" {
		claim, err = v.readRFC9421(r, body)
	} else {
		claim, err = v.readCavage(r, body)
	}
	if err != nil {
		return Key{}, err
	}
	return v.check(r.Context(), claim)
}

// KeyID gives the id of the key that r says it is signed with, without
// verifying anything; "" when there is none.
func (v *Verifier) KeyID(r *http.Request) string {
	if r.Header.Get("Signature-Input") != "" {
		if input, err := parseInput(r); err == nil {
			return input.keyID
		}
		return ""
	}
	params, err := cavageParams(r)
	if err != nil {
		return ""
	}
	return params["keyId"]
}

// claim is a signature that was read and is complete, but not verified.
type claim struct {
	keyID string
	// holds tells whether key made the signature.
	holds func(key Key) bool
}

func (v *Verifier) check(ctx context.Context, c claim) (Key, error) {
	if c.keyID == "" {
		return Key{}, fmt.Errorf("%w: no key id", ErrMalformed)
	}
	for _, fresh := range []bool{false, true} {
		key, err := v.Keys.Key(ctx, c.keyID, fresh)
		if err != nil {
			return Key{}, keyFault(err)
		}
		if !sameHost(c.keyID, key.Owner) {
			return Key{}, fmt.Errorf("%w: the key and its owner are on different hosts", ErrInvalid)
		}
		if c.holds(key) {
			return key, nil
		}
		if key.Fetched {
			break
		}
	}
	return Key{}, fmt.Errorf("%w: not made by %s", ErrInvalid, c.keyID)
}

func keyFault(err error) error {
	for _, known := range []error{ErrGone, ErrUnavailable, ErrInvalid, ErrMalformed} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

func sameHost(a, b string) bool {
	u, err1 := url.Parse(a)
	w, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && u.Host != "" && strings.EqualFold(u.Host, w.Host) && u.Scheme == w.Scheme
}

func (v *Verifier) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

// timely tells whether a signature made at created, which may say when it
// expires, still counts.
func (v *Verifier) timely(created, expires time.Time) error {
	now := v.now()
	switch {
	case created.After(now.Add(window)):
		return fmt.Errorf("%w: it is from the future", ErrInvalid)
	case created.Before(now.Add(-window)):
		return fmt.Errorf("%w: it is too old", ErrInvalid)
	case !expires.IsZero() && expires.Before(now):
		return fmt.Errorf("%w: it has expired", ErrInvalid)
	}
	return nil
}

// sameSum tells whether encoded is the base64 of the SHA-256 of body.
func sameSum(encoded string, body []byte) bool {
	got, err := base64.StdEncoding.DecodeString(encoded)
	return err == nil && bytes.Equal(got, sumOf(body))
}
