package volunteer

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/web/locale"
)

// TestEveryEndHasWords: what another town gives as the cause of an end, known here
// or not, has words on the pages of who applied.
func TestEveryEndHasWords(t *testing.T) {
	words, err := locale.NewCatalogue(Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, cause := range []string{
		"", application.ByClub, application.ByHelper, application.IsCancelled, application.IsDeleted, application.IsExpired, application.IsOver, application.IsShut, application.IsSilent, application.HasLeft, "what comes later",
	} {
		key := stateKey(&application.Helper{State: application.Declined, Cause: cause})
		if !words.Has("de", key) || !words.Has("de", key+".text") || !words.Has("en", key) {
			t.Errorf("the cause %q has no words: %s", cause, key)
		}
	}
}
