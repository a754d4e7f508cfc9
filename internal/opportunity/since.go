package opportunity

import (
	"context"
	"net/url"
	"time"
)

// News is an opportunity in words, for a letter.
type News struct{ ID, Title, Line, URL string }

// Named says in one line what an address of the list asks for, and in one
// spelling; ok is false when it asks for what there is not.
func (s *Opportunities) Named(ctx context.Context, query url.Values, lang string) (name string, canonical url.Values, ok bool, err error) {
	c, err := s.quest(ctx, query)
	if err != nil {
		return "", nil, false, err
	}
	return c.name(lang), c.values(), len(c.wrong) == 0 && len(c.several) == 0, nil
}

// Since gives what an address of the list finds that came here from a time on, the
// newest first.
func (s *Opportunities) Since(ctx context.Context, query url.Values, after time.Time, lang string) ([]News, error) {
	c, err := s.quest(ctx, query)
	if err != nil || len(c.wrong) > 0 || len(c.several) > 0 {
		return nil, err
	}
	found, err := s.Search(ctx, c.Search)
	if err != nil {
		return nil, err
	}
	after = after.Truncate(time.Second) // that is what is kept of the times of things
	var fresh []Hit
	for _, h := range found.Hits {
		if !came(&h).Before(after) {
			fresh = append(fresh, h)
		}
	}
	sortHits(fresh, Newest)
	list, err := s.Hits(ctx, fresh)
	if err != nil {
		return nil, err
	}
	km := map[string]float64{}
	for _, h := range fresh {
		km[h.ID] = h.Km
	}
	var news []News
	for _, o := range list {
		line := o.headline(lang)
		if far := km[o.ID]; far >= 0 && !o.Remote {
			line += " · " + Away(lang, far)
		}
		if o.Author != nil {
			line += " · " + o.Author.DisplayName()
		}
		news = append(news, News{o.ID, o.Name, line, s.actors.Site().Origin + o.Href()})
	}
	return news, nil
}

// came is when this server learnt of something.
func came(h *Hit) time.Time {
	if h.Received.After(h.Published) {
		return h.Received
	}
	return h.Published
}
