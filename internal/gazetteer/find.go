package gazetteer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	// longest is how many characters of a name are looked at.
	longest = 100
	// maxFound is how many places with a name are looked at, maxChoices how many
	// are asked back.
	maxFound   = 200
	maxChoices = 12
	// dominance is how many times as large the one place of a name must be that is
	// meant without asking.
	dominance = 5
	// same is within how many kilometres two entries of one name are one place.
	same = 4
	// large is how many people live in a place by which others are told apart.
	large = 20_000
)

// Several is an error: what was typed names several places.
type Several struct {
	// Choices are the places, the likeliest first; each has a label of its own.
	Choices []*Place
}

// Error says it.
func (s *Several) Error() string { return fmt.Sprintf("%d places have this name", len(s.Choices)) }

// postalCode is a German postal code in a text.
var postalCode = regexp.MustCompile(`(?:^|\b|D-?)(\d{5})\b`)

// match is a place with the words by which it was found.
type match struct {
	Place `bun:",extend"`
	Fold  string `bun:"fold"`
	Main  int    `bun:"main"`
}

// Resolve gives the place that a text names: a name, a postal code or both, or
// what Label gave. It fails with problem.NotFound, and with Several, sorted by
// what is near home, when it is not clear which place is meant.
func (g *Gazetteer) Resolve(ctx context.Context, text string, home *Point) (*Place, error) {
	if err := g.fill(ctx); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(text) > longest {
		return nil, problem.NotFoundf("no place has a name that long")
	}
	number := ""
	if m := postalCode.FindStringSubmatchIndex(text); m != nil {
		number = text[m[2]:m[3]]
		text = text[:m[0]] + " " + text[m[1]:]
	}
	wanted, region, _ := strings.Cut(text, ",")
	fold := Fold(wanted)
	if number != "" {
		list, err := g.byCode(ctx, number)
		if err != nil {
			return nil, err
		}
		if p := bestOf(list, fold); p != nil {
			return p, nil
		}
	}
	if fold == "" {
		return nil, problem.NotFoundf("no place is known for %q", text)
	}
	list, err := g.byName(ctx, fold, maxFound)
	if err != nil {
		return nil, err
	}
	if list = meant(list, fold); len(list) == 0 {
		return nil, problem.NotFoundf("no place is called %q", text)
	}
	if err := g.tellApart(ctx, list); err != nil {
		return nil, err
	}
	if region != "" {
		list = inRegion(list, text, region)
	}
	if p := certain(list, fold); p != nil {
		return p, nil
	}
	return nil, &Several{choices(list, home)}
}

// bestOf gives of the places with a postal code the one that is called fold, or
// the largest when there is no name.
func bestOf(list []*Place, fold string) *Place {
	for _, p := range list { // the largest is the first
		own := Fold(p.Name)
		if fold == "" || own == fold || strings.HasPrefix(own, fold) || strings.HasPrefix(fold, own+" ") {
			return p
		}
	}
	return nil
}

func (g *Gazetteer) byCode(ctx context.Context, number string) ([]*Place, error) {
	var list []*Place
	err := g.db.Read().NewSelect().Model(&list).Join("JOIN place_codes AS code ON code.place_id = place.id").Where("code.code = ?", number).
		OrderExpr("place.population DESC, place.name, place.id").Limit(maxFound).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find places by postal code: %w", err)
	}
	return list, nil
}

// byName gives the places that begin with fold: those of exactly this name
// first, then the largest.
func (g *Gazetteer) byName(ctx context.Context, fold string, limit int) ([]*match, error) {
	var list []*match
	err := g.db.Read().NewSelect().Model((*Place)(nil)).ColumnExpr("place.*").ColumnExpr("name.fold, name.main").
		Join("JOIN place_names AS name ON name.place_id = place.id").
		Where("name.fold >= ? AND name.fold < ?", fold, fold+"\U0010ffff").
		OrderExpr("CASE WHEN name.fold = ? THEN 1 - name.main ELSE 2 END, place.population DESC, place.name, place.id", fold).
		Limit(int64(limit)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("find places by name: %w", err)
	}
	return alone(list), nil
}

// alone leaves out what several sources tell of one place, and a place that is
// found by two of its names.
func alone(list []*match) []*match {
	var kept []*match
	for _, m := range list {
		known := slices.ContainsFunc(kept, func(k *match) bool {
			return k.ID == m.ID || k.Name == m.Name && Distance(k.Point(), m.Point()) < same
		})
		if !known {
			kept = append(kept, m)
		}
	}
	return kept
}

// meant leaves the places whose name has all of the words of fold; when there
// are none, those with a word that only begins so.
func meant(list []*match, fold string) []*match {
	var whole []*match
	for _, m := range list {
		if m.Fold == fold || strings.HasPrefix(m.Fold, fold+" ") {
			whole = append(whole, m)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return list
}

// inRegion leaves the places that lie in a region: what Label says after the
// name, or a Land.
func inRegion(list []*match, text, region string) []*match {
	label, fold, land := Fold(text), Fold(region), landBy(strings.TrimSpace(region))
	var exact, some []*match
	for _, m := range list {
		switch {
		case Fold(m.Label()) == label:
			exact = append(exact, m)
		case land != "" && m.Land == land, m.District != "" && strings.Contains(Fold(m.District), fold):
			some = append(some, m)
		}
	}
	switch {
	case len(exact) == 1:
		return exact
	case len(exact)+len(some) > 0:
		return append(exact, some...)
	}
	return list
}

// certain gives the one place that can be meant, nil when it must be asked.
func certain(list []*match, fold string) *Place {
	if len(list) == 1 {
		return &list[0].Place
	}
	first := list[0]
	if first.Fold != fold || first.Main == 0 || first.Kind != Town {
		return nil
	}
	for _, m := range list[1:] {
		if m.Population*dominance > first.Population {
			return nil
		}
	}
	return &first.Place
}

func choices(list []*match, home *Point) []*Place {
	var all []*Place
	for _, m := range list {
		all = append(all, &m.Place)
	}
	if home != nil {
		slices.SortStableFunc(all, func(a, b *Place) int {
			return int(math.Round(Distance(*home, a.Point()) - Distance(*home, b.Point())))
		})
	}
	return all[:min(len(all), maxChoices)]
}

// tellApart gives places with the same label longer ones.
func (g *Gazetteer) tellApart(ctx context.Context, list []*match) error {
	n := map[string]int{}
	for _, m := range list {
		n[m.Label()]++
	}
	for _, m := range list {
		if n[m.Label()] < 2 {
			continue
		}
		near, _, err := g.nearest(ctx, m.Point(), func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("population >= ?", large).Where("id <> ?", m.ID)
		})
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		m.label = m.Label() + " (bei " + near.Name + ")"
	}
	return nil
}

// Suggest gives places whose name or postal code begins with a text, the
// likeliest first, each with a label of its own.
func (g *Gazetteer) Suggest(ctx context.Context, text string, limit int) ([]*Place, error) {
	if err := g.fill(ctx); err != nil {
		return nil, err
	}
	fold := Fold(text)
	if len(fold) < 2 || utf8.RuneCountInString(text) > longest {
		return nil, nil
	}
	if fold[0] >= '0' && fold[0] <= '9' {
		return g.suggestCode(ctx, strings.Fields(fold)[0], limit)
	}
	list, err := g.byName(ctx, fold, limit)
	if err != nil {
		return nil, err
	}
	if err := g.tellApart(ctx, list); err != nil {
		return nil, err
	}
	var all []*Place
	for _, m := range list {
		all = append(all, &m.Place)
	}
	return all, nil
}

// suggestCode gives the places whose postal codes begin with some digits; their
// labels are "04916 Herzberg".
func (g *Gazetteer) suggestCode(ctx context.Context, digits string, limit int) ([]*Place, error) {
	var list []struct {
		Place `bun:",extend"`
		Code  string `bun:"code"`
	}
	err := g.db.Read().NewSelect().Model((*Place)(nil)).ColumnExpr("place.*, code.code").Join("JOIN place_codes AS code ON code.place_id = place.id").
		Where("code.code >= ? AND code.code < ?", digits, digits+":").OrderExpr("code.code, place.population DESC, place.id").Limit(int64(limit)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("find places by the beginning of a postal code: %w", err)
	}
	var all []*Place
	for i := range list {
		p := &list[i].Place
		p.label = list[i].Code + " " + p.Name
		all = append(all, p)
	}
	return all, nil
}

// Nearest gives the town or village that is nearest to a point, and how many
// kilometres away it is; problem.NotFound when there is none within 200.
func (g *Gazetteer) Nearest(ctx context.Context, at Point) (*Place, float64, error) {
	if err := g.fill(ctx); err != nil {
		return nil, 0, err
	}
	return g.nearest(ctx, at, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("kind = ?", Town) })
}

func (g *Gazetteer) nearest(ctx context.Context, at Point, narrow func(*bun.SelectQuery) *bun.SelectQuery) (*Place, float64, error) {
	for _, km := range []float64{10, 40, 200} {
		box := Around(at, km)
		var list []*Place
		err := g.db.Read().NewSelect().Model(&list).Where("latitude BETWEEN ? AND ?", box.South, box.North).
			Where("longitude BETWEEN ? AND ?", box.West, box.East).Apply(narrow).Scan(ctx)
		if err != nil {
			return nil, 0, fmt.Errorf("find the nearest place: %w", err)
		}
		var best *Place
		far := km
		for _, p := range list {
			if d := Distance(at, p.Point()); d < far {
				best, far = p, d
			}
		}
		if best != nil {
			return best, far, nil
		}
	}
	return nil, 0, problem.NotFoundf("no place is near")
}

// near is how far from home, in kilometres, one of several places of the same
// name is meant without asking.
const near = 50

// Locate gives where a text that people wrote for people lies, such as
// "Gemeindehaus, Kirchplatz 1, 04916 Herzberg"; problem.NotFound when no place
// stands in it. Of several with one name it takes the nearest to home.
func (g *Gazetteer) Locate(ctx context.Context, text string, home *Point) (*Place, error) {
	parts := strings.Split(text, ",")
	slices.Reverse(parts)
	if len(parts) > 1 {
		parts = append(parts, text)
	}
	for _, part := range parts {
		p, err := g.Resolve(ctx, part, home)
		var several *Several
		switch {
		case err == nil && fits(p, part):
			return p, nil
		case errors.As(err, &several):
			if p := several.Choices[0]; home != nil && Distance(*home, p.Point()) <= near && fits(p, part) {
				return p, nil
			}
		case err != nil && problem.KindOf(err) != problem.NotFound:
			return nil, err
		}
	}
	return nil, problem.NotFoundf("no place is named in %q", text)
}

// fits tells whether a part of an address is the name of a place, and not only
// the beginning of one: "Markt" is no "Marktheidenfeld".
func fits(p *Place, part string) bool {
	number := postalCode.FindString(part)
	fold := Fold(strings.Replace(part, number, " ", 1))
	return fold == "" || slices.ContainsFunc(folds(p.Name), func(own string) bool {
		return own == fold || strings.HasPrefix(own, fold+" ") || strings.HasPrefix(fold, own+" ")
	})
}
