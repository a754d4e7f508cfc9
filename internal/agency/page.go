package agency

import (
	"context"
	"embed"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of offers.
//
//go:embed *.html *.toml
var Files embed.FS

// Where the pages are. Path is that of a person's own offer, DeskPath that of the
// agency.
const (
	Path      = "/ich-moechte-helfen"
	DeskPath  = "/vermittlung"
	formPath  = Path + "/angebot"
	offerPath = Path + "/vorschlaege/"
	renewPath = Path + "/verlaengern/"
	// publicPath lists what everybody may read.
	publicPath = "/ehrenamt/hilfe"
	needPath   = "/ehrenamt/"
	fitsPath   = "/passende"
	givenPath  = DeskPath + "/angebote/"
	needsPath  = DeskPath + "/einsaetze"
	figurePath = DeskPath + "/zahlen"
)

// ProposalHref leads to where a person answers a proposal.
func ProposalHref(id string) string { return offerPath + id }

// Pages shows them.
type Pages struct {
	*page.Guard
	Offers       *offer.Offers
	Applications *application.Applications
	Accounts     *account.Accounts
	Actors       *actor.Actors
	Places       *gazetteer.Gazetteer
	Letters      *page.Letters
	// Secret seals the links of letters.
	Secret func(ctx context.Context) ([]byte, error)
	// Href gives the path of the page of an opportunity here, also of one from
	// elsewhere.
	Href func(id string, local bool) string
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(Path, p.Web.Handle(p.home))
	r.Post(Path, p.Web.Handle(p.Form(p.act)))
	r.Get(formPath, p.Web.Handle(p.Page(p.form)))
	r.Post(formPath, p.Web.Handle(p.Form(p.save)))
	r.Get(offerPath+"{id}", p.Web.Handle(p.Page(p.proposal)))
	r.Post(offerPath+"{id}", p.Web.Handle(p.Form(p.answer)))
	r.Get(renewPath+"{token}", p.Web.Handle(p.renewForm))
	r.Post(renewPath+"{token}", p.Web.Handle(p.renew))
	r.Get(publicPath, p.Web.Handle(p.public))
	r.Get(needPath+"{key}"+fitsPath, p.Web.Handle(p.Page(p.forClub)))
	r.Post(needPath+"{key}"+fitsPath, p.Web.Handle(p.Form(p.invite)))
	r.Get(DeskPath, p.Web.Handle(p.Page(p.agent(p.desk))))
	r.Get(givenPath+"{id}", p.Web.Handle(p.Page(p.agent(p.given))))
	r.Post(givenPath+"{id}", p.Web.Handle(p.Form(p.agentForm(p.changeGiven))))
	r.Get(needsPath, p.Web.Handle(p.Page(p.agent(p.needs))))
	r.Get(needsPath+"/{key}", p.Web.Handle(p.Page(p.agent(p.need))))
	r.Get(figurePath, p.Web.Handle(p.Page(p.agent(p.figures))))
	r.Get(figurePath+".csv", p.Web.Handle(p.Page(p.agent(p.sheet))))
}

// agent lets those through to h who work for the agency.
func (p *Pages) agent(h page.PersonHandler) page.PersonHandler {
	return func(w http.ResponseWriter, r *http.Request, who *page.Person) error {
		if err := p.mustBeAgent(r, who); err != nil {
			return p.refuse(w, r, err)
		}
		return h(w, r, who)
	}
}

// agentForm is agent for forms.
func (p *Pages) agentForm(h page.FormHandler) page.FormHandler {
	return func(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
		if err := p.mustBeAgent(r, who); err != nil {
			return p.refuse(w, r, err)
		}
		return h(w, r, who, in)
	}
}

func (p *Pages) mustBeAgent(r *http.Request, who *page.Person) error {
	yes, err := p.Offers.IsAgent(r.Context(), who.ID)
	if err == nil && !yes {
		err = problem.Forbiddenf("%s does not work for the volunteer agency", who.ID)
	}
	return err
}

// refuse says to who does not work for the agency whose pages these are.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	if problem.KindOf(err) != problem.Forbidden || !web.WantsHTML(r) {
		return err
	}
	return p.Web.Render(w, r, http.StatusForbidden, "failure", web.Page{
		Title: p.Web.T(p.Web.Language(r), "offering.forbidden"), NoIndex: true,
		View: component.Failure{Status: http.StatusForbidden, Key: "offering.forbidden", Href: "/konto", ActionKey: "offering.forbidden.do"},
	})
}

// render shows a page that is for one person.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name, title string, view any) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	list := name == "desk" || name == "needs" || name == "figures" || name == "public"
	return p.Web.Render(w, r, status, "agency/"+name, web.Page{Title: title, NoIndex: true, Narrow: !list, View: view, Scripts: []string{page.SuggestScript}})
}

// button gives a form that is one button with hidden values.
func (p *Pages) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	form := f.Show(action, b)
	form.Still = true
	return form
}

// back leads to path and says there what was done.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	p.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// clubName gives how a club is called, "" for one that is not there any more.
func (p *Pages) clubName(ctx context.Context, id string) (string, error) {
	c, err := p.Actors.Find(ctx, p.Applications.Reader(), id)
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Gone {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return c.DisplayName(), nil
}

// activeName is clubName for a club that is active; "" for others.
func (p *Pages) activeName(ctx context.Context, id string) (string, error) {
	c, err := p.Actors.Find(ctx, p.Applications.Reader(), id)
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Gone || err == nil && c.State != actor.Active {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return c.DisplayName(), nil
}

// clubs gives the clubs to which an offer can be shown, without some.
func (p *Pages) clubs(ctx context.Context, without []string) ([]*actor.Actor, error) {
	all, err := p.Actors.List(ctx, actor.Group)
	if err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, id := range without {
		left[id] = true
	}
	var list []*actor.Actor
	for _, c := range all {
		if !c.Part() && !left[c.ID] {
			list = append(list, c)
		}
	}
	return list, nil
}

// clubField lets choose one of some clubs.
func clubField(clubs []*actor.Actor) component.Field {
	field := component.Field{Kind: "select", Name: "club", Key: "offering.club", Required: true}
	for _, c := range clubs {
		field.Options = append(field.Options, component.Option{Value: c.ID, Label: c.DisplayName()})
	}
	return field
}

// renderForm shows a page that is a form.
func (p *Pages) renderForm(w http.ResponseWriter, r *http.Request, status int, view page.FormView) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.Web.Render(w, r, status, "page/form", web.Page{Title: view.Heading, NoIndex: true, View: view, Scripts: []string{page.SuggestScript}})
}
