package account_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"codeberg.org/aushang/aushang/internal/account"
)

// device is a device with one passkey, as WebAuthn Level 3 describes it.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	// origin is where it thinks it is, verified whether it asked for finger or PIN.
	origin   string
	verified bool
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text()), origin: "https://here.test", verified: true}
}

// options is what a question has for a device.
type options struct {
	Challenge string
	RP        struct{ ID string }
	User      struct{ ID string }
}

func (d *device) read(q *account.Question) (o options) {
	d.t.Helper()
	body, err := json.Marshal(q.Options)
	if err == nil {
		err = json.Unmarshal(body, &o)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

func (d *device) data(attested []byte) []byte {
	hash := sha256.Sum256([]byte("here.test"))
	flags := byte(1)
	if d.verified {
		flags |= 1 << 2
	}
	if attested != nil {
		flags |= 1 << 6
	}
	b := append(hash[:], flags)
	b = binary.BigEndian.AppendUint32(b, d.count)
	return append(b, attested...)
}

func (d *device) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

func url64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *device) say(response map[string]any) string {
	b, _ := json.Marshal(map[string]any{"id": url64(d.id), "rawId": url64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	return string(b)
}

// create answers a question for a new passkey.
func (d *device) create(q *account.Question) string {
	d.t.Helper()
	o := d.read(q)
	var err error
	if d.handle, err = base64.RawURLEncoding.DecodeString(o.User.ID); err != nil {
		d.t.Fatal(err)
	}
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	attested := binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(d.id)))
	attested = append(append(attested, d.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(attested)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.say(map[string]any{"clientDataJSON": url64(d.client("webauthn.create", o.Challenge)), "attestationObject": url64(object), "transports": []string{"internal"}})
}

// get answers a question for any passkey.
func (d *device) get(q *account.Question) string {
	d.t.Helper()
	client, data := d.client("webauthn.get", d.read(q).Challenge), d.data(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.say(map[string]any{
		"clientDataJSON": url64(client), "authenticatorData": url64(data), "signature": url64(signature), "userHandle": url64(d.handle),
	})
}
