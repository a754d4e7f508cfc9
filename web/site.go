package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/language"

	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/layout"
	"codeberg.org/aushang/aushang/web/locale"
)

// Handler answers a request or gives an error, which the Site turns into an
// answer.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Link is an entry of the navigation: the key of its words, where it leads and
// the name of its icon.
type Link struct{ Key, Href, Icon string }

// A Visitor is who is signed in, for the head of the page.
type Visitor struct {
	// News is how many things the visitor has not seen yet.
	News int
	// Office is true for who looks after some clubs for the town hall, not for all.
	Office bool
}

// Options is what a Site is made from.
type Options struct {
	// Name is the town's.
	Name string
	// Look gives how the town looks now, at every page anew; nil for the look that
	// comes with the program.
	Look func() Look
	// Origin is "https://host[:port]".
	Origin string
	// Language is that of readers who ask for none that we speak.
	Language string
	// Parts are folders with text.de.toml, text.en.toml and perhaps *.html.
	Parts []fs.FS
	// Words are those of Parts, as Words reads them; nil for New to read them. Who
	// changes how they are said calls Renew after it.
	Words *locale.Catalogue
	// Nav is the navigation, Self its last entry for who is signed in, and SelfBelow
	// are the paths of pages that belong to it besides its own.
	Nav       []Link
	Self      Link
	SelfBelow []string
	// NavBelow are the paths of pages that belong to an entry of the navigation besides
	// its own, by the path of the entry.
	NavBelow map[string][]string
	// Word gives the town's own words for a key in a language, before those of the
	// catalogues; nil when it has none.
	Word func(lang, key string) (string, bool)
	// Preferred gives the language that who asks has chosen for good, "" for none;
	// nil when nobody can. It is asked often.
	Preferred func(*http.Request) string
	// Quiet is true for a town that sends no mail: words with a key that ends on
	// ".quiet" stand in place of the others.
	Quiet bool
	// Repository is where the source of the program is.
	Repository string
	// Visitor gives who is signed in, nil for a reader.
	Visitor func(*http.Request) *Visitor
	// Status decides the HTTP status of an error.
	Status func(error) int
	// Observe is told of every request that was answered, by its route, and
	// Panicked of every one that ended in a panic; nil for nobody.
	Observe  func(route string, status int)
	Panicked func()
	Log      *slog.Logger
}

// Site shows pages in the look and the words of one town. Make one with New.
type Site struct {
	Options
	words *locale.Catalogue
	// templates are those of each language, in the manner of the town. Most towns are
	// read in one language: what is never asked for takes no memory.
	templates atomic.Pointer[templates]
	wishes    wishes
}

// templates gives those of a language.
type templates map[string]func() (*template.Template, error)

// wishes remembers what the Accept-Language headers of usual browsers mean;
// reading one takes longer than answering from memory.
type wishes struct {
	mu    sync.RWMutex
	known map[string]string
}

// maxWishes and maxWish are how many are remembered, and how long they may be.
const (
	maxWishes = 256
	maxWish   = 128
)

func (w *wishes) get(wish string) (string, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	lang, ok := w.known[wish]
	return lang, ok
}

func (w *wishes) put(wish, lang string) {
	if len(wish) > maxWish {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.known) >= maxWishes || w.known == nil {
		w.known = map[string]string{}
	}
	w.known[strings.Clone(wish)] = lang
}

// Words reads the words of all parts and of what is around every page.
func Words(parts ...fs.FS) (*locale.Catalogue, error) {
	return locale.NewCatalogue(append([]fs.FS{layout.Files, component.Files}, parts...)...)
}

// New parses the templates in the language of the town and merges all words;
// anything wrong with them is an error here and not at a reader's.
func New(o Options) (*Site, error) {
	parts := append([]fs.FS{layout.Files, component.Files}, o.Parts...)
	words := o.Words
	if words == nil {
		var err error
		if words, err = Words(o.Parts...); err != nil {
			return nil, err
		}
	}
	s := &Site{Options: o, words: words}
	s.Options.Parts = parts
	s.Renew()
	// Every language has the same ones: what is wrong in one is found here.
	first := o.Language
	if !slices.Contains(locale.Languages, first) {
		first = locale.Languages[0]
	}
	if _, err := s.template(first); err != nil {
		return nil, err
	}
	return s, nil
}

// Renew forgets the templates; each is parsed with the words of now when it is
// asked for.
func (s *Site) Renew() {
	all := templates{}
	for _, lang := range locale.Languages {
		all[lang] = sync.OnceValues(func() (*template.Template, error) { return s.parse(lang, s.Parts) })
	}
	s.templates.Store(&all)
}

func (s *Site) template(lang string) (*template.Template, error) {
	return (*s.templates.Load())[lang]()
}

// parse reads the templates with the words of a language.
func (s *Site) parse(lang string, parts []fs.FS) (*template.Template, error) {
	t := template.New("").Option("missingkey=error").Funcs(s.functions(lang))
	for _, part := range parts {
		if pages, _ := fs.Glob(part, "*.html"); len(pages) == 0 {
			continue // it has words only
		}
		var err error
		if t, err = t.ParseFS(part, "*.html"); err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
	}
	if err := fold(t, s.words, lang); err != nil {
		return nil, fmt.Errorf("write words into templates: %w", err)
	}
	return t, nil
}

// Missing lists the words that one language lacks.
func (s *Site) Missing() ([]string, error) { return s.words.Missing() }

// Language gives the language for a reader: ?lang=, what he or she has chosen
// for good, what the browser asks for, or the town's.
func (s *Site) Language(r *http.Request) string {
	if lang := chosen(r); lang != "" {
		return lang
	}
	if s.Preferred != nil {
		if lang := s.Preferred(r); lang != "" {
			return lang
		}
	}
	wish := r.Header.Get("Accept-Language")
	if wish == "" {
		return s.Options.Language
	}
	if lang, ok := s.wishes.get(wish); ok {
		return lang
	}
	lang := s.understand(wish)
	s.wishes.put(wish, lang)
	return lang
}

// understand reads an Accept-Language (RFC 9110 12.5.4).
func (s *Site) understand(wish string) string {
	tags, _, err := language.ParseAcceptLanguage(wish)
	if err == nil {
		for _, tag := range tags {
			base, _ := tag.Base()
			for _, lang := range locale.Languages {
				if base.String() == lang {
					return lang
				}
			}
		}
	}
	return s.Options.Language
}

// message gives the words of key, the town's own before others.
func (s *Site) message(lang, key string, data any) (string, error) {
	if s.Options.Word != nil {
		if own, ok := s.Options.Word(lang, key); ok {
			return own, nil
		}
	}
	if s.Quiet && s.words.Has(lang, key+quiet) {
		key += quiet
	}
	return s.words.Message(lang, key, data)
}

// quiet ends the keys of words for a town that sends no mail, which promise none.
const quiet = ".quiet"

// T gives the words of key.
func (s *Site) T(lang, key string, data ...any) string {
	var d any
	if len(data) > 0 {
		d = data[0]
	}
	text, err := s.message(lang, key, d)
	if err != nil {
		s.Log.Error("words", "error", err)
		return key
	}
	return text
}

// Plural gives the words of key for n things.
func (s *Site) Plural(lang, key string, n int) string {
	text, err := s.words.Plural(lang, key, n)
	if err != nil {
		s.Log.Error("words", "error", err)
		return key
	}
	return locale.Hold(text, n)
}

// Sentence gives a sentence whose key is its own English.
func (s *Site) Sentence(lang, english string, args ...any) string {
	return s.words.Sentence(lang, english, args...)
}

// Speaks tells whether there are words for key in a language.
func (s *Site) Speaks(lang, key string) bool { return s.words.Has(lang, key) }

// Handle makes an http.HandlerFunc of h. An error becomes a page with a next
// step, or a line of JSON for who is no browser; faults of ours are logged.
func (s *Site) Handle(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.Error(w, r, err)
		}
	}
}

// hungUp is what the log and the figures say of who did not wait for an answer, as
// other servers have it.
const hungUp = 499

// Error answers with what err means.
func (s *Site) Error(w http.ResponseWriter, r *http.Request, err error) {
	status := s.Status(err)
	switch {
	case status < http.StatusInternalServerError:
	case r.Context().Err() != nil: // who has gone is no fault of ours
		status = hungUp
	default:
		s.Log.Error("request failed", "route", route(r), "status", status, "error", err)
	}
	s.fail(w, r, status)
}

// NotFound answers that there is no such page.
func (s *Site) NotFound(w http.ResponseWriter, r *http.Request) { s.fail(w, r, http.StatusNotFound) }

// MethodNotAllowed answers that a page cannot be used like that.
func (s *Site) MethodNotAllowed(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, http.StatusMethodNotAllowed)
}

// failures are the statuses that have words of their own.
var failures = map[int]bool{
	http.StatusNotFound: true, http.StatusGone: true, http.StatusForbidden: true, http.StatusMethodNotAllowed: true,
	http.StatusServiceUnavailable: true, http.StatusUnauthorized: true, http.StatusConflict: true, http.StatusUnprocessableEntity: true,
	http.StatusTooManyRequests: true,
}

func (s *Site) fail(w http.ResponseWriter, r *http.Request, status int) {
	key := "error.other"
	if failures[status] {
		key = fmt.Sprintf("error.%d", status)
	}
	if status == http.StatusForbidden && s.Visitor != nil {
		if v := s.Visitor(r); v != nil && v.Office {
			key = "error.403.office"
		}
	}
	s.failWith(w, r, status, key)
}

func (s *Site) failWith(w http.ResponseWriter, r *http.Request, status int, key string) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "30")
	}
	if !WantsHTML(r) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": strings.ToLower(http.StatusText(status))})
		return
	}
	lang := s.Language(r)
	failure := component.Failure{Status: status, Key: key}
	if status == http.StatusUnauthorized {
		failure.Href, failure.ActionKey = "/anmelden", "error.401.action"
	}
	page := Page{Title: s.T(lang, key), NoIndex: true, View: failure}
	if err := s.Render(w, r, status, "failure", page); err != nil {
		s.Log.Error("show error page", "error", err)
		http.Error(w, http.StatusText(status), status)
	}
}
