package club

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// deletionsPath is the end of the address of what a club deleted.
const deletionsPath = "/loeschungen"

// deleted gives what the club of the address deleted, for its editors.
func (p *Pages) deleted(r *http.Request, who *page.Person) (*Club, *page.Deletions, error) {
	c, err := p.find(r.Context(), p.db.Read(), chi.URLParam(r, "handle"), actor.Active, actor.Requested)
	if err == nil && !who.Speaks(c.ID) {
		err = problem.Forbiddenf("%s does not speak for this club", who.ID)
	}
	if err != nil {
		return nil, nil, err
	}
	return c, &page.Deletions{
		Guard: p.Guard, Activities: p.activities, Actors: p.actors, Path: Path + c.PreferredUsername + deletionsPath, ActorID: c.ID,
	}, nil
}

type deletionsView struct {
	Crumbs        []component.Crumb
	Heading, Lede string
	List          page.DeletionList
}

func (p *Pages) deletions(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, d, err := p.deleted(r, who)
	if err != nil {
		return err
	}
	lang, back := p.web.Language(r), Path+c.PreferredUsername
	view := deletionsView{
		Crumbs:  []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: back}, {Key: "club.deletions"}},
		Heading: p.web.T(lang, "club.deletions"), Lede: p.web.T(lang, "club.deletions.text", c.DisplayName()),
	}
	view.List, err = d.List(r, component.Empty{Key: "club.deletions.none", TextKey: "club.deletions.none.text", Href: back, ActionKey: "club.deletions.back"})
	if err != nil {
		return err
	}
	return p.web.Render(w, r, http.StatusOK, "club/deletions", web.Page{Title: view.Heading, View: view})
}

type deletionView struct {
	Crumbs []component.Crumb
	Done   string
	One    page.Deletion
}

func (p *Pages) deletion(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, d, err := p.deleted(r, who)
	if err != nil {
		return err
	}
	one, err := d.One(r)
	if err != nil {
		return err
	}
	back := Path + c.PreferredUsername
	return p.web.Render(w, r, http.StatusOK, "club/deletion", web.Page{Title: one.Title, View: deletionView{
		Crumbs: []component.Crumb{
			{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: back}, {Key: "club.deletions", Href: back + deletionsPath}, {Text: one.Title},
		},
		Done: p.Flashed(r), One: one,
	}})
}

func (p *Pages) tellAgain(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	_, d, err := p.deleted(r, who)
	if err != nil {
		return err
	}
	return d.TellAgain(w, r, who)
}
