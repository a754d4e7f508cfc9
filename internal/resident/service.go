package resident

import (
	"errors"
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// What a browser remembers: the question it left with, and an identity that
// waits for its person.
const (
	keyState = "state"
	keyHeld  = "held"
)

// The paths of the sign-in service. It is left for by a link: a form that leads
// to another server is refused by browsers (form-action of the policy).
const (
	servicePath = "/anmelden/dienst"
	connectPath = "/konto/dienst"
)

// serviceName is what people call the sign-in service, "" when there is none.
func (p *Pages) serviceName() string {
	if v := p.Accounts.Service(); v != nil {
		return v.Name
	}
	return ""
}

// serviceHref leads to the service and from there to the page that was wanted.
func serviceHref(in *page.Input) string {
	if to := in.Get("weiter"); to != "" {
		return servicePath + "?" + url.Values{"weiter": {to}}.Encode()
	}
	return servicePath
}

func (p *Pages) leaveForService(w http.ResponseWriter, r *http.Request) error {
	state, to, err := p.Accounts.AskService(r.Context(), next(r.URL.Query()), p.Address(r))
	if problem.KindOf(err) == problem.Unavailable {
		p.Web.Log.Error("sign in at the service", "error", err)
		return p.serviceFailed(w, r, http.StatusServiceUnavailable, "service.gone")
	}
	if err != nil {
		return err
	}
	p.Remember(r, keyState, state)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// serviceFailed says why nobody was signed in, and what other ways there are.
func (p *Pages) serviceFailed(w http.ResponseWriter, r *http.Request, status int, key string) error {
	title := p.Web.T(p.Web.Language(r), key)
	return p.Web.Render(w, r, status, "failure", web.Page{Title: title, NoIndex: true, View: component.Failure{
		Status: status, Key: key, Href: "/anmelden", ActionKey: "link.gone.do",
	}})
}

// backFromService takes who comes back from the service.
func (p *Pages) backFromService(w http.ResponseWriter, r *http.Request) error {
	state := p.Remembered(r, keyState)
	p.Forget(r, keyState)
	w.Header().Set("Cache-Control", "no-store")
	said, err := p.Accounts.Back(r.Context(), state, r.URL.Query())
	switch problem.KindOf(err) {
	case problem.Gone:
		return p.serviceFailed(w, r, http.StatusGone, "service.late")
	case problem.Invalid:
		p.Web.Log.Warn("sign in at the service", "error", err)
		return p.serviceFailed(w, r, http.StatusUnprocessableEntity, "service.refused")
	case problem.Unavailable:
		p.Web.Log.Error("sign in at the service", "error", err)
		return p.serviceFailed(w, r, http.StatusServiceUnavailable, "service.gone")
	}
	if err != nil {
		return err
	}
	a, err := p.Accounts.SignInWithService(r.Context(), said)
	who, whoErr := p.Who(r)
	switch {
	case whoErr != nil:
		return whoErr
	case err == nil:
		p.ComesFromService(r)
		return p.Admit(w, r, a, said.Next)
	case who != nil && (errors.Is(err, account.ErrConnect) || errors.Is(err, account.ErrStranger) || errors.Is(err, account.ErrUnverified) || errors.Is(err, account.ErrReserved)):
		return p.hold(w, r, said, connectPath)
	case errors.Is(err, account.ErrConnect):
		return p.hold(w, r, said, "/anmelden?"+url.Values{"weiter": {connectPath}}.Encode())
	case errors.Is(err, account.ErrUnverified):
		return p.serviceFailed(w, r, http.StatusForbidden, "service.unverified")
	case errors.Is(err, account.ErrReserved):
		return p.serviceFailed(w, r, http.StatusConflict, "service.reserved")
	case errors.Is(err, account.ErrStranger):
		return p.serviceFailed(w, r, http.StatusForbidden, "service.stranger")
	}
	return err
}

// hold keeps an identity for this browser until its person says yes.
func (p *Pages) hold(w http.ResponseWriter, r *http.Request, said *account.Said, to string) error {
	token, err := p.Accounts.HoldIdentity(r.Context(), said)
	if err != nil {
		return err
	}
	p.Remember(r, keyHeld, token)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// connectForm asks whether the identity that this browser brought is the
// person's.
func (p *Pages) connectForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	said, err := p.Accounts.Held(r.Context(), p.Remembered(r, keyHeld))
	if problem.KindOf(err) == problem.Gone {
		http.Redirect(w, r, passkeyPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, nothing(), nil)
	title := p.Web.T(f.Lang, "service.connect", p.serviceName())
	return p.Web.Render(w, r, http.StatusOK, "resident/connect", web.Page{Title: title, Narrow: true, NoIndex: true, View: struct {
		Title, Service, Name, Email, Own string
		Form                             component.Form
	}{title, p.serviceName(), said.Name, said.Email, who.Email, f.Show(connectPath, component.Button{Key: "service.connect.do"}, component.Button{Key: "service.connect.not", Href: passkeyPath})}})
}

func (p *Pages) connect(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.Accounts.Connect(r.Context(), who.ID, p.Remembered(r, keyHeld))
	p.Forget(r, keyHeld)
	switch problem.KindOf(err) {
	case problem.Gone:
		return p.serviceFailed(w, r, http.StatusGone, "service.late")
	case problem.Conflict:
		return p.serviceFailed(w, r, http.StatusConflict, "service.taken")
	}
	if err != nil {
		return err
	}
	return p.done(w, r, passkeyPath, "service.connected")
}

// addIdentities adds what the person has at the service.
func (p *Pages) addIdentities(r *http.Request, who *page.Person, view *passkeysView) error {
	list, err := p.Accounts.Identities(r.Context(), who.ID)
	if err != nil {
		return err
	}
	view.Service = p.serviceName()
	for _, i := range list {
		name := i.Email
		if name == "" {
			name = i.Subject
		}
		view.Identities = append(view.Identities, identityRow{Email: name, Since: i.Created.In(p.Zone), Remove: p.remove(r, "disconnect", "issuer", i.Issuer, "subject", i.Subject)})
	}
	return nil
}
