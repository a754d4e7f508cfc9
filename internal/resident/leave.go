package resident

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

type leaveView struct {
	Crumbs  []component.Crumb
	Person  *account.Account
	Leaving page.Leaving
	// Last is true for the last admin, who cannot leave, and Notice says so.
	Last   bool
	Notice component.Notice
	Form   component.Form
}

func (p *Pages) leaveForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showLeave(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showLeave(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	clubs, err := p.Accounts.Clubs(r.Context(), nil, who.ID)
	if err != nil {
		return err
	}
	err = p.Accounts.MayLeave(r.Context(), who.ID, who.ID)
	view := leaveView{
		Crumbs: p.crumbs("leave.title"), Person: who.Account, Leaving: page.Leaving{Clubs: clubs}, Last: errors.Is(err, account.ErrLastAdmin),
		Notice: component.Notice{Key: "leave.last", TextKey: "leave.last.text"},
	}
	if err != nil && !view.Last {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "leave.email", Hint: "leave.email.hint", Autocomplete: "off", Required: true})
	view.Form = f.Show("/konto/verlassen", component.Button{Key: "leave.do", Danger: true}, component.Button{Key: "leave.not", Href: "/konto"})
	return p.Web.Render(w, r, f.Status(), "resident/leave", web.Page{Title: p.Web.T(f.Lang, "leave.title"), Narrow: true, View: view})
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	err := typedAddress(who.Account, in)
	if err == nil {
		err = p.Data.Leave(r.Context(), who.ID, who.ID)
	}
	if problem.KindOf(err) == problem.Invalid || errors.Is(err, account.ErrLastAdmin) {
		return p.showLeave(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	if err := p.SignOut(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/konto/geloescht", http.StatusSeeOther)
	return nil
}

// typedAddress gives a problem unless the form names the person's own address.
func typedAddress(a *account.Account, in *page.Input) error {
	var errs problem.Fields
	if !strings.EqualFold(markup.Typed(in.Get("email")), a.Email) {
		errs.Add("email", "This is not the mail address of this account; please type it as it stands above.")
	}
	return errs.Err()
}

// left says that the account is gone. Everybody may read it.
func (p *Pages) left(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusOK, "resident/left", web.Page{Title: p.Web.T(p.Web.Language(r), "left.title"), Narrow: true, NoIndex: true, View: component.Empty{
		Key: "left.next", TextKey: "left.next.text", Href: "/", ActionKey: "error.home",
	}})
}
