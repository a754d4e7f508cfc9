package event

import (
	"html/template"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/web/locale"
)

// What a list says again and again, its rows and the days of its months, is
// written here and not by templates: those took three quarters of the time of
// the page. Everything that is no markup of ours goes through text.

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

// Agenda gives the days of the list with their events.
func (v *listView) Agenda() template.HTML {
	w := new(writer)
	w.Grow(usualList)
	for i := range v.Days {
		w.day(&v.Days[i])
	}
	return w.html()
}

// day writes a day under its heading.
func (w *writer) day(d *dayView) {
	w.raw(`<section class="day" aria-labelledby="`, d.ID, `"><div class="day__head">`)
	if d.Leaf != nil {
		t := d.Leaf.Time
		w.raw(`<span class="date" aria-hidden="true"><span class="date__day">`, locale.Weekday(d.Lang, t), `</span><span class="date__num">`, strconv.Itoa(t.Day()),
			`</span><span class="date__month">`, locale.Month(d.Lang, t), `</span></span>`)
	}
	w.raw(`<h2 id="`, d.ID, `">`)
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
func (r agendaRow) HTML() template.HTML {
	w := new(writer)
	w.row(&r)
	return w.html()
}

// row writes an event in a list by day.
func (w *writer) row(r *agendaRow) {
	off := ""
	if r.Cancelled {
		off = " event--off"
	}
	w.raw(`<li class="event event--agenda`, off, `"><time class="event__time" datetime="`, r.Start, `">`)
	w.element("", r.Clock, `</time><h3 class="event__title"`)
	w.attr("lang", r.Lang)
	w.raw(`><a href="`)
	w.element("", r.Href, `">`)
	w.element("", r.Name, "</a></h3>")
	w.facts(r)
	w.raw("</li>\n")
}

// Facts gives what stands under the name.
func (r agendaRow) Facts() template.HTML {
	w := new(writer)
	w.facts(&r)
	return w.html()
}

// facts writes where it is and who invites, and what has become of it.
func (w *writer) facts(r *agendaRow) {
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
}

// Body gives the rows of the table of a month.
func (g *gridView) Body() template.HTML {
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
func (w *writer) cell(g *gridView, c *cell) {
	switch {
	case c.Out:
		w.raw(`<td class="out">`)
	case c.Today:
		w.raw(`<td class="today">`)
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
	w.element(strconv.Itoa(c.N)+`<span class="visually-hidden"> `, noun, "</span></span></a>")
	if len(c.Items) > 0 {
		w.items(g, c)
	}
	w.raw("</td>")
}

// items writes the titles in a day of a month.
func (w *writer) items(g *gridView, c *cell) {
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
		w.element("", g.more(c.More), "</a>")
	}
	w.raw("</div>")
}
