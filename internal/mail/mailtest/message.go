package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"sync"
	"testing"
	"time"
)

// A Message is what arrived.
type Message struct {
	// From and To are those of the envelope.
	From, To string
	// Subject is in words, Text and HTML are the parts, decoded.
	Subject, Text, HTML string
	Header              mail.Header
	// Raw is all of it.
	Raw string
}

var links = regexp.MustCompile(`https?://[^\s<>"]+`)

// Links gives the links in the text part, in order.
func (m Message) Links() []string { return links.FindAllString(m.Text, -1) }

// read takes a letter apart: it must be a text and the same in HTML.
func read(raw []byte) (Message, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, fmt.Errorf("read message: %w", err)
	}
	m := Message{Header: parsed.Header, Raw: string(raw)}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return m, fmt.Errorf("read subject: %w", err)
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return m, fmt.Errorf("read message: it is %q (%w)", kind, err)
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return m, nil
		}
		if err != nil {
			return m, fmt.Errorf("read part: %w", err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return m, fmt.Errorf("read part: %w", err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		switch {
		case err == nil && kind == "text/plain":
			m.Text = string(text)
		case err == nil && kind == "text/html":
			m.HTML = string(text)
		default:
			return m, fmt.Errorf("read part: it is %q (%w)", kind, err)
		}
	}
}

var made = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
})

// certificate gives that of the server, and the same for who must know it.
func certificate(t testing.TB) (pair tls.Certificate, text []byte) {
	t.Helper()
	pair, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return pair, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
}
