package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/web/assets"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Page is what a template is shown with.
type Page struct {
	Title string
	// Description is for link previews, plain text.
	Description string
	// Alternate is the ActivityPub id of what the page shows, or "".
	Alternate string
	// Canonical is the address of the page, or "".
	Canonical string
	// Image is the address of a picture for link previews, or "", ImageAlt its
	// alternative text.
	Image, ImageAlt string
	// Type is what the page shows, in the words of Open Graph; "" is a website.
	Type string
	// Feeds are what can be subscribed to in place of the page.
	Feeds []Feed
	// Data says the same as the page in the words of schema.org. It is written
	// into the head as JSON; nil for none.
	Data any
	// Wide leaves out the frame around the page: its template brings its own.
	// Narrow is for pages that are read, and for small forms.
	Wide, Narrow bool
	// NoIndex keeps search engines away.
	NoIndex bool
	// Scripts are the names of our own modules that the page uses, "js/x.js": it
	// must work without them, or say what to do.
	Scripts []string
	// View is what the template of the page gets. When it is a Task, the page is
	// shown as one.
	View any
}

// A Task is a page on which somebody does one thing from beginning to end: it
// has no navigation, and a way out of it.
type Task interface {
	// Leave gives the path of the way out, "" for a page like others.
	Leave() string
}

// A Feed is another form of a page, for programs that come back on their own.
type Feed struct {
	// Type is its media type.
	Type string
	// Title is plain text.
	Title string
	// Href is its address, or its path.
	Href string
}

// shell is what the layout gets.
type shell struct {
	Page
	Site        *Site
	Lang, Other string
	Path        string
	// Locale is Lang as Open Graph writes it.
	Locale string
	// Switch leads to the same page in the other language.
	Switch string
	// JSON is Data; encoding/json leaves no character in it that could end the
	// script it stands in.
	JSON       template.JS
	Visitor    *Visitor
	Stylesheet string
	Fonts      []string
	Content    template.HTML
	// Town is how the town looks, Arms the path of its coat of arms and Contact its
	// lines.
	Town    Look
	Arms    string
	Contact []ContactLine
	Nav     []entry
	// Cancel is the way out of a task, or "".
	Cancel string
	// Alerts stand at the head of every page.
	Alerts []said
}

// An entry is one of the navigation, with aria-current.
type entry struct {
	Link
	Current string
}

// nav gives the navigation for a path, without what is closed.
func (s *Site) nav(path string, visitor *Visitor, closed []string) []entry {
	list := make([]entry, 0, len(s.Nav)+1)
	for _, l := range s.Nav {
		if !open(closed, l.Href) {
			continue
		}
		one := entry{l, current(l.Href, path)}
		for _, below := range s.NavBelow[l.Href] {
			if one.Current == "" && current(below, path) != "" {
				one.Current = "true"
			}
		}
		list = append(list, one)
	}
	if visitor != nil && s.Self.Href != "" {
		self := entry{s.Self, current(s.Self.Href, path)}
		for _, below := range s.SelfBelow {
			if self.Current == "" && current(below, path) != "" {
				self.Current = "true"
			}
		}
		list = append(list, self)
	}
	return list
}

// current is the aria-current of a link on the page at path: of the page
// itself, or of one below it.
func current(href, path string) string {
	switch {
	case href == path:
		return "page"
	case href != "/" && strings.HasPrefix(path, href+"/"):
		return "true"
	}
	return ""
}

// Render answers with the template name in the layout. Nothing is sent when a
// template fails.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, name string, page Page) error {
	lang := s.Language(r)
	t, err := s.template(lang)
	if err != nil {
		return err
	}
	content, whole := blank(), blank()
	defer used(content, whole)
	if err := t.ExecuteTemplate(content, name, page.View); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	view, err := s.shell(r, lang, page)
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	view.Content = template.HTML(content.String()) //nolint:gosec // made by html/template just now
	if err := t.ExecuteTemplate(whole, "layout", view); err != nil {
		return fmt.Errorf("render layout: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Add("Vary", "Accept, Accept-Language")
	if view.Visitor != nil {
		// Never from a cache, but back in the browser finds what was typed.
		h.Set("Cache-Control", "private, no-cache")
	} else if status >= http.StatusBadRequest && h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // browsers keep 404 and 410 for good (RFC 9110 15.1), and a club may come back
	}
	w.WriteHeader(status)
	body := whole.Bytes()
	if lang := chosen(r); lang != "" {
		body = carry(body, lang)
	}
	_, _ = w.Write(body)
	return nil
}

// paper are buffers in which pages were written: growing new ones is a third of
// what a page takes from memory.
var paper = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largest is how large a buffer is kept, in bytes.
const largest = 256 << 10

func blank() *bytes.Buffer {
	b := paper.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// used keeps buffers for the next page. Nobody holds on to what stands in them:
// an io.Writer must not.
func used(buffers ...*bytes.Buffer) {
	for _, b := range buffers {
		if b.Cap() <= largest {
			paper.Put(b)
		}
	}
}

// shell gives what the layout shows around a page.
func (s *Site) shell(r *http.Request, lang string, page Page) (*shell, error) {
	town := s.Town()
	view := &shell{
		Page: page, Site: s, Lang: lang, Other: other(lang), Path: r.URL.Path, Stylesheet: assets.Stylesheet, Fonts: assets.Fonts,
		Locale: locales[lang], Switch: in(r.URL, other(lang)),
		Town: town, Arms: town.Arms, Contact: contact(town.Contact), Alerts: town.alerts(lang),
	}
	if view.Arms == "" {
		view.Arms = assets.Path("img/wappen.svg")
	}
	if view.Image == "" && town.Picture != "" {
		view.Image, view.ImageAlt = s.Origin+town.Picture, town.PictureAlt
	}
	if s.Visitor != nil {
		view.Visitor = s.Visitor(r)
	}
	view.Nav = s.nav(r.URL.Path, view.Visitor, town.Closed)
	if task, ok := page.View.(Task); ok {
		view.Cancel = task.Leave()
	}
	if page.Data != nil {
		data, err := json.Marshal(page.Data)
		if err != nil {
			return nil, fmt.Errorf("write its data: %w", err)
		}
		view.JSON = template.JS(data) //nolint:gosec // see JSON
	}
	return view, nil
}

func other(lang string) string {
	if lang == "de" {
		return "en"
	}
	return "de"
}

// locales are our languages as Open Graph writes them.
var locales = map[string]string{"de": "de_DE", "en": "en_GB"}

// in gives the address of a page in a language, with all else that was asked.
func in(u *url.URL, lang string) string {
	q := u.Query()
	q.Set("lang", lang)
	return u.EscapedPath() + "?" + q.Encode()
}

// Keep says that everybody may be shown the page of r again as it is now, as
// long as nothing on it changes. address is its path, with a query as url.Values
// writes it; other spellings are not kept. tags are the ids of what is shown and
// comes from elsewhere, or changes with what comes from there. until ends it;
// zero is never.
func (s *Site) Keep(r *http.Request, address string, until time.Time, tags ...string) {
	targets := []string{address}
	if u, err := url.Parse(address); err == nil {
		for _, lang := range locale.Languages {
			targets = append(targets, in(u, lang))
		}
	}
	prepared.Keep(r.Context(), prepared.Terms{
		Targets: targets, Vary: prepared.ByAccept | prepared.ByLanguage | prepared.ByPerson, Tags: tags, Until: until,
	})
}
