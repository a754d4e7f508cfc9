package component

import (
	"html/template"
	"strconv"
	"strings"
)

// A Say gives the words of a key in the language of the page; templates hand
// over theirs as {{say}}.
type Say func(key string) (string, error)

// A speaker writes HTML with words in it. The first word that is missing is its
// error.
type speaker struct {
	writer
	say Say
	err error
}

// key writes the words of a key.
func (w *speaker) key(key string) {
	said, err := w.say(key)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.text(said)
}

// words writes what somebody may have written, or else the words of a key.
func (w *speaker) words(key, text string) {
	if text == "" {
		w.key(key)
		return
	}
	w.element("<bdi>", text, "</bdi>")
}

// href writes where a link leads, as html/template does: to a path or a page,
// never to a script.
func (w *speaker) href(to string) {
	scheme, _, has := strings.Cut(to, ":")
	if has && !strings.ContainsAny(scheme, "/?#") && scheme != "http" && scheme != "https" {
		to = "#"
	}
	w.element(` href="`, to, `"`)
}

// icon writes the icon of a name, nothing for "".
func (w *speaker) icon(name string) {
	if name != "" {
		w.element(`<span class="icon icon--`, name, `" aria-hidden="true"></span>`)
	}
}

// group begins an element with a name for those who hear it.
func (w *speaker) group(open, label string) {
	w.raw(open, ` aria-label="`)
	w.key(label)
	w.raw(`">`)
}

func (w *speaker) html() (template.HTML, error) { return w.writer.html(), w.err }

// HTML gives the row. A list has two of them, so they are written as the rows of
// an agenda are.
func (c Chips) HTML(say Say) (template.HTML, error) {
	w := &speaker{say: say}
	w.group(`<div class="heads" role="group"`, c.Label)
	for i := range c.List {
		w.chip(&c.List[i])
	}
	w.raw("</div>")
	return w.html()
}

func (w *speaker) chip(c *Chip) {
	end := "</span>"
	if c.Href == "" {
		w.raw(`<span class="chip">`)
	} else {
		end = "</a>"
		w.raw(`<a class="chip chip--big`)
		if c.Remove {
			w.raw(" chip--remove")
		}
		w.raw(`"`)
		w.href(c.Href)
		if c.Far {
			w.raw(` rel="nofollow"`)
		}
		if c.Current {
			w.raw(` aria-current="true"`)
		}
		w.raw(">")
	}
	w.icon(c.Icon)
	if c.Remove {
		w.raw(`<span class="visually-hidden">`)
		w.key("chip.remove")
		w.raw(" </span>")
	}
	w.words(c.Key, c.Text)
	if c.Count != nil {
		w.raw(` <span class="chip__n">`, strconv.Itoa(*c.Count), "</span>")
	}
	if c.Remove {
		w.icon("x")
	}
	w.raw(end)
}

// HTML gives the views one beside the other.
func (s Segments) HTML(say Say) (template.HTML, error) {
	w := &speaker{say: say}
	w.group(`<nav class="segments"`, s.Label)
	for i := range s.List {
		one := &s.List[i]
		w.raw("<a")
		w.href(one.Href)
		if one.Current {
			w.raw(` aria-current="page"`)
		}
		w.raw(">")
		w.icon(one.Icon)
		w.words(one.Key, one.Text)
		w.raw("</a>")
	}
	w.raw("</nav>")
	return w.html()
}
