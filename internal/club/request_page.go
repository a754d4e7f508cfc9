package club

import (
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// askPath follows the page of a club that is not public yet.
const askPath = "/antrag"

type askView struct {
	Crumbs  []component.Crumb
	Heading string
	// State is that of the application.
	State, Reason, Done string
	Links               []tool
	Form, Back          component.Form
}

// AskGroup are the fields of a form in which a club asks to join.
func (s *Clubs) AskGroup(site *web.Site, lang string) []component.Field {
	field := s.FieldChoice(site, lang, "")
	field.Required = true // so that the word "optional" is left out: there is always a choice
	return []component.Field{
		{Kind: "text", Name: "club", Key: "club.name", Autocomplete: "organization", Required: true},
		{Kind: "text", Name: "handle", Key: "ask.handle", Hint: "ask.handle.hint", Autocomplete: "off"},
		field,
		{Kind: "text", Name: "contact", Key: "ask.contact", Hint: "ask.contact.hint", Autocomplete: "off"},
		{Kind: "text", Name: "register", Key: "ask.register", Hint: "ask.register.hint", Autocomplete: "off"},
	}
}

// ReadAsk reads those fields.
func ReadAsk(in *page.Input) Ask {
	return Ask{
		Name: in.Get("club"), Handle: in.Get("handle"), Field: in.Get("field"), Contact: in.Get("contact"), RegisterNumber: in.Get("register"), Later: in.Get("later") != "",
	}
}

// AskError names what is wrong with a club as those fields are called.
func AskError(err error) error { return problem.Rename(err, "name", "club") }

func (p *Pages) askForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.mine(r, who)
	if err != nil {
		return err
	}
	if c.State == actor.Active {
		http.Redirect(w, r, Path+c.PreferredUsername, http.StatusSeeOther)
		return nil
	}
	return p.showAsk(w, r, c, nil, nil)
}

func (p *Pages) showAsk(w http.ResponseWriter, r *http.Request, c *Club, in *page.Input, wrong error) error {
	a, err := p.Accounts.ApplicationOf(r.Context(), p.db.Read(), c.ID)
	if err != nil {
		return err
	}
	if a == nil {
		a = &account.Application{State: account.DraftApplication}
	}
	if in == nil {
		in = &page.Input{Values: url.Values{"club": {c.Name}, "handle": {c.PreferredUsername}, "field": {c.Field}, "contact": {a.Contact}, "register": {a.RegisterNumber}}}
	}
	path := Path + c.PreferredUsername
	f := page.NewForm(p.web, r, in, AskError(wrong))
	view := askView{
		Crumbs:  []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Text: c.DisplayName(), Href: path}, {Key: "ask.title"}},
		Heading: p.web.T(f.Lang, "ask.title.of", c.DisplayName()), State: a.State, Done: p.Flashed(r),
		Links: p.offered([]tool{{"ask.draft", "/veranstaltungen/neu?verein=" + c.PreferredUsername, "calendar"}, {"club.tools.page", path, "globe"}, {"club.tools.profile", path + "/aendern", "edit"}, {"club.tools.people", path + peoplePath, "people"}}),
		Back:  p.press(r, path+askPath, "ask.back", "act", "back"),
	}
	if a.State == account.Refused {
		view.Reason = a.Reason
	}
	f.Group("", p.AskGroup(p.web, f.Lang)...)
	buttons := []component.Button{{Key: "ask.send"}, {Key: "ask.later", Name: "later", Value: "1", Plain: true}}
	if a.State == account.Asked {
		buttons = []component.Button{{Key: "form.save"}}
	}
	view.Form = f.Show(path+askPath, buttons...)
	return p.web.Render(w, r, f.Status(), "club/ask", web.Page{Title: view.Heading, Narrow: true, View: view})
}

func (p *Pages) changeAsk(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.mine(r, who)
	if err != nil {
		return err
	}
	if c.State != actor.Requested {
		return problem.Conflictf("%s is public already", c.PreferredUsername)
	}
	to, done := "/konto", "ask.done.back"
	if in.Get("act") == "back" {
		err = p.TakeBack(r.Context(), who.ID, c.PreferredUsername)
	} else {
		ask := ReadAsk(in)
		if c, err = p.ChangeAsk(r.Context(), who.ID, c.PreferredUsername, ask); err == nil {
			to, done = Path+c.PreferredUsername+askPath, "ask.done.sent"
			if ask.Later {
				done = "ask.done.later"
			}
		}
	}
	if len(problem.FieldsOf(err)) > 0 {
		if c, again := p.mine(r, who); again == nil {
			return p.showAsk(w, r, c, in, err)
		}
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
