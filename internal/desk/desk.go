// Package desk is the surface of what editors have in the works, over every
// kind: drafts, what is planned, and templates.
//
// It must not know any single kind; where their forms are is handed in.
package desk

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the templates and words of the desk.
//
//go:embed *.html *.toml
var Files embed.FS

// templatesPath is where the pages of single templates are.
const templatesPath = "/vorlagen"

// A Kind is a kind of thing that can be a draft.
type Kind struct {
	// Path is where its form is, Key that of the word for it, and Icon the name
	// of its icon.
	Path, Key, Icon string
}

// Surface shows the desk.
type Surface struct {
	*page.Guard
	// Kinds are by the names that draft.Drafts has for them.
	Kinds map[string]Kind
	// Find gives the account with this id.
	Find func(ctx context.Context, id string) (*account.Account, error)
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(page.DraftsPath, s.Web.Handle(s.Page(s.list)))
	r.Get(page.DraftsPath+"/{key}/loeschen", s.Web.Handle(s.Page(s.deleteForm)))
	r.Post(page.DraftsPath+"/{key}/loeschen", s.Web.Handle(s.Form(s.delete)))
	r.Post(page.DraftsPath+"/{key}/veroeffentlichen", s.Web.Handle(s.Form(s.publish)))
	r.Post(page.DraftsPath+"/{key}/doch-nicht", s.Web.Handle(s.Form(s.unplan)))
	r.Get(templatesPath+"/{key}", s.Web.Handle(s.Page(s.renameForm)))
	r.Post(templatesPath+"/{key}", s.Web.Handle(s.Form(s.rename)))
	r.Get(templatesPath+"/{key}/loeschen", s.Web.Handle(s.Page(s.deleteTemplateForm)))
	r.Post(templatesPath+"/{key}/loeschen", s.Web.Handle(s.Form(s.deleteTemplate)))
}

// row is a draft or a template in its list.
type row struct {
	Kind
	Title, Club string
	// By is who saved it last, "" when that person left or nobody is named, and
	// Changed when that was, in words.
	By, Changed string
	// Due says when it will be published, "" when nobody has said so, and Failed
	// is the key of the sentence that says why that did not come to pass.
	Due, Failed string
	// Open leads to its form, Rename to where it gets another name, Delete to
	// where it is deleted.
	Open, Rename, Delete string
	Now, Unplan          *component.Form
}

// pending is something that waits for the town hall, or was given back with a
// reason.
type pending struct{ Title, Club, Href, Reason string }

type listView struct {
	Crumbs []component.Crumb
	Done   string
	// Away says that what was asked for is not there any more, and Stale that it
	// was changed since it was listed.
	Away, Stale                bool
	Planned, Drafts, Templates []row
	// Pending are what waits for the town hall, or was given back.
	Pending []pending
	Empty   component.Empty
}

func (s *Surface) list(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := who.MustSpeak(); err != nil {
		return err
	}
	return s.show(w, r, who, http.StatusOK)
}

// show lists what the person's clubs have in the works. With StatusNotFound it
// says that what was asked for is not there any more, and with StatusConflict
// that it was changed meanwhile.
func (s *Surface) show(w http.ResponseWriter, r *http.Request, who *page.Person, status int) error {
	clubs := who.Viewer().Actors
	drafts, err := s.Drafts.List(r.Context(), clubs)
	if err != nil {
		return err
	}
	templates, err := s.Drafts.Templates(r.Context(), clubs, "")
	if err != nil {
		return err
	}
	view := listView{Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "desk.title"}}, Done: s.Flashed(r), Empty: component.Empty{Key: "desk.none", TextKey: "desk.none.text", Href: "/konto", ActionKey: "desk.none.action"}}
	view.Away, view.Stale = status == http.StatusNotFound, status == http.StatusConflict
	if view.Pending, err = s.pending(r, who); err != nil {
		return err
	}
	for _, d := range drafts {
		if !s.Web.Open(s.Kinds[d.Kind].Path) {
			continue
		}
		one, err := s.draft(r, who, d)
		if err != nil {
			return err
		}
		if d.DueAt.IsZero() {
			view.Drafts = append(view.Drafts, one)
		} else {
			view.Planned = append(view.Planned, one)
		}
	}
	for _, t := range templates {
		k := s.Kinds[t.Kind]
		if !s.Web.Open(k.Path) {
			continue
		}
		view.Templates = append(view.Templates, row{
			Kind: k, Title: t.Name, Club: name(who, t.ActorID), Open: page.TemplateHref(k.Path, t.ID),
			Rename: templatesPath + "/" + t.ID, Delete: templatesPath + "/" + t.ID + "/loeschen",
		})
	}
	return s.Web.Render(w, r, status, "desk/list", web.Page{Title: s.Web.T(s.Web.Language(r), "desk.title"), Narrow: true, View: view})
}

// pending gives what of the person's clubs waits for the town hall.
func (s *Surface) pending(r *http.Request, who *page.Person) ([]pending, error) {
	const most = 80
	waits, err := s.Objects.ListPending(r.Context(), who.Viewer().Actors)
	if err != nil {
		return nil, err
	}
	var list []pending
	for _, o := range waits {
		one := pending{Title: o.Name, Club: name(who, o.AttributedTo), Href: page.Local(o.URL), Reason: o.Reason}
		if one.Title == "" {
			one.Title = markup.Name(markup.Text(o.Content), most)
		}
		list = append(list, one)
	}
	return list, nil
}

// name is that of one of the person's clubs.
func name(who *page.Person, actorID string) string {
	for _, c := range who.Clubs {
		if c.ID == actorID {
			return c.DisplayName()
		}
	}
	return ""
}

func (s *Surface) draft(r *http.Request, who *page.Person, d *draft.Draft) (row, error) {
	lang, k, path := s.Web.Language(r), s.Kinds[d.Kind], page.DraftsPath+"/"+d.ID
	one := row{
		Kind: k, Title: d.Title, Club: name(who, d.ActorID), Changed: locale.ShortDateTime(lang, d.Changed.In(s.Zone), time.Now()),
		Open: page.DraftHref(k.Path, d.ID, d.Failed == draft.WrongForm), Delete: path + "/loeschen",
	}
	if one.Title == "" {
		one.Title = s.Web.T(lang, "draft.untitled")
	}
	if d.Failed != "" {
		one.Failed = "desk.failed." + d.Failed
	}
	if d.AccountID != "" {
		a, err := s.Find(r.Context(), d.AccountID)
		if err == nil {
			one.By = a.Name
		} else if problem.KindOf(err) != problem.NotFound {
			return one, err
		}
	}
	if !d.DueAt.IsZero() {
		one.Due = locale.ShortDateTime(lang, d.DueAt.In(s.Zone), time.Now())
		one.Now = s.button(r, path+"/veroeffentlichen", "desk.now", d.Version)
		one.Unplan = s.button(r, path+"/doch-nicht", "desk.unplan", d.Version)
	}
	return one, nil
}

// button is a form that is a button alone, about a version of a draft.
func (s *Surface) button(r *http.Request, action, key string, version int) *component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("version", strconv.Itoa(version))
	form := f.Show(action, component.Button{Key: key, Plain: true})
	return &form
}

// mine gives the draft that is asked for, if it is one of the person's clubs'.
func (s *Surface) mine(r *http.Request, who *page.Person) (*draft.Draft, error) {
	return s.Drafts.Find(r.Context(), who.Viewer().Actors, chi.URLParam(r, "key"))
}

// away answers who asks for a draft that is not there: it was published in this
// moment, or the form was sent twice. The list is there all the same.
func (s *Surface) away(w http.ResponseWriter, r *http.Request, who *page.Person, err error) error {
	if problem.KindOf(err) != problem.NotFound || who.MustSpeak() != nil {
		return err
	}
	return s.show(w, r, who, http.StatusNotFound)
}

func (s *Surface) deleteForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	d, err := s.mine(r, who)
	if err != nil {
		return err
	}
	title := d.Title
	if title == "" {
		title = s.Web.T(s.Web.Language(r), "draft.untitled")
	}
	return s.sure(w, r, "desk.delete", title)
}

// sure asks whether something called title shall really be deleted; key begins
// the keys of the words.
func (s *Surface) sure(w http.ResponseWriter, r *http.Request, key, title string) error {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	heading := s.Web.T(f.Lang, key+".sure", title)
	return s.Web.Render(w, r, http.StatusOK, "page/form", web.Page{Title: heading, Narrow: true, View: page.FormView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "desk.title", Href: page.DraftsPath}}, Heading: heading, Intro: s.Web.T(f.Lang, key+".text"),
		Form: f.Show(r.URL.Path, component.Button{Key: "delete.do", Danger: true}, component.Button{Key: "delete.not", Href: page.DraftsPath}),
	}})
}

func (s *Surface) delete(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	d, err := s.mine(r, who)
	if err != nil {
		return s.away(w, r, who, err)
	}
	if err := s.Drafts.Delete(r.Context(), who.ID, d.ID); err != nil {
		return err
	}
	return s.Kept(w, r, "draft.deleted")
}

// publish publishes a draft now, as the person saw it in the list. What is
// missing in it stands in its form.
func (s *Surface) publish(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	d, err := s.mine(r, who)
	if err != nil {
		return s.away(w, r, who, err)
	}
	if in.Get("version") != strconv.Itoa(d.Version) {
		return s.show(w, r, who, http.StatusConflict)
	}
	err = s.Drafts.Publish(r.Context(), who.ID, d)
	if errors.Is(err, draft.ErrStale) {
		return s.show(w, r, who, http.StatusConflict)
	}
	if len(problem.FieldsOf(err)) > 0 {
		http.Redirect(w, r, page.DraftHref(s.Kinds[d.Kind].Path, d.ID, true), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return s.Kept(w, r, "draft.published")
}

func (s *Surface) unplan(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	d, err := s.mine(r, who)
	if err != nil {
		return s.away(w, r, who, err)
	}
	if err := s.Drafts.Unplan(r.Context(), who.ID, d.ID); err != nil {
		return err
	}
	return s.Kept(w, r, "draft.unplanned")
}
