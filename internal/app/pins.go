package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/reach"
)

// mostPinnable is how many of the next events, and of the newest posts, an
// editor can choose from.
const mostPinnable = 20

// pins joins what can stand at the top of a club's page.
func (t *Town) pins() club.Pins {
	return club.Pins{
		Pinned: func(ctx context.Context, actorID string) ([]club.Pinned, error) {
			list, err := t.Objects.Pinned(ctx, actorID)
			if err != nil {
				return nil, err
			}
			return t.entitled(ctx, list)
		},
		Pinnable: t.pinnable,
		Pin:      t.Activities.Pin, Unpin: t.Activities.Unpin, Raise: t.Activities.RaisePin,
	}
}

func (t *Town) pinnable(ctx context.Context, actorID string) ([]club.Pinned, error) {
	events, err := t.Events.Upcoming(ctx, actorID, time.Now(), "", mostPinnable)
	if err != nil {
		return nil, err
	}
	var list []*object.Object
	for _, e := range events {
		list = append(list, &e.Object)
	}
	posts, err := t.Posts.List(ctx, post.Filter{By: actorID}, object.Page{Limit: mostPinnable})
	if err != nil {
		return nil, err
	}
	opportunities, err := t.Opportunities.List(ctx, opportunity.Filter{By: actorID}, object.Page{Limit: mostPinnable})
	if err != nil {
		return nil, err
	}
	for _, o := range opportunities {
		list = append(list, &o.Object)
	}
	list = slices.DeleteFunc(slices.Concat(list, posts), func(o *object.Object) bool {
		return o.AttributedTo != actorID // what is of a club that is a part of it by now cannot be pinned in its name
	})
	return t.entitled(ctx, list)
}

// reach gives the page that shows how far what a club publishes goes.
func (t *Town) reach(guard *page.Guard) *reach.Surface {
	return &reach.Surface{
		Guard: guard, Actors: t.Actors, Readers: t.readers, Clubs: club.Path, Types: []string{event.Type, post.Type, opportunity.Type},
		Entitle: func(ctx context.Context, list []*object.Object) ([]reach.Thing, error) {
			all, err := t.entitled(ctx, list)
			things := make([]reach.Thing, 0, len(all))
			for _, one := range all {
				things = append(things, reach.Thing{Href: one.Href, Title: one.Title, Line: one.Line})
			}
			return things, err
		},
	}
}

// entitled gives things by what they are called.
func (t *Town) entitled(ctx context.Context, list []*object.Object) ([]club.Pinned, error) {
	var all []club.Pinned
	for _, o := range list {
		one := club.Pinned{Key: o.Key(), Href: strings.TrimPrefix(o.URL, t.Config.Origin), Title: post.Headline(markup.Text(o.Content))}
		var err error
		switch o.Type {
		case event.Type:
			one.Title, one.Line, err = t.Events.Describe(ctx, o)
		case opportunity.Type:
			one.Title, one.Line, err = t.Opportunities.Describe(ctx, o)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
