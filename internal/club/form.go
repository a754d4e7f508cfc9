package club

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mountForms enters the routes of those who look after a club into r.
func (p *Pages) mountForms(r chi.Router) {
	r.Get(Path+"{handle}/aendern", p.web.Handle(p.onward(p.Page(p.changeForm))))
	r.Post(Path+"{handle}/aendern", p.web.Handle(p.Form(p.change)))
	r.Post(Path+"{handle}/zulassen", p.web.Handle(p.Form(p.letCome)))
	r.Get(Path+"{handle}"+deletionsPath, p.web.Handle(p.onward(p.Page(p.deletions))))
	r.Get(Path+"{handle}"+deletionsPath+"/{key}", p.web.Handle(p.onward(p.Page(p.deletion))))
	r.Post(Path+"{handle}"+deletionsPath+"/{key}", p.web.Handle(p.Form(p.tellAgain)))
	r.Get(Path+"{handle}"+page.PinsPath, p.web.Handle(p.onward(p.Page(p.pinForm))))
	r.Post(Path+"{handle}"+page.PinsPath, p.web.Handle(p.Form(p.pin)))
	r.Get(Path+"{handle}"+movePath, p.web.Handle(p.onward(p.Page(p.moveForm))))
	r.Post(Path+"{handle}"+movePath, p.web.Handle(p.Form(p.move)))
	r.Get(Path+"{handle}"+peoplePath, p.web.Handle(p.onward(p.Page(p.people))))
	r.Post(Path+"{handle}"+peoplePath, p.web.Handle(p.Form(p.changePeople)))
	r.Get(Path+"{handle}"+handOverPath, p.web.Handle(p.onward(p.Page(p.handOverForm))))
	r.Post(Path+"{handle}"+handOverPath, p.web.Handle(p.Form(p.handOver)))
	r.Get(Path+"{handle}"+askPath, p.web.Handle(p.onward(p.Page(p.askForm))))
	r.Post(Path+"{handle}"+askPath, p.web.Handle(p.Form(p.changeAsk)))
	r.Get(invitePath+"{token}", p.web.Handle(p.invitation))
	r.Post(invitePath+"{token}", p.web.Handle(p.accepted))
}

// values gives a club as its form shows it.
func (c *Club) values() url.Values {
	v := url.Values{"name": {c.Name}, "summary": {c.Source}, "field": {c.Field}, "website": {c.Website}, "imprint": {c.Imprint}, "version": {c.Version().Format(time.RFC3339)}}
	if c.IconURL != "" {
		page.PictureValues(v, c.logo())
	}
	return v
}

// logo gives the logo as a picture of a form.
func (c *Club) logo() *object.Attachment {
	if c.IconURL == "" {
		return nil
	}
	return &object.Attachment{URL: c.IconURL, MediaType: c.IconMediaType, Name: c.IconName}
}

// mine gives a club that the person may change.
func (p *Pages) mine(r *http.Request, who *page.Person) (*Club, error) {
	c, err := p.find(r.Context(), p.db.Read(), chi.URLParam(r, "handle"), actor.Active, actor.Requested)
	if err == nil && !who.Owns(c.ID) {
		err = problem.Forbiddenf("%s may not change this club", who.ID)
	}
	return c, err
}

type changeView struct {
	page.FormView
	// Away are the forms that let somebody come again.
	Away []away
}

type away struct {
	Target string
	Form   component.Form
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, c *Club, in *page.Input, wrong error) error {
	f := page.NewForm(p.web, r, in, problem.Rename(wrong, "logo", "image"))
	if errors.Is(wrong, object.ErrStale) {
		f.Compare(c.values())
		in.Set("version", c.Version().Format(time.RFC3339))
	} else if key := p.Flashed(r); key != "" {
		f.Done(p.web.T(f.Lang, key))
	}
	f.Hide("version", in.Get("version"))
	f.Group("club.what", component.Field{Kind: "text", Name: "name", Key: "club.name", Required: true},
		component.Field{Kind: "textarea", Name: "summary", Key: "club.summary", Hint: "form.text.hint", Help: "form.text.help"},
		p.FieldChoice(p.web, f.Lang, in.Get("field")), component.Field{Kind: "text", Name: "website", Key: "club.website", Hint: "club.website.hint", Inputmode: "url", Autocomplete: "url"})
	f.Logo(r.Context(), p.pictures, "club.logo", c.logo())
	f.Group("club.more", component.Field{Kind: "textarea", Name: "imprint", Key: "club.imprint", Hint: "club.imprint.hint", Rows: 5})
	view := changeView{FormView: page.FormView{
		Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}}, Heading: p.web.T(f.Lang, "club.change", c.DisplayName()),
		Cancel: Path + c.PreferredUsername,
		Form:   f.Show(r.URL.Path, component.Button{Key: "form.save"}),
	}}
	blocks, err := p.actors.ClubBlocks(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		g := page.NewForm(p.web, r, &page.Input{}, nil)
		g.Hide("target", b.Target)
		view.Away = append(view.Away, away{b.Target, g.Show(Path+c.PreferredUsername+"/zulassen", component.Button{Key: "club.away.end", Plain: true})})
	}
	return p.web.Render(w, r, f.Status(), "club/change", web.Page{Title: view.Heading, View: view})
}

// FieldChoice is the field of a form that says what a club does; kept is what
// stands there.
func (s *Clubs) FieldChoice(site *web.Site, lang, kept string) component.Field {
	f := component.Field{Kind: "select", Name: "field", Key: "club.field", Hint: "club.field.hint", Options: []component.Option{{Label: site.T(lang, "club.field.none")}}}
	for _, t := range s.fields().Offered(TermList, kept) {
		f.Options = append(f.Options, component.Option{Value: t.Key, Label: t.Word(lang)})
	}
	return f
}

func (p *Pages) changeForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.mine(r, who)
	if err != nil {
		return err
	}
	return p.form(w, r, c, &page.Input{Values: c.values()}, nil)
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.mine(r, who)
	if err != nil {
		return err
	}
	name, summary, field, website, imprint := in.Get("name"), in.Get("summary"), in.Get("field"), in.Get("website"), in.Get("imprint")
	ch := Change{Name: &name, Summary: &summary, Field: &field, Website: &website, Imprint: &imprint, Logo: in.PictureChange()}
	if ch.Version, err = in.Version(); err != nil {
		return err
	}
	_, err = p.Clubs.Change(r.Context(), who.ID, c.PreferredUsername, ch)
	if errors.Is(err, object.ErrStale) {
		if c, err = p.mine(r, who); err != nil {
			return err
		}
		return p.form(w, r, c, in, object.ErrStale)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.form(w, r, c, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "club.changed")
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	return nil
}

func (p *Pages) letCome(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.mine(r, who)
	if err != nil {
		return err
	}
	if err := p.activities.LetCome(r.Context(), who.ID, c.ID, in.Get("target")); err != nil {
		return err
	}
	p.Flash(r, "club.away.ended")
	http.Redirect(w, r, Path+c.PreferredUsername+"/aendern", http.StatusSeeOther)
	return nil
}
