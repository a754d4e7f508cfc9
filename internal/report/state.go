package report

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// objection is what a page says of an objection.
type objection struct {
	*moderation.Objection
	Received, Decided time.Time
}

type reportView struct {
	About  *about
	Report *moderation.Report
	// Reason is the key of the words for the reason, State that of what became of it.
	Reason, State    string
	Received, Closed time.Time
	URL              string
	Objection        *objection
	Form             *component.Form
}

// lasting keeps pages behind secret links out of what others remember. The browser
// may go back to them: no-store would lose what was typed (docs/adr/0009).
func lasting(w http.ResponseWriter) { w.Header().Set("Cache-Control", "private, no-cache") }

func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	return p.showReport(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showReport(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	ctx, token := r.Context(), chi.URLParam(r, "token")
	one, err := p.Moderation.ReportOf(ctx, token)
	if err != nil {
		return err
	}
	view := reportView{
		Report: one, Reason: "report.reason." + one.Reason, State: "report.state.open", Received: one.Received.In(p.Zone), URL: p.Actors.Site().Origin + ReportPath + token,
	}
	what, err := p.Moderation.Subject(ctx, p.Objects.Reader(), one.Objects[len(one.Objects)-1])
	if kind := problem.KindOf(err); err != nil && kind != problem.NotFound && kind != problem.Gone {
		return err
	}
	if err == nil {
		a := p.about(what)
		if what.Object != nil && what.Object.Hidden {
			a.Title, a.Href = "", "" // what is hidden is not told here again
		}
		view.About = &a
	}
	if view.Objection, err = p.objection(r, "", one.ID); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if !one.Closed.IsZero() {
		view.Closed, view.State = one.Closed.In(p.Zone), "report.state."+one.Outcome
		if one.Outcome == "" {
			view.State = "report.state.closed"
		}
		if view.Objection == nil && one.Outcome != "" {
			form := p.objectForm(f, ReportPath+token, true)
			view.Form = &form
		}
	}
	lasting(w)
	return p.Web.Render(w, r, f.Status(), "report/state", web.Page{Title: p.Web.T(f.Lang, "report.state"), Narrow: true, NoIndex: true, View: view})
}

func (p *Pages) objection(r *http.Request, decisionID, reportID string) (*objection, error) {
	o, err := p.Moderation.ObjectionTo(r.Context(), decisionID, reportID)
	if err != nil || o == nil {
		return nil, err
	}
	shown := &objection{Objection: o, Received: o.Received.In(p.Zone)}
	if !o.Decided.IsZero() {
		shown.Decided = o.Decided.In(p.Zone)
	}
	return shown, nil
}

// objectForm gives the form of an objection; mail asks for an address.
func (p *Pages) objectForm(f *page.Form, path string, mail bool) component.Form {
	fields := []component.Field{{Kind: "textarea", Name: "text", Key: "objection.text", Hint: "objection.text.hint", Rows: 5, Required: true}}
	if mail && p.MailReady() {
		fields = append(fields, component.Field{Kind: "email", Name: "contact", Key: "report.contact", Hint: "report.contact.hint", Autocomplete: "email"})
	}
	f.Group("", fields...)
	return f.Show(path, component.Button{Key: "objection.send"})
}

func (p *Pages) objectToAnswer(w http.ResponseWriter, r *http.Request) error {
	one, err := p.Moderation.ReportOf(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	if one.Closed.IsZero() || one.Outcome == "" {
		return problem.Conflictf("the report %s is not answered yet", one.ID)
	}
	return p.object(w, r, moderation.Objection{ReportID: one.ID}, p.showReport)
}

func (p *Pages) objectToDecision(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Moderation.DecisionOf(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	if !d.Holds() {
		return problem.Conflictf("the decision %s was taken back", d.ID)
	}
	return p.object(w, r, moderation.Objection{DecisionID: d.ID}, p.showDecision)
}

// object keeps an objection, or shows the page again with what is wrong.
func (p *Pages) object(w http.ResponseWriter, r *http.Request, o moderation.Objection, show func(http.ResponseWriter, *http.Request, *page.Input, error) error) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	o.Content, o.Contact, o.Language = in.Get("text"), in.Get("contact"), p.Web.Language(r)
	if err = p.Moderation.Object(r.Context(), o); len(problem.FieldsOf(err)) > 0 {
		return show(w, r, in, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	return nil
}

type decisionView struct {
	Crumbs   []component.Crumb
	About    *about
	Decision *moderation.Decision
	// Act and Does are the keys of what was decided, and of what that means.
	Act, Does, Basis string
	Created, Ended   time.Time
	Objection        *objection
	Form             *component.Form
}

func (p *Pages) decision(w http.ResponseWriter, r *http.Request) error {
	return p.showDecision(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showDecision(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	ctx, token := r.Context(), chi.URLParam(r, "token")
	d, err := p.Moderation.DecisionOf(ctx, token)
	if err != nil {
		return err
	}
	view := decisionView{Decision: d, Act: "decision.did." + d.Act, Does: "decision.means." + d.Act, Basis: "decision.basis." + d.Basis, Created: d.Created.In(p.Zone)}
	what, err := p.Moderation.Subject(ctx, p.Objects.Reader(), d.Target)
	if kind := problem.KindOf(err); err != nil && kind != problem.NotFound && kind != problem.Gone {
		return err
	}
	if err == nil {
		a := p.about(what)
		view.About = &a
	}
	if view.Objection, err = p.objection(r, d.ID, ""); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if !d.Holds() {
		view.Ended = d.Ended.In(p.Zone)
	} else if view.Objection == nil {
		form := p.objectForm(f, DecisionPath+token, false)
		view.Form = &form
	}
	lasting(w)
	return p.Web.Render(w, r, f.Status(), "report/decision", web.Page{Title: p.Web.T(f.Lang, "decision.title"), Narrow: true, NoIndex: true, View: view})
}

// decided is a decision in the list of one's own.
type decided struct {
	Title, Act, Href string
	Created, Ended   time.Time
}

type ownView struct {
	Crumbs []component.Crumb
	List   []decided
	Empty  component.Empty
}

// most is how many decisions are listed.
const most = 100

// own lists what the town hall decided about the clubs of who is signed in, those
// that it has shut out too.
func (p *Pages) own(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	ctx := r.Context()
	roles, err := p.Actors.RolesOf(ctx, who.ID)
	if err != nil {
		return err
	}
	var clubs []string
	for id := range roles {
		clubs = append(clubs, id)
	}
	slices.Sort(clubs)
	view := ownView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "decisions.title"}},
		Empty:  component.Empty{Key: "decisions.none", TextKey: "decisions.none.text", Href: "/konto", ActionKey: "decisions.back"},
	}
	var list []*moderation.Decision
	if len(clubs) > 0 {
		if list, err = p.Moderation.Decisions(ctx, most, clubs...); err != nil {
			return err
		}
	}
	for _, d := range list {
		token, err := p.Moderation.DecisionToken(ctx, d)
		if err != nil {
			return err
		}
		one := decided{Act: "decision.did." + d.Act, Href: DecisionPath + token, Created: d.Created.In(p.Zone)}
		if !d.Holds() {
			one.Ended = d.Ended.In(p.Zone)
		}
		what, err := p.Moderation.Subject(ctx, p.Objects.Reader(), d.Target)
		switch kind := problem.KindOf(err); {
		case err == nil:
			one.Title = what.Title()
		case kind != problem.NotFound && kind != problem.Gone:
			return err
		}
		view.List = append(view.List, one)
	}
	return p.Web.Render(w, r, http.StatusOK, "report/own", web.Page{Title: p.Web.T(p.Web.Language(r), "decisions.title"), Narrow: true, View: view})
}
