package resident

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of people's own pages.
//
//go:embed *.html *.toml
var Files embed.FS

// Pages shows people their own pages.
type Pages struct {
	*page.Guard
	Accounts      *account.Accounts
	Letters       *page.Letters
	Notifications *notification.Notifications
	// MailReady tells whether the town sends mail.
	MailReady func() bool
	// Secret seals the links that end mails.
	Secret func(ctx context.Context) ([]byte, error)
	// Agent tells whether a person works for the volunteer agency.
	Agent func(ctx context.Context, accountID string) (bool, error)
	// Waiting counts, by the addresses of rooms, what waits there for a person.
	Waiting func(ctx context.Context, who *page.Person) (map[string]int, error)
	Data
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get("/anmelden", p.Web.Handle(p.signInForm))
	r.Post("/anmelden", p.Web.Handle(p.signIn))
	r.Post("/abmelden", p.Web.Handle(p.signOut))
	r.Get("/anmelden/einmal/{token}", p.Web.Handle(p.linkForm))
	r.Post("/anmelden/einmal/{token}", p.Web.Handle(p.useLink))
	r.Post("/anmelden/einmal/{token}/frage", p.Web.Handle(p.askLinkPasskey))
	r.Post("/anmelden/passkey", p.Web.Handle(p.signInWithPasskey))
	r.Post(page.AskPasskeyPath, p.Web.Handle(p.askPasskey))
	r.Get(servicePath, p.Web.Handle(p.leaveForService))
	r.Get(account.ReturnPath, p.Web.Handle(p.backFromService))
	r.Get(passkeyPath, p.Web.Handle(p.Page(p.Fresh(p.passkeys))))
	r.Post(passkeyPath, p.Web.Handle(p.Form(p.FreshForm(p.changePasskeys))))
	r.Post(passkeyPath+"/frage", p.Web.Handle(p.Form(p.FreshForm(p.askNewPasskey))))
	r.Get(connectPath, p.Web.Handle(p.Page(p.Fresh(p.connectForm))))
	r.Post(connectPath, p.Web.Handle(p.Form(p.FreshForm(p.connect))))
	r.Get("/konto", p.Web.Handle(p.Page(p.account)))
	r.Get(settingsPath, p.Web.Handle(p.Page(p.settings)))
	r.Post(settingsPath, p.Web.Handle(p.Form(p.changeSettings)))
	r.Get("/abbestellen/{token}", p.Web.Handle(p.unsubscribeForm))
	r.Post("/abbestellen/{token}", p.Web.Handle(p.unsubscribe))
	r.Get(page.ConfirmPath, p.Web.Handle(p.Page(p.confirmPage)))
	r.Post(page.ConfirmPath, p.Web.Handle(p.Form(p.confirm)))
	p.mountSecurity(r)
	r.Get("/konto/daten", p.Web.Handle(p.Page(p.Fresh(p.data))))
	r.Post("/konto/daten", p.Web.Handle(p.Form(p.FreshForm(p.download))))
	r.Get("/konto/verlassen", p.Web.Handle(p.Page(p.Fresh(p.leaveForm))))
	r.Post("/konto/verlassen", p.Web.Handle(p.Form(p.FreshForm(p.leave))))
	r.Get("/konto/geloescht", p.Web.Handle(p.left))
}

// next gives where to go after signing in: a path of ours, or the account.
func next(in url.Values) string {
	to := in.Get("weiter")
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/konto"
	}
	return to
}

func (p *Pages) signInForm(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if who != nil {
		http.Redirect(w, r, next(r.URL.Query()), http.StatusSeeOther)
		return nil
	}
	return p.showSignIn(w, r, &page.Input{Values: r.URL.Query()}, nil)
}

func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	status := answered(f, wrong)
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
		f.Notice(p.Web.T(f.Lang, "error.429.text"))
	}
	if to := in.Get("weiter"); to != "" {
		f.Hide("weiter", to)
	}
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "username webauthn", Required: true},
		component.Field{Kind: "password", Name: "password", Key: "sign-in.password", Autocomplete: "current-password", Required: true})
	why := []component.Fact{
		{Icon: "people", Key: "sign-in.clubs", Text: p.clubsText(f.Lang)},
		{Icon: "hall", Key: "sign-in.hall", Text: p.Web.T(f.Lang, "sign-in.hall.text")},
	}
	if p.Web.Open("/ehrenamt") {
		why = append(why, component.Fact{Icon: "heart", Key: "sign-in.me", Text: p.Web.T(f.Lang, "sign-in.me.text")})
	}
	why = append(why, component.Fact{Icon: "globe", Key: "sign-in.all", Text: p.Web.T(f.Lang, "sign-in.all.text"), Href: "/abonnieren"})
	return p.Web.Render(w, r, status, "resident/sign-in", web.Page{Title: p.Web.T(f.Lang, "sign-in.title"), NoIndex: true, Scripts: p.scripts(), View: signInView{
		Form: f.Show("/anmelden", component.Button{Key: "sign-in.do"}), Contact: p.Web.Contacts(),
		Passkey: p.passkeyButton(r, in, wrong), Service: p.serviceName(), ServiceHref: serviceHref(in), Held: p.Remembered(r, keyHeld) != "" && in.Get("weiter") == connectPath,
		Why: why,
	}})
}

// clubsText says what people do for clubs, and nothing of what the town does not
// use.
func (p *Pages) clubsText(lang string) string {
	if p.Web.Open("/veranstaltungen") && p.Web.Open("/pinnwand") {
		return p.Web.T(lang, "sign-in.clubs.text")
	}
	return p.Web.T(lang, "sign-in.clubs.text.less")
}

type signInView struct {
	Form component.Form
	Why  []component.Fact
	// Passkey is nil where there are none, Service "" when the town has no sign-in
	// service. Held tells that somebody came back from there and has an account,
	// which is not connected.
	Passkey              *page.PasskeyForm
	Service, ServiceHref string
	Held                 bool
	// Contact are the lines that say whom to ask.
	Contact []web.ContactLine
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	a, err := p.Accounts.SignIn(r.Context(), in.Get("email"), in.Get("password"), p.Address(r))
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.TooMany {
		return p.showSignIn(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return p.Admit(w, r, a, next(in.Values))
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.SignOut(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (p *Pages) linkForm(w http.ResponseWriter, r *http.Request) error {
	return p.showLink(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showLink(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	a, err := p.Accounts.LinkOwner(r.Context(), chi.URLParam(r, "token"))
	if problem.KindOf(err) == problem.Gone {
		lang := p.Web.Language(r)
		return p.Web.Render(w, r, http.StatusGone, "failure", web.Page{
			Title: p.Web.T(lang, "link.gone"), View: component.Failure{Status: http.StatusGone, Key: "link.gone", Href: "/anmelden", ActionKey: "link.gone.do"},
		})
	}
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{"email": {a.Email}}}, wrong)
	// The address tells a password store which account this is.
	f.Group("", component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "username", Required: true},
		component.Field{Kind: "password", Name: "password", Key: "password.new", Hint: "password.hint", Autocomplete: "new-password", Required: true})
	return p.Web.Render(w, r, answered(f, wrong), "resident/link", web.Page{Title: p.Web.T(f.Lang, "link.title"), Narrow: true, NoIndex: true, Scripts: p.scripts(), View: struct {
		Name    string
		Form    component.Form
		Passkey *page.PasskeyForm
	}{
		a.Name, f.Show(r.URL.Path, component.Button{Key: "link.do"}),
		p.newPasskey(r, in, wrong, r.URL.Path, r.URL.Path+"/frage", "link.passkey.do", "act", "passkey"),
	}})
}

func (p *Pages) useLink(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	var a *account.Account
	if token := chi.URLParam(r, "token"); in.Get("act") == "passkey" {
		a, err = p.Accounts.UseLinkForPasskey(r.Context(), token, account.NewPasskey{Name: in.Get("name"), Token: in.Get("token"), Answer: in.Get("answer")})
	} else {
		a, err = p.Accounts.UseLink(r.Context(), token, in.Get("password"))
	}
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.Gone {
		return p.showLink(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return p.Admit(w, r, a, "/konto")
}

type accountView struct {
	Person *page.Person
	// Waits tells that the town hall has not let the person in yet.
	Waits bool
	Cards []membership
	// Helping are the pages about helping, Rooms all others.
	Helping, Rooms []room
	Done           string
	// Agent is true for who works for the volunteer agency.
	Agent bool
	// Drafts leads to what is not published yet, "" for who writes for no club.
	Drafts string
}

// membership is a club as its editors see it among theirs.
type membership struct {
	Card                component.ClubCard
	Handle, Role, State string
	Active, Owner       bool
	// Closed tells that nobody writes for it any more: it is archived or shut out.
	Closed bool
}

func memberships(who *page.Person) []membership {
	var list []membership
	for _, c := range slices.Concat(who.Clubs, who.Former) {
		if c.Part() {
			continue
		}
		m := membership{
			Card:   component.ClubCard{Href: "/vereine/" + c.PreferredUsername, Name: c.DisplayName(), IconURL: page.Local(c.IconURL)},
			Handle: c.PreferredUsername, Role: c.Role, State: c.State, Active: c.State == actor.Active, Owner: c.Role == actor.Owner,
			Closed: c.State == actor.Archived || c.State == actor.Suspended,
		}
		list = append(list, m)
	}
	return list
}

// A room is a page of the account. Below Key stands Key + ".about".
type room struct {
	Href, Key, Icon string
	// Waiting counts what waits there for the person.
	Waiting int
}

// About is the key of the sentence that says what the page is for.
func (r room) About() string { return r.Key + ".about" }

// helpRooms are those about helping, which a town may go without.
var helpRooms = []room{
	{Href: "/meine-einsaetze", Key: "helping.title", Icon: "calendar"},
	{Href: "/ich-moechte-helfen", Key: "offering.title", Icon: "heart"},
	{Href: "/konto/suchen", Key: "watch.own", Icon: "search"},
}

// rooms are the other pages of an account, in this order.
var rooms = []room{
	{Href: passwordPath, Key: "password.title", Icon: "edit"},
	{Href: passkeyPath, Key: "passkey.title", Icon: "lock"},
	{Href: factorPath, Key: "factor.title", Icon: "shield"},
	{Href: devicesPath, Key: "devices.title", Icon: "phone"},
	{Href: addressPath, Key: "address.title", Icon: "mail"},
	{Href: settingsPath, Key: "settings.title", Icon: "bell"},
	{Href: "/konto/daten", Key: "data.title", Icon: "download"},
	{Href: "/konto/verlassen", Key: "leave.title", Icon: "x"},
}

// helping gives the pages about helping, with what waits there.
func (p *Pages) helping(ctx context.Context, who *page.Person) ([]room, error) {
	waiting, err := p.Waiting(ctx, who)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(helpRooms)
	for i := range list {
		list[i].Waiting = waiting[list[i].Href]
	}
	return list, nil
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	waits, err := p.Accounts.Waits(r.Context(), who.ID)
	if err != nil {
		return err
	}
	view := accountView{Person: who, Waits: waits, Cards: memberships(who), Rooms: rooms, Done: p.Flashed(r)}
	if p.Web.Open("/ehrenamt") {
		if view.Helping, err = p.helping(r.Context(), who); err != nil {
			return err
		}
	}
	if who.MustSpeak() == nil {
		view.Drafts = page.DraftsPath
	}
	if view.Agent, err = p.Agent(r.Context(), who.ID); err != nil {
		return err
	}
	return p.Web.Render(w, r, http.StatusOK, "resident/account", web.Page{Title: p.Web.T(p.Web.Language(r), "account.title"), Narrow: true, View: view})
}
