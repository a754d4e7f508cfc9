package club

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// movePath is where a club moves to another server, or comes from one.
const movePath = "/umziehen"

type moveView struct {
	Crumbs        []component.Crumb
	Heading, Done string
	// Handle is the address of the club here.
	Handle string
	// Now is where the club lives now, nil when that is here, and Back the form
	// that takes that back.
	Now  *actor.Actor
	Back component.Form
	// To and From are the forms that ask for another address.
	To, From component.Form
	Former   []former
}

// former is an account that the club was before, with the form that removes it.
type former struct {
	Handle string
	Form   component.Form
}

func (p *Pages) moveForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.movable(r, who)
	if err != nil {
		return err
	}
	return p.showMove(w, r, c, &page.Input{Values: url.Values{}}, nil)
}

// movable gives a club that the person may move: one that is public.
func (p *Pages) movable(r *http.Request, who *page.Person) (*Club, error) {
	c, err := p.Find(r.Context(), chi.URLParam(r, "handle"))
	if err == nil && !who.Owns(c.ID) {
		err = problem.Forbiddenf("%s may not move this club", who.ID)
	}
	return c, err
}

func (p *Pages) showMove(w http.ResponseWriter, r *http.Request, c *Club, in *page.Input, wrong error) error {
	path := Path + c.PreferredUsername + movePath
	view := moveView{
		Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: Path + c.PreferredUsername}, {Key: "club.tools.move"}},
		Handle: c.Handle(), Done: p.Flashed(r),
	}
	var err error
	if view.Now, err = p.Now(r.Context(), c); err != nil {
		return err
	}
	list, err := p.Clubs.Former(r.Context(), c)
	if err != nil {
		return err
	}
	for _, a := range list {
		view.Former = append(view.Former, former{a.Handle(), p.act(r, path, component.Button{Key: "club.move.former.remove", Plain: true}, "remove", "id", a.ID)})
	}
	view.Back = p.act(r, path, component.Button{Key: "club.move.back"}, "back")
	status := http.StatusOK
	ask := func(act, field string, button component.Button) component.Form {
		err := wrong
		if problem.Field(wrong) != field {
			err = nil
		}
		f := page.NewForm(p.web, r, in, err)
		f.Hide("act", act)
		f.Group("", component.Field{Kind: "text", Name: field, Key: "club.move." + field, Hint: "club.move." + field + ".hint", Required: true, Autocomplete: "off"})
		status = max(status, f.Status())
		return f.Show(path, button)
	}
	view.To = ask("look", FieldTo, component.Button{Key: "club.move.look"})
	view.From = ask("add", FieldFrom, component.Button{Key: "club.move.former.add", Plain: true})
	view.Heading = p.web.T(p.web.Language(r), "club.move.title", c.DisplayName())
	return p.web.Render(w, r, status, "club/move", web.Page{Title: view.Heading, Narrow: true, View: view})
}

// act is a form that is nothing but a button.
func (p *Pages) act(r *http.Request, path string, button component.Button, act string, more ...string) component.Form {
	f := page.NewForm(p.web, r, &page.Input{}, nil)
	f.Hide("act", act)
	for i := 0; i+1 < len(more); i += 2 {
		f.Hide(more[i], more[i+1])
	}
	return f.Show(path, button)
}

func (p *Pages) move(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.movable(r, who)
	if err != nil {
		return err
	}
	ctx, handle, done := r.Context(), c.PreferredUsername, ""
	switch in.Get("act") {
	case "look":
		var target *actor.Actor
		if target, err = p.CheckMove(ctx, who.ID, handle, in.Get(FieldTo)); err == nil {
			return p.showSure(w, r, c, target)
		}
	case "go":
		return p.FreshForm(p.leave)(w, r, who, in)
	case "back":
		done = "club.move.returned"
		err = p.Clubs.Return(ctx, who.ID, handle)
	case "add":
		done = "club.move.former.added"
		_, err = p.AddFormer(ctx, who.ID, handle, in.Get(FieldFrom))
	case "remove":
		done = "club.move.former.removed"
		err = p.RemoveFormer(ctx, who.ID, handle, in.Get("id"))
	default:
		err = problem.Invalidf("%q cannot be done to a move", in.Get("act"))
	}
	return p.moved(w, r, c, in, done, err)
}

// leave moves the club to another server, for somebody who has shown lately who
// it is: a session that somebody else found open must not take all followers.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.movable(r, who)
	if err != nil {
		return err
	}
	_, err = p.Clubs.Move(r.Context(), who.ID, c.PreferredUsername, in.Get(FieldTo))
	return p.moved(w, r, c, in, "club.move.gone", err)
}

// moved shows what is wrong, or leads back with what was done.
func (p *Pages) moved(w http.ResponseWriter, r *http.Request, c *Club, in *page.Input, done string, err error) error {
	if len(problem.FieldsOf(err)) > 0 {
		return p.showMove(w, r, c, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	return nil
}

// showSure says what a move does before it is done.
func (p *Pages) showSure(w http.ResponseWriter, r *http.Request, c *Club, target *actor.Actor) error {
	path := Path + c.PreferredUsername + movePath
	f := page.NewForm(p.web, r, &page.Input{}, nil)
	f.Hide("act", "go")
	f.Hide(FieldTo, target.Handle())
	return p.web.Render(w, r, http.StatusOK, "club/move-sure", web.Page{
		Title: p.web.T(f.Lang, "club.move.sure"), Narrow: true, View: struct {
			Target *actor.Actor
			Form   component.Form
		}{target, f.Show(path, component.Button{Key: "club.move.go", Danger: true}, component.Button{Key: "club.move.not", Href: path})},
	})
}
