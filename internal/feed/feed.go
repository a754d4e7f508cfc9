package feed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Files are the words of feeds, and the page that explains them.
//
//go:embed *.html *.toml
var Files embed.FS

// A List is a page of the town with all things of one type, beside which a feed
// lies.
type List struct {
	// Path is that of the page, such as "/pinnwand".
	Path string
	// Type is the ActivityStreams type of what it lists.
	Type string
	// Key is that of the words of its title, which takes a name.
	Key string
}

// Describe gives what a kind says of one of its things beside the text: a title,
// and a line of plain text that stands above.
type Describe func(ctx context.Context, o *object.Object) (title, line string, err error)

// Some gives a part of a list as its address asks for it, the newest first; nil
// when it asks for the whole list, or for a club.
type Some func(r *http.Request, page object.Page) (*Narrowed, error)

// Narrowed is a part of a list.
type Narrowed struct {
	// Name says what is in it, in words, and Query in the address.
	Name  string
	Query url.Values
	Found []*object.Object
}

// Surface serves the feeds.
type Surface struct {
	Web     *web.Site
	Objects *object.Objects
	// Lists have one feed each, which ?verein= narrows to a club.
	Lists []List
	// Clubs is the path of the list of clubs, of which each has a feed.
	Clubs string
	// Club gives the club with this handle.
	Club func(ctx context.Context, handle string) (*actor.Actor, error)
	// Describe says what things of a type say of themselves; others go by their
	// name or the beginning of their text.
	Describe map[string]Describe
	// Some narrows lists of a type by more than a club.
	Some map[string]Some
	// Size gives how many bytes a picture of ours has; 0 when it is not known.
	Size func(url string) int64
	// Began gives when the town was set up: the time of a feed in which nothing
	// stands yet.
	Began func(ctx context.Context) (time.Time, error)
}

// Name is the last segment of the address of every feed, without the ending
// that says in which form.
const Name = "/feed"

// clubField and beforeField are the fields of the address of a feed: the handle
// of a club, and the key of the last entry of the part before.
const (
	clubField   = "verein"
	beforeField = "vor"
)

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	for ending, f := range forms {
		for _, l := range s.Lists {
			r.Get(l.Path+Name+ending, s.Web.Handle(func(w http.ResponseWriter, r *http.Request) error {
				return s.list(w, r, l, ending, f)
			}))
		}
		r.Get(s.Clubs+"/{handle}"+Name+ending, s.Web.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return s.club(w, r, ending, f)
		}))
	}
}

// list answers with what is new in a list, of all clubs or of one.
func (s *Surface) list(w http.ResponseWriter, r *http.Request, l List, ending string, f form) error {
	lang, query, page := s.Web.Options.Language, url.Values{}, s.page(r)
	a := address{path: l.Path, ending: ending, query: query}
	if some := s.Some[l.Type]; some != nil {
		part, err := some(r, page)
		if err != nil {
			return err
		}
		if part != nil {
			a.query, a.seldom = part.Query, true
			d := s.begin(a, s.Web.T(lang, l.Key, part.Name), s.Web.T(lang, l.Key+".text", part.Name))
			return s.answer(w, r, d, part.Found, true, a, f)
		}
	}
	handle := r.URL.Query().Get(clubField)
	if handle == "" {
		found, err := s.Objects.ListType(r.Context(), l.Type, page)
		if err != nil {
			return err
		}
		name := s.Web.Town().Name
		d := s.begin(a, s.Web.T(lang, l.Key, name), s.Web.T(lang, l.Key+".text", name))
		return s.answer(w, r, d, found, true, a, f)
	}
	c, err := s.Club(r.Context(), handle)
	if err != nil {
		return err
	}
	query.Set(clubField, c.PreferredUsername)
	found, err := s.Objects.ListBy(r.Context(), object.Viewer{}, c.ID, page, l.Type)
	if err != nil {
		return err
	}
	d := s.begin(a, s.Web.T(lang, l.Key, c.DisplayName()), s.Web.T(lang, l.Key+".text", c.DisplayName()))
	return s.answer(w, r, d, found, false, a, f)
}

// club answers with all that is new at one club.
func (s *Surface) club(w http.ResponseWriter, r *http.Request, ending string, f form) error {
	c, err := s.Club(r.Context(), chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	var types []string
	for _, l := range s.Lists {
		types = append(types, l.Type)
	}
	found, err := s.Objects.ListBy(r.Context(), object.Viewer{}, c.ID, s.page(r), types...)
	if err != nil {
		return err
	}
	lang, a := s.Web.Options.Language, address{path: s.Clubs + "/" + c.PreferredUsername, ending: ending, query: url.Values{}}
	d := s.begin(a, s.Web.T(lang, "feed.club", c.DisplayName()), s.Web.T(lang, "feed.club.text", c.DisplayName()))
	d.Page, d.Icon = c.URL, c.IconURL
	return s.answer(w, r, d, found, false, a, f)
}

// address is where a feed lies: beside the page at path, in one form.
type address struct {
	path, ending string
	query        url.Values
	// seldom is true for one of many that few ask for: they would fill the memory.
	seldom bool
}

// with gives the target of the feed (RFC 9112 3.2.1), after the entry before.
func (a address) with(before string) string {
	q := url.Values{}
	for k, v := range a.query {
		q[k] = v
	}
	if before != "" {
		q.Set(beforeField, before)
	}
	if len(q) == 0 {
		return a.path + Name + a.ending
	}
	return a.path + Name + a.ending + "?" + q.Encode()
}

// entries is how many entries a part of a feed has.
const entries = 30

// page reads which part is asked for, with one entry more that tells whether
// there is another.
func (s *Surface) page(r *http.Request) object.Page {
	page := object.Page{Limit: entries + 1}
	if key := r.URL.Query().Get(beforeField); key != "" {
		page.Before = s.Web.Origin + "/ap/objects/" + key
	}
	return page
}

// begin begins a feed in the language of the town: many readers may share one
// copy of it.
func (s *Surface) begin(a address, title, subtitle string) *document {
	list := s.Web.Origin + a.path
	if len(a.query) > 0 {
		list += "?" + a.query.Encode()
	}
	return &document{
		// The list and not the file: it is the same feed in each of its forms.
		ID: list, Page: list, First: s.Web.Origin + a.with(""),
		Title: title, Subtitle: subtitle, Language: s.Web.Options.Language, Town: s.Web.Town().Name,
	}
}

// answer fills the feed and sends it in the form f. named says that titles begin
// with who published.
func (s *Surface) answer(w http.ResponseWriter, r *http.Request, d *document, found []*object.Object, named bool, a address, f form) error {
	before := r.URL.Query().Get(beforeField)
	d.Self = s.Web.Origin + a.with(before)
	if len(found) > entries {
		found = found[:entries]
		d.Next = s.Web.Origin + a.with(found[entries-1].Key())
	}
	var err error
	if d.Updated, err = s.Began(r.Context()); err != nil {
		return err
	}
	for _, o := range found {
		e, err := s.entry(r.Context(), o, named)
		if err != nil {
			return err
		}
		d.Entries = append(d.Entries, e)
		if e.Updated.After(d.Updated) {
			d.Updated = e.Updated
		}
	}
	body, err := f.write(d)
	if err != nil {
		return err
	}
	if a.seldom {
		sum := sha256.Sum256(body)
		w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	}
	if !a.seldom && (len(found) > 0 || before == "") { // keys of which nothing is known are without number
		prepared.Keep(r.Context(), prepared.Terms{Targets: []string{a.with(before)}})
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	// Scripts of other pages, such as the town's own, may show it.
	h.Set("Access-Control-Allow-Origin", "*")
	if a.seldom {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		return nil
	}
	_, _ = w.Write(body) // who asked may have gone
	return nil
}
