package feed

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// guidePath is the page that explains how to read along.
const guidePath = "/abonnieren"

// A Guide explains to everybody how to read along elsewhere.
type Guide struct {
	Web *web.Site
	// Calendar is the path of the town's calendar.
	Calendar string
	// Domain is that of the addresses of clubs in the Fediverse.
	Domain string
	// Lists are those beside which feeds lie.
	Lists []List
}

// Mount enters the route into r.
func (g *Guide) Mount(r chi.Router) { r.Get(guidePath, g.Web.Handle(g.show)) }

type guideView struct {
	Crumbs []component.Crumb
	Town   string
	Domain string
	// Calendar subscribes to the town's calendar.
	Calendar page.Subscribe
	Feeds    []guideFeed
}

// guideFeed is a list with the forms of its feed.
type guideFeed struct {
	Title string
	Links []page.FeedLink
}

func (g *Guide) show(w http.ResponseWriter, r *http.Request) error {
	lang, name := g.Web.Language(r), g.Web.Town().Name
	view := guideView{
		Crumbs: []component.Crumb{{Key: "feed.guide.title"}}, Town: name, Domain: g.Domain,
		Calendar: page.Subscribe{Origin: g.Web.Origin, Calendar: g.Calendar},
	}
	if !g.Web.Open(g.Calendar) {
		view.Calendar.Calendar = ""
	}
	feeds := view.Calendar.Head(name)
	for _, l := range g.Lists {
		if !g.Web.Open(l.Path) {
			continue
		}
		s := page.Subscribe{Origin: g.Web.Origin, Feed: l.Path}
		title := g.Web.T(lang, l.Key, name)
		view.Feeds = append(view.Feeds, guideFeed{title, s.Feeds()})
		feeds = append(feeds, s.Head(title)...)
	}
	g.Web.Keep(r, guidePath, time.Time{})
	return g.Web.Render(w, r, http.StatusOK, "feed/guide", web.Page{
		Title: g.Web.T(lang, "feed.guide.title"), Description: g.Web.T(lang, "feed.guide.lede", name), Canonical: g.Web.Origin + guidePath,
		Feeds: feeds, Narrow: true, View: view,
	})
}
