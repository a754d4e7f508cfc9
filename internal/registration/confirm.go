package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

type confirmView struct {
	Heading, Text string
	Form          component.Form
}

func (p *Pages) over(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.Web.T(p.Web.Language(r), "register.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "register.gone", Href: path, ActionKey: "register.gone.do"},
	})
}

func (p *Pages) confirmForm(w http.ResponseWriter, r *http.Request) error {
	if p.Held() {
		return p.showClosed(w, r)
	}
	return p.showConfirm(w, r, &page.Input{Values: url.Values{}}, nil)
}

// showConfirm shows the button of a link: programs that look at letters open
// links too, so opening it does nothing.
func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	kept, known, err := p.Accounts.FindRegistration(r.Context(), chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	f := page.NewForm(p.Web, r, in, wrong)
	if errors.Is(wrong, account.ErrReserved) {
		f.Notice(p.Web.T(f.Lang, "register.reserved"))
	}
	view := confirmView{Heading: p.Web.T(f.Lang, "register.confirm"), Text: p.Web.T(f.Lang, "register.confirm.text", kept.Name)}
	button := component.Button{Key: "register.confirm.do", Icon: "check"}
	if known != nil {
		who, err := p.Who(r)
		if err != nil {
			return err
		}
		if kept.Club == "" || who == nil || who.ID != known.ID {
			to := "/konto"
			if kept.Club != "" {
				to = r.URL.Path
			}
			view.Heading, view.Text = p.Web.T(f.Lang, "register.known"), p.Web.T(f.Lang, "register.known.text")
			view.Form = f.Show("/anmelden", component.Button{Key: "register.known.do", Href: "/anmelden?" + url.Values{"weiter": {to}}.Encode()})
			return p.Web.Render(w, r, http.StatusOK, "registration/confirm", web.Page{Title: view.Heading, Narrow: true, NoIndex: true, View: view})
		}
		view.Heading, view.Text = p.Web.T(f.Lang, "register.title.club"), p.Web.T(f.Lang, "register.confirm.club")
		button.Key = "ask.send"
	} else {
		in.Set("email", kept.Email)
		// The address tells a password store which account this is.
		f.Group("", component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "username", Required: true},
			component.Field{Kind: "password", Name: "password", Key: "sign-in.password", Hint: "password.hint", Autocomplete: "new-password", Required: true})
	}
	view.Form = f.Show(r.URL.Path, button)
	return p.Web.Render(w, r, f.Status(), "registration/confirm", web.Page{Title: view.Heading, Narrow: true, NoIndex: true, View: view})
}

// confirm uses the link up: the account begins, and the club with it.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	if p.Held() {
		return p.showClosed(w, r)
	}
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	kept, known, err := p.Accounts.FindRegistration(r.Context(), chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	if known != nil {
		who, err := p.Who(r)
		if err != nil {
			return err
		}
		if kept.Club == "" || who == nil || who.ID != known.ID {
			return p.showConfirm(w, r, in, nil)
		}
		to, done, err := p.redeem(r, kept, known)
		return p.confirmed(w, r, in, to, done, err)
	}
	if err := p.Accounts.CheckPassword(in.Get("password"), kept.Name, kept.Email); err != nil {
		return p.showConfirm(w, r, in, err)
	}
	handle, later, store, err := p.prepare(r.Context(), kept)
	if err != nil {
		return err
	}
	to, role := "/konto", account.Resident
	if store != nil {
		role = account.Editor
		to, _ = p.after(handle, later)
	}
	d := account.Draft{Role: role, Password: in.Get("password"), Language: p.Spoken(r)}
	a, err := p.Accounts.Enrol(r.Context(), kept, d, func(ctx context.Context, tx bun.Tx, a *account.Account) error {
		if store != nil {
			return store(ctx, tx, a, p.Mode == config.Open)
		}
		if p.Mode == config.Open {
			return nil
		}
		return p.wait(ctx, tx, a)
	})
	if err == nil {
		_, err = p.SignIn(r, a)
	}
	return p.confirmed(w, r, in, to, "register.done", err)
}

func (p *Pages) confirmed(w http.ResponseWriter, r *http.Request, in *page.Input, to, done string, err error) error {
	switch kind := problem.KindOf(err); {
	case err != nil && kind == problem.Gone:
		return p.over(w, r)
	case errors.Is(err, account.ErrReserved):
		return p.showConfirm(w, r, in, err)
	case err != nil && kind == problem.Conflict: // an account with this address began elsewhere, or a club with this handle
		return p.showConfirm(w, r, in, nil)
	case err != nil:
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// wait has a person without a club wait for the town hall.
func (p *Pages) wait(ctx context.Context, tx bun.Tx, a *account.Account) error {
	return p.Accounts.Apply(ctx, tx, &account.Application{AccountID: a.ID, State: account.Asked})
}

// prepare makes ready the club of a registration; store is nil when there is
// none.
func (p *Pages) prepare(ctx context.Context, kept *account.Registration) (handle string, later bool, store func(ctx context.Context, tx bun.Tx, by *account.Account, public bool) error, err error) {
	if kept.Club == "" {
		return "", false, nil, nil
	}
	typed := map[string]string{}
	if err := json.Unmarshal([]byte(kept.Club), &typed); err != nil {
		return "", false, nil, fmt.Errorf("read a registration: %w", err)
	}
	in := &page.Input{Values: url.Values{}}
	for name, value := range typed {
		in.Set(name, value)
	}
	handle, store, err = p.Clubs.Prepare(ctx, in)
	return handle, in.Get("later") != "", store, err
}

// redeem stores the club of who had an account already.
func (p *Pages) redeem(r *http.Request, kept *account.Registration, known *account.Account) (to, done string, err error) {
	handle, later, store, err := p.prepare(r.Context(), kept)
	if err != nil {
		return "", "", err
	}
	err = p.Accounts.Redeem(r.Context(), kept, func(ctx context.Context, tx bun.Tx) error { return store(ctx, tx, known, p.Mode == config.Open) })
	to, done = p.after(handle, later)
	return to, done, err
}
