package club

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// handOverPath is where the only owner of a club gives it to the town hall.
const handOverPath = "/uebergeben"

type handOverView struct {
	Crumbs  []component.Crumb
	Heading string
	// Others tells that others write for the club, and go on.
	Others bool
	Form   component.Form
}

// owned gives a club that the person owns.
func (p *Pages) owned(r *http.Request, who *page.Person) (*Club, error) {
	c, err := p.Find(r.Context(), chi.URLParam(r, "handle"))
	if err != nil {
		return nil, err
	}
	for _, m := range who.Clubs {
		if m.ID == c.ID && m.Role == actor.Owner {
			return c, nil
		}
	}
	return nil, problem.Forbiddenf("%s does not own this club", who.ID)
}

// handOverForm says what happens, and asks. While there is another owner one
// simply stops, on the page of the people.
func (p *Pages) handOverForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.owned(r, who)
	if err != nil {
		return err
	}
	ctx, people := r.Context(), Path+c.PreferredUsername+peoplePath
	sole, err := p.SoleOwner(ctx, p.db.Read(), c.ID, who.ID)
	if err != nil {
		return err
	}
	if !sole {
		http.Redirect(w, r, people, http.StatusSeeOther)
		return nil
	}
	roles, err := p.actors.Editors(ctx, c.ID)
	if err != nil {
		return err
	}
	f := page.NewForm(p.web, r, &page.Input{Values: url.Values{}}, nil)
	view := handOverView{
		Crumbs: []component.Crumb{
			{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: Path + c.PreferredUsername}, {Key: "club.people", Href: people}, {Key: "club.handover"},
		},
		Heading: p.web.T(f.Lang, "club.handover.title", c.DisplayName()), Others: len(roles) > 1,
		Form: f.Show(r.URL.Path, component.Button{Key: "club.handover.do", Danger: true}, component.Button{Key: "club.handover.not", Href: people}),
	}
	return p.web.Render(w, r, http.StatusOK, "club/handover", web.Page{Title: view.Heading, Narrow: true, View: view})
}

func (p *Pages) handOver(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.owned(r, who)
	if err != nil {
		return err
	}
	err = p.HandOver(r.Context(), who.ID, c.PreferredUsername)
	if len(problem.FieldsOf(err)) > 0 {
		return p.showPeople(w, r, who, c, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "club.handover.done")
	http.Redirect(w, r, "/konto", http.StatusSeeOther)
	return nil
}
