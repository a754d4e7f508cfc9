package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The sizes of words, in characters: of what is kept of one, of the shortest
// word that is taken for a compound, and of the shortest part of one.
const (
	maxWord  = 64
	compound = 6
	part     = 3
)

// word is a word of a text.
type word struct {
	// typed is the word in small letters without marks, text the same with "ae"
	// for "ä" and the like folded too: only by text are words compared.
	typed, text string
	// lost says before which characters of text an "e" was folded away.
	lost []int
	// start and end are where it stands, in bytes.
	start, end int
}

// words gives the words of a text in their order. With joined a word that is
// written with hyphens comes once more, without them: start and end are 0 then.
func words(s string, joined bool) []word {
	var list []word
	var run strings.Builder // what hyphens join
	inRun := 0
	flush := func() {
		if joined && inRun > 1 {
			list = append(list, folded(run.String()))
		}
		run.Reset()
		inRun = 0
	}
	last := -1
	for start := 0; start < len(s); {
		r, size := utf8.DecodeRuneInString(s[start:])
		if !belongs(r) {
			start += size
			continue
		}
		end := start
		for end < len(s) {
			r, size := utf8.DecodeRuneInString(s[end:])
			if !belongs(r) {
				break
			}
			end += size
		}
		w := folded(s[start:end])
		if w.text != "" {
			if last < 0 || s[last:start] != "-" && s[last:start] != "\u2011" {
				flush()
			}
			run.WriteString(w.typed)
			inRun++
			w.start, w.end = start, end
			list, last = append(list, w), end
		}
		start = end
	}
	flush()
	return list
}

// softHyphen may stand within a word and is not seen.
const softHyphen = '\u00ad'

func belongs(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == softHyphen
}

// letters are those that Unicode does not take apart, and how Germans write
// them without the key.
var letters = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// folded gives a word as it is compared: small letters, no marks, ß as ss, and
// ae, oe, ue as the vowel alone, so that "Mühle", "Muehle" and "Muhle" are one.
func folded(s string) word {
	if plain(s) {
		w := word{typed: strings.ToLower(s[:min(len(s), maxWord)])}
		w.text, w.lost = short(w.typed)
		return w
	}
	var typed strings.Builder
	n := 0
	add := func(r rune) {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && n < maxWord {
			typed.WriteRune(r)
			n++
		}
	}
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if as, ok := letters[r]; ok {
			for _, r := range as {
				add(r)
			}
			continue
		}
		add(unicode.ToLower(r))
	}
	w := word{typed: typed.String()}
	w.text, w.lost = short(w.typed)
	return w
}

// plain tells whether s is letters and digits of ASCII alone.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// short leaves out the "e" of ae, oe and ue, and tells where.
func short(s string) (text string, lost []int) {
	if !strings.Contains(s, "ae") && !strings.Contains(s, "oe") && !strings.Contains(s, "ue") {
		return s, nil
	}
	var b strings.Builder
	n, before := 0, rune(0)
	for _, r := range s {
		if r == 'e' && (before == 'a' || before == 'o' || before == 'u') {
			lost, before = append(lost, n), 0
			continue
		}
		b.WriteRune(r)
		n++
		before = r
	}
	return b.String(), lost
}

// parts gives what a compound word may end with: "wehrfest" of "Feuerwehrfest",
// but "hrfest" too, since nothing here knows where German words are joined.
func (w word) parts() []string {
	if !strings.ContainsFunc(w.text, unicode.IsLetter) {
		return nil // a number has none
	}
	runes := []rune(w.text)
	if len(runes) < compound {
		return nil
	}
	var list []string
	for from := part; from <= len(runes)-part; from++ {
		list = append(list, string(runes[from:]))
	}
	for _, at := range w.lost { // "Kinoevent": the e was none of an umlaut
		if at >= part && at <= len(runes)-part {
			list = append(list, "e"+string(runes[at:]))
		}
	}
	return list
}

// stem leaves an ending aside, as far as whoever looks for one form means the
// others too. It works on typed words and is lighter than a stemmer of the
// language: what is left is looked for as a beginning, so that only endings of
// the word that was typed can be in the way (J. Savoy, Light stemming
// approaches, 2006).
func stem(s string) string {
	for _, ending := range []string{"ern", "en", "em", "er", "es", "e"} {
		if left, ok := strings.CutSuffix(s, ending); ok && longEnough(left, 3) {
			return single(left)
		}
	}
	for ending, after := range map[string]string{"n": "rl", "s": "bdfghklmnrt"} {
		left, ok := strings.CutSuffix(s, ending)
		if ok && longEnough(left, 4) && strings.ContainsRune(after, rune(left[len(left)-1])) {
			return left
		}
	}
	return s
}

func longEnough(s string, n int) bool {
	return utf8.RuneCountInString(s) >= n && strings.ContainsAny(s, "aeiouy")
}

// single takes back what is doubled before an ending: Trainerinnen, Ergebnisse.
func single(s string) string {
	if strings.HasSuffix(s, "inn") || strings.HasSuffix(s, "niss") {
		return s[:len(s)-1]
	}
	return s
}

// stops are words that stand in nearly every text.
var stops = func() map[string]bool {
	list := map[string]bool{}
	for _, s := range strings.Fields(`aber alle als am an auch auf aus bei beim bis da damit das dass dem den der des die durch ein eine einem einen einer
		eines er es fuer hat ich ihr ihre im in ins ist kann man mit nach nicht noch nur ob oder sehr sich sie sind so ueber um und uns unser unsere unter
		vom von vor war was wer wie wir wird zu zum zur a an and are at by for from in is it of on or that the this to with`) {
		text, _ := short(s)
		list[text] = true
	}
	return list
}()
