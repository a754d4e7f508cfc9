package opportunity

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
)

// What an address of the list asks for. Each tick is a field of its own.
const (
	placeField  = "ort"
	radiusField = "umkreis"
	fieldField  = "feld"
	effortField = "aufwand"
	skillField  = "kann"
	orderField  = "folge"
	clubField   = "verein"
	pageField   = "seite"
	anyRadius   = "egal"
)

// A tick is a box of the form that narrows the list; name is that in the
// address, and what is set with it.
type tick struct {
	name string
	set  func(*Search)
	is   func(*Search) bool
}

func timesTick(name, times string) tick {
	return tick{name, func(f *Search) { f.Times = append(f.Times, times) }, func(f *Search) bool { return slices.Contains(f.Times, times) }}
}

func dayTick(name string, bit int) tick {
	return tick{name, func(f *Search) { f.Days |= bit }, func(f *Search) bool { return f.Days&bit != 0 }}
}

// The groups of boxes, in the order of the form; the key of a group is
// "near." and its name.
var ticks = []struct {
	name  string
	ticks []tick
}{
	{"times", []tick{
		timesTick("einmalig", Once), timesTick("gelegentlich", Flexible), timesTick("regelmaessig", Recurring), timesTick("abruf", OnCall),
		{"zuhause", func(f *Search) { f.Home = true }, func(f *Search) bool { return f.Home }},
	}},
	{"days", []tick{dayTick("mo", 1), dayTick("di", 2), dayTick("mi", 4), dayTick("do", 8), dayTick("fr", 16), dayTick("sa", 32), dayTick("so", 64)}},
	{"for", []tick{
		{"jugend", func(f *Search) { f.Young = true }, func(f *Search) bool { return f.Young }},
		{"gruppen", func(f *Search) { f.Groups = true }, func(f *Search) bool { return f.Groups }},
	}},
}

// Efforts are the hours among which people choose; 0 is any.
var Efforts = []int{2, 5, 10, 20}

// maxSkill is how long the words for what somebody can may be, in characters.
const maxSkill = 60

// A quest is a search as an address says it.
type quest struct {
	Search
	// place is what the address names, "" for the town's own; label is how the
	// place is called that is meant, "" when there is none.
	place, label string
	// handle and club name the chosen club.
	handle, club string
	// theme is the cause, nil for all.
	theme *term.Term
	page  int
	// wrong are the fields that cannot be understood, with the key of a sentence,
	// and given what stands there.
	wrong, given map[string]string
	// several are the places that may be meant.
	several []*gazetteer.Place
}

// Quest reads what an address asks for.
func (s *Opportunities) quest(ctx context.Context, q url.Values) (*quest, error) {
	c := &quest{wrong: map[string]string{}, given: map[string]string{}, page: 1}
	get := func(field string) string { return markup.Name(q.Get(field), 200) }
	for _, group := range ticks {
		for _, t := range group.ticks {
			if q.Get(t.name) == "1" {
				t.set(&c.Search)
			}
		}
	}
	if slug := get(fieldField); slug != "" {
		if c.theme = s.theme(slug); c.theme == nil {
			c.fault(fieldField, slug, "opportunity.field")
		} else {
			c.Field = c.theme.Key
		}
	}
	if typed := get(effortField); typed != "" {
		if n, err := strconv.Atoi(typed); err == nil && slices.Contains(Efforts, n) {
			c.Effort = n
		} else {
			c.fault(effortField, typed, "near.effort")
		}
	}
	if typed := get(orderField); slices.Contains(Orders, typed) {
		c.Order = typed
	}
	if c.Skill = strings.Join(strings.Fields(get(skillField)), " "); utf8.RuneCountInString(c.Skill) > maxSkill {
		c.Skill = ""
	}
	if n, err := strconv.Atoi(q.Get(pageField)); err == nil && n > 1 && n < 1000 {
		c.page = n
	}
	if err := s.questClub(ctx, c, get(clubField)); err != nil {
		return nil, err
	}
	return c, s.questPlace(ctx, c, get(placeField), get(radiusField))
}

// fault notes a value of which there is none; key is that of the word for the
// field.
func (c *quest) fault(field, value, key string) { c.wrong[field], c.given[field] = key, value }

func (s *Opportunities) questClub(ctx context.Context, c *quest, handle string) error {
	if handle == "" {
		return nil
	}
	a, err := s.actors.Present(ctx, handle)
	switch {
	case problem.KindOf(err) == problem.NotFound || err == nil && a.Type != actor.Group:
		c.fault(clubField, handle, "opportunity.club")
	case err != nil:
		return err
	default:
		c.By, c.handle, c.club = a.ID, a.PreferredUsername, a.DisplayName()
	}
	return nil
}

// questPlace finds the place from where distances are counted.
func (s *Opportunities) questPlace(ctx context.Context, c *quest, typed, radius string) error {
	home, err := s.Places.Home(ctx)
	if err != nil {
		return err
	}
	c.Radius = usualRadius
	if n, err := strconv.Atoi(radius); radius != "" && (radius == anyRadius || err == nil && slices.Contains(Radii, n)) {
		c.Radius = n // of anyRadius it is 0
	} else if radius != "" {
		c.fault(radiusField, radius, "near.radius")
	}
	var from *gazetteer.Point
	if home != nil {
		at := home.Point()
		from = &at
	}
	c.place = typed
	if typed == "" || home != nil && gazetteer.Fold(typed) == gazetteer.Fold(home.Name) {
		if home != nil {
			c.At, c.label = from, home.Name
		}
		return nil
	}
	p, err := s.Places.Resolve(ctx, typed, from)
	var several *gazetteer.Several
	switch {
	case err == nil:
		at := p.Point()
		c.At, c.label = &at, p.Name
	case errors.As(err, &several):
		c.several = several.Choices
	case problem.KindOf(err) == problem.NotFound:
		c.wrong[placeField], c.given[placeField] = "near.place.wrong", typed
	default:
		return err
	}
	return nil
}

// values gives what the quest asks for, in one spelling; page is left out.
func (c *quest) values() url.Values {
	v := url.Values{}
	set := func(field, value string) {
		if value != "" {
			v.Set(field, value)
		}
	}
	set(placeField, c.place)
	switch {
	case c.wrong[radiusField] != "":
	case c.Radius == 0:
		set(radiusField, anyRadius)
	case c.Radius != usualRadius:
		set(radiusField, strconv.Itoa(c.Radius))
	}
	for _, group := range ticks {
		for _, t := range group.ticks {
			if t.is(&c.Search) {
				v.Set(t.name, "1")
			}
		}
	}
	if c.theme != nil {
		set(fieldField, c.theme.Slug)
	}
	if c.Effort > 0 {
		set(effortField, strconv.Itoa(c.Effort))
	}
	set(skillField, c.Skill)
	set(orderField, c.Order)
	set(clubField, c.handle)
	return v
}

// asking gives the address of a page with a query.
func asking(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// but gives the address of the list with one field set to another value, or
// without it for "".
func (c *quest) but(field, value string) string {
	v := c.values()
	v.Del(field)
	if value != "" {
		v.Set(field, value)
	}
	return asking(listPath, v)
}

// at gives the address of a page of the list.
func (c *quest) at(page int) string {
	if page < 2 {
		return asking(listPath, c.values())
	}
	return c.but(pageField, strconv.Itoa(page))
}

// narrowing tells whether the quest lets less through than the whole list.
func (c *quest) narrowing() bool {
	v := c.values()
	v.Del(orderField)
	return len(v) > 0
}

// says names in words what was chosen, each with the address without it.
func (c *quest) says(lang string) (words, without []string) {
	add := func(text, href string) { words, without = append(words, text), append(without, href) }
	if c.place != "" && c.At != nil {
		add(c.label, c.but(placeField, ""))
	}
	if c.Radius != usualRadius && c.At != nil {
		add(radiusWords(lang, c.Radius), c.but(radiusField, ""))
	}
	for _, group := range ticks {
		for _, t := range group.ticks {
			if t.is(&c.Search) {
				add(say(lang, "near."+t.name, nil), c.but(t.name, ""))
			}
		}
	}
	if c.theme != nil {
		add(c.theme.Word(lang), c.but(fieldField, ""))
	}
	if c.Effort > 0 {
		add(count(lang, "near.effort.most", c.Effort), c.but(effortField, ""))
	}
	if c.Skill != "" {
		add(c.Skill, c.but(skillField, ""))
	}
	if c.club != "" {
		add(c.club, c.but(clubField, ""))
	}
	return words, without
}

// name says in one line what is looked for.
func (c *quest) name(lang string) string {
	words, _ := c.says(lang)
	if c.place == "" && c.At != nil {
		words = append([]string{c.label}, words...)
	}
	if len(words) == 0 {
		return say(lang, "near.everything", nil)
	}
	return strings.Join(words, ", ")
}

// radiusWords says a radius.
func radiusWords(lang string, km int) string {
	if km == 0 {
		return say(lang, "near.radius.any", nil)
	}
	return say(lang, "near.radius.km", km)
}
