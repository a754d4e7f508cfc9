package component

import (
	"html/template"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/web/locale"
)

// What a list of events says again and again, its rows and the days of its
// months, is written here and not by templates: those took three quarters of
// the time of the page. Everything that is no markup of ours goes through text.

// An AgendaRow is an event in a list by day.
type AgendaRow struct {
	// Href is a path on this server: nothing else is a link that may be trusted
	// without a look at its scheme. The same holds for those of a month.
	Href, Name string
	// Lang is the language of the event where the page has another one.
	Lang string
	// Clock is the time of day in words, Start the same for machines.
	Clock, Start string
	Place, By    string
	Cancelled    bool
	// Badge is the word for what has become of it, and Why goes on: that it is
	// cancelled and the reason, or that it was moved and from when.
	Badge, Why string
	// Unchecked says that nobody has confirmed it for long, "" when somebody has.
	Unchecked string
}

// A Day is what is on one day.
type Day struct {
	// ID names the heading within the page.
	ID, Heading string
	// Near says how far away the day is: "übermorgen".
	Near string
	// Leaf is the day, for the leaf of the calendar; nil when the heading is
	// none.
	Leaf *Leaf
	Rows []AgendaRow
	// Lang is the language of the page.
	Lang string
}

// Days are the days of a list, one after the other.
type Days []Day

// A Month is the body of a table with the days of a month.
type Month struct {
	Weeks [][]MonthDay
	// Noun and Nouns say what is counted, Off that it does not take place.
	Noun, Nouns, Off string
	// More says how many have no place in a day.
	More func(n int) string
}

// A MonthDay is a day of a month.
type MonthDay struct {
	Day int
	// Href leads to the list of the day, "" when nothing is on.
	Href string
	N    int
	// Off is how many of them are cancelled.
	Off int
	// Before and After are what is read out around the number of the day.
	Before, After string
	// Out is true for a day of another month.
	Out, Today bool
	Items      []MonthItem
	// More is how many have no place in Items.
	More int
}

// A MonthItem is an event in a day of a month.
type MonthItem struct {
	Href, Clock, Name, Lang string
	Off                     bool
}

// A writer writes HTML.
type writer struct{ strings.Builder }

// raw writes markup of ours.
func (w *writer) raw(parts ...string) {
	for _, s := range parts {
		w.WriteString(s)
	}
}

// text writes what anybody may have written, also as the value of an attribute
// in quotes.
func (w *writer) text(s string) { w.WriteString(template.HTMLEscapeString(s)) }

// attr writes an attribute, unless it has no value.
func (w *writer) attr(name, value string) {
	if value != "" {
		w.raw(" ", name, `="`)
		w.text(value)
		w.raw(`"`)
	}
}

// element writes an element with text in it.
func (w *writer) element(open, text, end string) {
	w.raw(open)
	w.text(text)
	w.raw(end)
}

// html gives what was written.
func (w *writer) html() template.HTML { return template.HTML(w.String()) } //nolint:gosec // see text

// usualList is the size of a usual list, in bytes.
const usualList = 24 << 10

// HTML gives the days with their events.
func (days Days) HTML() template.HTML {
	w := new(writer)
	w.Grow(usualList)
	for i := range days {
		w.day(&days[i])
	}
	return w.html()
}

// day writes a day under its heading.
func (w *writer) day(d *Day) {
	w.raw(`<section class="day"`)
	w.attr("aria-labelledby", d.ID)
	w.raw(`><div class="day__head">`)
	if d.Leaf != nil {
		t := d.Leaf.Time
		w.raw(`<span class="date" aria-hidden="true"><span class="date__day">`, locale.Weekday(d.Lang, t), `</span><span class="date__num">`, strconv.Itoa(t.Day()),
			`</span><span class="date__month">`, locale.Month(d.Lang, t), `</span></span>`)
	}
	w.raw("<h2")
	w.attr("id", d.ID)
	w.raw(">")
	if d.Leaf == nil {
		w.text(d.Heading)
	} else {
		w.element("<span>", d.Heading, "</span>")
	}
	if d.Near != "" {
		w.element(` <span class="meta">`, d.Near, "</span>")
	}
	w.raw("</h2></div>\n", `<ul class="sheet sheet--flush rows">`)
	for i := range d.Rows {
		w.row(&d.Rows[i])
	}
	w.raw("</ul></section>\n")
}

// HTML gives the row.
func (r AgendaRow) HTML() template.HTML {
	w := new(writer)
	w.row(&r)
	return w.html()
}

// row writes an event in a list by day.
func (w *writer) row(r *AgendaRow) {
	off := ""
	if r.Cancelled {
		off = " event--off"
	}
	if r.Unchecked != "" {
		off += " event--stale"
	}
	w.raw(`<li class="event event--agenda`, off, `"><time class="event__time"`)
	w.attr("datetime", r.Start)
	w.element(">", r.Clock, `</time><h3 class="event__title"`)
	w.attr("lang", r.Lang)
	w.raw(`><a href="`)
	w.element("", r.Href, `">`)
	w.element("", r.Name, "</a></h3>")
	w.facts(r)
	w.raw("</li>\n")
}

// Facts gives what stands under the name.
func (r AgendaRow) Facts() template.HTML {
	w := new(writer)
	w.facts(&r)
	return w.html()
}

// facts writes where it is and who invites, and what has become of it.
func (w *writer) facts(r *AgendaRow) {
	w.raw(`<ul class="facts">`)
	if r.Place != "" {
		w.element(`<li><span class="icon icon--place" aria-hidden="true"></span><span>`, r.Place, "</span></li>")
	}
	w.element(`<li><span class="icon icon--people" aria-hidden="true"></span><bdi>`, r.By, "</bdi></li></ul>")
	tone, icon := "danger", "x"
	if !r.Cancelled {
		tone, icon = "warning", "moved"
	}
	if r.Badge != "" {
		w.raw(`<div class="cluster"><span class="kern-badge kern-badge--`, tone, `"><span class="icon icon--`, icon, `" aria-hidden="true"></span>`)
		w.element(`<span class="kern-label">`, r.Badge, "</span></span>")
		w.element(`<span class="meta">`, r.Why, "</span></div>")
	}
	if r.Unchecked != "" {
		w.element(`<p class="unchecked"><span class="icon icon--clock" aria-hidden="true"></span><span>`, r.Unchecked, "</span></p>")
	}
}

// Body gives the rows of the table of a month.
func (g *Month) Body() template.HTML {
	w := new(writer)
	w.Grow(usualList / 3)
	for _, week := range g.Weeks {
		w.raw("<tr>")
		for i := range week {
			w.cell(g, &week[i])
		}
		w.raw("</tr>\n")
	}
	return w.html()
}

// cell writes a day of a month.
func (w *writer) cell(g *Month, c *MonthDay) {
	switch {
	case c.Out:
		w.raw(`<td class="out">`)
	case c.Today && c.N > 0 && c.N == c.Off:
		w.raw(`<td class="today off" aria-current="date">`)
	case c.N > 0 && c.N == c.Off:
		w.raw(`<td class="off">`)
	case c.Today:
		w.raw(`<td class="today" aria-current="date">`)
	default:
		w.raw("<td>")
	}
	day := strconv.Itoa(c.Day)
	if c.Href == "" {
		w.raw("<span>", day, "</span></td>")
		return
	}
	w.element(`<a rel="nofollow" href="`, c.Href, `">`)
	if c.Before != "" {
		w.element(`<span class="visually-hidden">`, c.Before, "</span>")
	}
	noun := g.Nouns
	if c.N == 1 {
		noun = g.Noun
	}
	w.element(day+`<span class="visually-hidden">`, c.After, `</span><span class="month__n">`)
	w.number(g, c, noun)
	w.raw("</span></a>")
	if len(c.Items) > 0 {
		w.items(g, c)
	}
	w.raw("</td>")
}

// number writes how much is on: what takes place, and struck through what is
// cancelled. Who listens hears both as words.
func (w *writer) number(g *Month, c *MonthDay, noun string) {
	if c.Off == 0 {
		w.element(strconv.Itoa(c.N)+`<span class="visually-hidden"> `, noun, "</span>")
		return
	}
	w.raw(`<span aria-hidden="true">`)
	if c.N > c.Off {
		w.raw(strconv.Itoa(c.N-c.Off), " ")
	}
	w.raw("<s>", strconv.Itoa(c.Off), `</s></span><span class="visually-hidden"> `, strconv.Itoa(c.N), " ")
	w.element("", noun, ", ")
	w.element(strconv.Itoa(c.Off)+" ", strings.ToLower(g.Off), "</span>")
}

// items writes the titles in a day of a month.
func (w *writer) items(g *Month, c *MonthDay) {
	w.raw(`<div class="month__list">`)
	for _, i := range c.Items {
		w.element(`<a href="`, i.Href, `"`)
		w.attr("lang", i.Lang)
		if i.Off {
			w.raw(` class="off"`)
		}
		w.element("><b>", i.Clock, "</b> ")
		w.text(i.Name)
		if i.Off {
			w.element(`<span class="visually-hidden"> (`, g.Off, ")</span>")
		}
		w.raw("</a>")
	}
	if c.More > 0 {
		w.element(`<a class="month__more" rel="nofollow" href="`, c.Href, `">`)
		w.element("", g.More(c.More), "</a>")
	}
	w.raw("</div>")
}
