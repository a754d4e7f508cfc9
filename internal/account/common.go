package account

import (
	_ "embed" // the list of words
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"codeberg.org/aushang/aushang/internal/problem"
)

// commonWords are words of which the passwords are made that are tried first, in
// German and English: one a line, in lower case and without umlauts.
//
//go:embed common.txt
var commonWords string

var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonWords) {
		words[word] = true
	}
	return words
})

// rows are what fingers find on a keyboard, and the alphabet.
var rows = []string{"qwertzuiopue", "asdfghjkloeae", "yxcvbnm", "qwertyuiop", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"}

// minDigits is how long a password without any letter must be, in characters:
// shorter ones are dates and numbers of telephones.
const minDigits = 16

// checkPassword says what is wrong with a new password of whom the name and the
// mail address are.
func (s *Accounts) checkPassword(errs *problem.Fields, password, name, email string) {
	if n := utf8.RuneCountInString(norm.NFC.String(password)); n < minPassword || n > maxPassword {
		errs.Add("password", "A password has %d to %d characters.", minPassword, maxPassword)
		return
	}
	if guessed(password, s.ownWords(name, email)) {
		errs.Add("password", "Others try this password first: it is well known, or made of a name. Please take a whole sentence.")
	}
}

// ownWords are those that somebody who knows the person and the town tries.
func (s *Accounts) ownWords(name, email string) []string {
	text := name + " " + email + " " + s.site.Name
	if u, err := url.Parse(s.site.Origin); err == nil {
		text += " " + u.Hostname()
	}
	var words []string
	for _, word := range strings.FieldsFunc(plain(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if len(word) >= 3 {
			words = append(words, word)
		}
	}
	// Long ones first, or a part of one would leave the rest behind.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// guessed tells whether a password is a word that others try first, or one of
// own, however it is written: with digits and signs around it, with digits in
// place of letters, twice, or backwards on the keyboard.
func guessed(password string, own []string) bool {
	text := strings.TrimFunc(plain(password), func(r rune) bool { return !unicode.IsLetter(r) })
	if text == "" {
		return utf8.RuneCountInString(password) < minDigits
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }) {
		return false // of another alphabet, of which the list knows nothing
	}
	for _, leet := range leets {
		word := once(letters(leet.Replace(text)))
		if word == "" || common()[word] || onKeyboard(word) {
			return true
		}
		rest := word
		for _, w := range own {
			rest = strings.ReplaceAll(rest, w, "")
		}
		if rest != word && (rest == "" || common()[rest]) {
			return true
		}
	}
	return false
}

// leets are how digits and signs are read that stand for letters.
var leets = []*strings.Replacer{
	strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i"),
	strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "l"),
	strings.NewReplacer(),
}

// umlauts are written out, as in the list.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

func plain(s string) string { return umlauts.Replace(strings.ToLower(norm.NFC.String(s))) }

// letters leaves out all that is none.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, s)
}

// once gives the part of which s is a repetition, or s.
func once(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			if n < 3 {
				return ""
			}
			return s[:n]
		}
	}
	return s
}

// onKeyboard tells whether the letters stand in a row, forwards or backwards.
func onKeyboard(word string) bool {
	back := []byte(word)
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	for _, row := range rows {
		if strings.Contains(row, word) || strings.Contains(row, string(back)) {
			return true
		}
	}
	return false
}
