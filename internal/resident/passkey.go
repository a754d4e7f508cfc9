package resident

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// passkeyPath is the page of a person's ways in.
const passkeyPath = "/konto/passkeys"

// passkeyButton is the form for signing in with a passkey; nil where there are
// none.
func (p *Pages) passkeyButton(r *http.Request, in *page.Input, wrong error) *page.PasskeyForm {
	if !p.Accounts.PasskeysReady() {
		return nil
	}
	f := page.NewForm(p.Web, r, in, nil)
	f.Notice(f.SaysOf(wrong, "answer", "remove"))
	f.HideAnswer("")
	if to := in.Get("weiter"); to != "" {
		f.Hide("weiter", to)
	}
	return &page.PasskeyForm{
		Act: "get", Ask: page.AskPasskeyPath, Offer: wrong == nil,
		Form: f.Show("/anmelden/passkey", component.Button{Key: "passkey.sign-in", Icon: "shield", Plain: true}),
	}
}

// newPasskey is the form for a new passkey. Hidden values go with it.
func (p *Pages) newPasskey(r *http.Request, in *page.Input, wrong error, action, ask, button string, hidden ...string) *page.PasskeyForm {
	if !p.Accounts.PasskeysReady() {
		return nil
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Prefix = "passkey-"
	f.Notice(f.SaysOf(wrong, "answer", "remove"))
	f.HideAnswer("")
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	f.Group("", component.Field{Kind: "text", Name: "name", Key: "passkey.name", Hint: "passkey.name.hint", Autocomplete: "off", Required: true})
	return &page.PasskeyForm{Act: "create", Ask: ask, Form: f.Show(action, component.Button{Key: button})}
}

// ask answers the script with a question for the device.
func (p *Pages) ask(w http.ResponseWriter, q *account.Question, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(q)
}

func (p *Pages) askPasskey(w http.ResponseWriter, r *http.Request) error {
	q, err := p.Accounts.AskPasskey(r.Context(), p.Address(r))
	return p.ask(w, q, err)
}

func (p *Pages) askNewPasskey(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	q, err := p.Accounts.AskNewPasskey(r.Context(), who.ID, p.Address(r))
	return p.ask(w, q, err)
}

// askLinkPasskey asks for the first passkey of whom a one-time link lets in.
func (p *Pages) askLinkPasskey(w http.ResponseWriter, r *http.Request) error {
	a, err := p.Accounts.LinkOwner(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	q, err := p.Accounts.AskNewPasskey(r.Context(), a.ID, p.Address(r))
	return p.ask(w, q, err)
}

// signInWithPasskey signs in at once: the device verified who it is, so no
// second factor is asked for.
func (p *Pages) signInWithPasskey(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	a, err := p.Accounts.SignInWithPasskey(r.Context(), in.Get("token"), in.Get("answer"))
	if problem.KindOf(err) == problem.Invalid {
		return p.showSignIn(w, r, in, err)
	}
	if err != nil {
		return err
	}
	if _, err := p.SignIn(r, a); err != nil {
		return err
	}
	http.Redirect(w, r, next(in.Values), http.StatusSeeOther)
	return nil
}

type passkeysView struct {
	Crumbs   []component.Crumb
	Done     string
	Ready    bool
	Password bool
	Passkeys []passkeyRow
	Add      *page.PasskeyForm
	// Service is what the sign-in service is called, "" when there is none.
	Service    string
	Identities []identityRow
}

type passkeyRow struct {
	*account.Passkey
	Added, LastUsed, Locked time.Time
	Remove                  component.Form
}

type identityRow struct {
	Email  string
	Since  time.Time
	Remove component.Form
}

func (p *Pages) passkeys(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showPasskeys(w, r, who, nothing(), nil)
}

func (p *Pages) showPasskeys(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	list, err := p.Accounts.Passkeys(r.Context(), who.ID)
	if err != nil {
		return err
	}
	view := passkeysView{Crumbs: p.crumbs("passkey.title"), Done: p.Flashed(r), Ready: p.Accounts.PasskeysReady(), Password: who.PasswordHash != ""}
	for _, key := range list {
		view.Passkeys = append(view.Passkeys, passkeyRow{
			Passkey: key, Added: key.Created.In(p.Zone), LastUsed: key.Used.In(p.Zone), Locked: key.Ended.In(p.Zone),
			Remove: p.remove(r, "remove", "id", key.ID),
		})
	}
	view.Add = p.newPasskey(r, in, wrong, passkeyPath, passkeyPath+"/frage", "passkey.add", "act", "add")
	if err := p.addIdentities(r, who, &view); err != nil {
		return err
	}
	status := http.StatusOK
	if len(problem.FieldsOf(wrong)) > 0 {
		status = http.StatusUnprocessableEntity
	}
	title := p.Web.T(p.Web.Language(r), "passkey.title")
	return p.Web.Render(w, r, status, "resident/passkeys", web.Page{Title: title, Narrow: true, NoIndex: true, Scripts: []string{page.PasskeyScript}, View: view})
}

// remove is a button that takes a way in away.
func (p *Pages) remove(r *http.Request, act string, hidden ...string) component.Form {
	f := page.NewForm(p.Web, r, nothing(), nil)
	f.Hide("act", act)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(passkeyPath, component.Button{Key: "passkey.remove", Danger: true})
}

func (p *Pages) changePasskeys(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var err error
	done := "passkey.removed"
	switch in.Get("act") {
	case "add":
		done = "passkey.added"
		err = p.Accounts.AddPasskey(r.Context(), who.ID, account.NewPasskey{Name: in.Get("name"), Token: in.Get("token"), Answer: in.Get("answer")})
	case "remove":
		err = p.Accounts.RemovePasskey(r.Context(), who.ID, in.Get("id"))
	case "disconnect":
		done = "service.disconnected"
		err = p.Accounts.Disconnect(r.Context(), who.ID, in.Get("issuer"), in.Get("subject"))
	default:
		err = problem.Invalidf("%q cannot be done to a passkey", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showPasskeys(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, passkeyPath, done)
}

// scripts are those of pages that may ask the device.
func (p *Pages) scripts() []string {
	if !p.Accounts.PasskeysReady() {
		return nil
	}
	return []string{page.PasskeyScript}
}

// answered is the status of a page that shows what is wrong, whichever of its
// forms shows it.
func answered(f *page.Form, wrong error) int {
	if len(problem.FieldsOf(wrong)) > 0 {
		return http.StatusUnprocessableEntity
	}
	return f.Status()
}
