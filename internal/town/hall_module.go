package town

import (
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// modulesPath is where the town hall says what the town uses.
const modulesPath = "/rathaus/module"

// shownModule is a module in the list of the town hall.
type shownModule struct {
	Module
	Off bool
	// Kept is how much of it would be seen no longer, or is not seen now.
	Kept int
	Form component.Form
}

type modulesView struct {
	Hall    page.Hall
	Modules []shownModule
}

func (p *Pages) moduleList(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	off, err := p.Off(r.Context())
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := modulesView{}
	if view.Hall, err = p.Frame(r, modulesPath, p.Web.T(lang, "module.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = p.Web.T(lang, "module.text")
	for _, m := range p.Modules {
		one := shownModule{Module: m}
		for _, o := range off {
			one.Off = one.Off || o.Name == m.Name
		}
		for _, kind := range m.Kinds {
			n, err := p.Count(r.Context(), kind)
			if err != nil {
				return err
			}
			one.Kept += n
		}
		f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
		f.Hide("module", m.Name)
		button := component.Button{Key: "module.off", Plain: true}
		if one.Off {
			f.Hide("on", "1")
			button.Key = "module.on"
		}
		one.Form = f.Show(modulesPath, button)
		view.Modules = append(view.Modules, one)
	}
	return p.Web.Render(w, r, http.StatusOK, "town/modules", web.Page{Title: view.Hall.Heading, View: view})
}

func (p *Pages) switchModule(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	on := in.Get("on") != ""
	if _, known := p.FindModule(in.Get("module")); !known {
		return problem.Invalidf("there is no module %q", in.Get("module"))
	}
	if err := p.Switch(r.Context(), who.ID, in.Get("module"), on); err != nil {
		return err
	}
	done := "module.done.off"
	if on {
		done = "module.done.on"
	}
	p.Flash(r, done)
	http.Redirect(w, r, modulesPath, http.StatusSeeOther)
	return nil
}
