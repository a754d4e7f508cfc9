package app

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"github.com/emersion/go-ical"
	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/feed"
	"codeberg.org/aushang/aushang/internal/follow"
	proxy "codeberg.org/aushang/aushang/internal/foreign"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// calendars lists the calendars that can be subscribed to, and what stands in
// them.
func (t *Town) calendars(r chi.Router, site *web.Site) {
	feed := &calendar.Feed{Zone: t.Config.Location(), Sources: []calendar.Source{t.Events}}
	r.Get("/kalender.ics", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		some, err := t.Events.Selected(r, site.Town().Name)
		if err != nil {
			return err
		}
		if some.Usual {
			prepared.Keep(r.Context(), prepared.Terms{Targets: []string{some.Address}, Until: prepared.NextMinute()})
		}
		chosen := &calendar.Feed{Zone: feed.Zone, Sources: []calendar.Source{some}}
		return chosen.Serve(w, r, "", some.Name, t.Config.Origin+some.Page)
	}))
	r.Get("/ehrenamt/kalender.ics", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		list, name, path, err := t.Opportunities.Selected(r)
		if err != nil {
			return err
		}
		chosen := &calendar.Feed{Zone: feed.Zone, Sources: []calendar.Source{selected(list)}}
		return chosen.Serve(w, r, "", site.Town().Name+": "+name, t.Config.Origin+path)
	}))
	r.Get(club.Path+"{handle}/kalender.ics", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		c, err := t.Clubs.Present(r.Context(), chi.URLParam(r, "handle"))
		if err != nil {
			return err
		}
		prepared.Keep(r.Context(), prepared.Terms{Targets: []string{club.Path + c.PreferredUsername + "/kalender.ics"}, Until: prepared.NextMinute()})
		return feed.Serve(w, r, c.ID, c.DisplayName(), c.URL)
	}))
}

// selected is a calendar of some opportunities.
type selected []*opportunity.Opportunity

// Components implements calendar.Source.
func (s selected) Components(_ context.Context, _ string, since time.Time) ([]*ical.Component, error) {
	return opportunity.Dates(s, since), nil
}

// feedLists are the lists beside which feeds lie.
var feedLists = []feed.List{
	{Path: "/veranstaltungen", Type: event.Type, Key: "feed.events"},
	{Path: "/pinnwand", Type: post.Type, Key: "feed.board"},
	{Path: "/ehrenamt", Type: opportunity.Type, Key: "feed.opportunities"},
}

// feed gives the feeds of all lists and clubs.
func (t *Town) feed(site *web.Site) *feed.Surface {
	return &feed.Surface{
		Web: site, Objects: t.Objects, Lists: feedLists, Clubs: "/vereine",
		Some:     map[string]feed.Some{opportunity.Type: t.someOpportunities},
		Describe: map[string]feed.Describe{event.Type: t.Events.Describe, opportunity.Type: t.Opportunities.Describe},
		Size:     t.pictures.Size,
		Club: func(ctx context.Context, handle string) (*actor.Actor, error) {
			c, err := t.Clubs.Present(ctx, handle)
			if err != nil {
				return nil, err
			}
			return c.Actor, nil
		},
		Began: func(ctx context.Context) (time.Time, error) {
			a, err := t.Actors.Find(ctx, t.db.Read(), t.Actors.Site().InstanceID())
			if err != nil {
				return time.Time{}, err
			}
			return a.Published, nil
		},
	}
}

// someOpportunities gives to a feed what a search of the list finds.
func (t *Town) someOpportunities(r *http.Request, p object.Page) (*feed.Narrowed, error) {
	ids, name, query, narrowed, err := t.Opportunities.Newly(r, p.Before, p.Limit)
	if err != nil || !narrowed {
		return nil, err
	}
	found, err := t.Objects.ListIDs(r.Context(), object.Viewer{}, ids)
	return &feed.Narrowed{Name: name, Query: query, Found: found}, err
}

// siteMap gives the list of public pages for search engines.
func (t *Town) siteMap(site *web.Site) *feed.Map {
	others := []string{"/", "/abonnieren", town.OpenPath, town.NoticesPath}
	for _, name := range town.Names {
		others = append(others, "/"+name)
	}
	return &feed.Map{
		Web: site, Objects: t.Objects, Lists: feedLists, Clubs: "/vereine",
		Others: others,
		// Their pages are for people, or without number.
		Closed: []string{"/abmelden", "/aenderung-melden", "/anmelden", "/antworten", "/ap/", "/bild/", "/folgen", "/konto", "/neues", "/pflege", "/qr/", "/rathaus", "/stil", "/suche"},
		Handles: func(ctx context.Context) ([]string, error) {
			clubs, err := t.Actors.Groups(ctx)
			var all []string
			for _, c := range clubs {
				all = append(all, c.PreferredUsername)
			}
			return all, err
		},
	}
}

// foreignPictures opens the pictures from other servers.
func (t *Town) foreignPictures() (*proxy.Pictures, error) {
	return proxy.New(proxy.Options{
		DB: t.db, Actors: t.Actors, Objects: t.Objects, Get: t.plainly, Folder: filepath.Join(t.Config.Data, "foreign"),
		Quota: t.Config.PictureQuota(), Log: t.log,
	})
}

// plainly fetches anything that is no document of ActivityPub.
func (t *Town) plainly(ctx context.Context, url, accept string, limit int64) ([]byte, error) {
	doc, err := t.client.Plain(ctx, url, accept, limit)
	if err != nil {
		return nil, err
	}
	return doc.Body, nil
}

// follow gives the page from where people of other servers take part.
func (t *Town) follow(site *web.Site) *follow.Surface {
	return follow.New(follow.Options{
		Web: site, Actors: t.Actors, Objects: t.Objects, Types: []string{event.Type, post.Type, opportunity.Type},
		Get: t.plainly,
	})
}
