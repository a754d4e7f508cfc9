package resident

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// The pages of a change of the mail address.
const addressPath = "/konto/adresse"

type addressView struct {
	Crumbs []component.Crumb
	Done   string
	Email  string
	// Ready tells whether the town sends mail. Open is the address that must still
	// confirm, Barred until when nothing can be changed.
	Ready    bool
	Open     string
	Until    time.Time
	Barred   bool
	Form     component.Form
	Withdraw component.Form
	Contact  []web.ContactLine
}

func (p *Pages) address(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showAddress(w, r, who, nothing(), nil)
}

func (p *Pages) showAddress(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	c, err := p.Accounts.AddressChange(r.Context(), who.ID)
	if err != nil {
		return err
	}
	view := addressView{Crumbs: p.crumbs("address.title"), Done: p.Flashed(r), Email: who.Email, Ready: p.Letters.Ready(), Contact: p.Web.Contacts()}
	if c != nil {
		view.Until = c.Until.In(p.Zone)
		if view.Barred = c.State != "open"; !view.Barred {
			view.Open = c.Email
			view.Withdraw = p.button(r, addressPath, component.Button{Key: "address.withdraw", Plain: true}, "act", "withdraw")
		}
	}
	f := page.NewForm(p.Web, r, in, wrong)
	status := f.Status()
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
		f.Notice(p.Web.T(f.Lang, "forgotten.many"))
	}
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "address.new", Autocomplete: "email", Required: true})
	view.Form = f.Show(addressPath, component.Button{Key: "address.do", Icon: "mail"})
	return p.Web.Render(w, r, status, "resident/address", web.Page{Title: p.Web.T(f.Lang, "address.title"), Narrow: true, NoIndex: true, View: view})
}

func (p *Pages) changeAddress(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if in.Get("act") == "withdraw" {
		if err := p.Accounts.WithdrawAddress(r.Context(), who.ID); err != nil {
			return err
		}
		return p.done(w, r, addressPath, "address.withdrawn")
	}
	if !p.Letters.Ready() {
		return p.showAddress(w, r, who, in, nil)
	}
	err := p.Accounts.RequestAddress(r.Context(), who.ID, in.Get("email"), p.Address(r))
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.TooMany {
		return p.showAddress(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, addressPath, "address.asked")
}

// step shows a page with one button, as a letter leads to it.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, key, email string, b component.Button) error {
	lang := p.Web.Language(r)
	return p.Web.Render(w, r, http.StatusOK, "resident/step", web.Page{Title: p.Web.T(lang, key+".title"), Narrow: true, NoIndex: true, View: struct {
		Key, Email string
		Form       component.Form
	}{key, email, p.button(r, r.URL.Path, b)}})
}

// ended says that the link of a letter does not work any more.
func (p *Pages) ended(w http.ResponseWriter, r *http.Request, href string) error {
	return p.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.Web.T(p.Web.Language(r), "address.gone"), View: component.Failure{Status: http.StatusGone, Key: "address.gone", Href: href, ActionKey: "address.gone.do"},
	})
}

func (p *Pages) confirmAddressPage(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	email, err := p.Accounts.FindAddress(r.Context(), who.ID, chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.ended(w, r, addressPath)
	}
	if err != nil {
		return err
	}
	return p.step(w, r, "address.confirm", email, component.Button{Key: "address.confirm.do"})
}

func (p *Pages) confirmAddress(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.Accounts.ConfirmAddress(r.Context(), who.ID, chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.ended(w, r, addressPath)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/konto", "address.done")
}

func (p *Pages) stopAddressPage(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Accounts.FindStop(r.Context(), chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.ended(w, r, "/anmelden")
	}
	if err != nil {
		return err
	}
	return p.step(w, r, "address.stop", c.Email, component.Button{Key: "address.stop.do", Danger: true})
}

// stopAddress is for whoever has the letter: signing in may not be possible any
// more.
func (p *Pages) stopAddress(w http.ResponseWriter, r *http.Request) error {
	link, err := p.Accounts.StopAddress(r.Context(), chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.ended(w, r, "/anmelden")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, link[strings.Index(link, "/anmelden/"):], http.StatusSeeOther)
	return nil
}
