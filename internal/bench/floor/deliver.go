package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// senders is how many requests are on their way at once.
const senders = 64

// sender signs and posts.
type sender struct {
	key    *rsa.PrivateKey
	client *http.Transport
	id     string
}

// order is a fan-out that the bench asks for.
type order struct {
	// Body goes to Inboxes.
	Body    string
	Inboxes []string
}

func newSender(o options) (*sender, error) {
	text, err := os.ReadFile(o.private)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the key is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(o.roots)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	s := &sender{id: o.id, key: key.(*rsa.PrivateKey)} //nolint:forcetypeassert // the bench makes RSA keys
	s.client = &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, o.world)
		},
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(4096)},
		MaxIdleConns:    4096, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, DisableCompression: true,
	}
	return s, nil
}

// fanOut starts what is ordered and answers at once.
func (s *sender) fanOut(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	go s.send(o)
	w.WriteHeader(http.StatusAccepted)
}

func (s *sender) send(o order) {
	body := []byte(o.Body)
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	hosts := byHost(o.Inboxes)
	var next atomic.Int64
	for range senders {
		go func() {
			for n := next.Add(1) - 1; int(n) < len(hosts); n = next.Add(1) - 1 {
				for _, inbox := range hosts[n] {
					if err := s.post(inbox, s.id+"#main-key", body, digest); err != nil {
						fmt.Fprintln(os.Stderr, "floor:", err)
					}
				}
			}
		}()
	}
}

// byHost groups inboxes, so that one connection to each host is enough.
func byHost(inboxes []string) [][]string {
	place := map[string]int{}
	var hosts [][]string
	for _, inbox := range inboxes {
		host := strings.SplitN(inbox, "/", 4)[2]
		n, ok := place[host]
		if !ok {
			n = len(hosts)
			place[host] = n
			hosts = append(hosts, nil)
		}
		hosts[n] = append(hosts[n], inbox)
	}
	return hosts
}

func (s *sender) post(inbox, keyID string, body []byte, digest string) error {
	u, err := url.Parse(inbox)
	if err != nil {
		return err
	}
	date := time.Now().UTC().Format(http.TimeFormat)
	signed := "(request-target): post " + u.Path + "\nhost: " + u.Host + "\ndate: " + date + "\ndigest: " + digest + "\ncontent-type: application/activity+json"
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return err
	}
	r := &http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		Header: http.Header{
			"Date": {date}, "Digest": {digest}, "Content-Type": {"application/activity+json"},
			"Signature": {`keyId="` + keyID + `",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="` + base64.StdEncoding.EncodeToString(signature) + `"`},
		},
	}
	res, err := s.client.RoundTrip(r)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s answers with status %d", inbox, res.StatusCode)
	}
	return nil
}
