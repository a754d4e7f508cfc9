package town

import (
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/speech"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mannerPath is where the town hall says how the town speaks.
const mannerPath = "/rathaus/sprache"

type mannerView struct {
	Hall page.Hall
	Form component.Form
}

func (p *Pages) mannerForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	m, err := p.Manner(r.Context())
	if err != nil {
		return err
	}
	return p.showManner(w, r, &page.Input{Values: url.Values{"address": {m.Address}, "clubs": {m.Clubs}, "persons": {m.Persons}}}, nil)
}

func (p *Pages) showManner(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	lang := p.Web.Language(r)
	view := mannerView{}
	var err error
	if view.Hall, err = p.Frame(r, mannerPath, p.Web.T(lang, "manner.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = p.Web.T(lang, "manner.text")
	f := page.NewForm(p.Web, r, in, wrong)
	radio := func(name string, choices []string) component.Field {
		field := component.Field{Kind: "radio", Name: name, Key: "manner." + name, Required: true}
		for _, choice := range choices {
			field.Options = append(field.Options, component.Option{Value: choice, Label: p.Web.T(lang, "manner."+name+"."+choice), Note: speech.Sample(choice)})
		}
		return field
	}
	f.Group("", radio("address", speech.Addresses))
	f.Group("", radio("clubs", speech.ClubWords))
	f.Group("", radio("persons", speech.Signs))
	view.Form = f.Show(mannerPath, component.Button{Key: "form.save"})
	return p.Web.Render(w, r, f.Status(), "town/manner", web.Page{Title: view.Hall.Heading, View: view})
}

func (p *Pages) changeManner(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	m := speech.Manner{Address: in.Get("address"), Clubs: in.Get("clubs"), Persons: in.Get("persons")}
	err := p.SetManner(r.Context(), who.ID, m)
	if len(problem.FieldsOf(err)) > 0 {
		return p.showManner(w, r, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "manner.saved")
	http.Redirect(w, r, mannerPath, http.StatusSeeOther)
	return nil
}
