package signature

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/dunglas/httpsfv"
	rfc9421 "github.com/remitly-oss/httpsig-go"
)

// input is what a Signature-Input says.
type input struct {
	label      string
	components []string
	keyID      string
	algorithm  string
	created    time.Time
	expires    time.Time // zero when it does not say
}

// parseInput reads the one signature of a request.
func parseInput(r *http.Request) (input, error) {
	dict, err := httpsfv.UnmarshalDictionary(r.Header.Values("Signature-Input"))
	if err != nil {
		return input{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(dict.Names()) != 1 {
		return input{}, fmt.Errorf("%w: there must be one signature", ErrMalformed)
	}
	in := input{label: dict.Names()[0]}
	member, _ := dict.Get(in.label)
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return input{}, fmt.Errorf("%w: no list of components", ErrMalformed)
	}
	for _, item := range list.Items {
		name, ok := item.Value.(string)
		if !ok || len(item.Params.Names()) > 0 || slices.Contains(in.components, name) {
			return input{}, fmt.Errorf("%w: a component that is not understood", ErrMalformed)
		}
		in.components = append(in.components, name)
	}
	return in, in.readParams(list.Params)
}

func (in *input) readParams(params *httpsfv.Params) error {
	var created, expires int64
	for name, to := range map[string]any{"keyid": &in.keyID, "alg": &in.algorithm, "created": &created, "expires": &expires} {
		value, ok := params.Get(name)
		if !ok {
			continue
		}
		switch to := to.(type) {
		case *string:
			*to, ok = value.(string)
		case *int64:
			*to, ok = value.(int64)
		}
		if !ok {
			return fmt.Errorf("%w: %s cannot be read", ErrMalformed, name)
		}
	}
	if in.keyID == "" || created == 0 {
		return fmt.Errorf("%w: no keyid or no created", ErrMalformed)
	}
	in.created = time.Unix(created, 0)
	if expires != 0 {
		in.expires = time.Unix(expires, 0)
	}
	return nil
}

// readRFC9421 reads a signature by RFC 9421 and checks all that can be checked
// without the key.
func (v *Verifier) readRFC9421(r *http.Request, body []byte) (claim, error) {
	in, err := parseInput(r)
	if err != nil {
		return claim{}, err
	}
	required := []string{"@method", "@target-uri"}
	if r.Method == http.MethodPost {
		required = append(required, "content-digest")
	}
	for _, name := range required {
		if !slices.Contains(in.components, name) {
			return claim{}, fmt.Errorf("%w: %s is not signed", ErrInvalid, name)
		}
	}
	switch in.algorithm {
	case "", string(rfc9421.Algo_RSA_v1_5_sha256), string(rfc9421.Algo_ED25519):
	default:
		return claim{}, fmt.Errorf("%w: algorithm %q", ErrInvalid, in.algorithm)
	}
	if err := v.timely(in.created, in.expires); err != nil {
		return claim{}, err
	}
	if slices.Contains(in.components, "content-digest") {
		if err := checkContentDigest(r, body); err != nil {
			return claim{}, err
		}
	}
	return claim{keyID: in.keyID, holds: func(key Key) bool {
		if v.rfc9421Holds(r, body, in, key, "") {
			return true
		}
		return r.Method == http.MethodGet && slices.ContainsFunc(v.Fragments, func(f string) bool {
			return v.rfc9421Holds(r, body, in, key, "#"+f)
		})
	}}, nil
}

// checkContentDigest compares the sha-256 of a Content-Digest with the body
// (RFC 9530 2).
func checkContentDigest(r *http.Request, body []byte) error {
	dict, err := httpsfv.UnmarshalDictionary(r.Header.Values("Content-Digest"))
	if err != nil {
		return fmt.Errorf("%w: Content-Digest: %w", ErrMalformed, err)
	}
	member, _ := dict.Get("sha-256")
	item, ok := member.(httpsfv.Item)
	if !ok {
		return fmt.Errorf("%w: no sha-256 digest", ErrInvalid)
	}
	sum, ok := item.Value.([]byte)
	if !ok || !bytes.Equal(sum, sumOf(body)) {
		return fmt.Errorf("%w: the digest is of another body", ErrInvalid)
	}
	return nil
}

// rfc9421Holds asks remitly-oss/httpsig-go about the request as other servers
// addressed it, with the fragment that they may have signed.
func (v *Verifier) rfc9421Holds(r *http.Request, body []byte, in input, key Key, fragment string) bool {
	algorithm := rfc9421.Algo_RSA_v1_5_sha256
	switch key.Public.(type) {
	case ed25519.PublicKey:
		algorithm = rfc9421.Algo_ED25519
	case *rsa.PublicKey:
	default:
		return false
	}
	if in.algorithm != "" && in.algorithm != string(algorithm) {
		return false
	}
	verifier, err := rfc9421.NewVerifier(fixed{rfc9421.KeySpec{KeyID: in.keyID, Algo: algorithm, PubKey: key.Public}}, rfc9421.VerifyProfile{
		SignatureLabel: in.label, AllowedAlgorithms: []rfc9421.Algorithm{algorithm},
		DisableTimeEnforcement: true, DisableExpirationEnforcement: true, // timely did it, by our clock
	})
	if err != nil {
		return false
	}
	result, err := verifier.Verify(addressed(r, v.Scheme, v.Host, body, fragment))
	return err == nil && result.Verified
}

// addressed gives a copy of r for remitly-oss/httpsig-go, which derives
// @target-uri from RawPath, drops the question mark of a query, and takes the
// scheme from TLS.
func addressed(r *http.Request, scheme, host string, body []byte, fragment string) *http.Request {
	c := r.Clone(r.Context())
	c.URL = &url.URL{Scheme: scheme, Host: host, Path: r.URL.Path, RawPath: r.URL.EscapedPath()}
	if r.URL.RawQuery != "" {
		c.URL.RawQuery = "?" + r.URL.RawQuery + fragment
	} else {
		c.URL.RawPath += fragment
	}
	c.Host = host
	c.Header.Set("Host", host)
	c.TLS = nil
	if scheme == "https" {
		c.TLS = &tlsState
	}
	c.Body = io.NopCloser(bytes.NewReader(body))
	return c
}

// fixed is a directory of one key.
type fixed struct{ spec rfc9421.KeySpec }

func (f fixed) FetchByKeyID(context.Context, http.Header, string) (rfc9421.KeySpecer, error) {
	return f.spec, nil
}

func (f fixed) Fetch(context.Context, http.Header, rfc9421.MetadataProvider) (rfc9421.KeySpecer, error) {
	return f.spec, nil
}

// tlsState only says that there is TLS.
var tlsState tls.ConnectionState

func sumOf(body []byte) []byte {
	sum := sha256.Sum256(body)
	return sum[:]
}
