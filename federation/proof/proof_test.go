package proof

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gowebpki/jcs"

	"codeberg.org/aushang/aushang/federation/signature"
)

// alice is the actor of the test vectors of FEP-8b32 (CC0), with the keys of
// those of Data Integrity EdDSA Cryptosuites.
const (
	alice       = "https://server.example/users/alice"
	aliceKey    = alice + "#ed25519-key"
	alicePublic = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	aliceSecret = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
)

var aliceTime = time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)

func aliceSigner(t testing.TB) signature.Signer {
	t.Helper()
	raw, err := signature.DecodeMultibase(aliceSecret)
	if err != nil {
		t.Fatal(err)
	}
	// Two bytes of multicodec go before the seed.
	return signature.Signer{KeyID: aliceKey, Private: ed25519.NewKeyFromSeed(raw[2:])}
}

// directory knows one key, and another one when it is asked again.
type directory struct {
	known, fresh crypto.PublicKey
	err          error
	asked        int
}

func (d *directory) Key(_ context.Context, id string, fresh bool) (signature.Key, error) {
	d.asked++
	key := signature.Key{ID: id, Owner: strings.TrimSuffix(id, "#ed25519-key"), Public: d.known}
	if fresh && d.fresh != nil {
		key.Public = d.fresh
	}
	return key, d.err
}

func verifier(t testing.TB) (*Verifier, *directory) {
	t.Helper()
	public, err := signature.ParseMultikey(alicePublic)
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{known: public}
	return &Verifier{Keys: d, Now: func() time.Time { return aliceTime.Add(time.Minute) }}, d
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectors(t *testing.T) {
	signed, err := Sign(load(t, "fep-8b32-document.json"), aliceSigner(t), aliceTime)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(signed, &got), json.Unmarshal(load(t, "fep-8b32-signed.json"), &want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	v, _ := verifier(t)
	if err := v.Verify(t.Context(), load(t, "fep-8b32-signed.json"), alice); err != nil {
		t.Error(err)
	}
}

// TestCanonicalForm: what RFC 8785 says of names, numbers and texts.
func TestCanonicalForm(t *testing.T) {
	for in, want := range map[string]string{
		`{ "b" : 1.0, "a" : [ 1e3, 0.000001, 1e-7, -0, 333333333.33333329 ] }`: `{"a":[1000,0.000001,1e-7,0,333333333.3333333],"b":1}`,
		`{"\ufb33":1,"\ud83d\ude02":2,"\u20ac":3,"1":4}`:                       "{\"1\":4,\"\u20ac\":3,\"\U0001f602\":2,\"\ufb33\":1}", // by UTF-16
		`{"a":"\u003c\u00e9\u000a\u0007\/"}`:                                   "{\"a\":\"<\u00e9\\n\\u0007/\"}",
	} {
		if got, err := jcs.Transform([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%s becomes %s, want %s, %v", in, got, want, err)
		}
	}
}

// signedOtherwise gives what Fedify or an older draft signs: the options are not those that
// travel.
func signedOtherwise(t *testing.T, options string) string {
	t.Helper()
	document := `{"@context":["https://www.w3.org/ns/activitystreams"],"id":"https://server.example/1","type":"Like"}`
	first, err := canonicalSum([]byte(options))
	if err != nil {
		t.Fatal(err)
	}
	second, err := canonicalSum([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	value, err := aliceSigner(t).Private.Sign(nil, append(first, second...), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(document, "}") + `,"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"` + aliceKey +
		`","proofPurpose":"assertionMethod","created":"2023-02-24T23:36:38Z","proofValue":"` + signature.EncodeMultibase(value) + `"}}`
}

func TestVerifyForms(t *testing.T) {
	const options = `"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"` + aliceKey + `","proofPurpose":"assertionMethod","created":"2023-02-24T23:36:38Z"}`
	signed := string(load(t, "fep-8b32-signed.json"))
	for name, document := range map[string]string{
		"Fedify borrows the context":      signedOtherwise(t, `{"@context":["https://www.w3.org/ns/activitystreams"],`+options),
		"an older draft has no context":   signedOtherwise(t, "{"+options),
		"a linked data signature beside":  strings.Replace(signed, `"proof": {`, `"signature": {"type": "RsaSignature2017", "signatureValue": "AAAA"}, "proof": {`, 1),
		"a list of proofs":                strings.Replace(strings.Replace(signed, `"proof": {`, `"proof": [{`, 1), `38Z"`+"\n    }", `38Z"`+"\n    }]", 1),
		"a longer context":                strings.Replace(signed, `data-integrity/v2"`, `data-integrity/v2", "https://more.example/"`, 1),
		"other spaces, order and escapes": strings.NewReplacer("  ", " ", "Hello world", `\u0048ello world`, "25.273962", "25.2739620").Replace(signed),
	} {
		t.Run(name, func(t *testing.T) {
			v, _ := verifier(t)
			if err := v.Verify(t.Context(), []byte(document), alice); err != nil {
				t.Errorf("%v\n%s", err, document)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	signed := string(load(t, "fep-8b32-signed.json"))
	for name, tc := range map[string]struct {
		old, new string
		want     error
	}{
		"another text":            {"Hello world", "Hello World", ErrInvalid},
		"another actor":           {`"actor": "https://server.example/users/alice"`, `"actor": "https://server.example/users/eve"`, ErrInvalid},
		"a member more":           {`"type": "Create",`, `"type": "Create", "to": "x",`, ErrInvalid},
		"another number":          {"25.273962", "25.273963", ErrInvalid},
		"another time":            {"23:36:38Z", "23:36:39Z", ErrInvalid},
		"another key":             {`alice#ed25519-key`, `alice#ed25519-kex`, ErrInvalid},
		"a flipped value":         {"z42ffGu6", "z42ffGu7", ErrInvalid},
		"a value of another base": {`"z42ffGu6`, `"u42ffGu6`, ErrInvalid},
		"an empty value":          {"z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL", "", ErrInvalid},
		"another purpose":         {`"assertionMethod"`, `"authentication"`, ErrInvalid},
		"another suite":           {"eddsa-jcs-2022", "eddsa-rdfc-2022", ErrUnsupported},
		"another type":            {"DataIntegrityProof", "Ed25519Signature2020", ErrUnsupported},
		"no time":                 {`"created": "2023-02-24T23:36:38Z"`, `"creator": ""`, ErrInvalid},
		"a foreign context":       {"ns/activitystreams\",\n        \"https://w3id.org/security/data-integrity/v2\"\n    ],\n    \"id\"", "ns/activitystreams\", \"https://b.test/\"\n    ],\n    \"id\"", ErrInvalid},
		"a member twice":          {`"type": "Create",`, `"type": "Delete", "type": "Create",`, ErrInvalid},
		"an inner member twice":   {`"type": "Note",`, `"type": "Event", "type": "Note",`, ErrInvalid},
		"no proof":                {`"proof"`, `"proofs"`, ErrNone},
		"a proof that is a text":  {`"proof": {`, `"proof": "x", "was": {`, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			document := strings.Replace(signed, tc.old, tc.new, 1)
			if document == signed {
				t.Fatal("nothing is changed")
			}
			v, d := verifier(t)
			if name == "another key" {
				d.known = ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
			}
			if err := v.Verify(t.Context(), []byte(document), alice); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}

func TestVerifyTimes(t *testing.T) {
	signed := load(t, "fep-8b32-signed.json")
	for name, tc := range map[string]struct {
		age time.Duration
		ok  bool
	}{
		"an hour early":             {-59 * time.Minute, true},
		"from the future":           {-61 * time.Minute, false},
		"29 days old":               {29 * 24 * time.Hour, true},
		"as old as it is known of":  {30*24*time.Hour - time.Hour, false},
		"older than it is known of": {31 * 24 * time.Hour, false},
	} {
		v, _ := verifier(t)
		v.Now = func() time.Time { return aliceTime.Add(tc.age) }
		if err := v.Verify(t.Context(), signed, alice); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyKeys(t *testing.T) {
	other, err := signature.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(d *directory)
		want   error
		asked  int
	}{
		"a known key":     {func(*directory) {}, nil, 1},
		"a rotated key":   {func(d *directory) { d.known, d.fresh = other.Public(), d.known }, nil, 2},
		"no Ed25519 key":  {func(d *directory) { d.known = other.Public() }, ErrInvalid, 2},
		"no key just now": {func(d *directory) { d.err = signature.ErrUnavailable }, signature.ErrUnavailable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v, d := verifier(t)
			tc.change(d)
			if err := v.Verify(t.Context(), load(t, "fep-8b32-signed.json"), alice); !errors.Is(err, tc.want) || d.asked != tc.asked {
				t.Errorf("%v, asked %d times", err, d.asked)
			}
		})
	}
}

// TestVerifyOwner: a proof speaks for the owner of its key alone, and no other
// server is asked for it.
func TestVerifyOwner(t *testing.T) {
	for by, asked := range map[string]int{"https://server.example/users/eve": 1, "https://b.test/eve": 0, "": 0} {
		v, d := verifier(t)
		if err := v.Verify(t.Context(), load(t, "fep-8b32-signed.json"), by); !errors.Is(err, ErrInvalid) || d.asked != asked {
			t.Errorf("by %q: %v, asked %d times", by, err, d.asked)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	for name, document := range map[string]string{
		"a list": `[]`, "half a document": `{"id":`, "a proof": `{"proof":{}}`, "a member twice": `{"a":1,"a":2}`, "two documents": `{} {}`,
	} {
		if _, err := Sign([]byte(document), aliceSigner(t), aliceTime); err == nil {
			t.Errorf("%s is signed", name)
		}
	}
	key, err := signature.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sign([]byte(`{}`), signature.Signer{KeyID: aliceKey, Private: key}, aliceTime); err == nil {
		t.Error("RSA makes a proof")
	}
	if signed, err := Sign([]byte(`{}`), aliceSigner(t), aliceTime); err != nil || !json.Valid(signed) {
		t.Errorf("an empty document: %s, %v", signed, err)
	}
}

func FuzzVerify(f *testing.F) {
	signed := string(load(f, "fep-8b32-signed.json"))
	f.Add(signed)
	f.Add(strings.Replace(signed, `"proof": {`, `"proof": [{`, 1))
	f.Add(`{"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","@context":[[[]]]}}`)
	f.Add(`{"@context":{"\ud800":1e999},"proof":null}`)
	var whole any
	if err := json.Unmarshal([]byte(signed), &whole); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, document string) {
		v, _ := verifier(t)
		err := v.Verify(t.Context(), []byte(document), alice)
		var got map[string]any
		if err != nil || json.Unmarshal([]byte(document), &got) != nil {
			return
		}
		delete(got, "signature") // it is not covered
		got["@context"], got["proof"] = whole.(map[string]any)["@context"], whole.(map[string]any)["proof"]
		if !cmp.Equal(whole, any(got)) {
			t.Errorf("this is proven: %s", document)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	document, signer := load(b, "fep-8b32-document.json"), aliceSigner(b)
	for b.Loop() {
		if _, err := Sign(document, signer, aliceTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	v, _ := verifier(b)
	document := load(b, "fep-8b32-signed.json")
	for b.Loop() {
		if err := v.Verify(b.Context(), document, alice); err != nil {
			b.Fatal(err)
		}
	}
}
