package club

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold gives a text as the directory compares it: without case and accents, "ß"
// as "ss", and umlauts the same whether they are written ü, ue or u. Nobody
// must know how a club writes itself.
func fold(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'ß':
			b.WriteString("ss")
		case r == 'e' && (last == 'a' || last == 'o' || last == 'u'):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// order is what the directory sorts a name by: as in a telephone book, without
// quotation marks in front.
func order(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r), unicode.IsDigit(r), r == ' ' && b.Len() > 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// letterOf is the letter under which a name stands in the directory; "#" stands
// for all that is none of A to Z.
func letterOf(order string) string {
	if order == "" || order[0] < 'a' || order[0] > 'z' {
		return "#"
	}
	return strings.ToUpper(order[:1])
}
