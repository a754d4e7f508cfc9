package markup

import (
	"html"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Typed gives what a person typed as it can be kept: lines end as on Unix, no
// blanks around, and nothing in it that no database and no JSON takes (NUL,
// bytes that are not UTF-8).
func Typed(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// zwj joins emoji.
const zwj = '\u200d'

// maxMarks is how many marks may be heaped on one letter.
const maxMarks = 2

// Name makes a name or title of at most n characters from foreign text: no
// markup, no control characters, nothing that turns the direction of writing or
// cannot be seen, one blank at a time.
func Name(s string, n int) string {
	s = html.UnescapeString(strict.Sanitize(strings.Map(visible, cut(s, maxHTML))))
	var b strings.Builder
	marks, count, blank := 0, 0, false
	var last rune
	for _, r := range norm.NFC.String(s) {
		switch {
		case unicode.IsSpace(r):
			blank = count > 0
			continue
		case r == zwj:
			if !unicode.Is(unicode.So, last) && last != '\ufe0f' && !unicode.Is(unicode.Sk, last) {
				continue
			}
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if blank && count+1 < n {
			b.WriteByte(' ')
			count++
		}
		if count++; count > n {
			break
		}
		b.WriteRune(r)
		last, blank = r, false
	}
	return strings.TrimRight(strings.TrimSpace(b.String()), string(zwj))
}
