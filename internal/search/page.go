package search

import (
	"context"
	"embed"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Path is where the page is.
const Path = "/suche"

// Files are the template and the words of the page.
//
//go:embed *.html *.toml
var Files embed.FS

// Surface is the page on which people search.
type Surface struct {
	Web   *web.Site
	Index *Index
	// Origin is the town's, Zone that of its times.
	Origin string
	Zone   *time.Location
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(Path, s.Web.Handle(s.show))
	r.Get(descriptionPath, s.Web.Handle(s.description))
}

// How many things the page shows, of one kind and of each of all.
const (
	perPage = 20
	perKind = 5
)

// maxUnknown is how much is repeated of a kind that is none, in characters.
const maxUnknown = 60

// section is what was found of one kind.
type section struct {
	Kind    Kind
	Results []result
	// More leads to all of this kind, "" when these are all or it was chosen.
	More  string
	Pager component.Pager
}

type view struct {
	Query string
	Kinds component.Chips
	// Ways lead to all things of each kind.
	Ways []Kind
	// Kind is the name of the chosen kind, "" for all.
	Kind     string
	Sections []section
	// Found is how many things are shown, Whole is true when these are all.
	Found int
	Whole bool
	// Unknown is the kind that was asked for and is none, "" for none; without it
	// all kinds are shown, under WithoutHref.
	Unknown, WithoutHref string
	// Asked is true when something was typed, Wordless when there was no word in
	// it.
	Asked, Wordless bool
	// Short is true when all that was typed is words of one letter.
	Short bool
	// Instead and Alone lead on when nothing was found.
	Instead *link
	Alone   []link
	// Elsewhere leads to all kinds when the chosen one has nothing.
	Elsewhere string
}

type link struct{ Text, Href string }

// address is that of a question.
func address(query, kind string, after fmt.Stringer) string {
	v := url.Values{}
	if query != "" {
		v.Set("q", query)
	}
	if kind != "" {
		v.Set("art", kind)
	}
	if after != nil {
		v.Set("weiter", after.String())
	}
	if len(v) == 0 {
		return Path
	}
	return Path + "?" + v.Encode()
}

func (s *Surface) show(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	q, lang := Parse(asked.Get("q")), s.Web.Language(r)
	kinds := s.kinds()
	v := view{Query: q.Text, Asked: strings.TrimSpace(asked.Get("q")) != "", Wordless: q.Empty(), Short: q.Short(), Ways: kinds}
	chips := []component.Chip{{Key: "find.all", Href: address(q.Text, "", nil), Current: true}}
	for _, k := range v.Ways {
		current := k.Name == asked.Get("art")
		if current {
			kinds, v.Kind, chips[0].Current = []Kind{k}, k.Name, false
		}
		chips = append(chips, component.Chip{Key: k.Key, Href: address(q.Text, k.Name, nil), Current: current})
	}
	status := http.StatusOK
	if name := asked.Get("art"); name != "" && v.Kind == "" {
		v.Unknown, v.WithoutHref, status = markup.Name(name, maxUnknown), address(q.Text, "", nil), http.StatusUnprocessableEntity
	}
	v.Kinds = component.Chips{Label: "find.kinds", List: chips}
	if !q.Empty() {
		if err := s.fill(r.Context(), &v, kinds, q, parsePosition(asked.Get("weiter")), lang); err != nil {
			return err
		}
	}
	title := s.Web.T(lang, "find.title")
	if v.Asked {
		title = s.Web.T(lang, "find.title.for", q.Text)
	}
	return s.Web.Render(w, r, status, "search/show", web.Page{Title: title, NoIndex: true, View: &v})
}

// kinds are those that the town uses.
func (s *Surface) kinds() []Kind {
	var list []Kind
	for _, k := range s.Index.kinds {
		if s.Web.Open(k.List) {
			list = append(list, k)
		}
	}
	return list
}

// fill looks for q among kinds.
func (s *Surface) fill(ctx context.Context, v *view, kinds []Kind, q Query, after *position, lang string) error {
	limit := perPage
	if len(kinds) > 1 {
		limit, after = perKind, nil
	}
	v.Whole = after == nil
	parts, err := eachKind(ctx, kinds, func(ctx context.Context, k Kind) (section, error) {
		part := section{Kind: k}
		hits, err := s.Index.find(ctx, k, q, after, limit+1)
		if err != nil {
			return part, err
		}
		if len(hits) > limit {
			hits = hits[:limit]
			if len(kinds) > 1 {
				part.More = address(q.Text, k.Name, nil)
			} else {
				part.Pager.Next = address(q.Text, k.Name, hits[limit-1])
			}
		}
		part.Results, err = s.results(ctx, k, q, hits, lang)
		return part, err
	})
	if err != nil {
		return err
	}
	for _, part := range parts {
		v.Whole = v.Whole && part.More == "" && part.Pager.Next == ""
		if len(part.Results) > 0 {
			v.Sections = append(v.Sections, part)
			v.Found += len(part.Results)
		}
	}
	if v.Found > 0 {
		return nil
	}
	return s.advise(ctx, v, kinds, q)
}

// advise fills in what leads on from nothing.
func (s *Surface) advise(ctx context.Context, v *view, kinds []Kind, q Query) error {
	a, err := s.Index.Advise(ctx, kinds, q)
	if err != nil {
		return err
	}
	if a.Instead != "" {
		v.Instead = &link{a.Instead, address(a.Instead, v.Kind, nil)}
	}
	for _, word := range a.Words {
		v.Alone = append(v.Alone, link{word, address(word, v.Kind, nil)})
	}
	if v.Kind == "" {
		return nil
	}
	found, err := s.Index.finds(ctx, v.Ways, q)
	if found {
		v.Elsewhere = address(q.Text, "", nil)
	}
	return err
}

// descriptionPath is where browsers read how to search here.
const descriptionPath = "/opensearch.xml"

// openSearch is a description after OpenSearch 1.1, draft 6.
type openSearch struct {
	XMLName     xml.Name `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
	ShortName   string
	Description string
	Encoding    string `xml:"InputEncoding"`
	Language    string
	URL         struct {
		Type     string `xml:"type,attr"`
		Template string `xml:"template,attr"`
	} `xml:"Url"`
}

// maxShortName is how long a name may be there, in characters.
const maxShortName = 16

func (s *Surface) description(w http.ResponseWriter, _ *http.Request) error {
	lang, town := s.Web.Options.Language, s.Web.Town().Name
	d := openSearch{
		ShortName: markup.Name(town, maxShortName), Description: s.Web.T(lang, "find.description", town), Encoding: "UTF-8", Language: lang,
	}
	d.URL.Type, d.URL.Template = "text/html", s.Origin+Path+"?q={searchTerms}"
	body, err := xml.Marshal(d)
	if err != nil {
		return fmt.Errorf("describe the search: %w", err)
	}
	w.Header().Set("Content-Type", "application/opensearchdescription+xml; charset=utf-8")
	_, _ = w.Write(append([]byte(xml.Header), body...)) // who asked may have gone
	return nil
}
