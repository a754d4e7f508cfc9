package post

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mountAnswers enters the routes of what editors do with what others wrote
// into r.
func (p *Pages) mountAnswers(r chi.Router) {
	r.Get("/antworten", p.web.Handle(p.Page(p.answerForm)))
	r.Post("/antworten", p.web.Handle(p.Form(p.answer)))
	r.Post("/antworten/verbergen", p.web.Handle(p.Form(p.hide)))
	r.Post("/antworten/melden", p.web.Handle(p.Form(p.report)))
	r.Post("/antworten/fernhalten", p.web.Handle(p.Form(p.keepAway)))
}

// received is something from elsewhere with what a person may do with it.
type received struct {
	*object.Object
	author *actor.Actor
	// clubs are those of the person's clubs that it concerns.
	clubs []page.Membership
}

// received gives the object that is asked for, if it concerns a club of the
// person or the person belongs to the town hall. What is not public is for the
// clubs alone.
func (p *Pages) received(ctx context.Context, who *page.Person, id string) (*received, error) {
	o, err := p.objects.Stored(ctx, p.db.Read(), id)
	if err != nil {
		return nil, err
	}
	if o.Local || o.Tombstone() {
		return nil, problem.NotFoundf("%s is nothing to answer", id)
	}
	ids, err := p.objects.Concerns(ctx, p.db.Read(), o)
	if err != nil {
		return nil, err
	}
	got := &received{Object: o}
	for _, club := range ids {
		for _, m := range who.Clubs {
			if m.ID == club {
				got.clubs = append(got.clubs, m)
			}
		}
	}
	if len(got.clubs) == 0 && !(slices.ContainsFunc(append(ids, ""), who.Cares) && o.Open()) {
		return nil, problem.NotFoundf("there is no object %s", id) // not even that it exists
	}
	got.author, err = p.actors.Find(ctx, p.db.Read(), o.AttributedTo)
	return got, err
}

type act struct {
	ID, Key string
	Form    component.Form
}

type answerView struct {
	Crumbs []component.Crumb
	Done   string
	Reply  component.Reply
	Hidden bool
	// Under leads to what it stands under, or "".
	Under  string
	Answer *component.Form
	Acts   []act
}

func (p *Pages) answerForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	got, err := p.received(r.Context(), who, r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}}}
	return p.showAnswer(w, r, who, got, in, nil)
}

func (p *Pages) showAnswer(w http.ResponseWriter, r *http.Request, who *page.Person, got *received, in *page.Input, wrong error) error {
	view := answerView{
		Crumbs: []component.Crumb{{Key: "layout.news", Href: "/neues"}}, Done: p.Flashed(r), Hidden: got.Hidden,
		Reply: component.Reply{
			Name: got.author.DisplayName(), Handle: got.author.Handle(), Href: got.URL, Content: component.SafeHTML(got.Content),
			Published: got.Published.In(p.zone), Private: !got.Open(), Icon: p.Foreign.Icon(r.Context(), got.author),
		},
	}
	if root, err := p.objects.Root(r.Context(), got.Object); err != nil {
		return err
	} else if root != nil {
		view.Under = strings.TrimPrefix(root.URL, p.actors.Site().Origin)
	}
	f := page.NewForm(p.web, r, in, wrong)
	if errors.Is(wrong, object.ErrStale) {
		f.Notice(p.web.T(f.Lang, "answer.again"))
	}
	if len(got.clubs) > 0 {
		f.Hide("id", got.ID)
		f.Hide("key", in.Get("key"))
		f.ClubChoice(&page.Person{Account: who.Account, Clubs: got.clubs}, true)
		hint := ""
		if view.Reply.Private {
			hint = "answer.private"
		}
		f.Group("", component.Field{Kind: "textarea", Name: "text", Key: "form.text", Hint: hint, Rows: 5, Required: true})
		form := f.Show("/antworten", component.Button{Key: "answer.send"})
		view.Answer = &form
	}
	view.Acts = p.acts(r, got)
	return p.web.Render(w, r, f.Status(), "post/answer", web.Page{Title: p.web.T(f.Lang, "answer.title", got.author.DisplayName()), Narrow: true, View: view})
}

// acts are the forms of all that can be done besides answering.
func (p *Pages) acts(r *http.Request, got *received) []act {
	form := func(action, button string, fill func(f *page.Form)) component.Form {
		f := page.NewForm(p.web, r, &page.Input{Values: url.Values{}}, nil)
		f.Hide("id", got.ID)
		fill(f)
		return f.Show(action, component.Button{Key: button, Plain: true})
	}
	hide, button, next := "answer.hide", "answer.hide.do", "1"
	if got.Hidden {
		hide, button, next = "answer.show", "answer.show.do", ""
	}
	all := []act{
		{"hide", hide, form("/antworten/verbergen", button, func(f *page.Form) { f.Hide("hidden", next) })},
		{"report", "answer.report", form("/antworten/melden", "answer.report.do", func(f *page.Form) {
			f.Hide("key", page.NewKey())
			f.Group("", component.Field{Kind: "text", Name: "comment", Key: "answer.report.comment"},
				component.Field{Kind: "checkbox", Name: "forward", Key: "answer.report.forward"})
		})},
	}
	for _, club := range got.clubs {
		all = append(all, act{"away-" + club.PreferredUsername, "answer.away", form("/antworten/fernhalten", "answer.away.do", func(f *page.Form) {
			f.Hide("club", club.PreferredUsername)
			f.Prefix = "away-" + club.PreferredUsername + "-"
			f.Group("", component.Field{Kind: "select", Name: "target", Key: "answer.away.whom", Required: true, Options: []component.Option{
				{Value: "author", Label: got.author.Handle()}, {Value: "host", Label: p.web.T(f.Lang, "answer.away.host", got.author.Host)},
			}})
		})})
	}
	return all
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	got, err := p.received(r.Context(), who, in.Get("id"))
	if err != nil {
		return err
	}
	c, err := who.Answering(in)
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil {
		return err
	}
	_, err = p.Create(r.Context(), who.ID, Draft{Key: key, AttributedTo: c.ID, Text: in.Get("text"), InReplyTo: got.ID})
	if errors.Is(err, object.ErrStale) { // sent once more with another text
		in.Set("key", page.NewKey())
		return p.showAnswer(w, r, who, got, in, err)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showAnswer(w, r, who, got, in, err)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, got.ID, "answer.sent")
}

// done leads back to what was answered and says what was done.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, id, key string) error {
	p.Flash(r, key)
	http.Redirect(w, r, page.ManageHref(id), http.StatusSeeOther)
	return nil
}

func (p *Pages) hide(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	got, err := p.received(r.Context(), who, in.Get("id"))
	if err != nil {
		return err
	}
	hidden := in.Get("hidden") != ""
	if err := p.activities.Hide(r.Context(), who.ID, got.ID, hidden); err != nil {
		return err
	}
	if !hidden {
		return p.done(w, r, got.ID, "answer.shown")
	}
	return p.done(w, r, got.ID, "answer.hide.done")
}

func (p *Pages) report(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	got, err := p.received(r.Context(), who, in.Get("id"))
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil {
		return err
	}
	err = p.db.Write(r.Context(), func(ctx context.Context, tx bun.Tx) error {
		fresh, err := p.moderation.File(ctx, tx, who.ID, key, got.Object, in.Get("comment"))
		if err != nil || !fresh || in.Get("forward") == "" {
			return err
		}
		return p.activities.Report(ctx, tx, got.Object, in.Get("comment"))
	})
	if err != nil {
		return err
	}
	return p.done(w, r, got.ID, "answer.reported")
}

func (p *Pages) keepAway(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	got, err := p.received(r.Context(), who, in.Get("id"))
	if err != nil {
		return err
	}
	c, err := who.Answering(in)
	if err != nil {
		return err
	}
	target := got.author.ID
	if in.Get("target") == "host" {
		target = got.author.Host
	}
	if err := p.activities.KeepAway(r.Context(), who.ID, c.ID, target); err != nil {
		return err
	}
	return p.done(w, r, got.ID, "answer.away.done")
}
