package app

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/feed"
	"codeberg.org/aushang/aushang/internal/follow"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// calendars lists the calendars that can be subscribed to, and what stands in
// them.
func (t *Town) calendars(r chi.Router, site *web.Site) {
	feed := &calendar.Feed{Zone: t.Config.Location(), Sources: []calendar.Source{t.Events}}
	r.Get("/kalender.ics", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		prepared.Keep(r.Context(), prepared.Terms{Targets: []string{"/kalender.ics"}, Until: prepared.NextMinute()})
		return feed.Serve(w, r, "", site.Town().Name, t.Config.Origin+"/veranstaltungen")
	}))
	r.Get(club.Path+"{handle}/kalender.ics", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		c, err := t.Clubs.Find(r.Context(), chi.URLParam(r, "handle"))
		if err != nil {
			return err
		}
		prepared.Keep(r.Context(), prepared.Terms{Targets: []string{club.Path + c.PreferredUsername + "/kalender.ics"}, Until: prepared.NextMinute()})
		return feed.Serve(w, r, c.ID, c.DisplayName(), c.URL)
	}))
}

// feed gives the feeds of the pin board.
func (t *Town) feed(site *web.Site) *feed.Surface {
	return &feed.Surface{
		Web: site, Objects: t.Objects, Type: post.Type, Board: "/pinnwand", Clubs: "/vereine",
		Club: func(ctx context.Context, handle string) (*actor.Actor, error) {
			c, err := t.Clubs.Find(ctx, handle)
			if err != nil {
				return nil, err
			}
			return c.Actor, nil
		},
	}
}

// follow gives the page from where people of other servers take part.
func (t *Town) follow(site *web.Site) *follow.Surface {
	return follow.New(follow.Options{
		Web: site, Actors: t.Actors, Objects: t.Objects, Types: []string{event.Type, post.Type},
		Get: func(ctx context.Context, url, accept string, limit int64) ([]byte, error) {
			doc, err := t.client.Plain(ctx, url, accept, limit)
			if err != nil {
				return nil, err
			}
			return doc.Body, nil
		},
	})
}
