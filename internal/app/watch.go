package app

import (
	"context"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/watch"
)

// keeping is the purpose of the secret that seals the links of kept searches.
const keeping = "links of kept searches"

// finder lets kept searches look through the opportunities.
type finder struct{ *opportunity.Opportunities }

// Name implements watch.Finder.
func (f finder) Name(ctx context.Context, query url.Values, lang string) (name string, canonical url.Values, ok bool, err error) {
	return f.Named(ctx, query, lang)
}

// Since implements watch.Finder.
func (f finder) Since(ctx context.Context, query url.Values, after time.Time, lang string) ([]watch.Item, error) {
	list, err := f.Opportunities.Since(ctx, query, after, lang)
	var items []watch.Item
	for _, n := range list {
		items = append(items, watch.Item(n))
	}
	return items, err
}

// watcher gives what tells by mail what kept searches have found.
func (t *Town) watcher() (*watch.Courier, error) {
	words, err := t.catalogue()
	if err != nil {
		return nil, err
	}
	return &watch.Courier{
		Searches: watch.New(t.db), Finder: finder{t.Opportunities}, Words: words, Accounts: t.Accounts, Post: t.Mail,
		Secret: t.keepingSecret, Origin: t.Config.Origin, Zone: t.Config.Location(),
	}, nil
}

func (t *Town) keepingSecret(ctx context.Context) ([]byte, error) {
	return t.Actors.Secret(ctx, keeping)
}

// watchPages gives the pages of kept searches.
func (t *Town) watchPages(guard *page.Guard) *watch.Surface {
	return &watch.Surface{
		Guard: guard, Searches: t.Watcher.Searches, Finder: finder{t.Opportunities}, Accounts: t.Accounts, Letters: t.Clubs.Letters, Secret: t.keepingSecret,
	}
}
