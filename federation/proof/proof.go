package proof

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gowebpki/jcs"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Context is what the @context of a document must contain for those who read
// its proof as linked data.
const Context = "https://w3id.org/security/data-integrity/v1"

const (
	proofType   = "DataIntegrityProof"
	cryptosuite = "eddsa-jcs-2022"
	purpose     = "assertionMethod"
)

// options is a proof without its value, as Data Integrity 2.1 names it. What is
// signed is this together with the document.
type options struct {
	Context            json.RawMessage `json:"@context,omitempty"`
	Type               string          `json:"type"`
	Cryptosuite        string          `json:"cryptosuite"`
	VerificationMethod string          `json:"verificationMethod"`
	ProofPurpose       string          `json:"proofPurpose"`
	Created            string          `json:"created"`
}

// Sign gives document, a JSON object without a proof, with one by signer, whose
// key must be of Ed25519. The bytes of document stay as they are; the proof is
// its last member.
func Sign(document []byte, signer signature.Signer, created time.Time) ([]byte, error) {
	if _, ok := signer.Private.Public().(ed25519.PublicKey); !ok {
		return nil, fmt.Errorf("prove: %s is no Ed25519 key", signer.KeyID)
	}
	members, err := split(document)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	if _, ok := members["proof"]; ok {
		return nil, errors.New("prove: there is a proof already")
	}
	o, err := json.Marshal(options{
		Context: members["@context"], Type: proofType, Cryptosuite: cryptosuite, VerificationMethod: signer.KeyID,
		ProofPurpose: purpose, Created: created.UTC().Format(time.RFC3339),
	})
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	first, err := canonicalSum(o)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	second, err := canonicalSum(document)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	value, err := signer.Private.Sign(nil, slices.Concat(first, second), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	var out bytes.Buffer
	out.Write(bytes.TrimSuffix(bytes.TrimSpace(document), []byte("}")))
	if len(members) > 0 {
		out.WriteByte(',')
	}
	out.WriteString(`"proof":`)
	out.Write(bytes.TrimSuffix(o, []byte("}")))
	out.WriteString(`,"proofValue":"` + signature.EncodeMultibase(value) + `"}}`)
	return out.Bytes(), nil
}

// canonicalSum hashes a JSON object in its canonical form.
func canonicalSum(object []byte) ([]byte, error) {
	canonical, err := jcs.Transform(object)
	if err != nil {
		return nil, fmt.Errorf("bring into canonical form: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return sum[:], nil
}

// hash does so with its members.
func hash(members map[string]json.RawMessage) ([]byte, error) {
	object, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return canonicalSum(object)
}

// split reads the members of a JSON object. One that is there twice is an
// error: it could be verified as the one and used as the other.
func split(document []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("the member %.100q is there twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		members[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows the JSON object")
	}
	return members, nil
}
