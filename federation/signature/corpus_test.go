package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// letter is a delivery as some server signs it, written out here so that the
// corpus does not rest on the code it is for.
type letter struct {
	method, target string
	headers        string // what is signed, in this order
	algorithm      string
	keyID          string
	more           string // parameters before the signature
	contentType    string
	digest         string // "" means that of the body
	body           []byte
	key            crypto.Signer
	date           time.Time
	created        int64
}

// sent gives the letter as the server behind a proxy gets it. change may spoil
// it after it is signed.
func (l letter) sent(t testing.TB, change func(r *http.Request)) *http.Request {
	t.Helper()
	r := received(request(l.method, "https://here.test:8443"+l.target, l.body), l.body)
	r.Header.Set("Date", l.date.UTC().Format(http.TimeFormat))
	r.Header.Set("User-Agent", "test")
	if l.contentType != "" {
		r.Header.Set("Content-Type", l.contentType)
	}
	if l.body != nil {
		sum := sha256.Sum256(l.body)
		r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	}
	if l.digest != "" {
		r.Header.Set("Digest", l.digest)
	}
	var lines []string
	for _, name := range strings.Fields(strings.ToLower(l.headers)) {
		value := r.Header.Get(name)
		switch name {
		case "(request-target)":
			value = strings.ToLower(l.method) + " " + l.target
		case "(created)":
			value = strconv.FormatInt(l.created, 10)
		case "(expires)":
			_, value, _ = strings.Cut(l.more, "expires=")
			value = strings.TrimSuffix(value, ",")
		case "host":
			value = "here.test:8443"
		case "content-length":
			value = strconv.Itoa(len(l.body))
		}
		lines = append(lines, name+": "+value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	value, err := l.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	algorithm := ""
	if l.algorithm != "" {
		algorithm = `algorithm="` + l.algorithm + `",`
	}
	r.Header.Set("Signature", fmt.Sprintf(`keyId="%s",%sheaders="%s",%ssignature="%s"`,
		l.keyID, algorithm, l.headers, l.more, base64.StdEncoding.EncodeToString(value)))
	if change != nil {
		change(r)
	}
	return r
}

// mastodon is the letter that the others are compared with.
func mastodon() letter {
	return letter{
		method: "POST", target: "/ap/inbox", headers: "host date digest content-type (request-target)", algorithm: "rsa-sha256",
		keyID: keyID, body: body, key: rsaKey, date: time.Now(),
	}
}

// corpus holds letters in the shapes in which servers sign.
var corpus = map[string]func(l *letter){
	"Mastodon":        func(*letter) {},
	"Mastodon, a GET": func(l *letter) { l.method, l.body, l.headers = "GET", nil, "host date (request-target)" },
	"GoToSocial": func(l *letter) {
		l.headers, l.algorithm, l.keyID = "(request-target) host date digest", "hs2019", eve+"/main-key"
	},
	"Misskey":   func(l *letter) { l.headers, l.keyID = "(request-target) date host digest", eve+"#main-key" },
	"Lemmy":     func(l *letter) { l.headers, l.algorithm = "(request-target) content-type date digest host", "hs2019" },
	"PeerTube":  func(l *letter) { l.headers, l.keyID = "(request-target) host date digest", eve },
	"Pixelfed":  func(l *letter) { l.headers = "(request-target) date host content-type digest user-agent" },
	"WordPress": func(l *letter) { l.headers = "(request-target) host date digest" },
	"Friendica": func(l *letter) { l.headers = "(request-target) date content-length digest host" },
	"Mobilizon": func(l *letter) {
		l.headers, l.algorithm = "(request-target) content-length date digest host", "rsa-sha256"
	},
	"Gancio": func(l *letter) { l.headers, l.contentType = "(request-target) host date digest", "application/json" },
	"without an algorithm": func(l *letter) {
		l.algorithm = ""
	},
	"with a created time": func(l *letter) {
		l.headers, l.algorithm, l.created = "(request-target) host (created) digest", "hs2019", l.date.Unix()
		l.more = "created=" + strconv.FormatInt(l.created, 10) + ","
	},
	"names in upper case": func(l *letter) { l.headers = "(Request-Target) Host Date Digest Content-Type" },
	"a digest in lower case": func(l *letter) {
		sum := sha256.Sum256(l.body)
		l.digest = "sha-256=" + base64.StdEncoding.EncodeToString(sum[:])
	},
	"two digests": func(l *letter) {
		sum := sha256.Sum256(l.body)
		l.digest = "MD5=1B2M2Y8AsgTpgAmY7PhCfg==,SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	},
}

func TestCorpus(t *testing.T) {
	for name, shape := range corpus {
		t.Run(name, func(t *testing.T) {
			l := mastodon()
			shape(&l)
			if key, err := verifier(&directory{}).Verify(l.sent(t, nil), l.body); err != nil || key.Owner != eve {
				t.Errorf("%v, %v", key.Owner, err)
			}
			// One byte of each part makes it false.
			for part, spoil := range map[string]func(r *http.Request){
				"method":    func(r *http.Request) { r.Method = map[string]string{"GET": "HEAD", "POST": "PUT"}[r.Method] },
				"path":      func(r *http.Request) { r.URL.Path += "x" },
				"query":     func(r *http.Request) { r.URL.Path, r.URL.RawQuery = "/ap/other", "page=2" },
				"host":      func(r *http.Request) { r.Host = "here.text:8443" },
				"signature": func(r *http.Request) { flip(r, "Signature") },
				"keyId":     func(r *http.Request) { replace(r, "b.test/", "a.test/") },
				"algorithm": func(r *http.Request) { replace(r, `headers=`, `algorithm="rsa-sha512",headers=`) },
				"a header":  func(r *http.Request) { replace(r, "(", "((") },
			} {
				if key, err := verifier(&directory{}).Verify(l.sent(t, spoil), l.body); err == nil {
					t.Errorf("with another %s it is taken as from %s", part, key.Owner)
				}
			}
			if l.body == nil {
				return
			}
			for part, spoil := range map[string]func(r *http.Request){
				"digest":    func(r *http.Request) { flip2(r, "Digest") },
				"no digest": func(r *http.Request) { r.Header.Del("Digest") },
			} {
				if _, err := verifier(&directory{}).Verify(l.sent(t, spoil), l.body); err == nil {
					t.Errorf("with another %s it is taken", part)
				}
			}
			if _, err := verifier(&directory{}).Verify(l.sent(t, nil), append([]byte(" "), l.body...)); err == nil {
				t.Error("with another body it is taken")
			}
		})
	}
}

func replace(r *http.Request, old, now string) {
	r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), old, now, 1))
}

// flip2 changes a letter in the middle of a short header.
func flip2(r *http.Request, header string) {
	v := []byte(r.Header.Get(header))
	if i := len(v) - 10; v[i] == 'A' {
		v[i] = 'B'
	} else {
		v[i] = 'A'
	}
	r.Header.Set(header, string(v))
}

// TestCorpusRefused: letters that are signed well and must not count.
func TestCorpusRefused(t *testing.T) {
	now := time.Now()
	sum := sha256.Sum256(body)
	for name, tc := range map[string]struct {
		shape  func(l *letter)
		change func(r *http.Request)
		want   error // nil means any
	}{
		"T-SIG-05 over the date alone":              {shape: func(l *letter) { l.headers = "date" }, want: ErrInvalid},
		"T-SIG-05 without a digest":                 {shape: func(l *letter) { l.headers = "(request-target) host date" }, want: ErrInvalid},
		"T-SIG-05 without a host":                   {shape: func(l *letter) { l.headers = "(request-target) date digest" }, want: ErrInvalid},
		"T-SIG-05 without a target":                 {shape: func(l *letter) { l.headers = "host date digest" }, want: ErrInvalid},
		"T-SIG-05 without a time":                   {shape: func(l *letter) { l.headers = "(request-target) host digest" }, want: ErrInvalid},
		"T-SIG-05 over nothing":                     {shape: func(l *letter) { l.headers = "" }, want: ErrInvalid},
		"T-SIG-05 with a digest that is not there":  {change: func(r *http.Request) { r.Header.Del("Digest") }, want: ErrInvalid},
		"T-SIG-05 with a digest of something else":  {shape: func(l *letter) { l.digest = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }, want: ErrInvalid},
		"T-SIG-08 for another host":                 {change: func(r *http.Request) { r.Host = "there.test" }, want: ErrInvalid},
		"T-SIG-07 two dates":                        {change: func(r *http.Request) { r.Header.Add("Date", r.Header.Get("Date")) }, want: ErrMalformed},
		"T-SIG-07 two digests":                      {change: func(r *http.Request) { r.Header.Add("Digest", r.Header.Get("Digest")) }, want: ErrMalformed},
		"T-SIG-07 two signatures":                   {change: func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, want: ErrMalformed},
		"T-SIG-07 a signature in Authorization too": {change: func(r *http.Request) { r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature")) }, want: ErrMalformed},
		"T-SIG-07 a header signed twice":            {shape: func(l *letter) { l.headers = "(request-target) host host date digest" }, want: ErrMalformed},
		"T-SIG-07 a parameter twice": {change: func(r *http.Request) {
			r.Header.Set("Signature", r.Header.Get("Signature")+`,keyId="https://a.test/alice"`)
		}, want: ErrMalformed},
		"an MD5 digest alone":   {shape: func(l *letter) { l.digest = "MD5=1B2M2Y8AsgTpgAmY7PhCfg==" }, want: ErrInvalid},
		"a digest in hex":       {shape: func(l *letter) { l.digest = fmt.Sprintf("SHA-256=%x", sum) }, want: ErrInvalid},
		"a digest in base64url": {shape: func(l *letter) { l.digest = "SHA-256=" + base64.RawURLEncoding.EncodeToString(sum[:]) }, want: ErrInvalid},
		"an empty digest":       {shape: func(l *letter) { l.digest = "SHA-256=" }, want: ErrInvalid},
		"two SHA-256 digests that differ": {shape: func(l *letter) {
			l.digest = "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:]) + ",SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		}, want: ErrInvalid},
		"created in the future": {shape: func(l *letter) {
			l.headers, l.algorithm, l.created = "(request-target) host (created) digest", "hs2019", now.Add(2*time.Hour).Unix()
			l.more = "created=" + strconv.FormatInt(l.created, 10) + ","
		}, want: ErrInvalid},
		"created without hs2019": {shape: func(l *letter) {
			l.headers, l.created = "(request-target) host (created) digest", now.Unix()
			l.more = "created=" + strconv.FormatInt(l.created, 10) + ","
		}, want: ErrInvalid},
		"expired":                     {shape: func(l *letter) { l.more = "expires=" + strconv.FormatInt(now.Add(-time.Minute).Unix(), 10) + "," }, want: ErrInvalid},
		"expires that is no number":   {shape: func(l *letter) { l.more = `expires=soon,` }, want: ErrMalformed},
		"a date that is none":         {change: func(r *http.Request) { r.Header.Set("Date", "yesterday") }, want: ErrInvalid},
		"a date of last week":         {shape: func(l *letter) { l.date = now.Add(-7 * 24 * time.Hour) }, want: ErrInvalid},
		"a key on another host":       {shape: func(l *letter) { l.keyID = "https://a.test/alice#main-key" }, want: ErrInvalid},
		"no key":                      {shape: func(l *letter) { l.keyID = "" }, want: ErrMalformed},
		"no signature":                {change: func(r *http.Request) { r.Header.Set("Signature", `keyId="`+keyID+`"`) }, want: ErrMalformed},
		"a quote that does not end":   {change: func(r *http.Request) { r.Header.Set("Signature", strings.TrimSuffix(r.Header.Get("Signature"), `"`)) }, want: ErrMalformed},
		"escaped quotes":              {change: func(r *http.Request) { replace(r, `keyId="`, `keyId="\"`) }, want: ErrMalformed},
		"64 kB":                       {change: func(r *http.Request) { replace(r, `keyId="`, `x="`+strings.Repeat("a", 64<<10)+`",keyId="`) }, want: ErrMalformed},
		"an algorithm of no RSA":      {shape: func(l *letter) { l.algorithm = "hmac-sha256" }, want: ErrInvalid},
		"an unknown header, not sent": {shape: func(l *letter) { l.headers += " x-color" }, change: func(r *http.Request) { replace(r, "x-color", "x-colour") }, want: ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			l := mastodon()
			if tc.shape != nil {
				tc.shape(&l)
			}
			key, err := verifier(&directory{}).Verify(l.sent(t, tc.change), l.body)
			if !errors.Is(err, tc.want) || err == nil {
				t.Errorf("%v, %v, want %v", key.Owner, err, tc.want)
			}
		})
	}
}

// TestCorpusKeys: keys that are believed, and keys that are not.
func TestCorpusKeys(t *testing.T) {
	spki, err := EncodePublic(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	private, err := EncodePrivate(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecPEM, err := EncodePublic(ec.Public())
	if err != nil {
		t.Fatal(err)
	}
	ed, err := EncodePublic(edKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	sized := func(bits uint, e int) string {
		n := new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), bits-1), 0, 1)
		text, err := EncodePublic(&rsa.PublicKey{N: n, E: e})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"SPKI":             {spki, true},
		"Ed25519":          {ed, true},
		"CRLF":             {strings.ReplaceAll(spki, "\n", "\r\n"), true},
		"blanks around":    {"\n\n" + spki + "\n  \n", true},
		"words before":     {"key of eve:\n" + spki, true},
		"4096 bits":        {sized(4096, 65537), true},
		"512 bits":         {sized(512, 65537), false},
		"1024 bits":        {sized(1024, 65537), false},
		"16384 bits":       {sized(16384, 65537), false},
		"exponent 1":       {sized(2048, 1), false},
		"exponent 3":       {sized(2048, 3), false},
		"an even exponent": {sized(2048, 65536), false},
		"an EC key":        {ecPEM, false},
		"a private key":    {private, false},
		"two keys":         {spki + ed, false},
		"no PEM":           {"MIIB", false},
		"nothing":          {"", false},
		"half a key":       {spki[:200], false},
	} {
		if _, err := ParsePublic(tc.text); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := mastodon()
	for name, key := range map[string]crypto.PublicKey{"EC": ec.Public(), "Ed25519": edKey.Public()} {
		if _, err := verifier(&directory{known: key}).Verify(l.sent(t, nil), body); !errors.Is(err, ErrInvalid) {
			t.Errorf("an RSA signature with an %s key: %v", name, err)
		}
	}
}

// TestQuery: T-SIG-20, Mobilizon and Gancio sign the path alone.
func TestQuery(t *testing.T) {
	for name, tc := range map[string]struct {
		signed, asked string
		ok            bool
	}{
		"T-SIG-20 the query is signed":       {"/ap/actors/1/outbox?page=2", "page=2", true},
		"T-SIG-20 the path alone is signed":  {"/ap/actors/1/outbox", "page=2", true},
		"T-SIG-20 another query is signed":   {"/ap/actors/1/outbox?page=3", "page=2", false},
		"T-SIG-20 a query that is not asked": {"/ap/actors/1/outbox?page=2", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := mastodon()
			l.method, l.body, l.headers, l.target = "GET", nil, "host date (request-target)", tc.signed
			_, err := verifier(&directory{}).Verify(l.sent(t, func(r *http.Request) { r.URL.RawQuery = tc.asked }), nil)
			if (err == nil) != tc.ok {
				t.Error(err)
			}
		})
	}
}
