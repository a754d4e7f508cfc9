package desk

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// template gives the template that is asked for, if it is one of the person's
// clubs'.
func (s *Surface) template(r *http.Request, who *page.Person) (*draft.Template, error) {
	return s.Drafts.FindTemplate(r.Context(), who.Viewer().Actors, chi.URLParam(r, "key"))
}

func (s *Surface) renameForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	t, err := s.template(r, who)
	if err != nil {
		return err
	}
	return s.showRename(w, r, &page.Input{Values: url.Values{"name": {t.Name}}}, nil)
}

func (s *Surface) showRename(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("", component.Field{Kind: "text", Name: "name", Key: "desk.template.name", Required: true})
	heading := s.Web.T(f.Lang, "desk.template.rename")
	return s.Web.Render(w, r, f.Status(), "page/form", web.Page{Title: heading, Narrow: true, View: page.FormView{
		Crumbs: []component.Crumb{{Key: "desk.title", Href: page.DraftsPath}}, Heading: heading,
		Form: f.Show(r.URL.Path, component.Button{Key: "form.save"}),
	}})
}

func (s *Surface) rename(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	t, err := s.template(r, who)
	if err != nil {
		return err
	}
	err = s.Drafts.RenameTemplate(r.Context(), who.ID, t.ID, in.Get("name"))
	if len(problem.FieldsOf(err)) > 0 {
		return s.showRename(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return s.Kept(w, r, "template.renamed")
}

func (s *Surface) deleteTemplateForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	t, err := s.template(r, who)
	if err != nil {
		return err
	}
	return s.sure(w, r, "desk.template.delete", t.Name)
}

func (s *Surface) deleteTemplate(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	t, err := s.template(r, who)
	if err != nil {
		return s.away(w, r, who, err)
	}
	if err := s.Drafts.DeleteTemplate(r.Context(), who.ID, t.ID); err != nil {
		return err
	}
	return s.Kept(w, r, "template.deleted")
}
