package opportunity

import (
	"embed"
	"net/http"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
)

// Path is where the pages of opportunities are, listPath that of the list.
const (
	Path     = "/ehrenamt/"
	listPath = "/ehrenamt"
)

// Files are the templates and words of opportunities.
//
//go:embed *.html *.toml
var Files embed.FS

// Pages shows opportunities to readers.
type Pages struct {
	*Opportunities
	*page.Guard
	web *web.Site
}

// Pages gives the pages of opportunities; guard stands before those for editors.
func (s *Opportunities) Pages(guard *page.Guard) *Pages { return &Pages{s, guard, guard.Web} }

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(listPath, p.web.Handle(p.list))
	r.Get(exportPath, p.web.Handle(p.exportJSON))
	r.Get(sheetPath, p.web.Handle(p.exportSheet))
	r.Get(elsewherePath, p.web.Handle(p.elsewhere))
	r.Get(Path+"{key}", p.web.Handle(p.show))
	r.Get(Path+"{key}"+calendarPath, p.web.Handle(p.ical))
	r.Get(Path+"{key}"+page.PosterPath, p.web.Handle(p.poster))
	p.mountForms(r)
}

// poster answers with an opportunity as a sheet for a notice board.
func (p *Pages) poster(w http.ResponseWriter, r *http.Request) error {
	o, err := p.public(r)
	if err != nil {
		return err
	}
	return p.showPoster(w, r, o)
}
