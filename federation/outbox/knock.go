package outbox

import (
	"fmt"
	"net/http"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Knock is a way of signing a delivery. The one that a host took last is
// remembered with its Lane and tried first. The zero Knock says that none is
// known.
type Knock string

// The ways of signing, in the order of how many servers know them.
const (
	// Cavage is draft-cavage with RSA, which nearly everybody takes.
	Cavage Knock = "cavage"
	// RFC9421 is RFC 9421 with RSA.
	RFC9421 Knock = "rfc9421"
)

// first gives the knock to begin with.
func (k Knock) first() Knock {
	if k == "" {
		return Cavage
	}
	return k
}

// second gives the knock that follows when the host refuses k.
func (k Knock) second() Knock {
	if k == Cavage {
		return RFC9421
	}
	return Cavage
}

func (k Knock) sign(s signature.Signer, r *http.Request, body []byte, now time.Time) error {
	switch k {
	case Cavage:
		return s.Cavage(r, body, now)
	case RFC9421:
		return s.RFC9421(r, body, now)
	}
	return fmt.Errorf("sign: there is no knock %q", string(k))
}
