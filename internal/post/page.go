package post

import (
	"embed"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Path is where the pages of posts are.
const Path = "/pinnwand/"

// Files are the templates and words of the pin board.
//
//go:embed *.html *.toml
var Files embed.FS

// Pages shows the pin board to readers.
type Pages struct {
	*Posts
	*page.Guard
	web *web.Site
}

// Pages gives the pages of the pin board ; guard stands before those for editors.
func (s *Posts) Pages(guard *page.Guard) *Pages { return &Pages{s, guard, guard.Web} }

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get("/pinnwand", p.web.Handle(p.list))
	r.Get(Path+"{key}", p.web.Handle(p.show))
	p.mountForms(r)
	p.mountAnswers(r)
}

type showView struct {
	Crumbs []component.Crumb
	Post   *object.Object
	// Kind is the key of the word for its kind, or "" for an answer, KindHref
	// leads to its like, and Tone is the paper it stands on.
	Kind, KindHref, Tone string
	// Published and Changed are in the town's zone; Changed is zero for what was
	// never changed.
	Published, Changed time.Time
	Content            component.SafeHTML
	// Icon is the path of the club's logo, or "".
	Icon, Letters string
	// About is how the club begins to speak of itself, and FollowClub leads to the
	// page from where people of other servers follow it.
	About, FollowClub string
	Picture           *component.Picture
	Tools             *page.Tools
	Share             page.Share
	// More are further notices of the club, and MoreHref leads to all of them.
	More     []component.PostCard
	MoreHref string
	// Checked is nil for an answer.
	Checked *page.Checked
	page.Conversation
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := p.actors.Site().ObjectID(chi.URLParam(r, "key"))
	if page.Redirected(w, r, id) {
		return nil
	}
	viewer, err := p.Seer(r, id)
	if err != nil {
		return err
	}
	o, err := p.objects.Find(r.Context(), viewer, id)
	if err != nil {
		return err
	}
	if o.Type == Type && !p.onBoard(o) {
		http.Redirect(w, r, o.URL, http.StatusSeeOther)
		return nil
	}
	if o.Type != Type {
		return problem.NotFoundf("there is no post %s", id)
	}
	view, err := p.view(r, o)
	if err != nil {
		return err
	}
	if view.Conversation, err = p.Under(r, o); err != nil {
		return err
	}
	if view.Tools, err = p.Tools(r, o, Path+o.Key(), component.Crumb{Key: "tools.change", Href: Path + o.Key() + "/aendern"},
		component.Crumb{Key: "tools.copy", Href: "/pinnwand/neu?von=" + o.Key()}); err != nil {
		return err
	}
	image, alt := "", ""
	if len(o.Attachment) > 0 {
		image, alt = o.Attachment[0].URL, o.Attachment[0].Name
	}
	p.KeepThing(r, o, Path+o.Key(), view.Conversation)
	text := markup.Name(markup.Text(o.Content), 200)
	return p.web.Render(w, r, http.StatusOK, "post/show", web.Page{
		Title: view.Share.Title, Description: text, Alternate: o.ID, Canonical: o.URL, Image: image, View: view, Scripts: []string{page.CopyScript},
		Type: "article", Data: p.schema(r, o, view.Kind), ImageAlt: alt, NoIndex: view.Checked.Unlisted(),
	})
}

// more is how many further notices of the club stand under one.
const more = 3

// view is what the page of a post says of the post itself.
func (p *Pages) view(r *http.Request, o *object.Object) (*showView, error) {
	kind, err := p.KindOf(r.Context(), p.db.Read(), o.ID)
	if err != nil {
		return nil, err
	}
	title, _ := headline(markup.Text(o.Content))
	if title == "" {
		title = p.web.T(p.web.Language(r), "post.by", o.Author.DisplayName())
	}
	view := &showView{
		Crumbs: []component.Crumb{{Key: "nav.board", Href: "/pinnwand"}, {Text: title}},
		Post:   o, Tone: looks[kind].tone,
		Published: o.Published.In(p.zone), Content: component.SafeHTML(o.Content),
		Icon: page.Local(o.Author.IconURL), Letters: component.Letters(o.Author.DisplayName()),
		About: markup.Teaser(markup.Text(o.Author.Summary), maxTeaser), FollowClub: page.Follow(o.AttributedTo),
		Share: page.Share{URL: o.URL, Title: title, Follow: page.Follow(o.ID)},
	}
	if o.InReplyTo == "" {
		view.Kind, view.KindHref = KindKey(kind), kindHref(kind)
		official, err := p.official(r.Context())
		if err != nil {
			return nil, err
		}
		if o.AttributedTo == official && kind == Announcement {
			view.Kind, view.KindHref, view.Tone = officialKey, officialHref, "town"
		}
		if view.Checked, err = p.Checked(r, o.ID, o.AttributedTo, o.Version(), o.Stale); err != nil {
			return nil, err
		}
	}
	if !o.Updated.IsZero() {
		view.Changed = o.Updated.In(p.zone)
	}
	if len(o.Attachment) > 0 {
		if view.Picture, err = page.Picture(r.Context(), p.pictures, o.Attachment[0]); err != nil {
			return nil, err
		}
	}
	list, err := p.List(r.Context(), Filter{By: o.AttributedTo}, object.Page{Limit: more + 1})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(other *object.Object) bool { return other.ID == o.ID })
	view.MoreHref = "/pinnwand?verein=" + o.Author.PreferredUsername
	view.More, err = p.cards(r.Context(), list[:min(more, len(list))])
	return view, err
}

// schema describes a post in the words of schema.org.
func (p *Pages) schema(r *http.Request, o *object.Object, kind string) *page.Schema {
	d := &page.Schema{
		Context: page.Vocabulary, Type: "SocialMediaPosting", ID: o.ID, URL: o.URL, Text: markup.Text(o.Content),
		InLanguage: o.Language, Author: page.Organization(o.Author), DatePublished: o.Published.Format(time.RFC3339),
	}
	if kind != "" {
		d.Keywords = p.web.T(p.web.Language(r), kind)
	}
	if !o.Updated.IsZero() {
		d.DateModified = o.Updated.Format(time.RFC3339)
	}
	if len(o.Attachment) > 0 {
		d.Image = o.Attachment[0].URL
	}
	return d
}
