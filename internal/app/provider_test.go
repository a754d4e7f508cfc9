package app

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/account"
)

const providerProject = "../proof/provider"

// provider is a sign-in service that others wrote (oidc-provider of npm), over
// TLS on this machine.
type provider struct {
	t      *testing.T
	issuer string
	input  io.WriteCloser
	output *bufio.Reader
	roots  *x509.CertPool
	key    *rsa.PrivateKey
	stop   func()

	mu sync.Mutex
	// change changes the ID token before the town sees it; nil for none. Signer is
	// who signs it then.
	change func(header, claims map[string]any)
	signer *rsa.PrivateKey
}

// claims are what the service says of somebody.
type claims map[string]any

func startProvider(t *testing.T) *provider {
	t.Helper()
	node, err := filepath.Abs(providerProject + "/node_modules/node/bin/node")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(node); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the sign-in service is missing: make deps installs it")
		}
		t.Skip("make deps installs what this test needs")
	}
	p := &provider{t: t, roots: x509.NewCertPool()}
	if p.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	cert, key := p.certificate()
	c := exec.CommandContext(t.Context(), node, "provider.mjs")
	c.Dir = providerProject
	c.Env = append(os.Environ(), "CERT="+cert, "KEY="+key, "JWK="+p.jwk(), "CLIENT=aushang", "SECRET=a secret of the tests", "BACK=https://here.test"+account.ReturnPath)
	var said bytes.Buffer
	c.Stderr = &said
	if p.input, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.output = bufio.NewReader(output)
	p.stop = sync.OnceFunc(func() { _ = p.input.Close(); _ = c.Wait() })
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("what the service said:\n%s", said.String())
		}
	})
	var first struct{ Issuer string }
	p.read(&first)
	p.issuer = first.Issuer
	return p
}

func (p *provider) read(to any) {
	p.t.Helper()
	line, err := p.output.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, to)
	}
	if err != nil {
		p.t.Fatalf("the service says %q: %v", line, err)
	}
}

// sits puts a person before the service; nil is nobody.
func (p *provider) sits(who claims) {
	p.t.Helper()
	line, err := json.Marshal(who)
	if err == nil {
		_, err = p.input.Write(append(line, '\n'))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var done struct{}
	p.read(&done)
}

// certificate writes that of a server on this machine, which the town believes.
func (p *provider) certificate() (cert, key string) {
	p.t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	p.roots.AddCert(server.Certificate())
	der, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		p.t.Fatal(err)
	}
	dir := p.t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: server.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return cert, key
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (p *provider) jwk() string {
	k := p.key
	e := []byte{1, 0, 1}
	b, _ := json.Marshal(map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", "n": b64(k.N.Bytes()), "e": b64(e), "d": b64(k.D.Bytes()), "p": b64(k.Primes[0].Bytes()), "q": b64(k.Primes[1].Bytes()),
		"dp": b64(k.Precomputed.Dp.Bytes()), "dq": b64(k.Precomputed.Dq.Bytes()), "qi": b64(k.Precomputed.Qinv.Bytes()),
	})
	return string(b)
}

// service is what the town is told of it.
func (p *provider) service() *account.Service {
	p.t.Helper()
	u, err := url.Parse(p.issuer)
	if err != nil {
		p.t.Fatal(err)
	}
	allow, err := transport.ParseAllowed("127.0.0.0/8:" + u.Port())
	if err != nil {
		p.t.Fatal(err)
	}
	client := transport.New(transport.Options{Allow: []transport.AllowedAddress{allow}, Roots: p.roots}).Door(maxServiceAnswer)
	client.Transport = &between{p, client.Transport}
	return &account.Service{
		Issuer: p.issuer, ClientID: "aushang", Secret: "a secret of the tests", Name: "Stadt-Konto", Scopes: []string{"profile", "email"}, Client: client,
	}
}

// between changes what the service answers, as somebody in between would.
type between struct {
	*provider
	next http.RoundTripper
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || b.change == nil || r.Method != http.MethodPost || res.StatusCode != http.StatusOK {
		return res, err
	}
	var token map[string]any
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		return nil, err
	}
	parts := strings.Split(token["id_token"].(string), ".")
	var halves [2]map[string]any
	for i := range halves {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &halves[i]); err != nil {
			return nil, err
		}
	}
	b.change(halves[0], halves[1])
	token["id_token"] = sign(b.signer, halves[0], halves[1])
	body, _ := json.Marshal(token)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

func sign(key *rsa.PrivateKey, header, claims map[string]any) string {
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := b64(h) + "." + b64(c)
	if header["alg"] == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return text + "." + b64(signature)
}

// goes lets the person of a browser go to the service and gives the address to
// which it sends back.
func (p *provider) goes(b *browser, path string) string {
	p.t.Helper()
	got := b.ask(http.MethodGet, path, html, nil)
	b.jar.SetCookies(cookiesOf, got.Result().Cookies())
	to := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(to, p.issuer) {
		p.t.Fatalf("%s answers %d and leads to %q", path, got.Code, to)
	}
	for _, part := range []string{"code_challenge_method=S256", "nonce=", "state=", "response_type=code"} {
		if !strings.Contains(to, part) {
			p.t.Errorf("%s lacks %s", to, part)
		}
	}
	jar, _ := cookiejar.New(nil)
	client := &http.Client{
		Jar: jar, Transport: transport.New(transport.Options{Allow: p.allowed(), Roots: p.roots}).Door(1 << 20).Transport,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host == "here.test" {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
	res, err := client.Get(to)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	back := res.Header.Get("Location")
	if !strings.HasPrefix(back, "https://here.test"+account.ReturnPath+"?") {
		body, _ := io.ReadAll(res.Body)
		p.t.Fatalf("the service answers %d and leads to %q: %s", res.StatusCode, back, body)
	}
	return strings.TrimPrefix(back, "https://here.test")
}

func (p *provider) allowed() []transport.AllowedAddress {
	u, _ := url.Parse(p.issuer)
	a, err := transport.ParseAllowed(fmt.Sprintf("127.0.0.0/8:%s", u.Port()))
	if err != nil {
		p.t.Fatal(err)
	}
	return []transport.AllowedAddress{a}
}
