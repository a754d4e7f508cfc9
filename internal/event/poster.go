package event

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// poster answers with an event as a sheet for a notice board.
func (p *Pages) poster(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Events.Find(r.Context(), object.Viewer{}, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return err
	}
	d := page.Poster{
		Crumbs: []component.Crumb{{Key: "nav.events", Href: "/veranstaltungen"}, {Text: e.Name, Href: Path + e.Key()}},
		Title:  e.Name, When: e.When(e.Language), Place: e.Place, By: e.Author.DisplayName(), Text: component.SafeHTML(e.Content),
		Language: e.Language, URL: e.URL, List: "/veranstaltungen",
	}
	if d.Place == "" {
		d.Place = e.OnlineURL
	}
	if e.Status == Cancelled {
		d.Off = cancelled(e.Language) + ": " + e.Reason
	}
	if len(e.Attachment) > 0 {
		if d.Picture, err = page.Picture(r.Context(), p.pictures, e.Attachment[0]); err != nil {
			return err
		}
	}
	p.web.Keep(r, Path+e.Key()+page.PosterPath, time.Time{})
	return p.ShowPoster(w, r, d)
}
