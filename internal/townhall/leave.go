package townhall

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

type leaveView struct {
	Hall    page.Hall
	Person  *account.Account
	Leaving page.Leaving
	// Last is true for the last admin, who cannot leave, and Notice says so.
	Last   bool
	Notice component.Notice
	Form   component.Form
}

// leaveForm asks whether a person shall really be forgotten.
func (s *Surface) leaveForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showLeave(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showLeave(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	if id == who.ID {
		http.Redirect(w, r, "/konto/verlassen", http.StatusSeeOther)
		return nil
	}
	a, err := s.Accounts.Find(ctx, id)
	if err != nil {
		return err
	}
	err = s.Accounts.MayLeave(ctx, who.ID, id)
	view := leaveView{
		Person: a, Last: errors.Is(err, account.ErrLastAdmin),
		Notice: component.Notice{Key: "townhall.person.last", TextKey: "townhall.person.last.text"},
	}
	if err != nil && !view.Last {
		return err
	}
	if view.Leaving.Clubs, err = s.Accounts.Clubs(ctx, nil, id); err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	heading := s.Web.T(f.Lang, "townhall.person.leave.sure", a.Name)
	if view.Hall, err = s.Frame(r, "/rathaus/personen", heading, false); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(f.Lang, "townhall.person.leave.intro")
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "townhall.person.leave.email", Hint: "townhall.person.leave.hint", Autocomplete: "off", Required: true})
	view.Form = f.Show(r.URL.Path, component.Button{Key: "townhall.person.leave", Danger: true}, component.Button{Key: "leave.not", Href: strings.TrimSuffix(r.URL.Path, "/loeschen")})
	return s.render(w, r, f.Status(), "leave", heading, view)
}

func (s *Surface) leave(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	id := chi.URLParam(r, "id")
	if id == who.ID {
		return s.showLeave(w, r, who, in, nil)
	}
	a, err := s.Accounts.Find(r.Context(), id)
	if err != nil {
		return err
	}
	if err := s.Accounts.MayLeave(r.Context(), who.ID, id); err != nil && !errors.Is(err, account.ErrLastAdmin) {
		return err // nobody learns by trying whose address it is
	}
	var errs problem.Fields
	if !strings.EqualFold(markup.Typed(in.Get("email")), a.Email) {
		errs.Add("email", "This is not the mail address of this account; please type it as it stands above.")
	}
	if err = errs.Err(); err == nil {
		err = s.Leave(r.Context(), who.ID, id)
	}
	if len(problem.FieldsOf(err)) > 0 || errors.Is(err, account.ErrLastAdmin) {
		return s.showLeave(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, "/rathaus/personen", "townhall.person.left")
}
