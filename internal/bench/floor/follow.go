package main

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// actor is who follows, as its own server shows it.
type actor struct {
	ID, Inbox string
	PublicKey struct{ ID, PublicKeyPem string }
	key       *rsa.PublicKey
}

// meet fetches the actor whose key signed, from its own server.
func (s *sender) meet(ctx context.Context, keyID string) (*actor, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	id, _, _ := strings.Cut(keyID, "#")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/activity+json")
	res, err := s.client.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var a actor
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(a.PublicKey.PublicKeyPem))
	if block == nil || a.PublicKey.ID != keyID {
		return nil, errors.New("the actor shows no such key")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	a.key = key.(*rsa.PublicKey) //nolint:forcetypeassert // the bench makes RSA keys
	return &a, nil
}

// accept answers a Follow.
func (s *sender) accept(a *actor, follow string) {
	body := fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":"%s#accept","type":"Accept","actor":"%s","object":"%s"}`, s.id, s.id, follow)
	sum := sha256.Sum256(body)
	if err := s.post(a.Inbox, s.id+"#main-key", body, "SHA-256="+base64.StdEncoding.EncodeToString(sum[:])); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
	}
}
