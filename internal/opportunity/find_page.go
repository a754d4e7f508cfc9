package opportunity

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// perPage is how many opportunities a page of the list has.
const perPage = 20

// watchPath is where a search is kept, to be told by mail of what comes.
const watchPath = listPath + "/merken"

// filterGroup are boxes that belong together.
type filterGroup struct {
	Key    string
	Fields []component.Field
}

// filterView is the form that narrows the list.
type filterView struct {
	// Near are the place and how far from it, Rest what stands below the boxes.
	Near, Rest []component.Field
	Groups     []filterGroup
	Hidden     []component.Option
	// Set is how many are set, Open whether the form must be seen on phones too.
	Set  int
	Open bool
}

type listView struct {
	Jobs   []component.Job
	Filter filterView
	// Set are the choices that can be taken back, Several the places that may be
	// meant.
	Set     component.Chips
	Several []component.Crumb
	Unknown []page.Unknown
	// Orders switches between the orders of the list.
	Orders component.Segments
	// Total is how many there are; Around says near which place.
	Total  int
	Around string
	// Farther leads on to those that are farther away, FartherCount is how many;
	// Nowhere is how many do not say where they are, with NowhereHref.
	FartherCount, Nowhere int
	Farther, NowhereHref  string
	Pager                 component.Pager
	Empty                 component.Empty
	Subscribe             page.Subscribe
	// Watch leads to where the search is kept, New to the form of a new
	// opportunity, "" for who may not.
	Watch, New string
	// Done is the key of a sentence that says what was just done, or "".
	Done string
	// Export and Sheet are the same for programs.
	Export, Sheet string
	// Notices say who must be named for the places.
	Notices []string
}

// list shows what help is wanted for: all that is near, or what was asked for.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	lang, until := p.web.Language(r), prepared.NextMinute()
	c, err := p.quest(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	v := c.values()
	view := &listView{
		Done: p.Flashed(r), Export: exportPath, Sheet: sheetPath, Filter: p.filter(c, lang), Unknown: p.unknown(c, lang),
		Subscribe: page.Subscribe{Origin: p.actors.Site().Origin, Feed: listPath, Query: v.Encode(), Calendar: asking(listPath+calendarPath, v)},
		Watch:     asking(watchPath, v),
	}
	if c.By != "" {
		view.Subscribe.Follow = page.Follow(c.By)
	}
	status := http.StatusOK
	switch {
	case len(c.wrong) > 0:
		status, view.Watch = http.StatusUnprocessableEntity, ""
		view.Empty = component.Empty{Key: "filter.unclear", TextKey: "filter.unclear.text", Href: listPath, ActionKey: "opportunity.all", Small: true}
	case len(c.several) > 0:
		view.Watch = ""
		for _, place := range c.several {
			view.Several = append(view.Several, component.Crumb{Text: place.Label(), Href: c.but(placeField, place.Label())})
		}
	default:
		if err := p.look(r, view, c, lang); err != nil {
			return err
		}
	}
	if err := p.aside(r, view, c, lang); err != nil {
		return err
	}
	if often(c) && len(view.Jobs) > 0 {
		p.web.Keep(r, c.at(1), until)
	}
	return p.web.Render(w, r, status, "opportunity/list", web.Page{
		Title: p.web.T(lang, "opportunity.list"), Description: p.web.T(lang, "opportunity.list.description", p.web.Town().Name),
		Canonical: p.actors.Site().Origin + listPath, View: view, Feeds: view.Subscribe.Head(p.web.T(lang, "opportunity.list")),
		Scripts: []string{page.SuggestScript},
	})
}

// often tells whether the list of this quest is one that many ask for: the
// others are without number, and would fill the memory.
func often(c *quest) bool {
	v := c.values()
	v.Del(fieldField)
	return len(v) == 0 && c.page == 1 && len(c.wrong) == 0
}

// aside fills what stands around the list.
func (p *Pages) aside(r *http.Request, view *listView, c *quest, lang string) error {
	words, without := c.says(lang)
	view.Set.Label = "near.set"
	for i := range words {
		view.Set.List = append(view.Set.List, component.Chip{Text: words[i], Href: without[i], Remove: true, Far: true})
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if who != nil && who.MustSpeak() == nil {
		view.New = FormPath
	}
	view.Notices, err = p.Places.Notices(r.Context())
	return err
}

// look fills what the search finds.
func (p *Pages) look(r *http.Request, view *listView, c *quest, lang string) error {
	found, err := p.Search(r.Context(), c.Search)
	if err != nil {
		return err
	}
	view.Total, view.Nowhere = len(found.Hits), found.Nowhere
	if c.At != nil {
		view.Around = p.web.T(lang, "near.around", map[string]any{"Km": c.Radius, "Place": c.label})
		view.Orders = component.Segments{Label: "near.order"}
		for _, order := range Orders {
			href := c.but(orderField, order)
			if order == ByDistance {
				href = c.but(orderField, "")
			}
			view.Orders.List = append(view.Orders.List, component.Segment{Key: "near.order." + order, Href: href, Current: c.order() == order})
		}
	}
	further := anyRadius
	if found.Wider > 0 {
		further = strconv.Itoa(found.Wider)
	}
	if view.FartherCount = found.Farther; found.Farther > 0 {
		view.Farther = c.but(radiusField, further)
	}
	view.NowhereHref = c.but(radiusField, anyRadius)
	from := (c.page - 1) * perPage
	hits := found.Hits[min(from, len(found.Hits)):]
	if len(hits) > perPage {
		hits, view.Pager.Next = hits[:perPage], c.at(c.page+1)
	}
	if c.page > 1 {
		view.Pager.Prev = c.at(c.page - 1)
	}
	list, err := p.Hits(r.Context(), hits)
	if err != nil {
		return err
	}
	km := map[string]float64{}
	for _, h := range hits {
		km[h.ID] = h.Km
	}
	towns, err := p.towns(r.Context(), list)
	if err != nil {
		return err
	}
	for _, o := range list {
		job := o.near(lang, km[o.ID])
		if !o.Local && o.Author != nil {
			job.From = say(lang, "near.from", towns[as.Host(o.Author.ID)])
		}
		view.Jobs = append(view.Jobs, job)
	}
	view.Empty = emptyOf(c, view, further)
	return nil
}

// near gives the opportunity as a list shows it, with how far away it is.
func (o *Opportunity) near(lang string, km float64) component.Job {
	job := o.Job(lang)
	if km >= 0 && !o.Remote {
		if words := Away(lang, km); job.Place == "" {
			job.Place = words
		} else {
			job.Place += ", " + words
		}
	}
	return job
}

// Away says how far away something is.
func Away(lang string, km float64) string {
	n := int(math.Round(km))
	if n < 1 {
		return say(lang, "near.near", nil)
	}
	return locale.Number(spokenIn(lang), n) + " km"
}

// emptyOf says why nothing is listed, and leads on.
func emptyOf(c *quest, view *listView, further string) component.Empty {
	switch {
	case c.page > 1:
		return component.Empty{Key: "opportunity.nothing", TextKey: "opportunity.nothing.text", Href: c.at(1), ActionKey: "near.first"}
	case view.FartherCount > 0:
		return component.Empty{Key: "near.none", TextKey: "near.none.farther", Href: c.but(radiusField, further), ActionKey: "near.wider", Also: []component.Crumb{{Key: "opportunity.all", Href: listPath}}}
	case c.At != nil && c.Radius > 0:
		return component.Empty{Key: "near.none", TextKey: "near.none.text", Href: c.but(radiusField, anyRadius), ActionKey: "near.anywhere", Also: []component.Crumb{{Key: "opportunity.all", Href: listPath}}}
	case c.narrowing():
		return component.Empty{Key: "opportunity.nothing", TextKey: "near.none.text", Href: listPath, ActionKey: "opportunity.all"}
	}
	return component.Empty{Key: "opportunity.none", TextKey: "opportunity.none.text", Href: "/vereine", ActionKey: "opportunity.none.action"}
}

// unknown names what is not understood, each with the list without it. The place
// says so itself.
func (p *Pages) unknown(c *quest, lang string) []page.Unknown {
	var list []page.Unknown
	for _, field := range []string{radiusField, fieldField, effortField, clubField} {
		if key := c.wrong[field]; key != "" {
			list = append(list, page.NewUnknown(p.web, lang, key, c.given[field], asking(listPath, c.values())))
		}
	}
	return list
}

// filter gives the form that narrows the list, as it was filled in.
func (p *Pages) filter(c *quest, lang string) filterView {
	place := component.Field{Kind: "text", Name: placeField, Key: "near.place", Value: c.place, Free: true, Suggest: page.PlacesPath}
	if c.place == "" {
		place.Value = c.label
	}
	if key := c.wrong[placeField]; key != "" {
		place.Error = p.web.T(lang, key)
	}
	radius := component.Field{Kind: "select", Name: radiusField, Key: "near.radius", Free: true}
	for _, km := range Radii {
		value := strconv.Itoa(km)
		if km == 0 {
			value = anyRadius
		}
		words := radiusWords(lang, km)
		if km == Radii[0] {
			words = say(lang, "near.radius.walk", km)
		}
		radius.Options = append(radius.Options, component.Option{Value: value, Label: words, Selected: km == c.Radius})
	}
	view := filterView{Near: []component.Field{place, radius}, Open: place.Error != "" || len(c.several) > 0}
	for _, group := range ticks {
		g := filterGroup{Key: "near." + group.name}
		for _, t := range group.ticks {
			g.Fields = append(g.Fields, component.Field{Kind: "checkbox", Name: t.name, Key: "near." + t.name, Checked: t.is(&c.Search), Free: true})
		}
		view.Groups = append(view.Groups, g)
	}
	effort := component.Field{Kind: "select", Name: effortField, Key: "near.effort", Free: true, Options: []component.Option{{Label: p.web.T(lang, "near.any")}}}
	for _, n := range Efforts {
		effort.Options = append(effort.Options, component.Option{Value: strconv.Itoa(n), Label: count(lang, "near.effort.most", n), Selected: n == c.Effort})
	}
	field := component.Field{Kind: "select", Name: fieldField, Key: "opportunity.field", Free: true, Options: []component.Option{{Label: p.web.T(lang, "opportunity.field.all")}}}
	for _, t := range p.themes().Offered(TermList, c.Field) {
		field.Options = append(field.Options, component.Option{Value: t.Slug, Label: t.Word(lang), Selected: t.Key == c.Field})
	}
	skill := component.Field{Kind: "text", Name: skillField, Key: "near.skill", Hint: "near.skill.hint", Value: c.Skill, Free: true}
	view.Rest = []component.Field{effort, field, skill}
	for _, f := range []*component.Field{&view.Near[1], &view.Rest[0], &view.Rest[1]} {
		if c.wrong[f.Name] != "" {
			f.Error, view.Open = p.web.T(lang, "near.wrong", c.given[f.Name]), true
		}
	}
	for name, value := range map[string]string{clubField: c.handle, orderField: c.Order} {
		if value != "" {
			view.Hidden = append(view.Hidden, component.Option{Value: name, Label: value})
		}
	}
	words, _ := c.says(lang)
	view.Set = len(words)
	return view
}

// Selected gives the opportunities that an address of the list asks for: those
// with a day first, for a calendar.
func (s *Opportunities) Selected(r *http.Request) (list []*Opportunity, name, path string, err error) {
	c, err := s.quest(r.Context(), r.URL.Query())
	if err != nil {
		return nil, "", "", err
	}
	path = asking(listPath, c.values())
	if len(c.wrong) > 0 || len(c.several) > 0 {
		return nil, c.name(s.language), path, nil
	}
	found, err := s.Search(r.Context(), c.Search)
	if err != nil {
		return nil, "", "", err
	}
	sortHits(found.Hits, ByTime)
	list, err = s.Hits(r.Context(), found.Hits[:min(len(found.Hits), maxSelected)])
	return list, c.name(s.language), path, err
}

// maxSelected is how many opportunities a calendar of a search has.
const maxSelected = 500

// Newly gives what an address of the list asks for as feeds want it: the newest
// first, from after the one with the id before, at most limit. narrowed is false
// for an address that asks for the whole list.
func (s *Opportunities) Newly(r *http.Request, before string, limit int) (ids []string, name string, query url.Values, narrowed bool, err error) {
	q := r.URL.Query()
	c, err := s.quest(r.Context(), q)
	if err != nil {
		return nil, "", nil, false, err
	}
	if query = c.values(); len(query) == 0 || c.handle != "" && len(query) == 1 {
		return nil, "", nil, false, nil
	}
	if len(c.wrong) > 0 || len(c.several) > 0 {
		return nil, c.name(s.language), query, true, nil
	}
	found, err := s.Search(r.Context(), c.Search)
	if err != nil {
		return nil, "", nil, false, err
	}
	sortHits(found.Hits, Newest)
	var since time.Time
	for _, h := range found.Hits {
		if h.ID == before {
			since = h.Published
		}
	}
	for _, h := range found.Hits {
		if before != "" && (since.IsZero() || h.Published.After(since) || h.Published.Equal(since) && h.ID >= before) {
			continue
		}
		if ids = append(ids, h.ID); len(ids) == limit {
			break
		}
	}
	return ids, c.name(s.language), query, true, nil
}
