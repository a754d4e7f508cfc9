package search

import (
	"context"
	"slices"
	"strings"

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
	instead, changed, lacking := []string{}, false, 0
	for _, w := range q.words {
		// A word that stands alone is what finds nothing.
		known := false
		if len(q.words) > 1 {
			var err error
			if known, err = x.finds(ctx, kinds, Query{words: []sought{w}}); err != nil {
				return a, err
			}
		}
		if known {
			a.Words = append(a.Words, w.typed)
			instead = append(instead, w.typed)
			continue
		}
		if lacking++; lacking > unknown {
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

const (
	// nearby is how many things of each kind are read for a word that resembles,
	// and unknown for how many words that is done.
	nearby  = 15
	unknown = 2
)

// near gives a word that resembles w and stands in something that can be seen,
// as it is written there; "" for none. One slip, also of two letters that are
// exchanged, leaves the beginning or the end of a word as it should be: things
// with either are read, and their words compared.
func (x *Index) near(ctx context.Context, kinds []Kind, w sought) (string, error) {
	typed := []rune(folded(w.typed).text)
	n := len(typed)
	if n < 4 {
		return "", nil
	}
	// Of short words too little is left: they begin so in a title, or are not found.
	half, places := []term{{text: string(typed[:2])}}, titles
	if n >= 2*part+1 {
		begins, ends := string(typed[:n/2]), string(typed[n/2+1:])
		half, places = []term{{text: begins}, {text: begins, part: true}, {text: ends, part: true}}, everywhere
	}
	best := guess{typed: typed, slips: 2, seen: map[string]bool{}}
	if n >= 2*part+1 {
		best.slips = 3
	}
	texts, err := eachKind(ctx, kinds, func(ctx context.Context, k Kind) ([]string, error) {
		hits, err := x.newest(ctx, k, Query{words: []sought{{terms: half}}}, places, nearby)
		if err != nil || len(hits) == 0 {
			return nil, err
		}
		return x.texts(ctx, hits)
	})
	if err != nil {
		return "", err
	}
	for _, text := range slices.Concat(texts...) {
		best.read(text)
	}
	return best.word, nil
}

// texts gives all words of what was found, in its order.
func (x *Index) texts(ctx context.Context, hits []hit) ([]string, error) {
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	things, err := x.load(ctx, x.db.Read(), ids, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	var list []string
	for _, id := range ids {
		list = append(append(list, things[id].title), things[id].texts...)
	}
	return list, err
}

// guess is the word that comes nearest so far.
type guess struct {
	typed []rune
	word  string
	// slips is how many letters differ, part is true when only a part of the word
	// is so near.
	slips int
	part  bool
	seen  map[string]bool
}

// read looks for a nearer word in a text.
func (g *guess) read(text string) {
	for _, w := range words(text, false) {
		if g.seen[w.text] {
			continue
		}
		g.seen[w.text] = true
		runes := []rune(w.text)
		longest := len(g.typed) + g.slips - 1
		for from := 0; from <= max(0, len(runes)-part); from++ {
			if from > 0 && (from < part || len(runes)-from > longest) {
				continue
			}
			d := slips(g.typed, runes[from:], g.slips+1)
			// Of two that are as near a whole word is nearer.
			if d < g.slips || d == g.slips && g.part && from == 0 && g.word != "" {
				g.word, g.slips, g.part = text[w.start:w.end], d, from > 0
			}
		}
	}
}

// slips counts the letters that are missing, too many, wrong or exchanged
// between a and b (optimal string alignment), or gives most when there are as
// many or more.
func slips(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	rows := make([]int, 3*(len(b)+1)) // of the letters before, the last and this one
	before, last, row := rows[:len(b)+1], rows[len(b)+1:2*(len(b)+1)], rows[2*(len(b)+1):]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
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
		before, last, row = last, row, before
	}
	return min(last[len(b)], most)
}
