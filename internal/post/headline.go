package post

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/markup"
)

// A post has no title, but a note on the board begins with one: the first
// sentence or line of the text.
const (
	// maxHeadline is how long it may be, minHeadline how long it must be where it
	// ends with a sentence, in characters: "Achtung!" alone says nothing.
	maxHeadline = 90
	minHeadline = 12
	// maxTeaser is how much of the rest a note shows, in characters.
	maxTeaser = 180
)

// headline breaks a plain text into what stands large on its note, and how it
// goes on.
func headline(text string) (title, rest string) {
	line, more, _ := strings.Cut(strings.TrimSpace(text), "\n")
	runes := []rune(line)
	end := len(runes)
	for i := minHeadline; i < len(runes); i++ {
		if i > maxHeadline {
			break
		}
		if ends(runes, i) {
			end = i + 1
			break
		}
	}
	title, tail := string(runes[:end]), string(runes[end:])
	if end > maxHeadline+1 {
		title = strings.TrimSuffix(markup.Teaser(line, maxHeadline), " …")
		tail = strings.TrimPrefix(line, title)
		title += " …"
	}
	return markup.Name(strings.TrimSuffix(title, "."), maxHeadline+2), markup.Teaser(joined(tail+"\n"+more), maxTeaser)
}

// Headline gives what stands large on the note of a post with this plain text.
func Headline(text string) string {
	title, _ := headline(text)
	return title
}

// joined puts lines one behind the other, with a mark where a line ends without
// one: the points of a list are not one sentence.
func joined(text string) string {
	var b strings.Builder
	var last rune
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if unicode.IsLetter(last) || unicode.IsDigit(last) || last == ')' {
			b.WriteString(" ·")
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		last, _ = utf8.DecodeLastRuneInString(line)
	}
	return b.String()
}

// ends tells whether a sentence ends with the character at i: another one begins
// behind it, and it is no abbreviation and no number of a day.
func ends(line []rune, i int) bool {
	if !strings.ContainsRune(".!?…", line[i]) {
		return false
	}
	if i+1 == len(line) {
		return true
	}
	if i+2 >= len(line) || !unicode.IsSpace(line[i+1]) || !unicode.IsUpper(line[i+2]) && !unicode.IsPunct(line[i+2]) {
		return false
	}
	if line[i] != '.' {
		return true
	}
	from := i
	for from > 0 && (unicode.IsLetter(line[from-1]) || unicode.IsDigit(line[from-1])) {
		from--
	}
	word := strings.ToLower(string(line[from:i]))
	return i-from > 1 && !unicode.IsDigit(line[i-1]) && !abbreviations[word] && !strings.HasSuffix(word, "str")
}

// abbreviations are those behind which a noun often stands.
var abbreviations = map[string]bool{
	"bzw": true, "ca": true, "nr": true, "dr": true, "prof": true, "tel": true, "evtl": true, "ggf": true, "inkl": true, "st": true,
	"usw": true, "mo": true, "di": true, "mi": true, "do": true, "fr": true, "sa": true, "so": true, "jan": true, "feb": true, "aug": true,
	"sept": true, "okt": true, "nov": true, "dez": true, "max": true, "min": true, "abt": true, "hl": true,
}
