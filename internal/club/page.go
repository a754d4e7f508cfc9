package club

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Path is where the pages of clubs are.
const Path = "/vereine/"

// Files are the templates and words of clubs.
//
//go:embed *.html *.toml
var Files embed.FS

// Published gives what a club has published, for its page. The application
// composes it from the slices.
type Published struct {
	Events []component.EventRow
	Posts  []component.PostCard
}

// Pages shows clubs to readers.
type Pages struct {
	*Clubs
	*page.Guard
	web       *web.Site
	published func(ctx context.Context, actorID, lang string) (Published, error)
}

// Pages gives the pages of clubs; guard stands before those for editors,
// published gives what stands on a club's page.
func (s *Clubs) Pages(guard *page.Guard, published func(ctx context.Context, actorID, lang string) (Published, error)) *Pages {
	return &Pages{s, guard, guard.Web, published}
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get("/vereine", p.web.Handle(p.list))
	r.Get(Path+"{handle}", p.web.Handle(p.show))
	r.Get(Path+"{handle}"+page.PosterPath, p.web.Handle(p.poster))
	p.mountForms(r)
}

// perPage is how many clubs a page of the list has.
const perPage = 60

type listView struct {
	Cards []component.ClubCard
	// Next leads to the clubs behind them; "" at the end.
	Next  string
	Empty component.Empty
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	var from *actor.Actor
	address := "/vereine"
	if handle := r.URL.Query().Get("ab"); handle != "" {
		var err error
		if from, err = p.actors.FindLocal(r.Context(), handle); err != nil {
			return err
		}
		address += "?ab=" + from.PreferredUsername
	}
	view := listView{Empty: component.Empty{Key: "club.none", TextKey: "club.none.text", Href: "/", ActionKey: "error.home"}}
	var err error
	if view.Cards, err = p.Cards(r.Context(), from, perPage+1); err != nil {
		return err
	}
	if len(view.Cards) > perPage {
		view.Next = "/vereine?ab=" + strings.TrimPrefix(view.Cards[perPage].Href, Path)
		view.Cards = view.Cards[:perPage]
	}
	p.web.Keep(r, address, time.Time{})
	return p.web.Render(w, r, http.StatusOK, "club/list", web.Page{
		Title: p.web.T(p.web.Language(r), "nav.clubs"), Canonical: p.actors.Site().Origin + "/vereine",
		View: view,
	})
}

// maxCard is how much of a summary a card shows, in characters.
const maxCard = 140

// Cards gives at most limit of the active clubs as cards, by name, beginning
// with the club from; nil is the first one.
func (s *Clubs) Cards(ctx context.Context, from *actor.Actor, limit int) ([]component.ClubCard, error) {
	list, err := s.actors.ListFrom(ctx, actor.Group, from, limit)
	if err != nil {
		return nil, err
	}
	var cards []component.ClubCard
	for _, a := range list {
		cards = append(cards, component.ClubCard{
			Href: Path + a.PreferredUsername, Name: a.DisplayName(), Handle: a.Handle(),
			Summary: markup.Name(markup.Text(a.Summary), maxCard), IconURL: local(a.IconURL), IconAlt: a.IconName,
		})
	}
	return cards, nil
}

// local gives the path of one of our own addresses.
func local(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

type showView struct {
	Club    *actor.Actor
	Icon    string
	Summary component.SafeHTML
	Crumbs  []component.Crumb
	// Followers counts who follows the club.
	Followers int
	// Follow leads to the page from where people of other servers follow.
	Follow string
	// Feed is the path of what the club pins up, for feed readers.
	Feed      string
	Subscribe component.Subscribe
	// Tools are links for those who may speak for the club.
	Tools []component.Crumb
	Published
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	until := prepared.NextMinute()
	c, err := p.Clubs.Find(r.Context(), chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	if page.Redirected(w, r, c.ID) {
		return nil
	}
	view := showView{
		Club: c.Actor, Icon: local(c.IconURL), Summary: component.SafeHTML(c.Summary),
		Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}}, Follow: page.Follow(c.ID), Feed: Path + c.PreferredUsername + "/feed.rss",
		Subscribe: component.Subscribe{Origin: p.actors.Site().Origin, Href: Path + c.PreferredUsername + "/kalender.ics"},
	}
	if view.Followers, err = p.actors.Followers(r.Context(), p.db.Read(), c.ID); err != nil {
		return err
	}
	if view.Tools, err = p.tools(r, c); err != nil {
		return err
	}
	if view.Published, err = p.published(r.Context(), c.ID, p.web.Language(r)); err != nil {
		return err
	}
	p.web.Keep(r, Path+c.PreferredUsername, until, c.ID)
	return p.web.Render(w, r, http.StatusOK, "club/show", web.Page{
		Title: c.DisplayName(), Description: markup.Name(markup.Text(c.Summary), 200), Alternate: c.ID, Canonical: c.URL,
		Image: c.IconURL, ImageAlt: c.IconName, Type: "profile", Data: schema(c), View: view,
		Feeds: []web.Feed{
			{Type: "text/calendar", Title: c.DisplayName(), Href: view.Subscribe.Href},
			{Type: "application/rss+xml", Title: c.DisplayName(), Href: view.Feed},
		},
	})
}

// schema describes a club in the words of schema.org.
func schema(c *Club) *page.Schema {
	d := page.Organization(c.Actor)
	d.Context, d.Image = page.Vocabulary, c.IconURL
	return d
}

// tools are what who asks may do for the club.
func (p *Pages) tools(r *http.Request, c *Club) ([]component.Crumb, error) {
	who, err := p.Who(r)
	if err != nil {
		return nil, err
	}
	var links []component.Crumb
	if who.Speaks(c.ID) {
		links = append(links, component.Crumb{Key: "club.tools.event", Href: "/veranstaltungen/neu?verein=" + c.PreferredUsername},
			component.Crumb{Key: "club.tools.post", Href: "/pinnwand/neu?verein=" + c.PreferredUsername})
	}
	if who.Owns(c.ID) {
		links = append(links, component.Crumb{Key: "club.tools.profile", Href: Path + c.PreferredUsername + "/aendern"})
	}
	return links, nil
}
