package page

import (
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// freshTime is how long after showing who one is the pages behind Fresh open.
const freshTime = 15 * time.Minute

// ConfirmPath is the page that asks who is signed in to show it once more.
const ConfirmPath = "/anmelden/bestaetigen"

// confirmPassword is the field with which somebody shows it in the middle of a
// form.
const confirmPassword = "confirm-password"

// Confirmed tells whether who is signed in has shown within the last 15 minutes
// who he or she is: by signing in, by the password or by a passkey.
func (s *Sessions) Confirmed(r *http.Request) bool {
	age := time.Since(time.Unix(s.manager.GetInt64(r.Context(), keyConfirmed), 0))
	return age >= -time.Minute && age < freshTime
}

// Confirm notes that who is signed in has just shown it, under a new token.
func (s *Sessions) Confirm(r *http.Request) error {
	if err := s.renew(r); err != nil {
		return err
	}
	s.manager.Put(r.Context(), keyConfirmed, time.Now().Unix())
	return nil
}

// Fresh stands before pages that change how one signs in, take everything along
// or leave for good: a session that somebody else found open must not be enough.
// Whoever has not shown lately who he or she is does so first.
func (g *Guard) Fresh(h PersonHandler) PersonHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person) error {
		if g.Confirmed(r) {
			return h(w, r, who)
		}
		http.Redirect(w, r, ConfirmPath+"?"+url.Values{"weiter": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return nil
	}
}

// FreshForm is Fresh for forms: all that was typed is kept in the page that asks,
// and is sent with the answer.
func (g *Guard) FreshForm(h FormHandler) FormHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person, in *Input) error {
		if !g.Confirmed(r) {
			if !in.shown() {
				return g.confirm(w, r, who, in, nil)
			}
			if err := g.ConfirmInput(r, who, in, confirmPassword); err != nil {
				return g.confirm(w, r, who, in, err)
			}
		}
		in.Del(confirmPassword)
		in.Del(confirmPasskey + fieldToken)
		in.Del(confirmPasskey + fieldAnswer)
		return h(w, r, who, in)
	}
}

// confirm asks in the middle of a form.
func (g *Guard) confirm(w http.ResponseWriter, r *http.Request, who *Person, in *Input, wrong error) error {
	in.Del(confirmPasskey + fieldToken)
	in.Del(confirmPasskey + fieldAnswer)
	f := NewForm(g.Web, r, in, problem.Rename(wrong, "password", confirmPassword))
	f.HideAll(confirmPassword)
	return g.ShowConfirm(w, r, who, f, wrong, confirmPassword, r.URL.Path)
}

// A Confirmation asks who is signed in to show it once more ("page/confirm").
type Confirmation struct {
	Name string
	// Password tells whether there is one to ask for.
	Password bool
	Form     component.Form
	// Passkey is nil for who has none.
	Passkey *PasskeyForm
}

// ShowConfirm shows the page that asks for the password once more, in the field
// name of the form f, which goes to action.
func (g *Guard) ShowConfirm(w http.ResponseWriter, r *http.Request, who *Person, f *Form, wrong error, name, action string) error {
	status := http.StatusOK
	switch problem.KindOf(wrong) {
	case problem.TooMany:
		status = http.StatusTooManyRequests
		f.Notice(g.Web.T(f.Lang, "error.429.text"))
	case problem.Invalid:
		status = http.StatusUnprocessableEntity
	default:
		if wrong != nil {
			return wrong
		}
	}
	if r.Method == http.MethodPost && wrong == nil {
		status = http.StatusForbidden
	}
	passkey, err := g.confirmByPasskey(r, who, f, wrong, action)
	if err != nil {
		return err
	}
	var scripts []string
	if passkey != nil {
		scripts = []string{PasskeyScript}
	}
	f.Group("", component.Field{Kind: "password", Name: name, Key: "sign-in.password", Autocomplete: "current-password", Required: true})
	view := Confirmation{Name: who.Name, Password: who.PasswordHash != "", Passkey: passkey, Form: f.Show(action, component.Button{Key: "confirm.do"})}
	return g.Web.Render(w, r, status, "page/confirm", web.Page{Title: g.Web.T(f.Lang, "confirm.title"), Narrow: true, NoIndex: true, Scripts: scripts, View: view})
}
