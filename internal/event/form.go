package event

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mountForms enters the routes of those who publish into r.
func (p *Pages) mountForms(r chi.Router) {
	r.Get("/veranstaltungen/neu", p.web.Handle(p.Page(p.newForm)))
	r.Post("/veranstaltungen/neu", p.web.Handle(p.Form(p.create)))
	r.Get(Path+"{key}/aendern", p.web.Handle(p.Page(p.changeForm)))
	r.Post(Path+"{key}/aendern", p.web.Handle(p.Form(p.change)))
	r.Get(Path+"{key}/absagen", p.web.Handle(p.Page(p.cancelForm)))
	r.Post(Path+"{key}/absagen", p.web.Handle(p.Form(p.cancel)))
	r.Get(Path+"{key}/loeschen", p.web.Handle(p.Page(p.deleteForm)))
	r.Post(Path+"{key}/loeschen", p.web.Handle(p.Form(p.delete)))
}

// values gives an event as its form shows it.
func (e *Event) values() url.Values {
	v := url.Values{
		"name": {e.Name}, "place": {e.Place}, "online": {e.OnlineURL}, "category": {e.Category}, "text": {e.Source}, "start-date": {e.StartTime.Format("02.01.2006")},
		"version": {e.Version().Format(time.RFC3339)},
	}
	if !e.AllDay {
		v.Set("start-time", e.StartTime.Format("15:04"))
	}
	if !e.EndTime.IsZero() && e.EndTime.Format(time.DateOnly) != e.StartTime.Format(time.DateOnly) {
		v.Set("end-date", e.EndTime.Format("02.01.2006"))
	}
	if !e.EndTime.IsZero() && !e.AllDay {
		v.Set("end-time", e.EndTime.Format("15:04"))
	}
	if len(e.Attachment) > 0 {
		page.PictureValues(v, e.Attachment[0])
	}
	return v
}

// draft reads the form of an event.
func (p *Pages) draft(who *page.Person, in *page.Input) (Draft, error) {
	c, err := who.Chosen(in)
	if err != nil {
		return Draft{}, err
	}
	d, err := p.typed(in)
	d.AttributedTo = c.ID
	return d, err
}

// typed reads what a form says of an event.
func (s *Events) typed(in *page.Input) (Draft, error) {
	d := Draft{Name: in.Get("name"), Place: in.Get("place"), OnlineURL: in.Get("online"), Category: in.Get("category"), Text: in.Get("text")}
	var errs problem.Fields
	var err error
	d.Start, d.End, err = when{in.Get("start-date"), in.Get("start-time"), in.Get("end-date"), in.Get("end-time")}.parse(s.now().In(s.zone))
	if err != nil {
		errs.Merge(err)
		d.Start, d.End = s.now().In(s.zone).Format(time.DateOnly), "" // so that the rest is checked too
	}
	_, rest := s.Draft(d)
	errs.Merge(problem.Rename(problem.Rename(rest, "end", "end-date"), "start", "start-date"))
	return d, errs.Err()
}

// form shows the form of an event: a new one when e is nil.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, e *Event, wrong error) error {
	f := page.NewForm(p.web, r, in, wrong)
	view := page.FormView{Heading: p.web.T(f.Lang, "event.new"), Crumbs: []component.Crumb{{Key: "nav.events", Href: "/veranstaltungen"}}}
	action, send := "/veranstaltungen/neu", who.PublishButton(in)
	var picture *object.Attachment
	if over := in.Get("over"); over != "" {
		f.Hide("over", over)
	}
	if e == nil {
		f.Hide("key", in.Get("key"))
	} else {
		view.Heading, action, send = p.web.T(f.Lang, "event.change", e.Name), Path+e.Key()+"/aendern", component.Button{Key: "form.save"}
		if len(e.Attachment) > 0 {
			picture = e.Attachment[0]
		}
		if errors.Is(wrong, object.ErrStale) {
			f.Compare(e.values())
			in.Set("version", e.Version().Format(time.RFC3339))
		}
		f.Hide("version", in.Get("version"))
	}
	if e == nil {
		if err := p.Ready(r, who, making, f, &view, wrong); err != nil {
			return err
		}
	}
	f.ClubChoice(who, e == nil)
	f.Group(
		"event.form.what",
		component.Field{Kind: "text", Name: "name", Key: "event.name", Required: true},
		component.Field{Kind: "textarea", Name: "text", Key: "event.text", Hint: "form.text.hint", Help: "form.text.help"},
		p.categoryField(f.Lang, in.Get("category")),
	)
	f.Group(
		"event.form.when",
		component.Field{Kind: "text", Name: "start-date", Key: "event.start-date", Hint: "event.date.hint", Required: true},
		component.Field{Kind: "text", Name: "start-time", Key: "event.start-time", Hint: "event.time.hint", Half: true},
		component.Field{Kind: "text", Name: "end-time", Key: "event.end-time", Hint: "event.end-time.hint", Half: true},
		component.Field{Kind: "text", Name: "end-date", Key: "event.end-date", Hint: "event.end-date.hint"},
	)
	f.Group(
		"event.form.where",
		component.Field{Kind: "text", Name: "place", Key: "event.place", Suggest: page.PlacesPath},
		component.Field{Kind: "text", Name: "online", Key: "event.online", Hint: "event.online.hint", Inputmode: "url"},
	)
	f.Picture(r.Context(), p.pictures, "picture.title", picture)
	buttons := []component.Button{send, {Key: "form.look", Name: "look", Value: "1", Plain: true}}
	if e == nil {
		f.Later()
		buttons = []component.Button{send, page.KeepButton(), buttons[1]}
	}
	if in.Get("look") != "" && wrong == nil {
		view.Preview = p.preview(f, who)
	}
	view.Form = f.Show(action, buttons...)
	return p.web.Render(w, r, f.Status(), "page/form", web.Page{Title: view.Heading, View: view, Scripts: []string{page.SuggestScript}})
}

// categoryField offers the categories, and the one that is there.
func (p *Pages) categoryField(lang, kept string) component.Field {
	f := component.Field{Kind: "select", Name: "category", Key: "event.category", Options: []component.Option{{Label: p.web.T(lang, "event.category.none")}}}
	for _, c := range p.categories().Offered(TermList, kept) {
		f.Options = append(f.Options, component.Option{Value: c.Key, Label: c.Word(lang)})
	}
	return f
}

// mine gives one of the events of the person's clubs.
func (p *Pages) mine(r *http.Request, who *page.Person, key string) (*Event, error) {
	e, err := p.Events.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(key))
	if err == nil && !who.Speaks(e.AttributedTo) {
		err = problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	return e, err
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	key, err := p.NewThingKey(r, who, in)
	if err != nil {
		return err
	}
	if in.Keeps() {
		return p.keep(w, r, who, in, key, time.Time{})
	}
	d, due, err := p.checked(who, in)
	if err == nil && in.Get("look") == "" && who.Early(in) {
		if err = p.CheckPicture(r.Context(), in); err == nil {
			return p.keep(w, r, who, in, key, time.Time{})
		}
	}
	if err == nil && in.Get("look") == "" {
		err = p.Unmoved(r, who, in, key)
	}
	if in.Get("look") != "" || err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	if !due.IsZero() {
		return p.keep(w, r, who, in, key, due)
	}
	if err := p.KeepTemplate(r, who, making, in, key); err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	d.Key, d.Version, d.Picture = key, page.DraftVersion(in), in.PictureChange().New
	e, err := p.Create(r.Context(), who.ID, d)
	if errors.Is(err, object.ErrStale) && !errors.Is(err, draft.ErrStale) {
		return p.stale(w, r, who, in, e.Key()) // sent once more with another text
	}
	if err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	p.Flash(r, page.Said("event.published", &e.Object))
	http.Redirect(w, r, Path+e.Key(), http.StatusSeeOther)
	return nil
}

// formIfInvalid shows the form again when what was typed is wrong; other
// errors stay errors.
func (p *Pages) formIfInvalid(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, e *Event, err error) error {
	if err != nil && !page.Mendable(err) {
		return err
	}
	return p.form(w, r, who, in, e, err)
}

func (p *Pages) changeForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	e, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	if e.Status == Cancelled {
		p.Flash(r, "event.cancelled.stays")
		http.Redirect(w, r, Path+e.Key(), http.StatusSeeOther)
		return nil
	}
	in := &page.Input{Values: e.values()}
	in.Set("club", e.Author.PreferredUsername)
	return p.form(w, r, who, in, e, nil)
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	e, err := p.mine(r, who, chi.URLParam(r, "key"))
	if problem.KindOf(err) == problem.Gone {
		return p.anew(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	in.Set("club", e.Author.PreferredUsername)
	d, err := p.draft(who, in)
	if err == nil {
		err = p.over(in, d, e)
	}
	if in.Get("look") != "" || err != nil {
		return p.formIfInvalid(w, r, who, in, e, err)
	}
	ch := Change{Name: &d.Name, Start: &d.Start, End: &d.End, Place: &d.Place, OnlineURL: &d.OnlineURL, Category: &d.Category, Text: &d.Text, Picture: in.PictureChange()}
	if ch.Version, err = in.Version(); err != nil {
		return err
	}
	changed, err := p.Change(r.Context(), who.ID, e.ID, ch)
	switch kind := problem.KindOf(err); {
	case errors.Is(err, object.ErrStale):
		return p.stale(w, r, who, in, e.Key())
	case kind == problem.Gone || kind == problem.Conflict:
		return p.anew(w, r, who, in, err)
	case err != nil:
		return p.formIfInvalid(w, r, who, in, e, err)
	}
	p.Flash(r, page.Said("event.changed", &changed.Object))
	http.Redirect(w, r, Path+e.Key(), http.StatusSeeOther)
	return nil
}

// anew shows what was typed in the form of a new event: the one that it was
// typed for can be changed no more.
func (p *Pages) anew(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, why error) error {
	in.Set("key", page.NewKey())
	return p.form(w, r, who, in, nil, why)
}

// over says of a day that has passed that it has, once: whoever sends the form
// again means it. now is the event as it is, nil for a new one.
func (p *Pages) over(in *page.Input, d Draft, now *Event) error {
	e, err := p.Draft(d)
	if err != nil || in.Get("over") == in.Get("start-date") || now != nil && now.StartTime.Equal(e.StartTime) {
		return err
	}
	if e.last().After(p.now()) {
		return nil
	}
	in.Set("over", in.Get("start-date"))
	var errs problem.Fields
	errs.Add("start-date", "This day is over. Send the form once more if that is what you mean.")
	return errs.Err()
}

// stale shows what was typed beside the present version, both in the same
// words.
func (p *Pages) stale(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, key string) error {
	e, err := p.mine(r, who, key)
	if err != nil {
		return err
	}
	if d, err := p.draft(who, in); err == nil {
		if typed, err := p.Draft(d); err == nil {
			for _, field := range []string{"start-date", "start-time", "end-date", "end-time"} {
				in.Set(field, typed.values().Get(field))
			}
		}
	}
	return p.form(w, r, who, in, e, object.ErrStale)
}

func (p *Pages) cancelForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	e, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	return p.showCancel(w, r, e, &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showCancel(w http.ResponseWriter, r *http.Request, e *Event, in *page.Input, wrong error) error {
	f := page.NewForm(p.web, r, in, wrong)
	f.Group("", component.Field{Kind: "textarea", Rows: 3, Name: "reason", Key: "event.reason", Hint: "event.reason.hint", Required: true})
	heading := p.web.T(f.Lang, "event.cancel", e.Name)
	return p.web.Render(w, r, f.Status(), "page/form", web.Page{Title: heading, View: page.FormView{
		Crumbs: []component.Crumb{{Key: "nav.events", Href: "/veranstaltungen"}}, Heading: heading, Intro: p.web.T(f.Lang, "event.cancel.text"),
		Form: f.Show(r.URL.Path, component.Button{Key: "event.cancel.do", Danger: true}),
	}})
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	e, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	if e.Status != Cancelled { // sent twice
		if _, err := p.Cancel(r.Context(), who.ID, e.ID, in.Get("reason")); len(problem.FieldsOf(err)) > 0 {
			return p.showCancel(w, r, e, in, err)
		} else if err != nil {
			return err
		}
		p.Flash(r, "event.cancelled.done")
	}
	http.Redirect(w, r, Path+e.Key(), http.StatusSeeOther)
	return nil
}

func (p *Pages) deleteForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	e, err := p.Events.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return err
	}
	return p.ShowDelete(w, r, who, &e.Object, e.Name)
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.activities.DeleteObject(r.Context(), who.ID, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil && problem.KindOf(err) != problem.Gone { // sent twice
		return err
	}
	p.Flash(r, "delete.done")
	http.Redirect(w, r, "/veranstaltungen", http.StatusSeeOther)
	return nil
}
