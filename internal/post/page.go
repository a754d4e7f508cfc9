package post

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
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

// perPage is how many posts a page of the board has.
const perPage = 20

type listView struct {
	Cards []component.PostCard
	// Next leads to older posts; "" at the end.
	Next  string
	Empty component.Empty
	// Done is the key of a sentence that says what was just done, or "".
	Done string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	before := ""
	if key := r.URL.Query().Get("vor"); key != "" {
		before = p.actors.Site().ObjectID(key)
	}
	list, err := p.objects.ListType(r.Context(), Type, object.Page{Before: before, Limit: perPage + 1})
	if err != nil {
		return err
	}
	view := listView{Empty: component.Empty{Key: "post.none", TextKey: "post.none.text", Href: "/vereine", ActionKey: "post.none.action"}}
	if len(list) > perPage {
		list = list[:perPage]
		view.Next = "/pinnwand?vor=" + list[perPage-1].Key()
	}
	view.Cards, view.Done = cards(list), p.Flashed(r)
	if len(list) > 0 { // ids of which nothing is known are without number
		address := "/pinnwand"
		if before != "" {
			address += "?vor=" + actor.Key(before)
		}
		p.web.Keep(r, address, time.Time{})
	}
	lang := p.web.Language(r)
	return p.web.Render(w, r, http.StatusOK, "post/list", web.Page{
		Title: p.web.T(lang, "nav.board"), Canonical: p.actors.Site().Origin + "/pinnwand", View: view,
		Feeds: []web.Feed{{Type: "application/rss+xml", Title: p.web.T(lang, "post.feed"), Href: Path + "feed.rss"}},
	})
}

// Cards gives the newest posts as cards; by narrows it to one club.
func (s *Posts) Cards(ctx context.Context, by string, limit int) ([]component.PostCard, error) {
	newest := object.Page{Limit: limit}
	if by == "" {
		list, err := s.objects.ListType(ctx, Type, newest)
		return cards(list), err
	}
	list, err := s.objects.ListBy(ctx, object.Viewer{}, by, newest, Type)
	return cards(list), err
}

func cards(list []*object.Object) []component.PostCard {
	var all []component.PostCard
	for _, o := range list {
		all = append(all, component.PostCard{
			Href: Path + o.Key(), Content: component.SafeHTML(o.Content),
			By: o.Author.DisplayName(), ByHref: o.Author.URL, Published: o.Published,
		})
	}
	return all
}

type showView struct {
	Post *object.Object
	// Published is in the town's zone.
	Published time.Time
	Content   component.SafeHTML
	Crumbs    []component.Crumb
	Picture   *component.Picture
	Tools     *page.Tools
	page.Conversation
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := p.actors.Site().ObjectID(chi.URLParam(r, "key"))
	if page.Redirected(w, r, id) {
		return nil
	}
	o, err := p.objects.Find(r.Context(), object.Viewer{}, id)
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
	view := showView{Post: o, Published: o.Published.In(p.zone), Content: component.SafeHTML(o.Content), Crumbs: []component.Crumb{{Key: "nav.board", Href: "/pinnwand"}}}
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
		if view.Picture, err = page.Picture(r.Context(), p.pictures, o.Attachment[0]); err != nil {
			return err
		}
	}
	p.KeepThing(r, o, Path+o.Key(), view.Conversation)
	text := markup.Name(markup.Text(o.Content), 200)
	return p.web.Render(w, r, http.StatusOK, "post/show", web.Page{
		Title: markup.Name(text, 60), Description: text, Alternate: o.ID, Canonical: o.URL, Image: image, View: view,
		Type: "article", Data: schema(o), ImageAlt: alt,
	})
}

// schema describes a post in the words of schema.org.
func schema(o *object.Object) *page.Schema {
	d := &page.Schema{
		Context: page.Vocabulary, Type: "SocialMediaPosting", ID: o.ID, URL: o.URL, Text: markup.Text(o.Content),
		InLanguage: o.Language, Author: page.Organization(o.Author), DatePublished: o.Published.Format(time.RFC3339),
	}
	if !o.Updated.IsZero() {
		d.DateModified = o.Updated.Format(time.RFC3339)
	}
	if len(o.Attachment) > 0 {
		d.Image = o.Attachment[0].URL
	}
	return d
}
