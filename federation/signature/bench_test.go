package signature

import (
	"net/http"
	"testing"
	"time"
)

// post is a delivery of an event's size.
var post = func() []byte {
	b := make([]byte, 4<<10)
	for i := range b {
		b[i] = 'a'
	}
	return b
}()

func BenchmarkSign(b *testing.B) {
	for name, sign := range map[string]func(*http.Request) error{
		"draft-cavage RSA": func(r *http.Request) error { return signer().Cavage(r, post, time.Now()) },
		"RFC 9421 RSA":     func(r *http.Request) error { return signer().RFC9421(r, post, time.Now()) },
		"RFC 9421 Ed25519": func(r *http.Request) error {
			return Signer{KeyID: keyID, Private: edKey}.RFC9421(r, post, time.Now())
		},
	} {
		b.Run(name, func(b *testing.B) {
			r := request("POST", "https://here.test:8443/ap/inbox", post)
			for b.Loop() {
				if err := sign(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, tc := range map[string]struct {
		sign func(*http.Request) error
		d    *directory
	}{
		"draft-cavage RSA": {func(r *http.Request) error { return signer().Cavage(r, post, time.Now()) }, &directory{}},
		"RFC 9421 RSA":     {func(r *http.Request) error { return signer().RFC9421(r, post, time.Now()) }, &directory{}},
		"RFC 9421 Ed25519": {func(r *http.Request) error {
			return Signer{KeyID: keyID, Private: edKey}.RFC9421(r, post, time.Now())
		}, &directory{known: edKey.Public()}},
	} {
		b.Run(name, func(b *testing.B) {
			r := request("POST", "https://here.test:8443/ap/inbox", post)
			if err := tc.sign(r); err != nil {
				b.Fatal(err)
			}
			v, r := verifier(tc.d), received(r, post)
			for b.Loop() {
				if _, err := v.Verify(r, post); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
