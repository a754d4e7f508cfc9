package search

import (
	"strings"
	"unicode/utf8"
)

// A Piece is a piece of plain text; Hit is true for a word that was looked for.
type Piece struct {
	Text string
	Hit  bool
}

// marked parts a text into words that are looked for and what is between them.
func (q Query) marked(s string) []Piece {
	var pieces []Piece
	done := 0
	for _, w := range words(s, false) {
		if !q.seeks(w) {
			continue
		}
		if w.start > done {
			pieces = append(pieces, Piece{Text: s[done:w.start]})
		}
		pieces = append(pieces, Piece{Text: s[w.start:w.end], Hit: true})
		done = w.end
	}
	if done < len(s) {
		pieces = append(pieces, Piece{Text: s[done:]})
	}
	return pieces
}

func (q Query) seeks(w word) bool {
	for _, s := range q.words {
		if s.in(w) {
			return true
		}
	}
	return false
}

// The length of an excerpt and of what stands in it before the first hit, in
// bytes.
const (
	maxExcerpt = 220
	lead       = 60
)

// excerpt gives a part of a text, around the first word that is looked for, or
// its beginning.
func (q Query) excerpt(text string) []Piece {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return nil
	}
	from := 0
	for _, w := range words(text, false) {
		if q.seeks(w) {
			from = max(0, w.start-lead)
			break
		}
	}
	if len(text)-from < maxExcerpt {
		from = max(0, len(text)-maxExcerpt) // what is left over belongs before it
	}
	to := min(len(text), from+maxExcerpt)
	if from > 0 {
		from = after(text, from)
	}
	if to < len(text) {
		to = before(text, from, to)
	}
	pieces := q.marked(text[from:to])
	if from > 0 {
		pieces = append([]Piece{{Text: "… "}}, pieces...)
	}
	if to < len(text) {
		pieces = append(pieces, Piece{Text: " …"})
	}
	return pieces
}

// after gives the beginning of the next word behind i, if one is near.
func after(s string, i int) int {
	if j := strings.IndexByte(s[i:min(len(s), i+lead)], ' '); j >= 0 {
		return i + j + 1
	}
	for !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

// before gives the end of the last whole word before i.
func before(s string, from, i int) int {
	if j := strings.LastIndexByte(s[from:i], ' '); j > 0 {
		return from + j
	}
	for !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
