package app

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/web/locale"
)

// TestSectionsHaveWords: what is kept of a person is shown to the town hall in
// words, not by the names of tables.
func TestSectionsHaveWords(t *testing.T) {
	v := bare(t, migrated.SQLite(t))
	words, err := locale.NewCatalogue(inquiry.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, trace := range v.Accounts.Traces() {
		if key := "inquiry.kept." + trace.Section; trace.Section != "" && (!words.Has("de", key) || !words.Has("en", key)) {
			t.Errorf("%s has no words: %s", trace.Table, key)
		}
	}
}
