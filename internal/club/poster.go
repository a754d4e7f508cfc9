package club

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// poster answers with a club as a sheet for a notice board.
func (p *Pages) poster(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Clubs.Find(r.Context(), chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	d := page.Poster{
		Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: Path + c.PreferredUsername}},
		Title:  c.DisplayName(), Handle: c.Handle(), Text: component.SafeHTML(c.Summary), URL: c.URL,
	}
	if icon := page.Local(c.IconURL); icon != "" {
		d.Picture = &component.Picture{URL: icon, Alt: c.IconName}
	}
	p.web.Keep(r, Path+c.PreferredUsername+page.PosterPath, time.Time{})
	return p.ShowPoster(w, r, d)
}
