package proof

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gowebpki/jcs"

	"codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/signature"
)

// What can be wrong with a proof.
var (
	// ErrNone says that there is no proof.
	ErrNone = errors.New("the document has no proof")
	// ErrUnsupported says that the proof is of a kind that is not known here.
	ErrUnsupported = errors.New("the proof is of another kind")
	// ErrInvalid says that the proof does not hold.
	ErrInvalid = errors.New("the proof does not hold")
)

// How far the time of a proof may be from ours. What is older could be played
// again by anybody after the first time is forgotten, which is after 30 days:
// both together are less.
const (
	future = time.Hour
	past   = 29 * 24 * time.Hour
)

// Verifier verifies proofs. The zero Verifier is not usable.
type Verifier struct {
	Keys signature.Directory
	// Now gives the time; nil means time.Now.
	Now func() time.Time
}

// Verify gives nil when document, a JSON object that was read with
// activitystreams.Decode, is proven by the actor by. Of several proofs the
// first counts. A linked data signature beside the proof is left out, as
// FEP-8b32 demands. A known key that does not fit is asked for again, once.
// Errors wrap one of the errors above, or say as those of a
// signature.Directory why there is no key.
//
// FEP-8b32, proof verification; Data Integrity 4.4; FEP-fe34.
func (v *Verifier) Verify(ctx context.Context, document []byte, by string) error {
	members, err := split(document)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	c, err := read(members)
	if err != nil {
		return err
	}
	if err := v.timely(c); err != nil {
		return err
	}
	if !activitystreams.SameOrigin(c.method, by) { // nothing is fetched from elsewhere
		return fmt.Errorf("%w: its key is not of the actor's server", ErrInvalid)
	}
	for _, fresh := range []bool{false, true} {
		key, err := v.Keys.Key(ctx, c.method, fresh)
		if err != nil {
			return fmt.Errorf("find the key of the proof: %w", err)
		}
		if key.Owner != by {
			return fmt.Errorf("%w: its key belongs to someone else", ErrInvalid)
		}
		if public, ok := key.Public.(ed25519.PublicKey); ok && c.holds(public) {
			return nil
		}
		if key.Fetched {
			break
		}
	}
	return fmt.Errorf("%w: not made by %.200s", ErrInvalid, c.method)
}

// claim is a proof that was read and is not verified.
type claim struct {
	method           string
	value            []byte
	created, expires time.Time
	// signed lists what may have been signed.
	signed [][]byte
}

func (c claim) holds(key ed25519.PublicKey) bool {
	return slices.ContainsFunc(c.signed, func(sum []byte) bool { return ed25519.Verify(key, sum, c.value) })
}

func (v *Verifier) timely(c claim) error {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	switch at := now(); {
	case c.created.After(at.Add(future)):
		return fmt.Errorf("%w: it is from the future", ErrInvalid)
	case c.created.Before(at.Add(-past)):
		return fmt.Errorf("%w: it is too old", ErrInvalid)
	case !c.expires.IsZero() && c.expires.Before(at):
		return fmt.Errorf("%w: it has expired", ErrInvalid)
	}
	return nil
}

// read takes the proof out of a document.
func read(members map[string]json.RawMessage) (claim, error) {
	raw, ok := members["proof"]
	if !ok || bytes.Equal(raw, []byte("null")) {
		return claim{}, ErrNone
	}
	var several []json.RawMessage
	if json.Unmarshal(raw, &several) == nil && len(several) > 0 {
		raw = several[0]
	}
	proof, err := split(raw)
	if err != nil {
		return claim{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	text := func(name string) (s string) {
		_ = json.Unmarshal(proof[name], &s) // what is no text is ""
		return s
	}
	if text("type") != proofType || text("cryptosuite") != cryptosuite {
		return claim{}, fmt.Errorf("%w: %.50q, %.50q", ErrUnsupported, text("type"), text("cryptosuite"))
	}
	c := claim{method: text("verificationMethod")}
	if c.method == "" || text("proofPurpose") != purpose {
		return claim{}, fmt.Errorf("%w: no verificationMethod, or not for assertionMethod", ErrInvalid)
	}
	if c.value, err = signature.DecodeMultibase(text("proofValue")); err != nil {
		return claim{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if c.created, err = time.Parse(time.RFC3339, text("created")); err != nil {
		return claim{}, fmt.Errorf("%w: created cannot be read", ErrInvalid)
	}
	if _, ok := proof["expires"]; ok {
		if c.expires, err = time.Parse(time.RFC3339, text("expires")); err != nil {
			return claim{}, fmt.Errorf("%w: expires cannot be read", ErrInvalid)
		}
	}
	delete(proof, "proofValue")
	c.signed, err = candidates(members, proof)
	return c, err
}

// candidates gives what may have been signed. The proof carries the @context of
// the document, or a beginning of it that then stands for the whole (Data
// Integrity EdDSA Cryptosuites 3.3.2). Where it carries none, Fedify means that
// of the document, and others mean none.
func candidates(members, options map[string]json.RawMessage) ([][]byte, error) {
	document := maps.Clone(members)
	delete(document, "proof")
	delete(document, "signature")
	variants := []map[string]json.RawMessage{options}
	own, of := options["@context"], members["@context"]
	switch {
	case own != nil && !begins(of, own):
		return nil, fmt.Errorf("%w: its @context is not that of the document", ErrInvalid)
	case own != nil:
		document["@context"] = own
	case of != nil:
		borrowed := maps.Clone(options)
		borrowed["@context"] = of
		variants = []map[string]json.RawMessage{borrowed, options}
	}
	second, err := hash(document)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var list [][]byte
	for _, variant := range variants {
		first, err := hash(variant)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		list = append(list, slices.Concat(first, second))
	}
	return list, nil
}

// begins tells whether the @context of a document is that of its proof, or a
// list that begins with it.
func begins(document, proof json.RawMessage) bool {
	list := func(raw json.RawMessage) []json.RawMessage {
		var several []json.RawMessage
		if json.Unmarshal(raw, &several) != nil {
			several = []json.RawMessage{raw}
		}
		return several
	}
	whole, start := list(document), list(proof)
	return len(document) > 0 && len(start) <= len(whole) && slices.EqualFunc(whole[:len(start)], start, func(a, b json.RawMessage) bool {
		if bytes.Equal(a, b) {
			return true
		}
		x, err1 := jcs.Transform(wrap(a))
		y, err2 := jcs.Transform(wrap(b))
		return err1 == nil && err2 == nil && bytes.Equal(x, y)
	})
}

// wrap makes a list of one value: canonical form is for objects and lists.
func wrap(raw json.RawMessage) []byte { return slices.Concat([]byte("["), raw, []byte("]")) }
