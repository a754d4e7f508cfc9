package signature

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	eve   = "https://b.test/eve"
	keyID = eve + "#main-key"
)

// directory gives one key, and another one when asked again.
type directory struct {
	known, fresh crypto.PublicKey
	owner        string
	err          error
	asked        []bool
}

func (d *directory) Key(_ context.Context, id string, fresh bool) (Key, error) {
	d.asked = append(d.asked, fresh)
	if d.err != nil {
		return Key{}, d.err
	}
	public := d.known
	if fresh && d.fresh != nil {
		public = d.fresh
	}
	return Key{ID: id, Owner: d.owner, Public: public}, nil
}

var rsaKey = func() crypto.Signer {
	key, err := NewKey()
	if err != nil {
		panic(err)
	}
	return key
}()

var edKey = func() crypto.Signer {
	key, err := NewEd25519Key()
	if err != nil {
		panic(err)
	}
	return key
}()

func signer() Signer { return Signer{KeyID: keyID, Private: rsaKey} }

var body = []byte(`{"type":"Follow"}`)

func request(method, url string, content []byte) *http.Request {
	r := httptest.NewRequest(method, url, bytes.NewReader(content))
	r.Header.Set("Content-Type", "application/activity+json")
	return r
}

// received gives r as a server behind a proxy gets it: the path alone in the
// request line.
func received(r *http.Request, content []byte) *http.Request {
	c := r.Clone(r.Context())
	c.URL.Scheme, c.URL.Host = "", ""
	c.Host = r.Host
	c.Header.Del("Host")
	c.ContentLength = int64(len(content))
	return c
}

func verifier(d *directory) *Verifier {
	if d.known == nil {
		d.known = rsaKey.Public()
	}
	if d.owner == "" {
		d.owner = eve
	}
	return &Verifier{Keys: d, Scheme: "https", Host: "here.test:8443"}
}

type scheme func(Signer, *http.Request, []byte, time.Time) error

var schemes = map[string]scheme{"draft-cavage": Signer.Cavage, "RFC 9421": Signer.RFC9421}

func TestVerifyRoundTrip(t *testing.T) {
	for name, sign := range schemes {
		for _, target := range []string{"/ap/inbox", "/ap/inbox?page=2", "/sch%C3%BCtzen/a%2Fb?x=%20"} {
			t.Run(name+" POST "+target, func(t *testing.T) {
				r := request("POST", "https://here.test:8443"+target, body)
				if err := sign(signer(), r, body, time.Now()); err != nil {
					t.Fatal(err)
				}
				key, err := verifier(&directory{}).Verify(received(r, body), body)
				if err != nil || key.Owner != eve {
					t.Errorf("Verify = %v, %v", key.Owner, err)
				}
			})
		}
		t.Run(name+" GET", func(t *testing.T) {
			r := request("GET", "https://here.test:8443/ap/actors/1", nil)
			if err := sign(signer(), r, nil, time.Now()); err != nil {
				t.Fatal(err)
			}
			if _, err := verifier(&directory{}).Verify(received(r, nil), nil); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("RFC 9421 with Ed25519", func(t *testing.T) {
		r := request("POST", "https://here.test:8443/ap/inbox", body)
		if err := (Signer{KeyID: keyID, Private: edKey}).RFC9421(r, body, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := verifier(&directory{known: edKey.Public()}).Verify(received(r, body), body); err != nil {
			t.Error(err)
		}
	})
}

func TestVerifyRefuses(t *testing.T) {
	for name, sign := range schemes {
		for what, spoil := range map[string]func(*http.Request) []byte{
			"another method":          func(r *http.Request) []byte { r.Method = "PUT"; return body },
			"another path":            func(r *http.Request) []byte { r.URL.Path = "/ap/inboy"; return body },
			"another query":           func(r *http.Request) []byte { r.URL.RawQuery = "page=3"; return body },
			"another body":            func(*http.Request) []byte { return []byte(`{"type":"Delete"}`) },
			"a flipped signature":     func(r *http.Request) []byte { flip(r, "Signature"); return body },
			"no digest":               func(r *http.Request) []byte { r.Header.Del("Digest"); r.Header.Del("Content-Digest"); return body },
			"T-SIG-02 no signature":   func(r *http.Request) []byte { r.Header.Del("Signature"); r.Header.Del("Signature-Input"); return body },
			"T-SIG-07 two signatures": func(r *http.Request) []byte { r.Header.Add("Signature", r.Header.Get("Signature")); return body },
			"T-SIG-07 two dates":      func(r *http.Request) []byte { r.Header.Add("Date", r.Header.Get("Date")); return body },
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				r := request("POST", "https://here.test:8443/ap/inbox?page=2", body)
				if err := sign(signer(), r, body, time.Now()); err != nil {
					t.Fatal(err)
				}
				r = received(r, body)
				content := spoil(r)
				if key, err := verifier(&directory{}).Verify(r, content); err == nil {
					t.Errorf("accepted as %s", key.Owner)
				}
			})
		}
		t.Run(name+" T-SIG-08 another host", func(t *testing.T) {
			r := request("POST", "https://there.test/ap/inbox", body)
			if err := sign(signer(), r, body, time.Now()); err != nil {
				t.Fatal(err)
			}
			if _, err := verifier(&directory{}).Verify(received(r, body), body); !errors.Is(err, ErrInvalid) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// flip changes a letter in the middle of the signature itself: the last one
// before the padding has bits that mean nothing.
func flip(r *http.Request, header string) {
	v := []byte(r.Header.Get(header))
	i := len(v) - 100
	if v[i] == 'A' {
		v[i] = 'B'
	} else {
		v[i] = 'A'
	}
	r.Header.Set(header, string(v))
}

func TestVerifyWindow(t *testing.T) {
	for name, tc := range map[string]struct {
		age time.Duration
		ok  bool
	}{
		"59 minutes old":       {59 * time.Minute, true},
		"61 minutes old":       {61 * time.Minute, false},
		"59 minutes too early": {-59 * time.Minute, true},
		"61 minutes too early": {-61 * time.Minute, false},
	} {
		for scheme, sign := range schemes {
			t.Run(scheme+" "+name, func(t *testing.T) {
				now := time.Now()
				r := request("POST", "https://here.test:8443/ap/inbox", body)
				if err := sign(signer(), r, body, now); err != nil {
					t.Fatal(err)
				}
				v := verifier(&directory{})
				v.Now = func() time.Time { return now.Add(tc.age) }
				if _, err := v.Verify(received(r, body), body); (err == nil) != tc.ok {
					t.Errorf("err = %v, want ok = %v", err, tc.ok)
				}
			})
		}
	}
}

// TestCavageSigned: T-SIG-05, what must be signed is signed.
func TestCavageSigned(t *testing.T) {
	r := request("POST", "https://here.test:8443/ap/inbox", body)
	if err := signer().Cavage(r, body, time.Now()); err != nil {
		t.Fatal(err)
	}
	all := r.Header.Get("Signature")
	for name, headers := range map[string]string{
		"date only":              "date",
		"without digest":         "(request-target) host date",
		"without host":           "(request-target) date digest",
		"without request-target": "host date digest",
		"without date":           "(request-target) host digest",
		"twice the same":         "(request-target) host host date digest",
	} {
		t.Run(name, func(t *testing.T) {
			c := received(r, body)
			c.Header.Set("Signature", strings.Replace(all, "(request-target) host date digest content-type", headers, 1))
			if _, err := verifier(&directory{}).Verify(c, body); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestCavageForms(t *testing.T) {
	for name, form := range map[string]func(r *http.Request){
		"blanks after commas": func(r *http.Request) {
			r.Header.Set("Signature", strings.ReplaceAll(r.Header.Get("Signature"), `",`, `", `))
		},
		"an unknown parameter": func(r *http.Request) { r.Header.Set("Signature", r.Header.Get("Signature")+`,color="blue"`) },
		"rsa-sha256": func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "hs2019", "rsa-sha256", 1))
		},
		"no algorithm": func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), `algorithm="hs2019",`, "", 1))
		},
		"in Authorization": func(r *http.Request) {
			r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature"))
			r.Header.Del("Signature")
		},
		"a digest name in lower case": func(r *http.Request) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := request("POST", "https://here.test:8443/ap/inbox", body)
			if err := signer().Cavage(r, body, time.Now()); err != nil {
				t.Fatal(err)
			}
			r = received(r, body)
			form(r)
			if _, err := verifier(&directory{}).Verify(r, body); err != nil {
				t.Errorf("%v\n%s", err, r.Header.Get("Signature"))
			}
		})
	}
}

// TestRFC9421WithFragment: as Fedify signs when it fetches a key.
func TestRFC9421WithFragment(t *testing.T) {
	for name, tc := range map[string]struct {
		method, sent, fragment string
		ok                     bool
	}{
		"our key":        {"GET", "/ap/actors/1", "#main-key", true},
		"with a query":   {"GET", "/ap/actors/1?a=b", "#main-key", true},
		"something else": {"GET", "/ap/actors/1", "#other", false},
		"in a POST":      {"POST", "/ap/inbox", "#main-key", false},
	} {
		t.Run(name, func(t *testing.T) {
			var content []byte
			if tc.method == "POST" {
				content = body
			}
			r := request(tc.method, "https://here.test:8443"+tc.sent, content)
			if err := signer().rfc9421(r, content, time.Now(), tc.fragment); err != nil {
				t.Fatal(err)
			}
			v := verifier(&directory{})
			v.Fragments = []string{"main-key", "ed25519-key"}
			if _, err := v.Verify(received(r, content), content); (err == nil) != tc.ok {
				t.Error(err)
			}
		})
	}
}

func TestVerifyKeys(t *testing.T) {
	other, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		d     directory
		want  error
		asked int
	}{
		"T-SIG-19 a rotated key is fetched once":    {directory{known: other.Public(), fresh: rsaKey.Public()}, nil, 2},
		"T-SIG-16 a wrong signature refreshes once": {directory{known: other.Public()}, ErrInvalid, 2},
		"T-SIG-14 a key that cannot be had now":     {directory{err: ErrUnavailable}, ErrUnavailable, 1},
		"an owner that is gone":                     {directory{err: ErrGone}, ErrGone, 1},
		"a directory that fails otherwise":          {directory{err: errors.New("no such key")}, ErrInvalid, 1},
		"a key whose owner is on another host":      {directory{owner: "https://a.test/alice"}, ErrInvalid, 1},
		"a known key":                               {directory{}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := request("POST", "https://here.test:8443/ap/inbox", body)
			if err := signer().Cavage(r, body, time.Now()); err != nil {
				t.Fatal(err)
			}
			_, err := verifier(&tc.d).Verify(received(r, body), body)
			if !errors.Is(err, tc.want) {
				t.Errorf("err = %v, want %v", err, tc.want)
			}
			if len(tc.d.asked) != tc.asked {
				t.Errorf("asked %d times, want %d", len(tc.d.asked), tc.asked)
			}
		})
	}
}

func TestParsePublic(t *testing.T) {
	pem, err := EncodePublic(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParsePublic(strings.ReplaceAll(pem, "\n", "\r\n")); err != nil {
		t.Errorf("CRLF: %v", err)
	}
	private, err := EncodePrivate(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "two keys": pem + pem, "a private key": private, "garbage": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := ParsePublic(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	for name, sign := range schemes {
		r := request("POST", "https://here.test:8443/ap/inbox", body)
		if err := sign(signer(), r, body, time.Now()); err != nil {
			f.Fatal(name, err)
		}
		f.Add(r.Header.Get("Signature"), r.Header.Get("Signature-Input"), r.Header.Get("Digest"), r.Header.Get("Content-Digest"), r.Header.Get("Date"))
	}
	f.Add(`keyId="a",headers="(created)",created=1,signature="x"`, `sig1=("@method";req);created=1`, "SHA-256=,MD5=x", "sha-256=:!:", "never")
	f.Fuzz(func(t *testing.T, signature, input, digest, contentDigest, date string) {
		r := request("POST", "https://here.test:8443/ap/inbox", body)
		for name, value := range map[string]string{"Signature": signature, "Signature-Input": input, "Digest": digest, "Content-Digest": contentDigest, "Date": date} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		v := verifier(&directory{known: rsaKey.Public()})
		v.KeyID(r)
		_, _ = v.Verify(received(r, body), body) // must not panic
	})
}
