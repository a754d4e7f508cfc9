package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The sizes of RSA keys that are believed, in bits: smaller ones are weak,
// larger ones cost the verifier too much.
const (
	minBits = 2048
	maxBits = 4096
)

// minExponent is the least exponent of an RSA key that is believed, the one
// that everybody uses: with 1 a signature proves nothing, and with 3 sloppy
// padding has been forged.
const minExponent = 65537

// Key is a public key with whom it belongs to.
type Key struct {
	// ID is the id under which the key is known, a URL.
	ID string
	// Owner is the id of the actor whose key it is.
	Owner  string
	Public crypto.PublicKey
	// Fetched is true when its server was asked just now, or as lately as it
	// may be: asking again cannot help.
	Fetched bool
}

// Signer signs in the name of an actor.
type Signer struct {
	// KeyID is the id of the public key that belongs to Private.
	KeyID   string
	Private crypto.Signer
}

// NewKey makes an RSA key of 2048 bits, which every peer verifies.
func NewKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, minBits)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return key, nil
}

// EncodePublic gives a public key as PEM (SPKI, "BEGIN PUBLIC KEY"), the form
// that every peer reads.
func EncodePublic(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// EncodePrivate gives a private key as PEM (PKCS #8).
func EncodePrivate(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("encode private key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// DecodePrivate reads what EncodePrivate wrote.
func DecodePrivate(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("decode private key: no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("decode private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("decode private key: %T cannot sign", key)
	}
	return signer, nil
}

// ParsePublic reads a public key in PEM, SPKI or PKCS #1 (Mobilizon): RSA of
// 2048 to 4096 bits, or Ed25519. More than one block, or any other key, is an
// error.
func ParsePublic(text string) (crypto.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("parse public key: no PEM")
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, errors.New("parse public key: more than one key")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS1PublicKey(block.Bytes); err != nil {
			return nil, errors.New("parse public key: neither SPKI nor PKCS #1")
		}
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
			return nil, fmt.Errorf("parse public key: RSA of %d bits", bits)
		}
		if key.E < minExponent || key.E%2 == 0 {
			return nil, fmt.Errorf("parse public key: RSA with exponent %d", key.E)
		}
		return key, nil
	case ed25519.PublicKey:
		return key, nil
	}
	return nil, fmt.Errorf("parse public key: %T is not believed", key)
}
