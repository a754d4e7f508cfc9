package page

import (
	"net/http"

	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Poster is a thing as one sheet of paper, for notice boards that hang in the
// open air ("page/poster").
type Poster struct {
	Crumbs []component.Crumb
	Town   string
	Title  string
	// When, Place and By are plain text; "" for none. Off says that it does not
	// take place, and why.
	When, Place, By, Off string
	Text                 component.SafeHTML
	// Language is that of what stands on the sheet, a BCP 47 tag, or "".
	Language string
	Picture  *component.Picture
	// URL is the full address of the page of the thing.
	URL string
}

// PosterPath is the last segment of the address of a poster.
const PosterPath = "/aushang"

// QR is the path of the code of the page, or "".
func (p Poster) QR() string { return Share{URL: p.URL}.QR() }

// ShowPoster answers with a poster. Search engines have the page itself.
func (g *Guard) ShowPoster(w http.ResponseWriter, r *http.Request, p Poster) error {
	p.Town = g.Web.Town().Name
	p.Crumbs = append(p.Crumbs, component.Crumb{Key: "poster.title"})
	return g.Web.Render(w, r, http.StatusOK, "page/poster", web.Page{
		Title: g.Web.T(g.Web.Language(r), "poster.of", p.Title), Canonical: p.URL, NoIndex: true, Narrow: true, View: p,
	})
}
