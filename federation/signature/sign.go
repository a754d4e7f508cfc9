package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/go-fed/httpsig"
	rfc9421 "github.com/remitly-oss/httpsig-go"
)

// Cavage signs r by draft-cavage with RSA and SHA-256 and sets Host, Date and,
// with a body, Digest. Body is exactly what will be sent; the Content-Type of a
// POST must be set already. Sign at each attempt: some peers allow a Date of
// five minutes only.
func (s Signer) Cavage(r *http.Request, body []byte, now time.Time) error {
	headers := []string{httpsig.RequestTarget, "host", "date"}
	// go-fed/httpsig reads these from the header map.
	r.Header.Set("Host", hostOf(r))
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	r.Header.Del("Signature")
	if body != nil {
		r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sumOf(body)))
		headers = append(headers, "digest", "content-type")
	}
	signer, _, err := httpsig.NewSigner([]httpsig.Algorithm{httpsig.RSA_SHA256}, httpsig.DigestSha256, headers, httpsig.Signature, 0)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	// The digest is set above: handing the body in would set it a second time.
	if err := signer.SignRequest(s.Private, s.KeyID, escaped(r), nil); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// escaped gives r, sharing its header, with the path as it goes over the wire:
// go-fed/httpsig signs the decoded one.
func escaped(r *http.Request) *http.Request {
	c := *r
	u := *r.URL
	u.Path, u.RawPath = r.URL.EscapedPath(), ""
	c.URL = &u
	return &c
}

func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// RFC9421 signs r by RFC 9421 over @method, @target-uri and, with a body,
// content-digest: what Mastodon demands and Fedify accepts. r.URL must be
// absolute. The time is that of the clock.
func (s Signer) RFC9421(r *http.Request, body []byte, now time.Time) error {
	return s.rfc9421(r, body, now, "")
}

func (s Signer) rfc9421(r *http.Request, body []byte, now time.Time, fragment string) error {
	for _, h := range []string{"Signature", "Signature-Input", "Digest", "Host"} {
		r.Header.Del(h)
	}
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	fields := []string{"@method", "@target-uri"}
	if body != nil {
		r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sumOf(body))+":")
		fields = append(fields, "content-digest")
	}
	algorithm := rfc9421.Algo_RSA_v1_5_sha256
	if _, ok := s.Private.Public().(ed25519.PublicKey); ok {
		algorithm = rfc9421.Algo_ED25519
	}
	profile := rfc9421.SigningProfile{
		Algorithm: algorithm, Fields: rfc9421.Fields(fields...), Label: "sig1",
		Metadata: []rfc9421.Metadata{rfc9421.MetaCreated, rfc9421.MetaKeyID, rfc9421.MetaAlgorithm},
	}
	signed := addressed(r, r.URL.Scheme, hostOf(r), nil, fragment)
	if err := rfc9421.Sign(signed, profile, rfc9421.SigningKey{Key: s.Private, MetaKeyID: s.KeyID}); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	r.Header.Set("Signature-Input", signed.Header.Get("Signature-Input"))
	r.Header.Set("Signature", signed.Header.Get("Signature"))
	return nil
}
