package resident

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// The pages about signing in.
const (
	passwordPath = "/konto/passwort"
	devicesPath  = "/konto/geraete"
)

// mountSecurity enters the pages about how one signs in.
func (p *Pages) mountSecurity(r chi.Router) {
	r.Get(passwordPath, p.Web.Handle(p.Page(p.Fresh(p.passwordPage))))
	r.Post(passwordPath, p.Web.Handle(p.Form(p.FreshForm(p.changePassword))))
	r.Get(devicesPath, p.Web.Handle(p.Page(p.devices)))
	r.Post(devicesPath, p.Web.Handle(p.Form(p.endDevices)))
	r.Get(forgottenPath, p.Web.Handle(p.forgotten))
	r.Post(forgottenPath, p.Web.Handle(p.forget))
	r.Get(writtenPath, p.Web.Handle(p.written))
	r.Get(page.CodePath, p.Web.Handle(p.codePage))
	r.Post(page.CodePath, p.Web.Handle(p.enterCode))
	r.Get(factorPath, p.Web.Handle(p.Page(p.Fresh(p.factor))))
	r.Post(factorPath, p.Web.Handle(p.Form(p.FreshForm(p.changeFactor))))
	r.Get(factorQRPath, p.Web.Handle(p.Page(p.Fresh(p.factorQR))))
	r.Get(addressPath, p.Web.Handle(p.Page(p.Fresh(p.address))))
	r.Post(addressPath, p.Web.Handle(p.Form(p.FreshForm(p.changeAddress))))
	r.Get(addressPath+"/{token}", p.Web.Handle(p.Page(p.confirmAddressPage)))
	r.Post(addressPath+"/{token}", p.Web.Handle(p.Form(p.confirmAddress)))
	r.Get("/anmelden/adresse/{token}", p.Web.Handle(p.stopAddressPage))
	r.Post("/anmelden/adresse/{token}", p.Web.Handle(p.stopAddress))
}

// crumbs lead back to the account.
func (p *Pages) crumbs(key string) []component.Crumb {
	return []component.Crumb{{Key: "account.title", Href: "/konto"}, {Key: key}}
}

// done leads to path and says there what was done.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, path, key string) error {
	p.Flash(r, key)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// nothing is a form into which nothing was typed.
func nothing() *page.Input { return &page.Input{Values: url.Values{}} }

// confirmPage asks who is signed in for the password once more.
func (p *Pages) confirmPage(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if p.Confirmed(r) {
		http.Redirect(w, r, next(r.URL.Query()), http.StatusSeeOther)
		return nil
	}
	return p.showConfirm(w, r, who, &page.Input{Values: r.URL.Query()}, nil)
}

func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("weiter", next(in.Values))
	return p.ShowConfirm(w, r, who, f, wrong, "password", page.ConfirmPath)
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	err := p.ConfirmInput(r, who, in, "password")
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.TooMany {
		return p.showConfirm(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, next(in.Values), http.StatusSeeOther)
	return nil
}

func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showPassword(w, r, who, nothing(), nil)
}

type passwordView struct {
	page.FormView
	// Remove takes the password away; nil where it is the last way in.
	Remove *component.Form
}

func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	// The address tells a password store which account this is.
	f.Hide("email", who.Email)
	f.Group("", component.Field{Kind: "password", Name: "password", Key: "password.new", Hint: "password.hint", Autocomplete: "new-password", Required: true})
	key := "password.title"
	if who.PasswordHash == "" {
		key = "password.first"
	}
	f.Notice(f.SaysOf(wrong, "remove"))
	view := passwordView{FormView: page.FormView{
		Crumbs: p.crumbs(key), Heading: p.Web.T(f.Lang, key), Intro: p.Web.T(f.Lang, "password.text"), Form: f.Show(passwordPath, component.Button{Key: "password.do"}),
	}}
	ways, err := p.Accounts.Ways(r.Context(), who.ID)
	if err != nil {
		return err
	}
	if ways.Password && ways.Count() > 1 {
		remove := p.button(r, passwordPath, component.Button{Key: "password.remove.do", Danger: true}, "act", "remove")
		view.Remove = &remove
	}
	return p.Web.Render(w, r, answered(f, wrong), "resident/password", web.Page{Title: view.Heading, Narrow: true, NoIndex: true, View: view})
}

// changePassword sets another password, or takes it away. All sessions of the
// person end, and a new one begins here.
func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var a *account.Account
	var err error
	done := "password.done"
	switch {
	case in.Get("act") == "remove":
		done = "password.removed"
		a, err = p.Accounts.RemovePassword(r.Context(), who.ID)
	default:
		a, err = p.Accounts.SetPassword(r.Context(), who.ID, in.Get("password"))
	}
	if problem.KindOf(err) == problem.Invalid {
		return p.showPassword(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	if _, err := p.SignIn(r, a); err != nil {
		return err
	}
	return p.done(w, r, "/konto", done)
}

// deviceView is a session in the list.
type deviceView struct {
	account.Session
	This bool
	End  component.Form
}

type devicesView struct {
	Crumbs  []component.Crumb
	Done    string
	Devices []deviceView
	All     component.Form
}

func (p *Pages) devices(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	list, err := p.Accounts.ListSessions(r.Context(), who.ID)
	if err != nil {
		return err
	}
	view := devicesView{Crumbs: p.crumbs("devices.title"), Done: p.Flashed(r), All: p.button(r, devicesPath, component.Button{Key: "devices.all.do", Danger: true}, "act", "all")}
	for _, s := range list {
		s.Begun, s.Seen = s.Begun.In(p.Zone), s.Seen.In(p.Zone)
		view.Devices = append(view.Devices, deviceView{
			Session: s, This: s.Ref == p.This(r), End: p.button(r, devicesPath, component.Button{Key: "devices.end", Plain: true}, "act", "end", "ref", s.Ref),
		})
	}
	return p.Web.Render(w, r, http.StatusOK, "resident/devices", web.Page{Title: p.Web.T(p.Web.Language(r), "devices.title"), Narrow: true, NoIndex: true, View: view})
}

// button gives a form that is one button with hidden values.
func (p *Pages) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(p.Web, r, nothing(), nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, b)
}

// endDevices ends one session of the person, or all but this one.
func (p *Pages) endDevices(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	switch in.Get("act") {
	case "end":
		err := p.Accounts.EndSession(r.Context(), who.ID, in.Get("ref"))
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
		return p.done(w, r, devicesPath, "devices.ended")
	case "all":
		return p.FreshForm(p.endOthers)(w, r, who, in)
	}
	return problem.Invalidf("%q cannot be done to a session", in.Get("act"))
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	a, err := p.Accounts.EndSessions(r.Context(), who.ID)
	if err != nil {
		return err
	}
	if _, err := p.SignIn(r, a); err != nil {
		return err
	}
	return p.done(w, r, devicesPath, "devices.ended.all")
}
