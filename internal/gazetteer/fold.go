package gazetteer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// small are the words of a name that people write in several ways, or leave out:
// "Neustadt a. d. Weinstr.", "Neustadt an der Weinstraße".
var small = []string{
	"an", "am", "auf", "bei", "beim", "das", "dem", "den", "der", "des", "die", "im", "in", "ob", "und", "unterm", "vom", "von", "vor", "zum", "zur",
	"a", "b", "d", "i", "o", "v",
}

// umlauts are written in two ways, and by some without their points.
var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "ß", "ss")

// Fold gives the words by which a name is found: in lower case, umlauts in one
// form, without the small words in between, and "St." as "Sankt".
func Fold(name string) string {
	var plain strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			plain.WriteRune(r)
		case r != '\'' && r != '’':
			plain.WriteByte(' ')
		}
	}
	all := strings.Fields(umlauts.Replace(plain.String()))
	var words []string
	for i, w := range all {
		switch {
		case w == "st" && i+1 < len(all):
			words = append(words, "sankt")
		case !slices.Contains(small, w):
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		words = all
	}
	return strings.Join(words, " ")
}

// folds gives all words by which a name is found: the first is that of the whole
// name, the others of what people call it for short.
func folds(name string) []string {
	all := []string{Fold(name)}
	add := func(s string) {
		if f := Fold(s); f != "" && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	if rest, ok := strings.CutPrefix(name, "Bad "); ok {
		add(rest)
	}
	if _, rest, ok := strings.Cut(name, "-"); ok {
		add(rest)
	}
	if _, rest, ok := strings.Cut(name, "/"); ok {
		add(rest)
	}
	return all
}
