// Package signature signs requests to other servers and verifies theirs, by
// the two schemes that the Fediverse speaks: draft-cavage-http-signatures-12
// and RFC 9421.
//
// It must not know what a request carries, nor where keys are kept: a
// Directory gives them.
package signature
