package signature

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-fed/httpsig"
)

// readCavage reads a signature by draft-cavage and checks all that can be
// checked without the key: what must be signed is signed, for us, in time, and
// the digest is that of the body.
func (v *Verifier) readCavage(r *http.Request, body []byte) (claim, error) {
	params, err := cavageParams(r)
	if err != nil {
		return claim{}, err
	}
	switch params["algorithm"] {
	case "", "rsa-sha256", "hs2019":
	default:
		return claim{}, fmt.Errorf("%w: algorithm %q", ErrInvalid, params["algorithm"])
	}
	signed := strings.Fields(strings.ToLower(params["headers"]))
	if err := v.checkSigned(r, params, signed, body); err != nil {
		return claim{}, err
	}
	if slices.Contains(signed, "content-length") && r.Header.Get("Content-Length") == "" {
		// Go keeps it beside the header map, and proxies may drop it.
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return claim{keyID: params["keyId"], holds: func(key Key) bool {
		public, ok := key.Public.(*rsa.PublicKey)
		if !ok {
			return false
		}
		// Some peers sign the path with its query, some without it.
		return v.cavageHolds(r, params, signed, public, r.URL.RawQuery) || r.URL.RawQuery != "" && v.cavageHolds(r, params, signed, public, "")
	}}, nil
}

// cavageParams reads the parameters of the Signature header, or of an
// Authorization header of that scheme.
func cavageParams(r *http.Request) (map[string]string, error) {
	value := r.Header.Get("Signature")
	if auth, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Signature "); ok {
		if value != "" {
			return nil, fmt.Errorf("%w: there are two", ErrMalformed)
		}
		value = auth
	}
	if value == "" {
		return nil, ErrUnsigned
	}
	params, err := parseParams(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if params["keyId"] == "" || params["signature"] == "" {
		return nil, fmt.Errorf("%w: no keyId or no signature", ErrMalformed)
	}
	if params["headers"] == "" {
		params["headers"] = "date" // draft-cavage-12 2.1.6
	}
	return params, nil
}

// parseParams reads name="value" pairs with commas between them; values may
// stand without quotes, blanks around commas do not matter.
func parseParams(s string) (map[string]string, error) {
	params := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, "\", ") {
			return nil, errors.New("a parameter without a value")
		}
		if _, twice := params[name]; twice {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			if value, rest, ok = strings.Cut(rest[1:], `"`); !ok {
				return nil, errors.New("a quote that does not end")
			}
			rest = strings.TrimSpace(rest)
			if rest != "" && rest[0] != ',' {
				return nil, errors.New("no comma after a parameter")
			}
			s = strings.TrimSpace(strings.TrimPrefix(rest, ","))
		} else {
			value, s, _ = strings.Cut(rest, ",")
			value, s = strings.TrimSpace(value), strings.TrimSpace(s)
		}
		params[name] = value
	}
	return params, nil
}

func (v *Verifier) checkSigned(r *http.Request, params map[string]string, signed []string, body []byte) error {
	required := []string{httpsig.RequestTarget, "host"}
	if r.Method == http.MethodPost {
		required = append(required, "digest")
	}
	for _, name := range required {
		if !slices.Contains(signed, name) {
			return fmt.Errorf("%w: %s is not signed", ErrInvalid, name)
		}
	}
	for i, name := range signed {
		if slices.Contains(signed[:i], name) {
			return fmt.Errorf("%w: %s is signed twice", ErrMalformed, name)
		}
	}
	if host := hostOf(r); !strings.EqualFold(host, v.Host) {
		return fmt.Errorf("%w: it is for the host %q", ErrInvalid, host)
	}
	if err := v.cavageTime(r, params, signed); err != nil {
		return err
	}
	if slices.Contains(signed, "digest") {
		return checkDigest(r.Header.Get("Digest"), body)
	}
	return nil
}

func (v *Verifier) cavageTime(r *http.Request, params map[string]string, signed []string) error {
	var created, expires time.Time
	switch {
	case slices.Contains(signed, "date"):
		t, err := http.ParseTime(r.Header.Get("Date"))
		if err != nil {
			return fmt.Errorf("%w: the Date cannot be read", ErrInvalid)
		}
		created = t
	case slices.Contains(signed, "(created)") && params["algorithm"] == "hs2019":
		seconds, err := strconv.ParseInt(params["created"], 10, 64)
		if err != nil {
			return fmt.Errorf("%w: created cannot be read", ErrMalformed)
		}
		created = time.Unix(seconds, 0)
	default:
		return fmt.Errorf("%w: no time is signed", ErrInvalid)
	}
	if s, ok := params["expires"]; ok {
		seconds, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: expires cannot be read", ErrMalformed)
		}
		expires = time.Unix(seconds, 0)
	}
	return v.timely(created, expires)
}

// checkDigest compares each SHA-256 of a Digest header with the body; at least
// one must be there (RFC 3230 4.3.2).
func checkDigest(header string, body []byte) error {
	found := false
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(name, "SHA-256") {
			continue
		}
		if !sameSum(value, body) {
			return fmt.Errorf("%w: the digest is of another body", ErrInvalid)
		}
		found = true
	}
	if !found {
		return fmt.Errorf("%w: no SHA-256 digest", ErrInvalid)
	}
	return nil
}

// cavageHolds tells whether key made the signature over the request as it came
// to us, with this query (draft-cavage-http-signatures-12 2.3, 2.5).
func (v *Verifier) cavageHolds(r *http.Request, params map[string]string, signed []string, key *rsa.PublicKey, query string) bool {
	made, err := base64.StdEncoding.DecodeString(params["signature"])
	if err != nil {
		return false
	}
	text, ok := v.signingString(r, params, signed, query)
	if !ok {
		return false
	}
	sum := sha256.Sum256(text)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], made) == nil
}

// signingString gives what a peer signed; ok is false when something that it
// says it signed is not there.
func (v *Verifier) signingString(r *http.Request, params map[string]string, signed []string, query string) (text []byte, ok bool) {
	text = make([]byte, 0, 512)
	for i, name := range signed {
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(append(text, name...), ": "...)
		switch name {
		case httpsig.RequestTarget:
			text = append(append(append(text, strings.ToLower(r.Method)...), ' '), r.URL.EscapedPath()...)
			if query != "" {
				text = append(append(text, '?'), query...)
			}
		case "host":
			text = append(text, v.Host...)
		case "(created)", "(expires)":
			seconds, err := strconv.ParseInt(params[name[1:len(name)-1]], 10, 64)
			if err != nil {
				return nil, false
			}
			text = strconv.AppendInt(text, seconds, 10)
		case "signature", "authorization":
			return nil, false // no signature stands in itself
		default:
			values := r.Header[http.CanonicalHeaderKey(name)]
			if len(values) == 0 {
				return nil, false
			}
			for j, value := range values {
				if j > 0 {
					text = append(text, ", "...)
				}
				text = append(text, strings.TrimSpace(value)...)
			}
		}
	}
	return text, true
}
