package markup

import "strings"

// Teaser gives the beginning of a plain text on one line, cut between two words
// and with a mark where more follows. It has at most n characters before that.
func Teaser(text string, n int) string {
	short := Name(text, n)
	if len(short) == len(Name(text, n+1)) {
		return short
	}
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i]
	}
	return strings.TrimRight(short, " ,;:-–") + " …"
}
