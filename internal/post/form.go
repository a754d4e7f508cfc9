package post

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mountForms enters the routes of those who publish into r.
func (p *Pages) mountForms(r chi.Router) {
	r.Get("/pinnwand/neu", p.web.Handle(p.Page(p.newForm)))
	r.Post("/pinnwand/neu", p.web.Handle(p.Form(p.create)))
	r.Get(Path+"{key}/aendern", p.web.Handle(p.Page(p.changeForm)))
	r.Post(Path+"{key}/aendern", p.web.Handle(p.Form(p.change)))
	r.Get(Path+"{key}/loeschen", p.web.Handle(p.Page(p.deleteForm)))
	r.Post(Path+"{key}/loeschen", p.web.Handle(p.Form(p.delete)))
}

// values gives a post as its form shows it.
func (p *Pages) values(r *http.Request, o *object.Object) (url.Values, error) {
	kind, err := p.KindOf(r.Context(), p.db.Read(), o.ID)
	if err != nil {
		return nil, err
	}
	v := url.Values{"text": {o.Source}, "kind": {kind}, "version": {o.Version().Format(time.RFC3339)}, "club": {o.Author.PreferredUsername}}
	if len(o.Attachment) > 0 {
		page.PictureValues(v, o.Attachment[0])
	}
	return v, nil
}

// kindChoice is the field of a form that says what kind of notice it is.
func (p *Pages) kindChoice(lang string) component.Field {
	f := component.Field{Kind: "radio", Name: "kind", Key: "post.kind", Hint: "post.kind.hint", Required: true}
	for _, kind := range Kinds {
		f.Options = append(f.Options, component.Option{Value: kind, Label: p.web.T(lang, KindKey(kind)), Note: p.web.T(lang, KindKey(kind)+".note")})
	}
	return f
}

// form shows the form of a post: a new one when o is nil.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, o *object.Object, wrong error) error {
	f := page.NewForm(p.web, r, in, wrong)
	view := page.FormView{Heading: p.web.T(f.Lang, "post.new"), Crumbs: []component.Crumb{{Key: "nav.board", Href: "/pinnwand"}}}
	action, send := "/pinnwand/neu", who.PublishButton(in)
	var picture *object.Attachment
	if o == nil {
		f.Hide("key", in.Get("key"))
	} else {
		view.Heading, action, send = p.web.T(f.Lang, "post.change"), Path+o.Key()+"/aendern", component.Button{Key: "form.save"}
		if len(o.Attachment) > 0 {
			picture = o.Attachment[0]
		}
		if errors.Is(wrong, object.ErrStale) {
			now, err := p.values(r, o)
			if err != nil {
				return err
			}
			f.Compare(now)
			in.Set("version", o.Version().Format(time.RFC3339))
		}
		f.Hide("version", in.Get("version"))
	}
	if o != nil {
		view.Cancel = Path + o.Key()
	} else if err := p.Ready(r, who, making, f, &view, wrong); err != nil {
		return err
	}
	f.ClubChoice(who, o == nil)
	f.Group("post.part.text", p.kindChoice(f.Lang), component.Field{Kind: "textarea", Name: "text", Key: "form.text", Hint: "form.text.hint", Help: "form.text.help", Required: true})
	f.Picture(r.Context(), p.pictures, "picture.title", picture)
	buttons := []component.Button{send, {Key: "form.look", Name: "look", Value: "1", Plain: true}}
	if o == nil {
		f.Later()
		buttons = []component.Button{send, page.KeepButton(), buttons[1]}
	}
	if in.Get("look") != "" && wrong == nil {
		view.Preview = p.preview(f, who)
	}
	view.Form = f.Show(action, buttons...)
	return p.web.Render(w, r, f.Status(), "page/form", web.Page{Title: view.Heading, View: view})
}

// onBoard tells whether o has a page of its own on the pin board. What a club
// says in passing of something else stands there.
func (p *Pages) onBoard(o *object.Object) bool {
	return o.Type == Type && (!o.Local || o.URL == p.actors.Site().Origin+Path+o.Key())
}

// mine gives one of the posts of the person's clubs.
func (p *Pages) mine(r *http.Request, who *page.Person, key string) (*object.Object, error) {
	o, err := p.objects.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(key))
	switch {
	case err != nil:
	case !p.onBoard(o):
		err = problem.NotFoundf("there is no post %s", key)
	case !who.Speaks(o.AttributedTo):
		err = problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	return o, err
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	key, err := p.NewThingKey(r, who, in)
	if err != nil {
		return err
	}
	c, err := who.Chosen(in)
	if err != nil {
		return err
	}
	if in.Keeps() {
		return p.keepDraft(w, r, who, in, key, time.Time{})
	}
	due, err := p.checked(in)
	if err == nil && in.Get("look") == "" && who.Early(in) {
		if err = p.CheckPicture(r.Context(), in); err == nil {
			return p.keepDraft(w, r, who, in, key, time.Time{})
		}
	}
	if err == nil && in.Get("look") == "" {
		err = p.Unmoved(r, who, in, key)
	}
	if in.Get("look") != "" || err != nil {
		return p.formIfInvalid(w, r, who, in, err)
	}
	if !due.IsZero() {
		return p.keepDraft(w, r, who, in, key, due)
	}
	if err := p.KeepTemplate(r, who, making, in, key); err != nil {
		return p.formIfInvalid(w, r, who, in, err)
	}
	d := Draft{Key: key, Version: page.DraftVersion(in), AttributedTo: c.ID, Text: in.Get("text"), Kind: in.Get("kind"), Picture: in.PictureChange().New}
	o, err := p.Create(r.Context(), who.ID, d)
	switch {
	case errors.Is(err, draft.ErrStale):
		return p.form(w, r, who, in, nil, err)
	case errors.Is(err, object.ErrStale):
		return p.stale(w, r, who, in, o.Key())
	case page.Mendable(err):
		return p.form(w, r, who, in, nil, err)
	case err != nil:
		return err
	}
	p.Flash(r, page.Said("post.published", o))
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

// anew shows what was typed in the form of a new post: the one that it was typed
// for is gone.
func (p *Pages) anew(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, why error) error {
	in.Set("key", page.NewKey())
	return p.form(w, r, who, in, nil, why)
}

// stale shows what was typed beside the present version.
func (p *Pages) stale(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, key string) error {
	o, err := p.mine(r, who, key)
	if err != nil {
		return err
	}
	return p.form(w, r, who, in, o, object.ErrStale)
}

func (p *Pages) changeForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	v, err := p.values(r, o)
	if err != nil {
		return err
	}
	return p.form(w, r, who, &page.Input{Values: v}, o, nil)
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if problem.KindOf(err) == problem.Gone {
		return p.anew(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	in.Set("club", o.Author.PreferredUsername)
	if _, _, err := checked(in.Get("text"), in.Get("kind")); in.Get("look") != "" || err != nil {
		return p.form(w, r, who, in, o, err)
	}
	ch := Change{Text: in.Get("text"), Kind: in.Get("kind"), Picture: in.PictureChange()}
	if ch.Version, err = in.Version(); err != nil {
		return err
	}
	changed, err := p.Change(r.Context(), who.ID, o.ID, ch)
	switch {
	case errors.Is(err, object.ErrStale):
		return p.stale(w, r, who, in, o.Key())
	case problem.KindOf(err) == problem.Gone:
		return p.anew(w, r, who, in, err)
	case len(problem.FieldsOf(err)) > 0:
		return p.form(w, r, who, in, o, err)
	case err != nil:
		return err
	}
	p.Flash(r, page.Said("post.changed", changed))
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

func (p *Pages) deleteForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.objects.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err == nil && !p.onBoard(o) {
		err = problem.NotFoundf("there is no post %s", o.ID)
	}
	if err != nil {
		return err
	}
	return p.ShowDelete(w, r, who, o, markup.Name(markup.Text(o.Content), 100))
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.activities.DeleteObject(r.Context(), who.ID, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil && problem.KindOf(err) != problem.Gone { // sent twice
		return err
	}
	p.Flash(r, "delete.done")
	http.Redirect(w, r, "/pinnwand", http.StatusSeeOther)
	return nil
}
