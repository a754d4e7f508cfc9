package event

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// perPage is how many events a page of the list has.
const perPage = 30

// How far the list looks for what can be chosen, how far it counts, and how
// many clubs and places can be chosen.
const (
	maxNear   = 400
	maxCount  = 300
	maxChoice = 100
)

type listView struct {
	Crumbs   []component.Crumb
	Segments component.Segments
	When     component.Chips
	Filter   component.Filter
	// Set are the choices that can be taken back.
	Set component.Chips
	// Unknown is what was asked for and is not there.
	Unknown []page.Unknown
	// Count is how many events there are; Many is true when there are more.
	// Said goes on with when, LeftOut with what is not shown and why.
	Count         int
	Many          bool
	Said, LeftOut string
	Days          component.Days
	Pager         component.Pager
	Empty         component.Empty
	Grid          *gridView
	// Subscribe is the calendar of what is chosen, Chosen true when that is not
	// everything. Feeds are what is new.
	Subscribe, Feeds page.Subscribe
	Chosen           bool
	// Done is the key of a sentence that says what was just done, or "".
	Done string
}

// list shows what is to come, or what was asked for.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	lang, until := p.web.Language(r), prepared.NextMinute()
	c, err := p.choose(r)
	if err != nil {
		return err
	}
	// From here on one look at what is near serves the choices and, as a rule,
	// the month and the number.
	near, err := p.nearby(r.Context())
	if err != nil {
		return err
	}
	whole, err := p.wholes(r.Context(), near)
	if err != nil {
		return err
	}
	view := &listView{
		Crumbs: []component.Crumb{{Key: "nav.events"}}, Segments: p.segments(&c, c.first, listPath), When: p.whenChips(&c, lang),
		Filter: p.filterForm(&c, near, whole, lang), Set: p.set(&c, lang, listPath), Unknown: p.unknown(&c, lang), Done: p.Flashed(r),
		Subscribe: page.Subscribe{Origin: p.actors.Site().Origin, Feed: listPath, Calendar: asking(calendarPath, c.kept())},
		Chosen:    len(c.kept()) > 0, Empty: emptyOf(&c),
	}
	if c.By != "" {
		view.Subscribe.Query = url.Values{clubField: {c.club}}.Encode()
	}
	view.Feeds = view.Subscribe
	view.Feeds.Calendar = ""
	status := http.StatusOK
	after := r.URL.Query().Get(afterField)
	if len(c.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	} else if err := p.fill(r.Context(), view, &c, near, after, lang); err != nil {
		return err
	}
	if c.usual() && after == "" && len(view.Days) > 0 {
		p.web.Keep(r, asking(listPath, c.values(true)), until)
	}
	return p.web.Render(w, r, status, "event/list", web.Page{
		Title: p.web.T(lang, "nav.events"), Canonical: p.actors.Site().Origin + listPath, View: view,
		Description: p.web.T(lang, "event.list.description", p.web.Town().Name), Feeds: view.Subscribe.Head(p.web.T(lang, "nav.events")),
	})
}

// kept gives what a calendar of this choice asks for.
func (c *choice) kept() url.Values {
	v := c.values(false)
	if c.when == thisWeekend {
		v.Set(whenField, c.when)
	}
	return v
}

// emptyOf says why nothing is listed, and leads on.
func emptyOf(c *choice) component.Empty {
	if len(c.wrong) > 0 {
		return component.Empty{Key: "filter.unclear", TextKey: "filter.unclear.text", Href: listPath, ActionKey: "event.all", Small: true}
	}
	if c.narrowing() || c.timed() {
		return component.Empty{Key: "event.none.here", TextKey: "event.none.here.text", Href: listPath, ActionKey: "event.all"}
	}
	return component.Empty{Key: "event.none", TextKey: "event.none.text", Href: "/vereine", ActionKey: "event.none.action"}
}

// nearby gives what takes place from the beginning of this month on.
func (p *Pages) nearby(ctx context.Context) ([]*Event, error) {
	return p.outlines(ctx, Filter{Since: monthOf(p.today())}, "", maxNear)
}

// fill looks up what the choice lets through, and says how much that is.
func (p *Pages) fill(ctx context.Context, view *listView, c *choice, near []*Event, after, lang string) error {
	id := ""
	if after != "" {
		id, view.Pager.Prev = p.actors.Site().ObjectID(after), asking(listPath, c.values(true))
	}
	list, err := p.page(ctx, c, near, id)
	if err != nil {
		return err
	}
	view.Count = len(list)
	if len(list) > perPage {
		next := c.values(true)
		next.Set(afterField, list[perPage-1].Key())
		view.Pager.Next, view.Pager.Note = asking(listPath, next), locale.LongDay(lang, list[perPage].StartTime, p.today())
		list = list[:perPage]
	}
	view.Days, view.Said = p.days(list, c.first, c.single, lang), p.said(c, lang)
	if view.Pager.Next != "" || after != "" {
		if view.Count, err = p.count(ctx, c, near); err != nil {
			return err
		}
		view.Many = view.Count > maxCount
		view.Count = min(view.Count, maxCount)
	}
	if view.LeftOut, err = p.leftOut(ctx, c, lang); err != nil {
		return err
	}
	view.Grid, err = p.aside(ctx, c, near, lang)
	return err
}

// page gives the events of a page and the one after it. The first page of all is
// the beginning of what is near.
func (p *Pages) page(ctx context.Context, c *choice, near []*Event, after string) ([]*Event, error) {
	if list := upcoming(near, c.Since); after == "" && !c.narrowing() && !c.timed() && (len(list) > perPage || len(near) < maxNear) {
		return list[:min(len(list), perPage+1)], nil
	}
	return p.outlines(ctx, c.Filter, after, perPage+1)
}

// count tells how many events the choice lets through, up to one more than
// maxCount.
func (p *Pages) count(ctx context.Context, c *choice, near []*Event) (int, error) {
	if !c.narrowing() && !c.timed() && len(near) < maxNear {
		return len(upcoming(near, c.Since)), nil
	}
	list, err := p.outlines(ctx, c.Filter, "", maxCount+1)
	return len(list), err
}

// upcoming gives what of list has not ended at a time, as Filter.Since means it.
func upcoming(list []*Event, since time.Time) []*Event {
	some := make([]*Event, 0, len(list))
	for _, e := range list {
		if !e.StartTime.Before(since) || e.EndTime.After(since) {
			some = append(some, e)
		}
	}
	return some
}

// leftOut says how many events are not shown since they do not say what was
// asked for; "" when there are none.
func (p *Pages) leftOut(ctx context.Context, c *choice, lang string) (string, error) {
	if c.Category == "" && c.Place == "" {
		return "", nil
	}
	f := c.Filter
	f.Category, f.Place = "", ""
	list, err := p.outlines(ctx, f, "", maxCount)
	if err != nil {
		return "", err
	}
	fits := func(has, wanted string) bool { return wanted == "" || has == "" || has == wanted }
	n := 0
	for _, e := range list {
		silent := c.Category != "" && e.Category == "" || c.Place != "" && e.Place == ""
		if silent && fits(e.Category, c.Category) && fits(e.Place, c.Place) {
			n++
		}
	}
	if n == 0 {
		return "", nil
	}
	key := "event.left.both"
	switch {
	case c.Place == "":
		key = "event.left.category"
	case c.Category == "":
		key = "event.left.place"
	}
	return p.web.T(lang, key, n), nil
}

// aside gives the small month beside the list.
func (p *Pages) aside(ctx context.Context, c *choice, near []*Event, lang string) (*gridView, error) {
	month := monthOf(c.first)
	if !p.reachable(month) {
		month = monthOf(p.today())
	}
	after := month.AddDate(0, 1, 0)
	known := len(near) < maxNear || !near[len(near)-1].StartTime.Before(after)
	if c.narrowing() || !month.Equal(monthOf(p.today())) || !known {
		f := c.Filter
		f.Since, f.Before = month, after
		var err error
		if near, err = p.outlines(ctx, f, "", maxInView); err != nil {
			return nil, err
		}
	}
	g := p.grid(month, c, lang)
	for _, e := range near {
		if e.StartTime.Before(after) {
			g.spread(month, e.StartTime, e.EndTime, func(c *component.MonthDay, _ time.Time) {
				if e.Status == Cancelled {
					c.Off++
				}
			})
		}
	}
	p.link(g, month, c, lang)
	return g, nil
}
