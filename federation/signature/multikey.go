package signature

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// base58 is the alphabet of base58-btc: no 0, O, I and l.
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// maxMultibase is how long a multibase text may be that is read: base58 costs
// the square of its length.
const maxMultibase = 256

// ed25519Prefix says that an Ed25519 public key follows (multicodec 0xed).
var ed25519Prefix = []byte{0xed, 0x01}

// NewEd25519Key makes an Ed25519 key: it signs fifty times as fast as RSA does,
// but only some peers verify it.
func NewEd25519Key() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make Ed25519 key: %w", err)
	}
	return key, nil
}

// EncodeMultikey gives an Ed25519 public key as a Multikey's
// publicKeyMultibase (FEP-521a).
func EncodeMultikey(key ed25519.PublicKey) string {
	return EncodeMultibase(slices.Concat(ed25519Prefix, key))
}

// ParseMultikey reads a publicKeyMultibase. Any other key than an Ed25519 one is
// an error.
func ParseMultikey(text string) (ed25519.PublicKey, error) {
	raw, err := DecodeMultibase(text)
	if err != nil {
		return nil, fmt.Errorf("parse Multikey: %w", err)
	}
	if len(raw) != len(ed25519Prefix)+ed25519.PublicKeySize || !slices.Equal(raw[:len(ed25519Prefix)], ed25519Prefix) {
		return nil, errors.New("parse Multikey: it is not of Ed25519")
	}
	return ed25519.PublicKey(raw[len(ed25519Prefix):]), nil
}

// EncodeMultibase gives raw in base58-btc with the z that says so.
func EncodeMultibase(raw []byte) string {
	n, base, digit := new(big.Int).SetBytes(raw), big.NewInt(int64(len(base58))), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		out = append(out, base58[digit.Int64()])
	}
	for _, b := range raw { // leading zeros are ones
		if b != 0 {
			break
		}
		out = append(out, base58[0])
	}
	slices.Reverse(out)
	return "z" + string(out)
}

// DecodeMultibase reads what EncodeMultibase wrote, of at most 256 characters.
func DecodeMultibase(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "z")
	if !ok || len(text) > maxMultibase {
		return nil, errors.New("decode multibase: it is not base58-btc, or too long")
	}
	n, base := new(big.Int), big.NewInt(int64(len(base58)))
	for _, c := range digits {
		i := strings.IndexRune(base58, c)
		if i < 0 {
			return nil, fmt.Errorf("decode multibase: %q is no digit of base58-btc", c)
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(i)))
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, base58[:1]))
	return append(make([]byte, zeros), n.Bytes()...), nil
}
