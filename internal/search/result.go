package search

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web/component"
)

// result is a thing that was found, as the page shows it.
type result struct {
	Href string
	// Lang is the language of its words, "" when it is that of the page.
	Lang                   string
	Title, Text, Place, By []Piece
	Start                  time.Time
	When                   string
	Cancelled              bool
	// Handle is the address of an actor.
	Handle string
	// Time is when it was published.
	Time time.Time
}

// Dated tells whether it has a day of its own: what is done whenever somebody has
// time says when, but has no leaf of a calendar.
func (r result) Dated() bool { return !r.Start.IsZero() }

// Leaf is the leaf of the calendar beside it.
func (r result) Leaf() component.Leaf { return component.Leaf{Time: r.Start, Off: r.Cancelled} }

// results reads what was found, in its order.
func (s *Surface) results(ctx context.Context, k Kind, q Query, hits []hit, lang string) ([]result, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	read := s.objects
	if k.Actors {
		read = s.actors
	}
	found, err := read(ctx, k, q, ids, lang)
	if err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	var list []result
	for _, id := range ids {
		if r, ok := found[id]; ok { // it may have gone just now
			list = append(list, r)
		}
	}
	return list, nil
}

func (s *Surface) objects(ctx context.Context, k Kind, q Query, ids []string, lang string) (map[string]result, error) {
	db := s.Index.db.Read()
	var list []*object.Object
	err := db.NewSelect().Model(&list).Relation("Author").Where("object.id IN (?)", bun.List(ids)).Apply(object.VisibleTo(object.Viewer{})).Scan(ctx)
	if err != nil {
		return nil, err
	}
	facts, err := k.facts(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	found := map[string]result{}
	for _, o := range list {
		title, text := k.title(o), markup.Text(o.Teaser())
		if rest, ok := strings.CutPrefix(text, strings.TrimSuffix(title, " …")); ok && o.Name == "" {
			text = strings.TrimLeft(rest, ".")
		}
		f := facts[o.ID]
		r := result{
			Href: s.path(o.URL), Lang: o.Language, Title: q.marked(title), Text: q.excerpt(text),
			Start: f.Start, Place: q.marked(f.Place), Cancelled: f.Cancelled, By: q.marked(o.Author.DisplayName()), Time: o.Published.In(s.Zone),
		}
		if r.Lang == lang {
			r.Lang = ""
		}
		if f.When != nil {
			r.When = f.When(lang)
		}
		found[o.ID] = r
	}
	return found, nil
}

func (s *Surface) actors(ctx context.Context, _ Kind, q Query, ids []string, _ string) (map[string]result, error) {
	var list []*actor.Actor
	if err := s.Index.db.Read().NewSelect().Model(&list).Where("actor.id IN (?)", bun.List(ids)).Apply(active).Scan(ctx); err != nil {
		return nil, err
	}
	found := map[string]result{}
	for _, a := range list {
		found[a.ID] = result{Href: s.path(a.URL), Title: q.marked(a.DisplayName()), Text: q.excerpt(markup.Text(a.Summary)), Handle: a.Handle()}
	}
	return found, nil
}

// path gives the path of one of our own addresses.
func (s *Surface) path(address string) string { return strings.TrimPrefix(address, s.Origin) }
