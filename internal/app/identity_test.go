package app

import (
	"fmt"
	"testing"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestEmbeddedByOthers: what an activity embeds of somebody else is a hint and
// no more.
func TestEmbeddedByOthers(t *testing.T) {
	shows(t, "T-ID-08 T-SIG-11 words in another's mouth", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		e := v.event("Sommerfest")
		before := v.count("objects")
		for i, kind := range []string{"Announce", "Like", "Undo", "Accept", "Reject", "Add", "Flag", "QuoteRequest", "Create", "Update", "Move", "Block"} {
			id := fmt.Sprintf("https://b.test/n/%d", i)
			forged := note(id, lena, public, e.ID, "falsch", "")
			for j, object := range []string{forged, `{"id":"` + id + `/create","type":"Create","actor":"` + lena + `","object":` + forged + `}`} {
				v.receive(`{"id":"https://evil.test/%s/%d","type":"%s","actor":"%s","target":"%s",%s,"object":%s,"signature":{"type":"RsaSignature2017","creator":"%s#main-key","signatureValue":"eA=="}}`,
					kind, j, kind, mala, mala, public, object, lena)
			}
			if _, err := v.Objects.Find(t.Context(), object.Viewer{}, id); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s stored what another one is said to have written: %v", kind, err)
			}
		}
		if n := v.count("objects"); n != before {
			t.Errorf("%d objects more", n-before)
		}
	})
}
