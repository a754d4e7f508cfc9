package signature

import (
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzParseParams: what is read of a draft-cavage header can be written and
// read again.
func FuzzParseParams(f *testing.F) {
	for _, s := range []string{
		`keyId="https://b.test/eve#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="YQ=="`,
		`keyId="https://b.test/eve" , algorithm=hs2019 , created=1780000000, expires=1780000300,headers="(created)",signature="YQ=="`,
		`keyId="a",keyId="b"`, `keyId="a`, `=`, `a=,b=`, `a="b"c="d"`, `a="b",`, "a=\"\t\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		params, err := parseParams(s)
		if err != nil {
			return
		}
		var parts []string
		for name, value := range params {
			if strings.Contains(value, `"`) { // it stood without quotes
				return
			}
			parts = append(parts, name+`="`+value+`"`)
		}
		again, err := parseParams(strings.Join(parts, ","))
		if err != nil || len(again) != len(params) {
			t.Fatalf("%q: %v, and then %v, %v", s, params, again, err)
		}
		for name, value := range params {
			if again[name] != value {
				t.Errorf("%q: %s is %q and then %q", s, name, value, again[name])
			}
		}
	})
}

// known tells whether an error says what the answer is.
func known(err error) bool {
	return err == nil || errors.Is(err, ErrUnsigned) || errors.Is(err, ErrMalformed) || errors.Is(err, ErrInvalid)
}

// FuzzParseInput: a Signature-Input (RFC 9421 4.1) that is read names a key, a
// time and each component once.
func FuzzParseInput(f *testing.F) {
	for _, s := range []string{
		`sig1=("@method" "@target-uri" "content-digest");created=1780000000;keyid="https://b.test/eve#main-key"`,
		`sig=("@method");created=1780000000;expires=1780000300;keyid="k";alg="rsa-v1_5-sha256";nonce="n";tag="t"`,
		`a=("@method");created=1;keyid="k", b=("@method");created=1;keyid="k"`, `sig1=("@method";req);created=1;keyid="k"`, `sig1=1`, `sig1=();keyid=1;created="x"`, `sig1=("a" "a");created=1;keyid="k"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in, err := parseInput(&http.Request{Header: http.Header{"Signature-Input": {s}}})
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, c := range in.components {
			if seen[c] {
				t.Errorf("%q: %s is there twice", s, c)
			}
			seen[c] = true
		}
		if in.keyID == "" || in.created.Unix() == 0 || in.label == "" {
			t.Errorf("%q: %+v", s, in)
		}
	})
}

// unbroken takes out the line breaks that base64 skips; no header has any.
var unbroken = strings.NewReplacer("\r", "", "\n", "")

// FuzzCheckDigest: only the sum of the body itself passes (RFC 3230 4.3.2).
func FuzzCheckDigest(f *testing.F) {
	const sum = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" // of "abc"
	for _, s := range []string{"SHA-256=" + sum, "sha-256=" + sum, "SHA-256=" + sum + ",MD5=x", "SHA-256=" + sum + ",SHA-256=x", "SHA-256=", "=", ",", "SHA-512=" + sum} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := checkDigest(s, []byte("abc"))
		if !known(err) || err == nil && !strings.Contains(unbroken.Replace(s), sum[:42]) {
			t.Errorf("%q: %v", s, err)
		}
		if checkDigest(s, []byte("abd")) == nil {
			t.Errorf("%q passes for another body", s)
		}
	})
}

// FuzzCheckContentDigest: only the sum of the body itself passes (RFC 9530 2).
func FuzzCheckContentDigest(f *testing.F) {
	const sum = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
	for _, s := range []string{"sha-256=:" + sum + ":", "sha-256=:" + sum + ":, sha-512=:YQ==:", "sha-512=:YQ==:", "sha-256=" + sum, "sha-256=(:" + sum + ":)", "sha-256=::", "sha-256"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &http.Request{Header: http.Header{"Content-Digest": {s}}}
		err := checkContentDigest(r, []byte("abc"))
		if !known(err) || err == nil && !strings.Contains(unbroken.Replace(s), sum[:42]) {
			t.Errorf("%q: %v", s, err)
		}
		if checkContentDigest(r, []byte("abd")) == nil {
			t.Errorf("%q passes for another body", s)
		}
	})
}

// FuzzTime: whatever the times of a signature say, only one within an hour of
// ours passes.
func FuzzTime(f *testing.F) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, s := range [][3]string{
		{"Wed, 01 Jul 2026 12:00:00 GMT", "", ""},
		{"Wednesday, 01-Jul-26 11:30:00 GMT", "", "1782910800"},
		{"Wed Jul  1 12:59:00 2026", "", ""},
		{"", "1782907200", "1782907201"},
		{"", "-1", ""},
		{"", "99999999999999999999", "x"},
		{"", "9223372036854775807", "-9223372036854775808"},
		{"Wed, 01 Jul 2026 24:00:00 GMT", "1", "1"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	v := &Verifier{Now: func() time.Time { return now }}
	f.Fuzz(func(t *testing.T, date, created, expires string) {
		params := map[string]string{"algorithm": "hs2019", "created": created}
		if expires != "" {
			params["expires"] = expires
		}
		signed, claimed := []string{"(created)"}, created
		if date != "" {
			signed, claimed = []string{"date"}, date
		}
		err := v.cavageTime(&http.Request{Header: http.Header{"Date": {date}}}, params, signed)
		if !known(err) {
			t.Errorf("%q: %v", claimed, err)
		}
		if at, wrong := http.ParseTime(date); err == nil && date != "" && (wrong != nil || at.Sub(now).Abs() > window) {
			t.Errorf("%q passes", date)
		}
	})
}

// FuzzParsePublic: what is believed is a key of a kind and size that is, and is
// the same when it is written and read again.
func FuzzParsePublic(f *testing.F) {
	spki, err := EncodePublic(rsaKey.Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(spki)
	f.Add(strings.ReplaceAll(spki, "\n", "\r\n"))
	f.Add(spki + spki)
	f.Add("-----BEGIN RSA PUBLIC KEY-----\nMAgCAQECAwEAAQ==\n-----END RSA PUBLIC KEY-----\n")
	f.Add("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")
	f.Add("-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParsePublic(text)
		if err != nil {
			return
		}
		switch key := key.(type) {
		case *rsa.PublicKey:
			if n := key.N.BitLen(); n < minBits || n > maxBits {
				t.Errorf("RSA of %d bits", n)
			}
		case ed25519.PublicKey:
		default:
			t.Errorf("%T", key)
		}
		again, err := EncodePublic(key)
		if err != nil {
			t.Fatal(err)
		}
		same, err := ParsePublic(again)
		if equal, ok := key.(interface{ Equal(any) bool }); err != nil || ok && !equal.Equal(same) {
			t.Errorf("%q becomes another key: %v", text, err)
		}
	})
}

// FuzzParseMultikey: each key is written in one way only.
func FuzzParseMultikey(f *testing.F) {
	for _, s := range []string{"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "z6Mk", "z", "", "u7QE", "z" + strings.Repeat("1", 300), "z0OIl", "zäöü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key, err := ParseMultikey(s)
		if err == nil && (len(key) != ed25519.PublicKeySize || EncodeMultikey(key) != s) {
			t.Errorf("%q is %x, and that is %q", s, key, EncodeMultikey(key))
		}
	})
}
