package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// hosts is how many other servers there are.
const hosts = 200

// The addresses of the town and of all other servers, on loopback.
const (
	townAddress  = "127.0.0.2"
	worldAddress = "127.0.0.3"
)

// world is everything outside of the town: names, certificates, and one
// listener that plays all other servers.
type world struct {
	port      string
	hostsFile string
	authority string // file of the CA certificate
	cert, key string // files for the town
	roots     *x509.CertPool
	private   *rsa.PrivateKey // one for all actors
	public    string
	server    *http.Server
	// arrived counts what came to the inboxes since it was set to 0.
	arrived atomic.Int64
}

func newWorld(dir string) (*world, error) {
	w := &world{hostsFile: filepath.Join(dir, "hosts"), authority: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	l, err := net.Listen("tcp", worldAddress+":0")
	if err != nil {
		return nil, err
	}
	_, w.port, _ = net.SplitHostPort(l.Addr().String())
	lines := townAddress + " dorf.test\n"
	names := []string{"dorf.test"}
	for i := range hosts {
		names = append(names, name(i))
		lines += worldAddress + " " + name(i) + "\n"
	}
	if err := os.WriteFile(w.hostsFile, []byte(lines), 0o600); err != nil {
		return nil, err
	}
	pair, err := w.certify(names)
	if err != nil {
		return nil, err
	}
	if w.private, err = signature.NewKey(); err != nil {
		return nil, err
	}
	if w.public, err = signature.EncodePublic(w.private.Public()); err != nil {
		return nil, err
	}
	w.server = &http.Server{Handler: w, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go w.server.ServeTLS(l, "", "") //nolint:errcheck // ends with close
	return w, nil
}

func (w *world) close() { _ = w.server.Close() }

func name(i int) string             { return fmt.Sprintf("h%03d.test", i) }
func (w *world) actor(i int) string { return "https://" + name(i) + ":" + w.port + "/actor" }
func (w *world) signer(i int) signature.Signer {
	return signature.Signer{KeyID: w.actor(i) + "#main-key", Private: w.private}
}

// certify makes an authority and a certificate for all names.
func (w *world) certify(names []string) (tls.Certificate, error) {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, caKey.Public(), caKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: names, NotAfter: authority.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), caKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	for file, block := range map[string]*pem.Block{
		w.authority: {Type: "CERTIFICATE", Bytes: ca}, w.cert: {Type: "CERTIFICATE", Bytes: der}, w.key: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return tls.Certificate{}, err
		}
	}
	w.roots = x509.NewCertPool()
	caCert, err := x509.ParseCertificate(ca)
	if err != nil {
		return tls.Certificate{}, err
	}
	w.roots.AddCert(caCert)
	return tls.LoadX509KeyPair(w.cert, w.key)
}

// ServeHTTP shows the actor of each host and counts what comes to its inbox.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "/inbox") {
			w.arrived.Add(1)
		}
		rw.WriteHeader(http.StatusAccepted)
		return
	}
	id := "https://" + r.Host + "/actor"
	rw.Header().Set("Content-Type", "application/activity+json")
	_ = json.NewEncoder(rw).Encode(map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       id, "type": "Person", "preferredUsername": "someone", "inbox": id + "/inbox", "outbox": id + "/outbox", "followers": id + "/followers",
		"publicKey": map[string]string{"id": id + "#main-key", "owner": id, "publicKeyPem": w.public},
	})
}

// wait waits until n have arrived, at most for the time given.
func (w *world) wait(n int64, most time.Duration) error {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if w.arrived.Load() >= n {
			return nil
		}
	}
	return fmt.Errorf("only %d of %d arrived in %s", w.arrived.Load(), n, most)
}
