package resident

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Where who has forgotten the password asks for a link, and where that leads.
const (
	forgottenPath = "/anmelden/vergessen"
	writtenPath   = forgottenPath + "/gesendet"
)

type forgottenView struct {
	// Ready tells whether the town sends mail; Contact are the lines that say whom
	// to ask otherwise.
	Ready   bool
	Form    component.Form
	Contact []web.ContactLine
}

func (p *Pages) forgotten(w http.ResponseWriter, r *http.Request) error {
	return p.showForgotten(w, r, &page.Input{Values: r.URL.Query()}, nil)
}

func (p *Pages) showForgotten(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	status := f.Status()
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
		f.Notice(p.Web.T(f.Lang, "forgotten.many"))
	}
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "username", Required: true})
	return p.Web.Render(w, r, status, "resident/forgotten", web.Page{
		Title: p.Web.T(f.Lang, "forgotten.title"), Narrow: true, NoIndex: true,
		View: forgottenView{p.Letters.Ready(), f.Show(forgottenPath, component.Button{Key: "forgotten.do", Icon: "mail"}), p.Web.Contacts()},
	})
}

// forget writes to who has forgotten the password. Whether there is such an
// account is told to nobody: the answer is the same.
func (p *Pages) forget(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	if !p.Letters.Ready() {
		return p.showForgotten(w, r, in, nil)
	}
	err = p.Accounts.RequestReset(r.Context(), in.Get("email"), p.Address(r))
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.TooMany {
		return p.showForgotten(w, r, in, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, writtenPath, http.StatusSeeOther)
	return nil
}

func (p *Pages) written(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusOK, "resident/written", web.Page{
		Title: p.Web.T(p.Web.Language(r), "forgotten.written"), Narrow: true, NoIndex: true, View: forgottenView{Contact: p.Web.Contacts()},
	})
}
