package outbox

import (
	"fmt"
	"net/http"
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
)

// knocks are all, in the order in which a host that we do not know is tried.
var knocks = []Knock{Cavage, CavagePath, RFC9421}

// order gives the knocks to try at an inbox, the one that is known first.
func (k Knock) order(inbox string) []Knock {
	query := hasQuery(inbox)
	var list []Knock
	if k != "" && (k != CavagePath || query) {
		list = append(list, k)
	}
	for _, other := range knocks {
		if other != k && (other != CavagePath || query) {
			list = append(list, other)
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
	case RFC9421:
		return s.RFC9421(r, body, now)
	}
	return fmt.Errorf("sign: there is no knock %q", string(k))
}
