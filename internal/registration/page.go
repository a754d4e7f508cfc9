package registration

import (
	"context"
	"embed"
	"encoding/json"
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

// Files are the templates and words of registration.
//
//go:embed *.html *.toml
var Files embed.FS

// Where people register, where they read that a letter is on its way, and where
// its link leads.
const (
	path        = "/registrieren"
	thanksPath  = path + "/danke"
	confirmPath = path + "/bestaetigen/"
	// forgottenPath is where somebody gets a new password.
	forgottenPath = "/anmelden/vergessen"
)

// sealed is the name of the form for its seal.
const sealed = "registration form"

// clubFields are the fields in which a club asks, as a registration keeps them.
var clubFields = []string{"club", "handle", "field", "contact", "register", "later"}

// Clubs is what registration does to clubs. The values are those of a form.
type Clubs struct {
	// Group are the fields in which a club asks to join.
	Group func(site *web.Site, lang string) []component.Field
	// Check says what is wrong with what was typed.
	Check func(ctx context.Context, in *page.Input) error
	// Ask stores a club of a person who is signed in, and gives its handle.
	Ask func(ctx context.Context, by *account.Account, in *page.Input, public bool) (handle string, err error)
	// Prepare takes what cannot be done in a transaction; store then keeps the
	// club.
	Prepare func(ctx context.Context, in *page.Input) (handle string, store func(ctx context.Context, tx bun.Tx, by *account.Account, public bool) error, err error)
}

// Pages lets people in.
type Pages struct {
	*page.Guard
	Accounts *account.Accounts
	Letters  *page.Letters
	Clubs    Clubs
	// Mode is one of config.Open, config.Approval and config.Closed.
	Mode string
	// Held tells whether nobody registers yet, because the pages that the law asks
	// for are not whole.
	Held func() bool
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(path, p.Web.Handle(p.form))
	r.Post(path, p.Web.Handle(p.register))
	r.Get(thanksPath, p.Web.Handle(p.thanks))
	r.Get(confirmPath+"{token}", p.Web.Handle(p.confirmForm))
	r.Post(confirmPath+"{token}", p.Web.Handle(p.confirm))
}

// The values of the field that says for whom somebody registers.
const (
	forClub   = "verein"
	forMyself = "mich"
	// forPerson is how others may write it in a link.
	forPerson = "person"
)

type formView struct {
	Crumbs []component.Crumb
	For    component.Segments
	// Club tells that it is for a club, Approval that the town hall looks at it.
	Club, Approval bool
	// SignedIn tells that nothing of the person is asked.
	SignedIn bool
	Form     component.Form
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{"fuer": {r.URL.Query().Get("fuer")}}}
	if in.Get("fuer") == forPerson {
		in.Set("fuer", forMyself)
	}
	if who != nil && in.Get("fuer") == forMyself {
		http.Redirect(w, r, "/konto", http.StatusSeeOther)
		return nil
	}
	return p.show(w, r, who, in, http.StatusOK, "", nil)
}

// closed tells whether people are let in by the town hall alone.
func (p *Pages) closed(who *page.Person) bool {
	return p.Held() || p.Mode == config.Closed || who == nil && !p.Letters.Ready()
}

type closedView struct {
	Crumbs  []component.Crumb
	Contact []web.ContactLine
}

func (p *Pages) showClosed(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusOK, "registration/closed", web.Page{
		Title: p.Web.T(p.Web.Language(r), "register.title"), Narrow: true,
		View: closedView{[]component.Crumb{{Key: "sign-in.title", Href: "/anmelden"}, {Key: "register.title"}}, p.Web.Contacts()},
	})
}

// show shows the form with what stands in it already. notice is the key of a
// sentence above it, or "".
func (p *Pages) show(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, status int, notice string, wrong error) error {
	if p.closed(who) {
		return p.showClosed(w, r)
	}
	club := in.Get("fuer") != forMyself
	if err := p.Stamp(r.Context(), sealed, in); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if notice != "" {
		f.Notice(p.Web.T(f.Lang, notice))
	}
	f.Hide("time", in.Get("time"))
	button, key := component.Button{Key: "register.do"}, ""
	if club {
		f.Hide("fuer", forClub)
		if who == nil {
			key = "register.club"
		}
		f.Group(key, p.Clubs.Group(p.Web, f.Lang)...)
	} else {
		f.Hide("fuer", forMyself)
	}
	if who == nil {
		if club {
			key = "register.person"
		}
		f.Group(key, component.Field{Kind: "text", Name: "name", Key: "register.name", Autocomplete: "name", Required: true},
			component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Hint: "register.email.hint", Autocomplete: "email", Required: true},
			component.Field{Kind: "checkbox", Name: "rules", Key: "register.rules", Required: true},
			component.Field{Kind: "text", Name: page.Trap, Key: "register.trap", Autocomplete: "off"})
	} else {
		button.Key = "ask.send"
	}
	buttons := []component.Button{button}
	if club {
		buttons = append(buttons, component.Button{Key: "ask.later", Name: "later", Value: "1", Plain: true})
	}
	view := formView{
		Crumbs: []component.Crumb{{Key: "sign-in.title", Href: "/anmelden"}, {Key: "register.title"}}, Club: club, Approval: p.Mode == config.Approval, SignedIn: who != nil,
		For: component.Segments{Label: "register.for", List: []component.Segment{
			{Key: "register.for.club", Href: path, Icon: "people", Current: club}, {Key: "register.for.me", Href: path + "?fuer=" + forMyself, Icon: "user", Current: !club},
		}},
		Form: f.Show(path, buttons...),
	}
	title := "register.title"
	if who != nil {
		title = "register.title.club"
		view.Crumbs = []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: title}}
	}
	if status == http.StatusOK {
		status = f.Status()
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.Web.Render(w, r, status, "registration/form", web.Page{Title: p.Web.T(f.Lang, title), Narrow: true, View: view})
}

// register takes the form. Nothing that was typed is lost when it must be sent
// again, and nobody learns whether there is an account with an address.
func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if p.closed(who) {
		return p.showClosed(w, r)
	}
	if who != nil {
		return p.ask(w, r, who, in)
	}
	if err := p.check(r.Context(), in); err != nil {
		if len(problem.FieldsOf(err)) == 0 {
			return err
		}
		return p.show(w, r, nil, in, http.StatusOK, "", err)
	}
	hasty, err := p.Hasty(r.Context(), sealed, in)
	if err != nil {
		return err
	}
	if hasty {
		return p.show(w, r, nil, in, http.StatusUnprocessableEntity, "register.again", nil)
	}
	err = p.Accounts.AdmitRegistration(r.Context(), p.Address(r), in.Get("email"))
	if problem.KindOf(err) == problem.TooMany {
		return p.show(w, r, nil, in, http.StatusTooManyRequests, "register.toomany", nil)
	}
	if err != nil {
		return err
	}
	if err := p.keep(r, in); err != nil {
		return err
	}
	http.Redirect(w, r, thanksPath, http.StatusSeeOther)
	return nil
}

func (p *Pages) check(ctx context.Context, in *page.Input) error {
	var errs problem.Fields
	if in.Get("fuer") != forMyself {
		copied := &page.Input{Values: url.Values{}}
		for _, name := range clubFields {
			copied.Set(name, in.Get(name))
		}
		err := p.Clubs.Check(ctx, copied)
		if err != nil && len(problem.FieldsOf(err)) == 0 {
			return err
		}
		errs.Merge(err)
	}
	_, _, err := account.CheckRegistration(in.Get("name"), in.Get("email"))
	errs.Merge(err)
	errs.Merge(page.CheckRules(in))
	return errs.Err()
}

// keep stores what was typed and writes the letter.
func (p *Pages) keep(r *http.Request, in *page.Input) error {
	name, email, err := account.CheckRegistration(in.Get("name"), in.Get("email"))
	if err != nil {
		return err
	}
	kept := account.Registration{Name: name, Email: email}
	key := "letter.register.person"
	if in.Get("fuer") != forMyself {
		values := map[string]string{}
		for _, name := range clubFields {
			values[name] = in.Get(name)
		}
		text, err := json.Marshal(values)
		if err != nil {
			return fmt.Errorf("keep a registration: %w", err)
		}
		kept.Club, key = string(text), "letter.register.club"
	}
	lang := p.Web.Language(r)
	return p.Accounts.Register(r.Context(), kept, func(ctx context.Context, tx bun.Tx, token string, known bool) error {
		m := page.Message{Cause: "register " + page.NewKey(), To: email, Name: name, Lang: lang, Key: key, Data: map[string]string{"Club": in.Get("club"), "Forgotten": p.Letters.Origin + forgottenPath}, Path: confirmPath + token}
		if known {
			m.Name, m.Key = "", key+".known" // the name is what anybody may have typed
			if kept.Club == "" {
				m.Path = "/anmelden" // there is nothing to confirm
			}
		}
		return p.Letters.Send(ctx, tx, m)
	})
}

// ask takes the club of a person who is signed in.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if in.Get("fuer") == forMyself {
		http.Redirect(w, r, "/konto", http.StatusSeeOther)
		return nil
	}
	handle, err := p.Clubs.Ask(r.Context(), who.Account, in, p.Mode == config.Open)
	if problem.KindOf(err) == problem.TooMany {
		return p.show(w, r, who, in, http.StatusTooManyRequests, "register.toomany.clubs", nil)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.show(w, r, who, in, http.StatusOK, "", err)
	}
	if err != nil {
		return err
	}
	to, done := p.after(handle, in.Get("later") != "")
	p.Flash(r, done)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// after gives where a club goes on that was stored, and the key of what is said
// there.
func (p *Pages) after(handle string, later bool) (to, done string) {
	to = "/vereine/" + handle + "/antrag"
	switch {
	case later:
		return to, "ask.done.later"
	case p.Mode == config.Open:
		return "/konto", "register.done.club"
	}
	return to, "ask.done.sent"
}

func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusOK, "registration/thanks", web.Page{Title: p.Web.T(p.Web.Language(r), "register.thanks"), Narrow: true, NoIndex: true})
}
