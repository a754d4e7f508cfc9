package page

import (
	"cmp"
	"net/http"
	"strings"

	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Poster is a thing as one sheet of paper, for notice boards that hang in the
// open air ("page/poster").
type Poster struct {
	Crumbs []component.Crumb
	Town   string
	Title  string
	// When, Seeking, Place, By and Handle are plain text; "" for none. Off says that it
	// does not take place, and why.
	When, Seeking, Place, By, Handle, Off string
	// Call is the key of the sentence that says what the code is for, "" for the
	// usual one.
	Call string
	Text component.SafeHTML
	// Language is that of what stands on the sheet, a BCP 47 tag, or "".
	Language string
	Picture  *component.Picture
	// URL is the full address of the page of the thing. List is the path where it is
	// found by its title, for who has no camera; "" for a thing whose own address can
	// be typed.
	URL, List string
	// Facts say where and who, with words before them in the language of the sheet.
	Facts []PosterFact
}

// PosterFact is a line of a poster with the word before it.
type PosterFact struct{ Label, Text string }

// PosterPath is the last segment of the address of a poster.
const PosterPath = "/aushang"

// PrintScript is the module that lets "page/print" print the page.
const PrintScript = "js/print.js"

// Address is what can be typed from paper.
func (p Poster) Address() string {
	_, address, _ := strings.Cut(p.URL, "://")
	if host, _, ok := strings.Cut(address, "/"); ok && p.List != "" {
		return host + p.List
	}
	return address
}

// QR is the path of the code of the page, or "".
func (p Poster) QR() string { return Share{URL: p.URL}.QR() }

// ShowPoster answers with a poster. Search engines have the page itself.
func (g *Guard) ShowPoster(w http.ResponseWriter, r *http.Request, p Poster) error {
	p.Town = g.Web.Town().Name
	lang := cmp.Or(p.Language, g.Web.Language(r))
	for _, f := range []PosterFact{{"poster.place", p.Place}, {"poster.by", p.By}} {
		if f.Text != "" {
			p.Facts = append(p.Facts, PosterFact{g.Web.T(lang, f.Label), f.Text})
		}
	}
	p.Crumbs = append(p.Crumbs, component.Crumb{Key: "poster.title"})
	return g.Web.Render(w, r, http.StatusOK, "page/poster", web.Page{
		Title: g.Web.T(g.Web.Language(r), "poster.of", p.Title), Canonical: p.URL, NoIndex: true, Narrow: true, Scripts: []string{PrintScript}, View: p,
	})
}
