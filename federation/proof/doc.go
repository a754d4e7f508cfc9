// Package proof proves who wrote a document, whichever way it travelled: it
// makes and verifies object integrity proofs after FEP-8b32 with the
// cryptosuite eddsa-jcs-2022 (Data Integrity EdDSA Cryptosuites 1.0, 3.3).
// The JSON is brought into its one canonical form (RFC 8785), hashed, and
// signed with Ed25519.
//
// It must not know what a document says, nor where keys are kept: a
// signature.Directory gives them. It processes no linked data.
package proof
