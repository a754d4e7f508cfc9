package proof

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// internet is loopback with names and certificates of its own: everything in the proof lives on it.
type internet struct {
	addresses map[string]string // name -> 127.x.y.z
	hosts     string            // hosts file with all of them
	authority string            // PEM file of the authority that signed the certificate
	cert, key string            // PEM files of a certificate for all names
	pair      tls.Certificate
	roots     *x509.CertPool
}

const villages = 50 // how many hosts h01.test ... there are beside the towns

// names of the towns and the neighbours: dorf, nachbar and drittort run Aushang, fedi runs Fedify.
func names() []string {
	all := []string{"dorf.test", "nachbar.test", "drittort.test", "fedi.test"}
	for i := range villages {
		all = append(all, fmt.Sprintf("h%02d.test", i+1))
	}
	return all
}

// online makes the internet of this run once.
var online = sync.OnceValues(func() (*internet, error) {
	n := &internet{addresses: map[string]string{}, roots: x509.NewCertPool()}
	// A random network below 127.0.0.0/8, so that two runs at the same time do not meet.
	network := fmt.Sprintf("127.%d.%d.", 1+mathrand.IntN(254), mathrand.IntN(255))
	var lines strings.Builder
	for i, name := range names() {
		n.addresses[name] = network + strconv.Itoa(i+2)
		fmt.Fprintf(&lines, "%s %s\n", n.addresses[name], name)
	}
	n.hosts = filepath.Join(scratch, "hosts")
	if err := os.WriteFile(n.hosts, []byte(lines.String()), 0o644); err != nil {
		return nil, err
	}
	return n, n.certify()
})

func connected(t *testing.T) *internet {
	t.Helper()
	n, err := online()
	if err != nil {
		t.Fatalf("make names and certificates: %v", err)
	}
	return n
}

// certify makes an authority and one certificate for all names.
func (n *internet) certify() error {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Aushang proof"}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true,
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "dorf.test"}, DNSNames: names(),
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), authorityKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path       *string
		name, kind string
		der        []byte
	}{
		{&n.authority, "authority.pem", "CERTIFICATE", authorityDER},
		{&n.cert, "cert.pem", "CERTIFICATE", der},
		{&n.key, "key.pem", "PRIVATE KEY", keyDER},
	} {
		*file.path = filepath.Join(scratch, file.name)
		if err := os.WriteFile(*file.path, pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der}), 0o644); err != nil {
			return err
		}
	}
	parsed, err := x509.ParseCertificate(authorityDER)
	if err != nil {
		return err
	}
	n.roots.AddCert(parsed)
	n.pair, err = tls.LoadX509KeyPair(n.cert, n.key)
	return err
}

// freePort finds a port that nobody listens on at any of our addresses.
func (n *internet) freePort(t *testing.T) string {
	t.Helper()
search:
	for range 100 {
		port := strconv.Itoa(20000 + mathrand.IntN(12000)) // below the range that the kernel hands out to clients
		for _, address := range n.addresses {
			l, err := net.Listen("tcp", net.JoinHostPort(address, port))
			if err != nil {
				continue search
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return port
	}
	t.Fatal("find a free port: none in a hundred tries")
	return ""
}

// reader is somebody with a browser or a script: asks without redirects and knows the names. `at` is the address to ask
// when it is not that of the name (a second process of the same town).
type reader struct {
	client *http.Client
}

func (n *internet) reader(at string) *reader {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if known, ok := n.addresses[host]; ok {
			host = known
		}
		if at != "" {
			host = at
		}
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(host, port))
	}
	return &reader{&http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: n.roots}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

const (
	activityJSON = "application/activity+json"
	html         = "text/html"
	// browser is how people who look at pages call what they look with.
	browser = "Mozilla/5.0 (proof)"
)

// page is an answer: status, headers and the whole body.
type page struct {
	status int
	header http.Header
	body   string
}

// try asks and gives an error instead of failing the test: the server may be down on purpose.
func (r *reader) try(address, accept string) (page, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return page{}, err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("User-Agent", browser)
	answer, err := r.client.Do(request)
	if err != nil {
		return page{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return page{answer.StatusCode, answer.Header, string(body)}, err
}

// get asks for an address, following redirects within the same host as a browser would.
func (r *reader) get(t *testing.T, address, accept string) page {
	t.Helper()
	for range 5 {
		p, err := r.try(address, accept)
		if err != nil {
			t.Fatalf("GET %s: %v", address, err)
		}
		if p.status < 300 || p.status > 399 {
			return p
		}
		base, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		next, err := base.Parse(p.header.Get("Location"))
		if err != nil {
			t.Fatalf("GET %s: location %q: %v", address, p.header.Get("Location"), err)
		}
		address = next.String()
	}
	t.Fatalf("GET %s: more than five redirects", address)
	return page{}
}

// document asks for an ActivityPub document and reads it into a map.
func (r *reader) document(t *testing.T, id string) map[string]any {
	t.Helper()
	p := r.get(t, id, activityJSON)
	if p.status != http.StatusOK {
		t.Fatalf("GET %s: %d\n%s", id, p.status, p.body)
	}
	return decode[map[string]any](t, []byte(p.body))
}

// count asks for a collection of an actor or object ("followers", "likes") and gives its totalItems.
func (r *reader) count(t *testing.T, id, collection string) int {
	t.Helper()
	address, ok := r.document(t, id)[collection].(string)
	if embedded, is := r.document(t, id)[collection].(map[string]any); is {
		address, ok = embedded["id"].(string)
	}
	if !ok {
		t.Fatalf("%s has no collection %s", id, collection)
	}
	n, ok := r.document(t, address)["totalItems"].(float64)
	if !ok {
		t.Fatalf("GET %s: the collection has no totalItems", address)
	}
	return int(n)
}

func decode[T any](t *testing.T, body []byte) T {
	t.Helper()
	var v T
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&v); err != nil {
		t.Fatalf("decode %.300s: %v", body, err)
	}
	return v
}
