package event

import (
	"context"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// segments leads from one view to the others, which begin where this one does.
func (p *Pages) segments(c *choice, first time.Time, path string) component.Segments {
	q := c.values(false)
	if !p.reachable(first) {
		first = p.today()
	}
	month := first
	if path != listPath && monthOf(first).Equal(monthOf(p.today())) {
		first = p.today() // of the weeks of this month the present one
	}
	list := asking(listPath, q)
	if path == listPath {
		list = asking(listPath, c.values(true))
	}
	return component.Segments{Label: "event.view", List: []component.Segment{
		{Key: "event.view.list", Icon: "list", Href: list, Current: path == listPath},
		{Key: "event.view.month", Icon: "calendar", Href: asking(monthPath+month.Format("2006-01"), q), Current: strings.HasPrefix(path, monthPath)},
		{Key: "event.view.week", Icon: "calendar", Href: asking(weekPath+weekOf(first), q), Current: strings.HasPrefix(path, weekPath)},
	}}
}

// categoryChips offers the categories on the page at path.
func (p *Pages) categoryChips(c *choice, path string) component.Chips {
	q := c.values(false)
	q.Del(categoryField)
	chips := component.Chips{Label: "event.filter.category", List: []component.Chip{{Key: "event.category.all", Href: asking(path, q), Current: c.category == ""}}}
	for _, category := range p.categories().Offered(TermList, c.Category) {
		q.Set(categoryField, category.Slug)
		chips.List = append(chips.List, component.Chip{Key: "event.category." + category.Key, Href: asking(path, q), Current: c.Category == category.Key, Far: path != listPath})
	}
	return chips
}

// whenChips offers the periods.
func (p *Pages) whenChips(c *choice, lang string) component.Chips {
	chips := component.Chips{Label: "event.filter.when", List: []component.Chip{{Key: "event.filter.any", Href: c.but(whenField, ""), Current: !c.timed()}}}
	for _, name := range periods {
		one := component.Chip{Key: "event.filter." + name, Href: c.but(whenField, name), Current: c.when == name}
		if name == thisMonth {
			one.Text = locale.MonthName(lang, p.today().Month())
		}
		chips.List = append(chips.List, one)
	}
	return chips
}

// set lists the choices that can be taken back one by one on the page at path.
func (p *Pages) set(c *choice, lang, path string) component.Chips {
	chips := component.Chips{Label: "event.filter.set"}
	add := func(field, label string) {
		q := c.values(path == listPath)
		q.Del(field)
		chips.List = append(chips.List, component.Chip{Href: asking(path, q), Text: label, Remove: true})
	}
	if c.day != "" && c.wrong[dayField] == "" && path == listPath {
		add(dayField, locale.ShortDate(lang, c.first, p.today()))
	}
	if c.Category != "" && path == listPath {
		add(categoryField, p.web.T(lang, "event.category."+c.Category))
	}
	if c.place != "" {
		add(placeField, c.place)
	}
	if c.By != "" {
		add(clubField, c.clubName)
	}
	return chips
}

// wholes gives the clubs of which those that announce something have become a
// part, by their ids: it is these that a reader chooses.
func (p *Pages) wholes(ctx context.Context, near []*Event) (map[string]*actor.Actor, error) {
	var ids []string
	for _, e := range near {
		if e.Author.MovedTo != "" && !slices.Contains(ids, e.Author.MovedTo) { // an outline says it of parts alone
			ids = append(ids, e.Author.MovedTo)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return p.actors.FindAll(ctx, ids)
}

// filterForm gives the form that narrows the list, as it was filled in. What
// can be chosen comes from what is near; whole has the clubs that others have
// become a part of.
func (p *Pages) filterForm(c *choice, near []*Event, whole map[string]*actor.Actor, lang string) component.Filter {
	near = upcoming(near, p.now())
	day := component.Field{Kind: "date", Name: dayField, Value: c.day, Key: "event.filter.day", Error: p.fault(c, dayField, lang)}
	if c.wrong[dayField] == "" && c.day != "" {
		day.Value = c.first.Format(time.DateOnly)
	}
	category := component.Field{Kind: "select", Name: categoryField, Value: c.category, Key: "event.filter.category", Error: p.fault(c, categoryField, lang)}
	category.Options = []component.Option{{Label: p.web.T(lang, "event.category.all")}}
	for _, k := range p.categories().Offered(TermList, c.Category) {
		category.Options = append(category.Options, component.Option{Value: k.Slug, Label: k.Word(lang), Selected: k.Key == c.Category})
	}
	place := component.Field{Kind: "select", Name: placeField, Value: c.place, Key: "event.filter.place"}
	place.Options = choices(p.web.T(lang, "event.filter.place.all"), near, c.place, c.place, func(e *Event) (string, string) { return e.Place, e.Place })
	club := component.Field{Kind: "select", Name: clubField, Value: c.club, Key: "event.filter.club", Error: p.fault(c, clubField, lang)}
	chosen := ""
	if c.By != "" {
		chosen = c.club
	}
	club.Options = choices(p.web.T(lang, "event.filter.club.all"), near, chosen, c.clubName, func(e *Event) (string, string) {
		by := e.Author
		if into := whole[by.MovedTo]; into != nil {
			by = into
		}
		return by.PreferredUsername, by.DisplayName()
	})
	f := component.Filter{Action: listPath, Key: "event.filter", Fields: []component.Field{day, category, place, club}}
	for i := range f.Fields {
		f.Fields[i].Free = true
		if f.Fields[i].Value != "" {
			f.Set++
		}
	}
	if c.when != "" {
		f.Hidden = []component.Option{{Value: whenField, Label: c.when}}
	}
	return f
}

// choices gives the options of a field, sorted by their labels: none, what
// stands in the events, and what is chosen.
func choices(none string, near []*Event, chosen, label string, of func(*Event) (value, label string)) []component.Option {
	options := []component.Option{{Label: none}}
	known := map[string]bool{"": true}
	if chosen != "" {
		options = append(options, component.Option{Value: chosen, Label: label, Selected: true})
		known[chosen] = true
	}
	for _, e := range near {
		value, label := of(e)
		if !known[value] && len(options) < maxChoice {
			known[value] = true
			options = append(options, component.Option{Value: value, Label: label})
		}
	}
	slices.SortStableFunc(options[1:], func(a, b component.Option) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return options
}
