package opportunity

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// ask shows a page with one question about an opportunity.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, f *page.Form, heading, intro string, buttons ...component.Button) error {
	return p.web.Render(w, r, f.Status(), "page/form", web.Page{Title: heading, View: page.FormView{
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: listPath}}, Heading: heading, Intro: intro, Form: f.Show(r.URL.Path, buttons...),
	}})
}

func (p *Pages) cancelForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	return p.showCancel(w, r, o, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showCancel(w http.ResponseWriter, r *http.Request, o *Opportunity, in *page.Input, wrong error) error {
	f := page.NewForm(p.web, r, in, wrong)
	f.Group("", component.Field{Kind: "textarea", Rows: 3, Name: "reason", Key: "opportunity.reason", Hint: "opportunity.reason.hint", Required: true})
	applied, err := p.appliedTo(r, o)
	if err != nil {
		return err
	}
	return p.ask(w, r, f, p.web.T(f.Lang, "opportunity.cancel", o.Name), strings.TrimSpace(applied+" "+p.web.T(f.Lang, "opportunity.cancel.text")), component.Button{Key: "opportunity.cancel.do", Danger: true})
}

// appliedTo says how many people wait for an answer or have one and learn of it when
// o is no more, "" for nobody.
func (p *Pages) appliedTo(r *http.Request, o *Opportunity) (string, error) {
	if p.Applied == nil {
		return "", nil
	}
	waiting, accepted, err := p.Applied(r.Context(), o.ID)
	if err != nil || waiting+accepted == 0 {
		return "", err
	}
	lang := p.web.Language(r)
	words := p.web.Plural(lang, "opportunity.applied", waiting+accepted)
	if accepted > 0 {
		words += ", " + p.web.T(lang, "opportunity.applied.yes", accepted)
	}
	return words + ". " + p.web.T(lang, "opportunity.applied.told"), nil
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	if o.State != Cancelled { // sent twice
		if _, err := p.Cancel(r.Context(), who.ID, o.ID, in.Get("reason")); len(problem.FieldsOf(err)) > 0 {
			return p.showCancel(w, r, o, in, err)
		} else if err != nil {
			return err
		}
		p.Flash(r, "opportunity.cancelled.done")
	}
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

func (p *Pages) fillForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{}}
	f, key := page.NewForm(p.web, r, in, nil), "opportunity.fill"
	f.Hide("filled", "1")
	if o.State == Filled {
		f, key = page.NewForm(p.web, r, in, nil), "opportunity.reopen"
		f.Hide("filled", "")
	}
	return p.ask(w, r, f, p.web.T(f.Lang, key+".title", o.Name), p.web.T(f.Lang, key+".text"), component.Button{Key: key})
}

func (p *Pages) setFilled(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	if filled := in.Get("filled") != ""; filled != (o.State == Filled) { // sent twice
		if _, err := p.SetFilled(r.Context(), who.ID, o.ID, filled); err != nil {
			return err
		}
	}
	p.Flash(r, "opportunity.changed")
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

// renewForm is where the link of a letter leads: one click renews.
func (p *Pages) renewForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	f := page.NewForm(p.web, r, &page.Input{Values: url.Values{}}, nil)
	return p.ask(w, r, f, p.web.T(f.Lang, "opportunity.renew.title", o.Name), p.web.T(f.Lang, "opportunity.renew.text", locale.Date(f.Lang, p.running(o))), component.Button{Key: "opportunity.renew"})
}

func (p *Pages) renew(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	switch _, err := p.Renew(r.Context(), who.ID, o.ID); {
	case problem.KindOf(err) == problem.Conflict: // its days are over
		p.Flash(r, "opportunity.renew.over")
	case err != nil:
		return err
	default:
		p.Flash(r, "opportunity.renewed")
	}
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

func (p *Pages) deleteForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.Opportunities.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return err
	}
	applied, err := p.appliedTo(r, o)
	if err != nil {
		return err
	}
	return p.ShowDelete(w, r, who, &o.Object, o.Name, present(applied)...)
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.activities.DeleteObject(r.Context(), who.ID, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil && problem.KindOf(err) != problem.Gone { // sent twice
		return err
	}
	p.Flash(r, "delete.done")
	http.Redirect(w, r, listPath, http.StatusSeeOther)
	return nil
}
