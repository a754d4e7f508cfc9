package moderation

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// confusables are letters of other scripts, and digits, that look like Latin
// ones, after NFKC and in lower case (Unicode UTS #39, confusables.txt). The
// whole table has 6,000 entries and is in no library that we use; these are the
// Cyrillic, Greek, Armenian and Latin ones of which whole words can be made.
var confusables = strings.NewReplacer(
	"а", "a", "ɑ", "a", "α", "a", "ь", "b", "β", "b", "ɓ", "b", "с", "c", "ϲ", "c", "ԁ", "d", "ɗ", "d", "е", "e", "є", "e", "ε", "e", "ҽ", "e", "ɡ", "g", "ց", "g",
	"һ", "h", "հ", "h", "н", "h", "і", "i", "ї", "i", "ι", "i", "ı", "i", "ɩ", "i", "ј", "j", "к", "k", "κ", "k", "ӏ", "l", "ɭ", "l", "м", "m", "п", "n", "ո", "n", "η", "n",
	"о", "o", "ο", "o", "օ", "o", "σ", "o", "ө", "o", "р", "p", "ρ", "p", "ԛ", "q", "г", "r", "ѕ", "s", "ꜱ", "s", "т", "t", "τ", "t", "υ", "u", "ս", "u", "μ", "u", "ц", "u",
	"ν", "v", "ѵ", "v", "ԝ", "w", "ω", "w", "ѡ", "w", "х", "x", "χ", "x", "у", "y", "γ", "y", "ү", "y", "ʏ", "y", "ᴢ", "z", "в", "b", "ʙ", "b",
	"0", "o", "1", "i", "l", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "ø", "o", "ł", "i", "đ", "d", "ß", "ss",
)

// Fold brings a text into the form in which words are looked for: compatible
// characters are one (NFKC), case, accents and what cannot be seen are gone, and
// what looks like a Latin letter is that letter.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == '\u3164', r == '\uffa0', r == '\u115f', r == '\u1160', r == '\u2800':
			return -1
		case unicode.Is(unicode.Zs, r), unicode.IsControl(r):
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.ToLower(norm.NFKC.String(s))))
	return confusables.Replace(norm.NFC.String(s))
}

// holds tells whether a folded text has a folded word in it: whole, or with a *
// at an end as a part of a longer one.
func holds(text, word string) bool {
	bare := strings.Trim(word, "*")
	open, closed := strings.HasPrefix(word, "*"), strings.HasSuffix(word, "*")
	for rest, before := text, ""; ; {
		i := strings.Index(rest, bare)
		if i < 0 || bare == "" {
			return false
		}
		before += rest[:i]
		after := rest[i+len(bare):]
		if (open || !endsInWord(before)) && (closed || !beginsWord(after)) {
			return true
		}
		before, rest = before+bare, after
	}
}

func endsInWord(s string) bool {
	var last rune
	for _, r := range lastRunes(s) {
		last = r
	}
	return unicode.IsLetter(last) || unicode.IsDigit(last)
}

// lastRunes gives the end of s, enough for a whole rune.
func lastRunes(s string) string { return strings.ToValidUTF8(s[max(0, len(s)-4):], "") }

func beginsWord(s string) bool {
	for _, r := range s {
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	return false
}
