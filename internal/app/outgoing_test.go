package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// pair is the certificate of the other servers of these tests. TestMain makes
// this process believe it.
var pair tls.Certificate

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "aushang")
	if err == nil {
		pair, err = certify(filepath.Join(dir, "authority.pem"))
	}
	if err == nil {
		err = keepKeys()
	}
	if err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// keepKeys makes some keys, which the actors of all towns of these tests take
// in turn: to make one takes longer than most tests.
func keepKeys() error {
	keys := make([]*rsa.PrivateKey, 8)
	for i := range keys {
		var err error
		if keys[i], err = signature.NewKey(); err != nil {
			return err
		}
	}
	var given atomic.Int64
	newKey = func() (*rsa.PrivateKey, error) { return keys[int(given.Add(1))%len(keys)], nil }
	return nil
}

// certify makes a certificate that signs itself, and lets the process believe
// no other authority.
func certify(path string) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "others"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		DNSNames: []string{"*.example", "*.corpus.example"},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.Setenv("SSL_CERT_FILE", path)
}

// outside is the network as a town sees it: names that lead where the test
// wants, one address that its address guard lets through, with a server on it,
// and one that it does not, on the same port, where arrivals are counted.
type outside struct {
	*village
	port string
	// answer is what the server at the good address says.
	answer atomic.Pointer[http.HandlerFunc]
	// asked counts its requests, arrived the connections to the other address.
	asked, arrived atomic.Int32

	met atomic.Int32

	mu    sync.Mutex
	names map[string]func() []string // to addresses, or "=name" for an alias
}

// The address that is let through and the one that is not.
const (
	goodIP = "127.0.0.2"
	badIP  = "127.0.0.3"
)

func newOutside(t *testing.T, url string) *outside {
	t.Helper()
	o := &outside{names: map[string]func() []string{}}
	good := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked.Add(1)
		if h := o.answer.Load(); h != nil {
			(*h)(w, r)
		}
	}))
	_ = good.Listener.Close()
	var err error
	if good.Listener, err = net.Listen("tcp", goodIP+":0"); err != nil {
		t.Fatal(err)
	}
	_, o.port, _ = net.SplitHostPort(good.Listener.Addr().String())
	good.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	good.StartTLS()
	t.Cleanup(good.Close)
	bad, err := net.Listen("tcp", badIP+":"+o.port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bad.Close() })
	go func() {
		for {
			c, err := bad.Accept()
			if err != nil {
				return
			}
			o.arrived.Add(1)
			_ = c.Close()
		}
	}()
	o.resolve(t)
	o.village = found(t, url, func(c *config.Config) { c.Federation.AllowAddresses = []string{goodIP + "/32:" + o.port} })
	t.Cleanup(o.client.CloseIdle)
	return o
}

// nameServer is who answers the questions for names of this process; nil leaves
// them to the machine's. The resolver itself is set once: connections may still
// be made when a test has ended.
var nameServer atomic.Pointer[string]

func init() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if at := nameServer.Load(); at != nil {
			return new(net.Dialer).DialContext(ctx, "udp", *at)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// resolve answers the questions for names of this process until the test ends.
func (o *outside) resolve(t *testing.T) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := server.LocalAddr().String()
	nameServer.Store(&at)
	t.Cleanup(func() { nameServer.Store(nil); _ = server.Close() })
	go func() {
		question := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(question[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if answer, err := o.say(m).Pack(); err == nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
}

func (o *outside) say(m dnsmessage.Message) *dnsmessage.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := m.Questions[0]
	name := strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")
	answer := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
	to, ok := o.names[name]
	if !ok {
		answer.RCode = dnsmessage.RCodeNameError
		return answer
	}
	for _, a := range to() {
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 0}
		if alias, ok := strings.CutPrefix(a, "="); ok {
			target := dnsmessage.MustNewName(alias + ".")
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.CNAMEResource{CNAME: target}})
			for _, a := range o.names[alias]() {
				h.Name = target
				answer.Answers = appendAddress(answer.Answers, h, q.Type, a)
			}
			continue
		}
		answer.Answers = appendAddress(answer.Answers, h, q.Type, a)
	}
	return answer
}

func appendAddress(list []dnsmessage.Resource, h dnsmessage.ResourceHeader, kind dnsmessage.Type, address string) []dnsmessage.Resource {
	ip := netip.MustParseAddr(address).WithZone("")
	switch {
	case kind == dnsmessage.TypeA && ip.Is4():
		return append(list, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
	case kind == dnsmessage.TypeAAAA && ip.Is6():
		return append(list, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
	}
	return list
}

// name lets a name lead to addresses, always the same ones.
func (o *outside) name(name string, addresses ...string) string {
	return o.changing(name, func() []string { return addresses })
}

func (o *outside) changing(name string, to func() []string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names[name] = to
	return name + ":" + o.port
}

func (o *outside) serve(h http.HandlerFunc) { o.answer.Store(&h) }

// corpus are addresses that no town may ever reach.
var corpus = strings.Fields(`0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
	172.31.255.255 192.0.0.1 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255
	198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:0.0.0.0
	::ffff:0:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::7f00:1 100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1
	2002:7f00:1:: 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ` + badIP)

// spellings are other ways to write such addresses, and names that no public
// server has.
var spellings = []string{
	"127.1", "0177.0.0.1", "0x7f.1", "0x7f000003", "2130706435", "127.0.0.3.", "①②⑦.⓪.⓪.③", "[::1%25lo]", "localhost", "localhost.", "LOCALHOST",
	"foo.localhost", "x.internal", "x.local", "metadata", "x.onion", "x.i2p", "router.home.arpa",
}

// feature is something that makes a town ask another server. host is
// "name:port" of somebody else's choice, n makes ids differ.
type feature struct {
	name string
	ask  func(o *outside, host string, n int) error
}

// row gives an error for an activity that was not applied.
func (r row) err() error {
	if r.State == "applied" {
		return nil
	}
	return fmt.Errorf("%s: %s", r.State, r.Error)
}

// features lists all that fetch.
var features = []feature{
	{"a key", func(o *outside, host string, n int) error {
		_, err := o.Actors.Key(o.t.Context(), fmt.Sprintf("https://%s/users/eve%d#main-key", host, n), true)
		return err
	}},
	{"a key without a fragment", func(o *outside, host string, n int) error {
		_, err := o.Actors.Key(o.t.Context(), fmt.Sprintf("https://%s/users/eve%d/main-key", host, n), true)
		return err
	}},
	{"an actor", func(o *outside, host string, n int) error {
		_, err := o.Actors.Resolve(o.t.Context(), fmt.Sprintf("https://%s/users/eve%d", host, n))
		return err
	}},
	{"a handle", func(o *outside, host string, n int) error {
		_, err := o.Actors.Lookup(o.t.Context(), fmt.Sprintf("@eve%d@%s", n, host))
		return err
	}},
	{"a club follows", func(o *outside, host string, n int) error {
		_, err := o.Clubs.Follow(o.t.Context(), "operator", "tsv", fmt.Sprintf("@eve%d@%s", n, host))
		return err
	}},
	{"the page for people of other servers", func(o *outside, host string, n int) error {
		w := o.send("/folgen?uri="+o.club.ID, fmt.Sprintf("@eve%d@%s", n, host))
		if w.Code != 200 {
			return fmt.Errorf("status %d", w.Code)
		}
		return nil
	}},
	{"an object", func(o *outside, host string, _ int) error {
		eve := o.acquaintance(host)
		return o.receive(`{"id":"%s/create","type":"Create","actor":"%s","object":"%s/note"}`, eve, eve, eve).err()
	}},
	{"a move", func(o *outside, host string, _ int) error {
		eve := o.acquaintance("moving.example")
		return o.receive(`{"id":"%s/move","type":"Move","actor":"%s","object":"%s","target":"https://%s/users/new"}`, eve, eve, eve, host).err()
	}},
	{"a share", func(o *outside, host string, n int) error {
		eve := o.acquaintance("sharing.example")
		o.follows(eve)
		return o.receive(`{"id":"%s/share","type":"Announce","actor":"%s","object":"https://%s/notes/%d"}`, eve, eve, host, n).err()
	}},
	{"a delivery", func(o *outside, host string, n int) error {
		a, err := o.client.Post(o.t.Context(), fmt.Sprintf("https://%s/inbox/%d", host, n), []byte("{}"), func(*http.Request) error { return nil })
		if err == nil && a.Status != 202 {
			return fmt.Errorf("status %d", a.Status)
		}
		return err
	}},
}

// acquaintance stores an actor on a host.
func (o *outside) acquaintance(host string) string {
	return o.meet(fmt.Sprintf("https://%s/%d/eve", host, o.met.Add(1)))
}

// refused fails unless a feature refuses to ask host and nothing arrives.
func (o *outside) refused(t *testing.T, f feature, host string, n int) {
	t.Helper()
	actors, objects, follows := o.count("actors"), o.count("objects"), o.count("follows")
	if strings.Contains(f.name, "share") {
		follows++ // its own
	}
	err := f.ask(o, host, n)
	if err == nil {
		t.Errorf("%s at %s: it was asked", f.name, host)
	}
	if o.arrived.Load() != 0 {
		t.Fatalf("%s at %s: something arrived", f.name, host)
	}
	if slices.Contains([]string{"an object", "a move", "a share"}, f.name) {
		actors++ // who sent it
	}
	if o.count("actors") != actors || o.count("objects") != objects || o.count("follows") != follows {
		t.Errorf("%s at %s: something was stored", f.name, host)
	}
}

// allRefused fails unless every feature refuses to ask each host.
func (o *outside) allRefused(t *testing.T, hosts ...string) {
	t.Helper()
	for _, f := range features {
		for n, host := range hosts {
			o.refused(t, f, host, n)
		}
	}
}

// TestNothingInsideIsReached: no feature connects to an address that is not
// public, in whatever way it is named. One that is let through is reached, so
// that the silence means something.
func TestNothingInsideIsReached(t *testing.T) {
	o := newOutside(t, databasetest.SQLite(t))
	good, bad := o.name("good.example", goodIP), o.name("bad.example", badIP)
	c, err := net.Dial("tcp", badIP+":"+o.port)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	for o.arrived.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	o.arrived.Store(0)
	for _, f := range features {
		before := o.asked.Load()
		if _ = f.ask(o, good, 0); o.asked.Load() == before {
			t.Errorf("%s: nobody was asked where it is allowed", f.name)
		}
	}
	t.Run("T-SSRF-01 T-SSRF-02 T-SSRF-04 T-SSRF-05 T-SSRF-17 names that lead inside", func(t *testing.T) {
		hosts := []string{bad}
		for i, a := range corpus {
			hosts = append(hosts, o.name(fmt.Sprintf("a%d.corpus.example", i), a))
		}
		o.allRefused(t, hosts...)
	})
	t.Run("T-SSRF-01 T-SSRF-20 T-SSRF-22 addresses in every spelling", func(t *testing.T) {
		var hosts []string
		for _, a := range corpus {
			hosts = append(hosts, net.JoinHostPort(a, o.port))
		}
		for _, s := range spellings {
			hosts = append(hosts, s, s+":"+o.port)
		}
		o.allRefused(t, hosts...)
	})
	t.Run("T-SSRF-01 aliases and names that lead outside too", func(t *testing.T) {
		many := slices.Repeat([]string{badIP}, 20)
		o.allRefused(t, o.name("alias.example", "=bad.example"), o.name("many.example", many...), o.name("two.example", badIP, "::1", "fd00::1"))
		mixed := o.name("mixed.example", append(many, goodIP, "::1")...)
		for n, f := range features {
			before := o.asked.Load()
			_ = f.ask(o, mixed, n)
			if o.arrived.Load() != 0 || o.asked.Load() == before {
				t.Errorf("%s: %d arrived", f.name, o.arrived.Load())
			}
		}
	})
	t.Run("T-SSRF-01 a name that leads elsewhere the second time", func(t *testing.T) {
		for i, f := range features {
			to := goodIP
			host := o.changing(fmt.Sprintf("rebound%d.example", i), func() []string { return []string{to} })
			_ = f.ask(o, host, 1)
			o.mu.Lock()
			to = badIP
			o.mu.Unlock()
			o.client.CloseIdle()
			o.refused(t, f, host, 2)
		}
	})
}

// TestNobodyLeadsInside: another server cannot send us inside.
func TestNobodyLeadsInside(t *testing.T) {
	o := newOutside(t, databasetest.SQLite(t))
	good, bad := o.name("good.example", goodIP), o.name("bad.example", badIP)
	t.Run("T-SSRF-07 T-SSRF-08 T-SSRF-20 redirects", func(t *testing.T) {
		for i, to := range []string{
			"https://" + badIP + ":" + o.port + "/", "https://" + bad + "/x", "http://" + bad + "/x", "//" + bad + "/x", "https://127.1:" + o.port + "/", "https://[::1]:" + o.port + "/",
			"https://localhost:" + o.port + "/", "file:///etc/passwd", "gopher://" + bad + "/", "data:application/activity+json,{}", "https://here.test/ap/instance", "https://u@" + good + "/",
		} {
			status := []int{301, 302, 303, 307, 308}[i%5]
			o.serve(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			o.allRefused(t, good)
		}
	})
	t.Run("T-SSRF-08 links in what another server says", func(t *testing.T) {
		for _, href := range []string{"https://" + bad + "/eve", "http://" + bad + "/eve", "data:application/activity+json,{}", "file:///etc/passwd", "https://" + badIP + ":" + o.port + "/"} {
			o.serve(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"subject":"acct:eve@%s","links":[{"rel":"self","type":"application/activity+json","href":"%s"}]}`, good, href)
			})
			for _, f := range features {
				if f.name == "a handle" || f.name == "a club follows" {
					o.refused(t, f, good, 0)
				}
			}
		}
	})
	t.Run("T-SSRF-13 what would change the request", func(t *testing.T) {
		for _, odd := range []string{"\r\nX-Y: z", "%0d%0aX-Y:%20z", " HTTP/1.1\r\n", "\x00", "\u2028", "\\@" + good} {
			o.serve(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusNotFound)
				if r.Header.Get("X-Y") != "" || strings.ContainsAny(r.RequestURI, "\r\n\x00 ") {
					t.Errorf("%q became %q with %v", odd, r.RequestURI, r.Header)
				}
			})
			for _, f := range features {
				if f.name == "a key" || f.name == "an actor" || f.name == "a handle" || f.name == "a delivery" {
					o.refused(t, f, good+odd, 0)
					o.refused(t, f, "good.example"+odd+":"+o.port, 0)
				}
			}
		}
	})
}

// TestNothingElseIsFetched: what arrives or is written makes us ask for nothing
// but what it takes to know who wrote it.
func TestNothingElseIsFetched(t *testing.T) {
	o := newOutside(t, databasetest.SQLite(t))
	good := o.name("good.example", goodIP)
	eve := "https://" + good + "/users/eve"
	o.serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", as2)
		switch r.URL.Path {
		case "/users/eve":
			_, _ = fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":"%s","type":"Person","preferredUsername":"eve","inbox":"%[1]s/inbox","icon":{"type":"Image","url":"https://%s/icon.png"},"featured":"https://%[2]s/featured"}`, eve, good)
		case "/notes/1":
			_, _ = fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://%s/notes/1","type":"Note","attributedTo":"%s",%s,"content":"<a href='https://%[1]s/link'>x</a>","attachment":[{"type":"Image","url":"https://%[1]s/a.png"}],"inReplyTo":"https://%[1]s/notes/0","replies":{"id":"https://%[1]s/r","type":"Collection","first":{"type":"CollectionPage","next":"https://%[1]s/r?page=2","items":["https://%[1]s/notes/2"]},"next":"https://%[1]s/r"}}`, good, eve, public)
		default:
			t.Errorf("%s was fetched", r.URL.Path)
		}
	})
	t.Run("T-SSRF-10 T-SSRF-16 T-DOS-02 links, pictures and collections", func(t *testing.T) {
		o.follows(o.meet(lena))
		if r := o.receive(`{"id":"https://b.test/share","type":"Announce","actor":"%s","object":"https://%s/notes/1"}`, lena, good); r.State != "applied" {
			t.Fatalf("%+v", r)
		}
		if n := o.asked.Load(); n != 2 {
			t.Errorf("%d requests for an object and its author", n)
		}
		o.post("Seht https://" + good + "/link und ![x](https://" + good + "/a.png)")
		for _, path := range []string{"/", "/pinnwand", "/vereine/tsv"} {
			o.get(path, html)
		}
		if n := o.asked.Load(); n != 2 {
			t.Errorf("%d requests more for links and pictures", n-2)
		}
	})
}
