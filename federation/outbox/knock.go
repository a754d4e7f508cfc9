package outbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Knock is a way of signing a delivery. The one that a host took last is
// remembered in its Health and tried first. The zero Knock says that none is
// known.
type Knock string

// The ways of signing.
const (
	// Cavage is draft-cavage with RSA, which nearly everybody takes.
	Cavage Knock = "cavage"
	// CavagePath is the same for peers that leave the query out of the
	// target they verify, such as Mobilizon. It is only tried where an inbox has
	// a query.
	CavagePath Knock = "cavage-path"
	// RFC9421 is RFC 9421 with RSA.
	RFC9421 Knock = "rfc9421"
	// Ed25519 is RFC 9421 with an Ed25519 key. It costs a fiftieth, and is only
	// tried where the host is known to verify it.
	Ed25519 Knock = "ed25519"
)

// Support says what is known of a host and Ed25519.
type Support int

// What can be known. The zero Support says nothing.
const (
	Untold Support = iota
	// Verifies hosts show Ed25519 keys of their own actors, or sign with them.
	Verifies
	// Refuses hosts took another knock after they had refused this one.
	Refuses
)

// knocks are those that RSA keys make, in the order in which a host that we do not know is tried.
var knocks = []Knock{Cavage, CavagePath, RFC9421}

// order gives the knocks to try at an inbox: Ed25519 if the host verifies it,
// the one that is known, and the others.
func (h Health) order(inbox string) []Knock {
	var list []Knock
	if h.Ed25519 == Verifies {
		list = append(list, Ed25519)
	}
	for _, k := range append([]Knock{h.Knock}, knocks...) {
		if k != "" && !slices.Contains(list, k) && (k != CavagePath || hasQuery(inbox)) {
			list = append(list, k)
		}
	}
	return list
}

func (k Knock) sign(s signature.Signer, r *http.Request, body []byte, now time.Time) error {
	switch k {
	case Cavage:
		return s.Cavage(r, body, now)
	case CavagePath:
		bare, u := *r, *r.URL // with the header of r, which is signed
		u.RawQuery, u.ForceQuery = "", false
		bare.URL = &u
		return s.Cavage(&bare, body, now)
	case RFC9421, Ed25519:
		return s.RFC9421(r, body, now)
	}
	return fmt.Errorf("sign: there is no knock %q", string(k))
}
