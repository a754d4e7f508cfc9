package federationtest

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Options is how a Fediverse is made. Only Dir must be set.
type Options struct {
	// Dir is the folder for the files: hosts, authority, certificate.
	Dir string
	// Keys is how many RSA keys the actors share, 1 if zero: making one takes
	// a fifth of a second.
	Keys int
	// HTTP2 offers HTTP/2 beside HTTP/1.1.
	HTTP2 bool
}

// A Fediverse is all other servers. Make one with Start and end it with Close.
type Fediverse struct {
	// Port is where all of them listen.
	Port string
	// HostsFile has the addresses of all names, Authority the certificate that
	// all trust, both as files.
	HostsFile, Authority string
	// CertFile and KeyFile are a certificate for any name NAME.test.
	CertFile, KeyFile string
	// Roots holds the authority.
	Roots *x509.CertPool

	network string // the first three parts of all addresses
	http2   bool
	pair    tls.Certificate
	keys    []key

	mu        sync.RWMutex
	hosts     map[string]*Host
	addresses map[string]string // name -> address
	main      *listener
	own       int // listeners of hosts with an address of their own

	inbox mailbox
	gets  atomic.Int64
	ended chan struct{}
}

// key is what an actor signs with, in the forms that documents need.
type key struct {
	rsa      crypto.Signer
	rsaPEM   string
	ed25519  ed25519.PrivateKey
	multikey string
}

// Start listens on an address of 127.0.0.0/8 that is drawn by lot.
func Start(o Options) (*Fediverse, error) {
	f := &Fediverse{
		http2: o.HTTP2, hosts: map[string]*Host{}, addresses: map[string]string{}, ended: make(chan struct{}), Roots: x509.NewCertPool(),
		HostsFile: filepath.Join(o.Dir, "hosts"), Authority: filepath.Join(o.Dir, "authority.pem"),
		CertFile: filepath.Join(o.Dir, "cert.pem"), KeyFile: filepath.Join(o.Dir, "key.pem"),
	}
	if err := f.certify(); err != nil {
		return nil, fmt.Errorf("start fediverse: %w", err)
	}
	for range max(o.Keys, 1) {
		k, err := newKey()
		if err != nil {
			return nil, fmt.Errorf("start fediverse: %w", err)
		}
		f.keys = append(f.keys, k)
	}
	var err error
	for range 20 {
		f.network = fmt.Sprintf("127.%d.%d.", 1+rand.IntN(254), rand.IntN(254))
		// Below the range that the kernel hands out to clients.
		f.Port = fmt.Sprint(20000 + rand.IntN(12000))
		if f.main, err = f.listen(f.network + "1"); err == nil {
			return f, f.writeHosts()
		}
	}
	return nil, fmt.Errorf("start fediverse: %w", err)
}

func newKey() (key, error) {
	private, err := signature.NewKey()
	if err != nil {
		return key{}, err
	}
	public, err := signature.EncodePublic(private.Public())
	if err != nil {
		return key{}, err
	}
	edPublic, ed, err := ed25519.GenerateKey(nil)
	if err != nil {
		return key{}, err
	}
	return key{rsa: private, rsaPEM: public, ed25519: ed, multikey: signature.EncodeMultikey(edPublic)}, nil
}

// Close ends all servers; whoever waits for an answer gets none.
func (f *Fediverse) Close() error {
	close(f.ended)
	err := f.main.close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.hosts {
		if h.own != nil {
			err = errors.Join(err, h.own.close())
		}
	}
	return err
}

// Name gives a name to the program under test, so that its own name leads to an
// address on loopback where it can listen at any port: that address.
func (f *Fediverse) Name(name string) (address string, err error) {
	f.mu.Lock()
	address = f.network + "2"
	f.addresses[name] = address
	f.mu.Unlock()
	return address, f.writeHosts()
}

// Add gives n new hosts that answer, PREFIX0001.test and so on.
func (f *Fediverse) Add(prefix string, n int) ([]*Host, error) {
	f.mu.Lock()
	var added []*Host
	for i := range n {
		h := &Host{f: f, name: fmt.Sprintf("%s%04d.test", prefix, i+1), changed: make(chan struct{}), shared: true}
		h.key = &f.keys[len(f.hosts)%len(f.keys)]
		f.hosts[h.Authority()] = h
		f.addresses[h.name] = f.network + "1"
		added = append(added, h)
	}
	f.mu.Unlock()
	return added, f.writeHosts()
}

// writeHosts writes the file of names. Go programs look at it again after five
// seconds.
func (f *Fediverse) writeHosts() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var lines strings.Builder
	for name, address := range f.addresses {
		lines.WriteString(address + " " + name + "\n")
	}
	if err := os.WriteFile(f.HostsFile+".new", []byte(lines.String()), 0o644); err != nil { //nolint:gosec // names only
		return fmt.Errorf("write hosts: %w", err)
	}
	return os.Rename(f.HostsFile+".new", f.HostsFile)
}

// DialContext connects by the names of this Fediverse.
func (f *Fediverse) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	f.mu.RLock()
	known, ok := f.addresses[name]
	f.mu.RUnlock()
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(known, port))
}

// Gets tells how often something was fetched from any host so far.
func (f *Fediverse) Gets() int64 { return f.gets.Load() }

// host gives the host called authority ("name:port"), nil when there is none.
func (f *Fediverse) host(authority string) *Host {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.hosts[authority]
}

// listener is a TLS server at one address.
type listener struct {
	server *http.Server
	tcp    net.Listener
}

func (l *listener) close() error { return l.server.Close() }

func (f *Fediverse) listen(address string) (*listener, error) {
	tcp, err := net.Listen("tcp", net.JoinHostPort(address, f.Port))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{f.pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if f.http2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if h := f.host(net.JoinHostPort(hello.ServerName, f.Port)); h != nil && h.behaviour() == Silent {
			h.wait(hello.Context(), Silent)
		}
		return nil, nil //nolint:nilnil // the configuration stays as it is
	}
	s := &http.Server{Handler: f, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // slow clients are welcome
	if !f.http2 {
		s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go s.ServeTLS(tcp, "", "") //nolint:errcheck // it ends with close
	return &listener{s, tcp}, nil
}

// Address gives where all hosts are that have no address of their own.
func (f *Fediverse) Address() string { return f.network + "1" }
