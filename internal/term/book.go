// Package term keeps the town's own lists of words: what events are about, what
// clubs do. A list begins with the words that come with the program; the town
// hall adds, renames, joins, retires and orders them.
//
// It must not know what the words are put on; where they stand is handed in.
package term

import (
	"strings"
	"unicode"
)

// A Term is a word of a list.
type Term struct {
	// Key is how it is stored on things, and never changes. Slug is its name in
	// addresses, and never changes either.
	Key, Slug string
	// German and English are the words; "" in English is the German one.
	German, English string
	// Retired words stand on what has them, and are offered no more.
	Retired bool
	// Into is the key of the word with which it was joined, or "".
	Into string
}

// Word gives the word in a language.
func (t Term) Word(language string) string {
	if language == "en" && t.English != "" {
		return t.English
	}
	return t.German
}

// Tag gives the word as a hashtag, without its sign: "FesteUndMärkte". It is that
// of the German word.
func (t Term) Tag() string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(t.German, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		first := []rune(word)
		first[0] = unicode.ToUpper(first[0])
		b.WriteString(string(first))
	}
	return b.String()
}

// A Book has all lists as they are now, by their names, in the order in which
// they are shown.
type Book map[string][]Term

// Find gives the word of a list with this key or slug, or the one with which it
// was joined; nil when there is none.
func (b Book) Find(list, name string) *Term {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return nil
	}
	for range len(b[list]) {
		found := b.at(list, name)
		if found == nil || found.Into == "" {
			return found
		}
		name = found.Into
	}
	return nil
}

func (b Book) at(list, name string) *Term {
	for i, t := range b[list] {
		if t.Key == name {
			return &b[list][i]
		}
	}
	for i, t := range b[list] {
		if t.Slug == name {
			return &b[list][i]
		}
	}
	return nil
}

// Word gives the word for a key, "" when there is none.
func (b Book) Word(list, language, key string) string {
	if t := b.Find(list, key); t != nil {
		return t.Word(language)
	}
	return ""
}

// Offered lists the words of a list that can be chosen, and the one with the key
// kept, whatever it is.
func (b Book) Offered(list, kept string) []Term {
	var offered []Term
	for _, t := range b[list] {
		if t.Into == "" && (!t.Retired || t.Key == kept) {
			offered = append(offered, t)
		}
	}
	return offered
}

// Keys lists the keys of what is offered, for whoever must choose one.
func (b Book) Keys(list string) string {
	var keys []string
	for _, t := range b.Offered(list, "") {
		keys = append(keys, t.Key)
	}
	return strings.Join(keys, ", ")
}

// slugOf makes a name for addresses of a word; "" when nothing is left of it.
func slugOf(word string) string {
	word = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(word))
	parts := strings.FieldsFunc(word, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(parts, "-")
}
