package club

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// peoplePath follows the page of a club.
const peoplePath = "/personen"

// member is a person who writes for a club, as the page shows one.
type member struct {
	// Email is shown to owners alone.
	Name, Email, Role string
	// Forms are what who asks may do.
	Forms []component.Form
}

// invited is an invitation that waits.
type invited struct {
	Email, Role, Until string
	Withdraw           component.Form
}

type peopleView struct {
	Crumbs        []component.Crumb
	Heading       string
	Done, Link    string
	Wrong         string
	Members       []member
	Invited       []invited
	Manages, Mail bool
	Invite        component.Form
	Leave         *component.Form
	// HandOver leads the only owner to where the club goes to the town hall, ""
	// for others.
	HandOver string
}

// ours gives a club that the person writes for or may manage.
func (p *Pages) ours(r *http.Request, who *page.Person) (*Club, error) {
	c, err := p.find(r.Context(), p.db.Read(), chi.URLParam(r, "handle"), living...)
	if err == nil && !who.Speaks(c.ID) && !who.Cares(c.ID) {
		err = problem.Forbiddenf("%s does not write for this club", who.ID)
	}
	return c, err
}

func (p *Pages) people(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.ours(r, who)
	if err != nil {
		return err
	}
	return p.showPeople(w, r, who, c, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showPeople(w http.ResponseWriter, r *http.Request, who *page.Person, c *Club, in *page.Input, wrong error) error {
	path := Path + c.PreferredUsername + peoplePath
	f := page.NewForm(p.web, r, in, wrong)
	view := peopleView{
		Crumbs:  []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: Path + c.PreferredUsername}, {Key: "club.people"}},
		Heading: p.web.T(f.Lang, "club.people.of", c.DisplayName()), Manages: who.Owns(c.ID), Mail: p.Letters.Ready(),
		Link: p.FlashedLink(r),
	}
	if key := p.Flashed(r); key != "" {
		view.Done = key
	}
	if e := problem.FieldsOf(wrong); len(e) > 0 && e[0].Field == "person" {
		view.Wrong = p.web.Sentence(f.Lang, e[0].Format, e[0].Args...)
	}
	var err error
	if view.Members, err = p.members(r, who, c, view.Manages); err != nil {
		return err
	}
	if who.Speaks(c.ID) {
		leave := p.press(r, path, "club.people.leave", "act", "leave")
		view.Leave = &leave
		sole, err := p.SoleOwner(r.Context(), p.db.Read(), c.ID, who.ID)
		if err != nil {
			return err
		}
		if sole && c.State == actor.Active {
			view.HandOver = Path + c.PreferredUsername + handOverPath
		}
	}
	if view.Manages {
		if view.Invited, err = p.invited(r, c); err != nil {
			return err
		}
		f.Hide("act", "invite")
		f.Group("", component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "off", Required: true},
			component.Field{Kind: "radio", Name: "role", Key: "account.role", Required: true, Options: []component.Option{
				{Value: actor.Editor, Label: p.web.T(f.Lang, "role.editor"), Note: p.web.T(f.Lang, "club.people.editor.may")},
				{Value: actor.Owner, Label: p.web.T(f.Lang, "role.owner"), Note: p.web.T(f.Lang, "club.people.owner.may")},
			}})
		view.Invite = f.Show(path, component.Button{Key: "club.people.invite.do", Icon: "mail"})
		view.Invite.Still = view.Wrong != ""
	}
	return p.web.Render(w, r, f.Status(), "club/people", web.Page{Title: view.Heading, Narrow: true, View: view})
}

// members gives who writes for the club, owners first.
func (p *Pages) members(r *http.Request, who *page.Person, c *Club, manages bool) ([]member, error) {
	roles, err := p.actors.Editors(r.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	path := Path + c.PreferredUsername + peoplePath
	var list []member
	for id, role := range roles {
		a, err := p.Accounts.Find(r.Context(), id)
		if err != nil {
			return nil, err
		}
		m := member{Name: a.Name, Role: role}
		if manages {
			other, key := actor.Owner, "club.people.make.owner"
			if role == actor.Owner {
				other, key = actor.Editor, "club.people.make.editor"
			}
			m.Email = a.Email
			m.Forms = append(m.Forms, p.press(r, path, key, "act", "role", "account", id, "role", other))
			if id != who.ID {
				m.Forms = append(m.Forms, p.press(r, path, "club.people.remove", "act", "remove", "account", id))
			}
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b member) int {
		if a.Role != b.Role {
			return -strings.Compare(a.Role, b.Role) // owner before editor
		}
		return strings.Compare(order(a.Name), order(b.Name))
	})
	return list, nil
}

func (p *Pages) invited(r *http.Request, c *Club) ([]invited, error) {
	waiting, err := p.Accounts.Invitations(r.Context(), c.ID)
	var list []invited
	for _, i := range waiting {
		list = append(list, invited{
			i.Email, i.Role, locale.ShortDate(p.web.Language(r), i.Expires.In(p.Zone), time.Now()),
			p.press(r, Path+c.PreferredUsername+peoplePath, "club.people.withdraw", "act", "withdraw", "id", i.ID),
		})
	}
	return list, err
}

// press gives a form that is one button with hidden values.
func (p *Pages) press(r *http.Request, action, key string, hidden ...string) component.Form {
	f := page.NewForm(p.web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, component.Button{Key: key, Plain: true})
}

// changePeople does what a button of the page says.
func (p *Pages) changePeople(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.ours(r, who)
	if err != nil {
		return err
	}
	ctx, handle, to := r.Context(), c.PreferredUsername, r.URL.Path
	done := "club.people.done." + in.Get("act")
	switch in.Get("act") {
	case "invite":
		var link string
		if link, err = p.Invite(ctx, who.ID, handle, Invitee{in.Get("email"), in.Get("role"), p.web.Language(r), p.Address(r)}); err == nil && !p.Letters.Ready() {
			p.FlashLink(r, link)
			done = "club.people.done.link"
		}
	case "withdraw":
		err = p.WithdrawInvitation(ctx, who.ID, handle, in.Get("id"))
	case "role":
		err = p.SetRole(ctx, who.ID, handle, in.Get("account"), in.Get("role"))
	case "remove":
		err = p.RemoveEditor(ctx, who.ID, handle, in.Get("account"))
	case "leave":
		if err = p.RemoveEditor(ctx, who.ID, handle, who.ID); err == nil && !who.Cares(c.ID) {
			to = "/konto"
		}
	default:
		err = problem.Invalidf("%q cannot be done to the people of a club", in.Get("act"))
	}
	if problem.KindOf(err) == problem.TooMany {
		var errs problem.Fields
		errs.Add("email", "Many invitations went out from here or to this address; please go on later.")
		err = errs.Err()
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showPeople(w, r, who, c, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// invitePath begins the links of invitations.
const invitePath = "/einladung/"

type invitationView struct {
	Heading, Text, Club string
	// By is who invites, "" for the town hall.
	By string
	// Me is as whom the person is signed in, "" for nobody.
	Me string
	// Waits is nil unless the town hall has not let the person in yet.
	Waits *component.Notice
	Form  component.Form
	Rules bool
}

func (p *Pages) invitation(w http.ResponseWriter, r *http.Request) error {
	return p.showInvitation(w, r, &page.Input{Values: url.Values{}}, nil)
}

// called gives the invitation of a link with its club and the account of its
// address, nil for none.
func (p *Pages) called(r *http.Request) (*account.Invitation, *actor.Actor, *account.Account, error) {
	i, a, err := p.Accounts.FindInvitation(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return nil, nil, nil, err
	}
	c, err := p.actors.Find(r.Context(), p.db.Read(), i.ActorID)
	if err == nil && !slices.Contains(living, c.State) {
		err = problem.Gonef("the club is not there any more")
	}
	return i, c, a, err
}

// over answers who comes with a link that leads nowhere any more.
func (p *Pages) over(w http.ResponseWriter, r *http.Request) error {
	return p.web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.web.T(p.web.Language(r), "invitation.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "invitation.gone", Href: "/anmelden", ActionKey: "link.gone.do"},
	})
}

func (p *Pages) showInvitation(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	i, c, known, err := p.called(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	f := page.NewForm(p.web, r, in, wrong)
	view := invitationView{Heading: p.web.T(f.Lang, "invitation.title", c.DisplayName()), Text: p.web.T(f.Lang, "invitation.text."+i.Role), Club: c.DisplayName()}
	if view.By, err = p.inviter(r, i); err != nil {
		return err
	}
	if errors.Is(wrong, account.ErrReserved) {
		f.Notice(p.web.T(f.Lang, "invitation.reserved"))
	}
	button := component.Button{Key: "invitation.accept", Icon: "check"}
	switch {
	case who != nil:
		view.Me = who.Name
		waits, err := p.Accounts.Waits(r.Context(), who.ID)
		if err != nil {
			return err
		}
		if waits {
			view.Waits = &component.Notice{Key: "invitation.waits", Text: p.web.T(f.Lang, "invitation.waits.text", locale.ShortDate(f.Lang, i.Expires.In(p.Zone), time.Now()))}
		}
		view.Form = f.Show(r.URL.Path, button)
	case known != nil:
		view.Form = f.Show("/anmelden", component.Button{Key: "invitation.sign-in", Href: "/anmelden?" + url.Values{"weiter": {r.URL.Path}}.Encode()})
	default:
		view.Rules = true
		in.Set("email", i.Email)
		f.Group("", component.Field{Kind: "text", Name: "name", Key: "register.name", Autocomplete: "name", Required: true},
			component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Autocomplete: "username", Required: true},
			component.Field{Kind: "password", Name: "password", Key: "sign-in.password", Hint: "password.hint", Autocomplete: "new-password", Required: true},
			component.Field{Kind: "checkbox", Name: "rules", Key: "register.rules", Required: true})
		view.Form = f.Show(r.URL.Path, button, component.Button{Key: "invitation.have", Href: "/anmelden?" + url.Values{"weiter": {r.URL.Path}}.Encode()})
	}
	return p.web.Render(w, r, f.Status(), "club/invitation", web.Page{Title: view.Heading, Narrow: true, NoIndex: true, View: view})
}

// inviter gives the name of who sent an invitation, "" for the town hall and for
// who has left.
func (p *Pages) inviter(r *http.Request, i *account.Invitation) (string, error) {
	if i.ByAccount == "" {
		return "", nil
	}
	a, err := p.Accounts.Find(r.Context(), i.ByAccount)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return a.Name, nil
}

// accepted takes an invitation: for who is signed in, or with a new account of
// the address that it was sent to.
func (p *Pages) accepted(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	i, c, known, err := p.called(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	who, err := p.Who(r)
	switch {
	case err != nil:
		return err
	case who != nil:
		err = p.Accounts.Accept(r.Context(), i, who.ID, p.accept(i))
	case known != nil:
		http.Redirect(w, r, "/anmelden?"+url.Values{"weiter": {r.URL.Path}}.Encode(), http.StatusSeeOther)
		return nil
	default:
		var a *account.Account
		if a, err = p.joined(r, i, in); err == nil {
			_, err = p.SignIn(r, a)
		}
	}
	switch kind := problem.KindOf(err); {
	case len(problem.FieldsOf(err)) > 0, errors.Is(err, account.ErrWaits), errors.Is(err, account.ErrReserved):
		return p.showInvitation(w, r, in, err)
	case err != nil && (kind == problem.Gone || kind == problem.Conflict):
		return p.over(w, r)
	case err != nil:
		return err
	}
	p.Flash(r, "invitation.accepted")
	http.Redirect(w, r, Path+c.PreferredUsername+peoplePath, http.StatusSeeOther)
	return nil
}

func (p *Pages) joined(r *http.Request, i *account.Invitation, in *page.Input) (*account.Account, error) {
	var errs problem.Fields
	_, _, err := account.CheckRegistration(in.Get("name"), i.Email)
	errs.Merge(err)
	errs.Merge(p.Accounts.CheckPassword(in.Get("password"), in.Get("name"), i.Email))
	errs.Merge(page.CheckRules(in))
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return p.Accounts.Join(r.Context(), i, account.Draft{Name: in.Get("name"), Password: in.Get("password"), Language: p.Spoken(r)}, p.accept(i))
}
