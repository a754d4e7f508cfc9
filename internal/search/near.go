package search

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// Advice is what may help somebody who found nothing.
type Advice struct {
	// Instead is what was perhaps meant, and finds something; "" for nothing.
	Instead string
	// Words are those of several that find something alone.
	Words []string
}

// Advise looks for what the reader may have meant by q, which finds nothing
// among kinds.
func (x *Index) Advise(ctx context.Context, kinds []Kind, q Query) (Advice, error) {
	var a Advice
	instead, changed := []string{}, false
	for _, w := range q.words {
		known, err := x.finds(ctx, kinds, Query{words: []sought{w}})
		if err != nil {
			return a, err
		}
		if known {
			a.Words = append(a.Words, w.typed)
			instead = append(instead, w.typed)
			continue
		}
		near, err := x.near(ctx, kinds, w)
		if err != nil {
			return a, err
		}
		if near != "" {
			instead, changed = append(instead, near), true
		}
	}
	if len(q.words) == 1 {
		a.Words = nil
	}
	if !changed {
		return a, nil
	}
	text := strings.Join(instead, " ")
	found, err := x.finds(ctx, kinds, Parse(text))
	if found {
		a.Instead = text
	}
	return a, err
}

// nearby is how many things of each kind are read for a word that resembles.
const nearby = 40

// near gives a word that resembles w and stands in something that can be seen,
// as it is written there; "" for none. One slip, also of two
// letters that are exchanged, leaves the beginning or the end of a word as it
// should be: things with either are read, and their words compared.
func (x *Index) near(ctx context.Context, kinds []Kind, w sought) (string, error) {
	wanted := folded(w.typed)
	n := utf8.RuneCountInString(wanted.text)
	if n < 4 {
		return "", nil
	}
	runes := []rune(wanted.text)
	begins, ends := string(runes[:n/2]), string(runes[n/2+1:])
	halves := Query{words: []sought{{terms: []term{{text: begins}, {text: begins, part: true}, {text: ends, part: true}}}}}
	best, distance, seen := "", 2, map[string]bool{}
	if n >= 7 {
		distance = 3
	}
	for _, k := range kinds {
		hits, err := x.newest(ctx, k, halves, nearby)
		if err != nil || len(hits) == 0 {
			if err != nil {
				return "", err
			}
			continue
		}
		var ids []string
		for _, h := range hits {
			ids = append(ids, h.id)
		}
		things, err := x.load(ctx, x.db.Read(), ids, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
		if err != nil {
			return "", err
		}
		for _, h := range hits {
			t := things[h.id]
			for _, text := range append([]string{t.title}, t.texts...) {
				for _, other := range words(text, false) {
					if seen[other.text] {
						continue
					}
					seen[other.text] = true
					if d := other.slips(runes, distance); d < distance {
						best, distance = text[other.start:other.end], d
					}
				}
			}
		}
	}
	return best, nil
}

// slips counts those between typed and w, or a part of it, whichever is less.
func (w word) slips(typed []rune, most int) int {
	runes := []rune(w.text)
	longest := len(typed) + most - 1
	for from := 0; from <= max(0, len(runes)-part); from++ {
		if from == 0 || from >= part && len(runes)-from <= longest {
			most = min(most, slips(typed, runes[from:], most))
		}
	}
	return most
}

// slips counts the letters that are missing, too many, wrong or exchanged
// between a and b (optimal string alignment), or gives most when there are as
// many or more.
func slips(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= most {
			return most
		}
		before, last = last, row
	}
	return min(last[len(b)], most)
}
