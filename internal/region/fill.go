package region

import (
	"context"
	"net/http"
	"slices"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// tones are the papers and words of the notices of other towns.
var tones = map[string][2]string{
	peer.Announcements: {"white", "post.kind.announcement"}, peer.Wanted: {"", "post.kind.wanted"},
	peer.Offers: {"offer", "post.kind.offer"}, peer.Help: {"help", "post.kind.help"},
}

// fill looks up what these hosts share.
func (s *Surface) fill(ctx context.Context, view *regionView, hosts []string, lang string) error {
	var err error
	if view.Events, err = s.Events(ctx, hosts, lang, mostEvents); err != nil {
		return err
	}
	if view.Jobs, err = s.Jobs(ctx, hosts, lang, mostJobs); err != nil {
		return err
	}
	found, err := s.Peers.Shared(ctx, s.Note, hosts, board, mostPosts)
	if err != nil {
		return err
	}
	var ids []string
	hostOf, scopeOf := map[string]string{}, map[string]string{}
	for _, f := range found {
		ids, hostOf[f.ID], scopeOf[f.ID] = append(ids, f.ID), f.Host, f.Scope
	}
	posts, err := s.Objects.ListIDs(ctx, object.Viewer{}, ids)
	if err != nil {
		return err
	}
	for _, o := range posts {
		text := markup.Text(o.Teaser())
		if before := o.Before(); before != "" {
			text = before
		}
		tone := tones[scopeOf[o.ID]]
		card := component.PostCard{
			Href: o.URL, Title: s.Headline(text), Lang: o.Language, Tone: tone[0], Kind: tone[1], By: o.Author.DisplayName() + " · " + hostOf[o.ID],
			ByHref: o.Author.URL, Published: o.Published.In(s.Zone),
		}
		view.Posts = append(view.Posts, card)
	}
	return nil
}

// clubs gives the cards of clubs of these hosts.
func (s *Surface) clubs(ctx context.Context, hosts []string, names map[string]string) ([]component.ClubCard, error) {
	list, err := s.Peers.Clubs(ctx, hosts, mostClubs)
	var cards []component.ClubCard
	for _, a := range list {
		summary := []rune(markup.Text(a.Summary))
		cards = append(cards, component.ClubCard{
			Href: a.URL, Name: a.DisplayName(), Handle: a.Handle(), Summary: string(summary[:min(len(summary), 160)]), IconURL: s.Foreign.Icon(ctx, a), Note: names[a.Host],
		})
	}
	return cards, err
}

type agreementsView struct {
	Towns []town
	// Near tells whether any agreement is about what lies near a place.
	Near bool
	// Relay is the address that Mastodon's admins enter.
	Relay string
}

// agreements says in plain words with whom the town is connected and what is
// shared.
func (s *Surface) agreements(w http.ResponseWriter, r *http.Request) error {
	towns, err := s.towns(r)
	if err != nil {
		return err
	}
	slices.SortStableFunc(towns, func(a, b town) int { return a.Since.Compare(b.Since) })
	near := slices.ContainsFunc(towns, func(t town) bool { return len(t.InNear)+len(t.OutNear) > 0 })
	return s.Web.Render(w, r, http.StatusOK, "region/agreements", web.Page{
		Title: s.t(r, "region.agreements"), Description: s.t(r, "region.agreements.lede"), Canonical: s.Actors.Site().Origin + AgreementsPath,
		View: agreementsView{towns, near, s.Actors.Site().RelayID() + "/inbox"},
	})
}
