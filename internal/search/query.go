package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
)

// How much of what is typed is looked for, in characters and in words.
const (
	maxQuery = 200
	maxWords = 8
)

// A Query is what a reader looks for: plain words, all of which must be there.
// Nothing that can be typed is wrong.
type Query struct {
	// Text is what was typed, cut.
	Text  string
	words []sought
}

// sought is one word that is looked for.
type sought struct {
	typed string
	terms []term
}

// term is one way in which a word may be there.
type term struct {
	text string
	// part: as a part of a compound word, not at the beginning of a word.
	part bool
	// exact: nothing may follow.
	exact bool
}

// Parse reads what was typed.
func Parse(s string) Query {
	q := Query{Text: cut(markup.Name(s, 2*maxQuery))}
	var stop []sought
	seen := map[string]bool{}
	for _, w := range words(q.Text, false) {
		if seen[w.text] || len(q.words) == maxWords {
			continue
		}
		seen[w.text] = true
		one := sought{typed: q.Text[w.start:w.end], terms: terms(w)}
		if stops[w.text] {
			stop = append(stop, one)
		} else {
			q.words = append(q.words, one)
		}
	}
	if len(q.words) == 0 {
		q.words = stop[:min(len(stop), maxWords)] // titles have them
	}
	return q
}

// cut leaves whole words of what was typed, at most maxQuery characters.
func cut(s string) string {
	runes := []rune(s)
	if len(runes) <= maxQuery {
		return s
	}
	s = string(runes[:maxQuery])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s
}

// Empty tells whether there is nothing to look for.
func (q Query) Empty() bool { return len(q.words) == 0 }

// Short tells whether all words have one letter: what has such a word by itself
// is found, and hardly ever meant.
func (q Query) Short() bool {
	for _, w := range q.words {
		if utf8.RuneCountInString(w.typed) > 1 {
			return false
		}
	}
	return !q.Empty()
}

// terms gives the ways in which a word is looked for. The shorter it is, the
// less may be around it: "SV" means that word, "Bad" the beginning or the end of
// one, and from four letters on any part will do.
func terms(w word) []term {
	n := utf8.RuneCountInString(w.text)
	switch {
	case n <= 2 || !strings.ContainsFunc(w.text, unicode.IsLetter):
		return []term{{text: w.text, exact: true}}
	case n == 3:
		return []term{{text: w.text}, {text: w.text, part: true, exact: true}}
	}
	root, _ := short(stem(w.typed))
	if utf8.RuneCountInString(root) > 3 {
		return []term{{text: root}, {text: root, part: true}}
	}
	list := []term{{text: w.text}, {text: w.text, part: true}}
	if root != w.text {
		list = append(list, term{text: root, exact: true}, term{text: root, part: true, exact: true})
	}
	return list
}

// in tells whether the word that is looked for is in w.
func (s sought) in(w word) bool {
	var parts []string
	for _, t := range s.terms {
		if !t.part {
			if t.is(w.text) {
				return true
			}
			continue
		}
		if parts == nil {
			parts = w.parts()
		}
		for _, p := range parts {
			if t.is(p) {
				return true
			}
		}
	}
	return false
}

func (t term) is(s string) bool {
	if t.exact {
		return s == t.text
	}
	return strings.HasPrefix(s, t.text)
}

// place is where a word stands in a thing.
type place byte

const (
	inTitle     place = '0'
	inTitlePart place = '1'
	inText      place = '2'
	inTextPart  place = '3'
)

// token is a word as the index has it: with the kind of the thing and its place,
// so that things of one kind are never looked for among those of another.
func token(kind string, at place, text string) string {
	return kind + string(rune(at)) + text
}

// everywhere and titles are where words are looked for: each place of whole
// words has one of parts.
var (
	titles     = [][2]place{{inTitle, inTitlePart}}
	everywhere = [][2]place{{inTitle, inTitlePart}, {inText, inTextPart}}
)

// dialect is how a database writes a question for words.
type dialect struct {
	and, or, not  string
	exact, prefix func(token string) string
}

var dialects = map[database.Dialect]dialect{
	database.SQLite: {
		" AND ", " OR ", " NOT ",
		func(s string) string { return `"` + s + `"` }, func(s string) string { return `"` + s + `" *` },
	},
	database.Postgres: {
		" & ", " | ", " & !",
		func(s string) string { return `'` + s + `'` }, func(s string) string { return `'` + s + `':*` },
	},
}

// expression asks for things of a kind that have all words in one of places.
// Tokens are letters and digits alone, so that none needs an escape.
func (q Query) expression(d dialect, kind string, places [][2]place) string {
	var all []string
	for _, w := range q.words {
		var one []string
		for _, p := range places {
			for _, t := range w.terms {
				at := p[0]
				if t.part {
					at = p[1]
				}
				write := d.prefix
				if t.exact {
					write = d.exact
				}
				one = append(one, write(token(kind, at, t.text)))
			}
		}
		all = append(all, "("+strings.Join(one, d.or)+")")
	}
	return "(" + strings.Join(all, d.and) + ")"
}

// titled asks for what has all words in its title, rest for everything else
// that has them.
func (q Query) titled(d dialect, kind string) string { return q.expression(d, kind, titles) }

func (q Query) rest(d dialect, kind string) string {
	return q.expression(d, kind, everywhere) + d.not + q.expression(d, kind, titles)
}
