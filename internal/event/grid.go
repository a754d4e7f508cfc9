package event

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Where the views of a month and of a week are.
const (
	monthPath = Path + "monat/"
	weekPath  = Path + "woche/"
)

// maxYears is how many years back and ahead there are months and weeks: beyond
// are no pages, or who follows links would never come to an end.
const maxYears = 10

// Within these many months back and ahead, views are kept in memory and
// followed by search engines.
const (
	nearPast   = 1
	nearFuture = 3
)

// How many events a view shows at most, and how many titles stand in one day
// of a month.
const (
	maxInView = 2000
	maxInCell = 3
)

// A gridView is a month as a table ("event/month").
type gridView struct {
	Caption    string
	Prev, Next *turn
	Head       []headCell
	component.Month
	// Full is true when titles stand in the days.
	Full bool
	// Any is true when something is in it.
	Any bool
}

// A turn leads to the view before or after. Far is true when search engines
// need not follow.
type turn struct {
	Href, Label string
	Far         bool
}

// A headCell names a day of the week.
type headCell struct{ Short, Full string }

var (
	monthName = regexp.MustCompile(`^(\d{4})-(\d{2})$`)
	weekName  = regexp.MustCompile(`^(\d{4})-W(\d{2})$`)
)

// parseMonth reads "2026-07" as the first day of that month.
func parseMonth(s string, zone *time.Location) (time.Time, bool) {
	m := monthName.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	t := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, zone)
	return t, t.Format("2006-01") == s
}

// parseWeek reads "2026-W28" as the Monday of that week (ISO 8601).
func parseWeek(s string, zone *time.Location) (time.Time, bool) {
	m := weekName.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(m[1])
	week, _ := strconv.Atoi(m[2])
	// The 4th of January is in the first week of its year.
	t := monday(time.Date(year, time.January, 4, 0, 0, 0, 0, zone)).AddDate(0, 0, 7*(week-1))
	return t, weekOf(t) == s
}

// monday gives the midnight with which the week of t begins.
func monday(t time.Time) time.Time {
	return midnight(t).AddDate(0, 0, -(int(t.Weekday())+6)%7)
}

// weekOf names the week of t (ISO 8601).
func weekOf(t time.Time) string {
	year, week := t.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// apart counts the months from today to t.
func (p *Pages) apart(t time.Time) int {
	today := p.today()
	return 12*(t.Year()-today.Year()) + int(t.Month()) - int(today.Month())
}

// reachable tells whether there is a view that begins at t.
func (p *Pages) reachable(t time.Time) bool {
	n := p.apart(t)
	return n >= -12*maxYears && n <= 12*maxYears
}

// far tells whether a view that begins at t is one that hardly anybody asks
// for.
func (p *Pages) far(t time.Time) bool {
	n := p.apart(t)
	return n < -nearPast || n > nearFuture
}

// turnTo gives the way to the view that begins at t, nil when there is none.
func (p *Pages) turnTo(path, label string, t time.Time, q url.Values) *turn {
	if !p.reachable(t) {
		return nil
	}
	return &turn{asking(path, q), label, p.far(t) || len(q) > 0}
}

// grid gives the table of the month that begins at month, without what is on.
func (p *Pages) grid(month time.Time, c *choice, lang string) *gridView {
	q := c.values(false)
	before, after := month.AddDate(0, -1, 0), month.AddDate(0, 1, 0)
	g := &gridView{
		Caption: locale.MonthYear(lang, month), Month: component.Month{
			Noun: say(lang, "event.noun.one", nil), Nouns: say(lang, "event.noun.other", nil), Off: cancelled(lang),
			More: func(n int) string { return sayNumber(lang, "event.more", n) },
		},
		Prev: p.turnTo(monthPath+before.Format("2006-01"), locale.MonthYear(lang, before), before, q),
		Next: p.turnTo(monthPath+after.Format("2006-01"), locale.MonthYear(lang, after), after, q),
	}
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		g.Head = append(g.Head, headCell{locale.Weekday(lang, monday(month).AddDate(0, 0, i)), locale.WeekdayName(lang, day)})
	}
	today := p.today()
	for day := monday(month); day.Before(after); {
		week := make([]component.MonthDay, 7)
		for i := range week {
			week[i] = component.MonthDay{Day: day.Day(), Out: day.Month() != month.Month(), Today: day.Equal(today)}
			day = day.AddDate(0, 0, 1)
		}
		g.Weeks = append(g.Weeks, week)
	}
	return g
}

// spread counts into the grid of month what goes from start to end, and calls
// each, unless it is nil, for each of its days there.
func (g *gridView) spread(month, start, end time.Time, each func(c *component.MonthDay, day time.Time)) {
	last := month.AddDate(0, 1, -1)
	if end.After(start) {
		end = end.Add(-time.Nanosecond) // what ends at midnight is not on the next day
	} else {
		end = start
	}
	day := midnight(start.In(month.Location()))
	if day.Before(month) {
		day = month
	}
	offset := (int(month.Weekday()) + 6) % 7
	for ; !day.After(last) && !day.After(end); day = day.AddDate(0, 0, 1) {
		n := offset + day.Day() - 1
		c := &g.Weeks[n/7][n%7]
		c.N++
		g.Any = true
		if each != nil {
			each(c, day)
		}
	}
}

// link lets the days on which something is lead to their lists.
func (p *Pages) link(g *gridView, month time.Time, c *choice, lang string) {
	q := c.values(false)
	of := ". " + locale.MonthName(lang, month.Month()) + ":"
	if lang == "en" {
		of = " " + locale.MonthName(lang, month.Month()) + ":"
	}
	day := monday(month)
	for _, week := range g.Weeks {
		for i := range week {
			if week[i].N > 0 {
				q.Set(dayField, day.Format(time.DateOnly))
				week[i].Href, week[i].After = asking(listPath, q), of
				if week[i].Today {
					week[i].Before = p.web.T(lang, "event.today.before")
				}
			}
			day = day.AddDate(0, 0, 1)
		}
	}
}

// A calendarView is a page that shows a month or a week.
type calendarView struct {
	Crumbs   []component.Crumb
	Segments component.Segments
	Chips    component.Chips
	// Set are the choices that can be taken back.
	Set  component.Chips
	Grid *gridView
	// Week is set where Grid is not.
	Week *weekView
	// Off is true when something in it is cancelled or was moved.
	Off bool
	// Today is what is on today, nil when nothing is or today is not in it.
	Today *component.Day
	Empty component.Empty
	Any   bool
}

// A weekView is a week as a table ("event/week").
type weekView struct {
	Caption    string
	Prev, Next *turn
	Days       []weekDay
}

// A weekDay is a row of it.
type weekDay struct {
	Href, Name, Near string
	Today            bool
	Rows             []component.AgendaRow
}

// month shows a month.
func (p *Pages) month(w http.ResponseWriter, r *http.Request) error {
	month, ok := parseMonth(chi.URLParam(r, "month"), p.zone)
	if !ok || !p.reachable(month) {
		return problem.NotFoundf("there is no month %q", chi.URLParam(r, "month"))
	}
	lang, until := p.web.Language(r), prepared.NextMinute()
	c, err := p.choose(r)
	if err != nil {
		return err
	}
	if len(c.wrong) > 0 {
		return p.sayWrong(w, r)
	}
	f := c.Filter
	f.Since, f.Before = month, month.AddDate(0, 1, 0)
	list, err := p.outlines(r.Context(), f, "", maxInView)
	if err != nil {
		return err
	}
	path := monthPath + month.Format("2006-01")
	view := p.calendarView(&c, month, path, locale.MonthYear(lang, month), lang)
	view.Grid = p.grid(month, &c, lang)
	view.Grid.Full = true
	for _, e := range list {
		view.Off = view.Off || e.Status == Cancelled
		view.Grid.spread(month, e.StartTime, e.EndTime, func(c *component.MonthDay, day time.Time) {
			if e.Status == Cancelled {
				c.Off++
			}
			if len(c.Items) == maxInCell {
				c.More++
				return
			}
			c.Items = append(c.Items, component.MonthItem{Href: Path + e.Key(), Clock: p.clock(e, day, lang), Name: e.Name, Lang: e.foreign(lang), Off: e.Status == Cancelled})
		})
	}
	p.link(view.Grid, month, &c, lang)
	view.Any = view.Grid.Any
	p.addToday(view, list, month, month.AddDate(0, 1, 0), lang)
	return p.showCalendar(w, r, view, &c, month, path, until)
}

// week shows a week.
func (p *Pages) week(w http.ResponseWriter, r *http.Request) error {
	first, ok := parseWeek(chi.URLParam(r, "week"), p.zone)
	if !ok || !p.reachable(first) {
		return problem.NotFoundf("there is no week %q", chi.URLParam(r, "week"))
	}
	lang, until := p.web.Language(r), prepared.NextMinute()
	c, err := p.choose(r)
	if err != nil {
		return err
	}
	if len(c.wrong) > 0 {
		return p.sayWrong(w, r)
	}
	f := c.Filter
	f.Since, f.Before = first, first.AddDate(0, 0, 7)
	list, err := p.outlines(r.Context(), f, "", maxInView)
	if err != nil {
		return err
	}
	path, caption := weekPath+weekOf(first), locale.DateRange(lang, first, lastSecond(first.AddDate(0, 0, 6)), true)
	view := p.calendarView(&c, first, path, caption, lang)
	q := c.values(false)
	before, after := first.AddDate(0, 0, -7), first.AddDate(0, 0, 7)
	view.Week = &weekView{
		Caption: caption,
		Prev:    p.turnTo(weekPath+weekOf(before), p.web.T(lang, "event.week.before"), before, q),
		Next:    p.turnTo(weekPath+weekOf(after), p.web.T(lang, "event.week.after"), after, q),
	}
	for i := range 7 {
		day := first.AddDate(0, 0, i)
		q.Set(dayField, day.Format(time.DateOnly))
		// The day stays beside its month: the column is narrow on phones.
		row := weekDay{Href: asking(listPath, q), Name: locale.LongDay(lang, day, first), Near: p.near(day, lang), Today: day.Equal(p.today())}
		for _, e := range on(list, day) {
			row.Rows = append(row.Rows, p.agenda(e, day, lang))
			view.Any = true
		}
		view.Week.Days = append(view.Week.Days, row)
	}
	return p.showCalendar(w, r, view, &c, first, path, until)
}

// on gives what of list is on a day.
func on(list []*Event, day time.Time) []*Event {
	var some []*Event
	next := day.AddDate(0, 0, 1)
	for _, e := range list {
		begins := !e.StartTime.Before(day) && e.StartTime.Before(next)
		if begins || e.StartTime.Before(day) && e.EndTime.After(day) {
			some = append(some, e)
		}
	}
	return some
}

// sayWrong leads to the list, which names what cannot be understood.
func (p *Pages) sayWrong(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, asking(listPath, r.URL.Query()), http.StatusSeeOther)
	return nil
}

// addToday puts what is on today under a month that today is in.
func (p *Pages) addToday(view *calendarView, list []*Event, first, after time.Time, lang string) {
	today := p.today()
	if today.Before(first) || !today.Before(after) {
		return
	}
	if some := on(list, today); len(some) > 0 {
		view.Today = &p.days(some, today, true, lang)[0]
	}
}

// calendarView begins the view of a month or a week that begins at first, has
// its page at path and is called name.
func (p *Pages) calendarView(c *choice, first time.Time, path, name, lang string) *calendarView {
	return &calendarView{
		Crumbs: []component.Crumb{{Key: "nav.events", Href: listPath}, {Text: name}}, Segments: p.segments(c, first, path),
		Chips: p.categoryChips(c, path), Set: p.set(c, lang, path),
		Empty: component.Empty{Key: "event.none.then", TextKey: "event.none.then.text", Href: listPath, ActionKey: "event.all", Small: true},
	}
}

// showCalendar answers with the view; the usual ones are kept.
func (p *Pages) showCalendar(w http.ResponseWriter, r *http.Request, view *calendarView, c *choice, first time.Time, path string, until time.Time) error {
	if !c.narrowing() && !p.far(first) {
		p.web.Keep(r, path, until)
	}
	return p.web.Render(w, r, http.StatusOK, "event/calendar", web.Page{
		Title: p.web.T(p.web.Language(r), "event.calendar.title", view.Crumbs[1].Text), Canonical: p.actors.Site().Origin + path, View: view,
		Description: p.web.T(p.web.Language(r), "event.list.description", p.web.Town().Name),
		Feeds:       []web.Feed{{Type: "text/calendar", Title: p.web.Town().Name, Href: calendarPath}}, NoIndex: p.far(first) || c.narrowing(),
	})
}
