package markup_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/markup"
)

// TestTeaser: it ends with a whole word, and says that more follows.
func TestTeaser(t *testing.T) {
	const most = 140
	short := "Singen ohne Vorsingen"
	if got := markup.Teaser(short, most); got != short {
		t.Error(got)
	}
	got := markup.Teaser(strings.Repeat("Donaudampfschiff ", 20), most)
	if !strings.HasSuffix(got, "Donaudampfschiff …") || utf8.RuneCountInString(got) > most+2 {
		t.Error(got)
	}
	if got := markup.Teaser("Ja, und zwar – gleich", 16); got != "Ja, und zwar …" {
		t.Error(got)
	}
}
