package club

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold gives a text as the directory compares it: without case and accents, "ß"
// as "ss", and umlauts the same whether they are written ü, ue or u. Nobody
// must know how a club writes itself.
func fold(s string) string {
	b := make([]byte, 0, len(s))
	var last rune
	for _, r := range s {
		switch {
		case r == 'ß' || r == 'ẞ':
			b, last = append(b, "ss"...), 's'
			continue
		case r >= utf8.RuneSelf:
			for _, part := range norm.NFD.String(strings.ToLower(string(r))) {
				if !unicode.Is(unicode.Mn, part) {
					b, last = utf8.AppendRune(b, part), part
				}
			}
			continue
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r == '\n' || r == '\t' || r == '\r':
			r = ' '
		}
		if r == 'e' && (last == 'a' || last == 'o' || last == 'u') {
			last = r
			continue
		}
		b, last = append(b, byte(r)), r
	}
	return string(b)
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
