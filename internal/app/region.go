package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/region"
	"codeberg.org/aushang/aushang/internal/townhall"
	"codeberg.org/aushang/aushang/web/component"
)

// boardScopes says how agreements call the kinds of notices.
var boardScopes = map[string]string{post.Announcement: peer.Announcements, post.Wanted: peer.Wanted, post.Offer: peer.Offers, post.Help: peer.Help}

// peering makes the agreements with other towns.
func (t *Town) peering() {
	t.Peers = peer.New(t.db, t.Actors, t.Objects, t.Activities)
	t.Activities.Region = t.Peers
	t.Peers.ScopeOf, t.Peers.ScopeOfDocument, t.Peers.Look = t.scopeOf, scopeOfDocument, t.Moderation.LookAt
	t.Peers.SpotOf, t.Peers.SpotOfDocument = t.spotOf, spotOfDocument
	t.Peers.Wake = func(ctx context.Context, tx bun.Tx) error { return t.queue.InsertLater(ctx, tx, catchUp{}, 0) }
	t.Peers.Ask = t.howIs
}

// scopeOf gives what something of ours is to an agreement.
func (t *Town) scopeOf(ctx context.Context, db bun.IDB, o *object.Object) (string, error) {
	switch o.Type {
	case event.Type:
		return peer.Events, nil
	case opportunity.Type:
		return peer.Opportunities, nil
	case post.Type:
		kind, err := t.Posts.KindOf(ctx, db, o.ID)
		return boardScopes[kind], err
	}
	return "", nil
}

// scopeOfDocument gives what something of another town is.
func scopeOfDocument(doc *as.Object) string {
	switch {
	case doc.Type == event.Type:
		return peer.Events
	case doc.Type == post.Type && doc.Opportunity != nil:
		return peer.Opportunities
	case doc.Type == post.Type:
		var tags []string
		for _, tag := range doc.Tag {
			tags = append(tags, tag.Name)
		}
		return boardScopes[post.KindOfTags(tags)]
	}
	return ""
}

// spotOf gives where something of ours says that it is.
func (t *Town) spotOf(ctx context.Context, db bun.IDB, o *object.Object) (spot peer.Spot, err error) {
	switch o.Type {
	case event.Type:
		spot.Text, err = t.Events.PlaceOf(ctx, db, o.ID)
	case opportunity.Type:
		spot.Text, spot.At, err = t.Opportunities.PlaceOf(ctx, db, o.ID)
	}
	return spot, err
}

// spotOfDocument gives where something of another town says that it is: by its address
// where it has one, since the name may be that of a house.
func spotOfDocument(doc *as.Object) peer.Spot {
	where := doc.Location
	if where == nil || where.Type != "Place" {
		return peer.Spot{}
	}
	spot := peer.Spot{Text: where.Name}
	if where.Address != nil {
		if town := strings.TrimSpace(where.Address.PostalCode + " " + where.Address.AddressLocality); town != "" {
			spot.Text += ", " + town
		}
	}
	if where.Latitude != nil && where.Longitude != nil {
		spot.At = &gazetteer.Point{Latitude: float64(*where.Latitude), Longitude: float64(*where.Longitude)}
	}
	return spot
}

// howIs asks another town what it runs and how far its clock is ahead.
func (t *Town) howIs(ctx context.Context, host string) (string, time.Duration, error) {
	software, err := t.softwareOf(ctx, host)
	if err != nil {
		return "", 0, err
	}
	asked := time.Now()
	doc, err := t.client.Plain(ctx, t.Actors.Site().Scheme()+"://"+host+"/.well-known/nodeinfo", "application/json", programLimit)
	if err != nil {
		return "", 0, fmt.Errorf("ask %s for the time: %w", host, err)
	}
	there, err := http.ParseTime(doc.Header.Get("Date"))
	if err != nil {
		return software, 0, nil // it does not say it
	}
	return software, there.Sub(asked.Add(time.Since(asked) / 2).Truncate(time.Second)), nil
}

// lookAfterPeers asks other towns how they are, as soon as this one federates.
func (t *Town) lookAfterPeers(ctx context.Context) error {
	if t.unlawful() || t.standby.Load() {
		return nil
	}
	return t.Peers.LookAfter(ctx)
}

// mountRegion enters the pages of other towns into r, and puts who asks on the desk.
func (t *Town) mountRegion(r chi.Router, guard *page.Guard, hall *townhall.Surface) {
	pages := &region.Surface{
		Guard: guard, Peers: t.Peers, Actors: t.Actors, Activities: t.Activities, Frame: hall.Frame, Release: t.releaseOf, Version: Version,
		Events: t.eventsOf, Jobs: t.jobsOf, Note: post.Type, Headline: post.Headline,
	}
	hall.More = append(hall.More, pages.Desk)
	hall.Asking = t.Peers.Asks
	pages.Mount(r)
}

// eventsOf gives rows of the events that came from some hosts.
func (t *Town) eventsOf(ctx context.Context, hosts []string, lang string, limit int) ([]component.EventRow, error) {
	list, err := t.Events.Elsewhere(ctx, hosts, lang, limit)
	rows := make([]component.EventRow, len(list))
	for i, e := range list {
		rows[i] = e.EventRow
		rows[i].By += " · " + e.Host
	}
	return rows, err
}

// jobsOf gives rows of the opportunities that came from some hosts.
func (t *Town) jobsOf(ctx context.Context, hosts []string, lang string, limit int) ([]component.Job, error) {
	return t.Opportunities.JobsElsewhere(ctx, t.Peers.Of(opportunity.Type, hosts, []string{peer.Opportunities}), lang, limit)
}

// releaseOf lets through all that came from a town and waits for a look.
func (t *Town) releaseOf(ctx context.Context, by, host string) error {
	ids, err := t.Peers.WaitingIDs(ctx, host)
	if err != nil {
		return err
	}
	for _, id := range slices.Compact(ids) {
		if err := t.Moderation.DecideLook(ctx, by, id, true); err != nil {
			return err
		}
	}
	return nil
}
