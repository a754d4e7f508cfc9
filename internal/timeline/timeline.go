// Package timeline is the surface of the start page: what is on and what is
// new in the town, over every kind.
//
// It must not know any single kind; what they show is handed in.
package timeline

import (
	"context"
	"embed"
	"net/http"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Files are the template and the words of the start page.
//
//go:embed *.html *.toml
var Files embed.FS

// New is what stands on the start page.
type New struct {
	Events []component.EventRow
	Posts  []component.PostCard
	Clubs  []component.ClubCard
}

// Surface shows the start page.
type Surface struct {
	Web *web.Site
	// Origin is the town's, Instance the id of the actor of the whole server.
	Origin, Instance string
	// News gives what stands on the page.
	News func(ctx context.Context, lang string) (New, error)
}

// Mount enters the route into r.
func (s *Surface) Mount(r chi.Router) { r.Get("/", s.Web.Handle(s.start)) }

type view struct {
	Town string
	New
	Empty component.Empty
}

func (s *Surface) start(w http.ResponseWriter, r *http.Request) error {
	if page.Redirected(w, r, s.Instance) {
		return nil
	}
	until := prepared.NextMinute()
	news, err := s.News(r.Context(), s.Web.Language(r))
	if err != nil {
		return err
	}
	s.Web.Keep(r, "/", until)
	return s.Web.Render(w, r, http.StatusOK, "timeline/start", web.Page{
		Description: s.Web.T(s.Web.Language(r), "start.about", s.Web.Name), Alternate: s.Instance, Canonical: s.Origin + "/",
		View: view{s.Web.Name, news, component.Empty{Key: "start.empty", TextKey: "start.empty.text"}},
	})
}
