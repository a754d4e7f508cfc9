package post

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

const (
	// perPage is how many posts a page of the board has.
	perPage = 20
	// maxChoice is among how many clubs a reader can choose; in a larger town the
	// pages of the clubs lead to their notices.
	maxChoice = 200
)

// wanted is what somebody asks the board for.
type wanted struct {
	Filter
	// club is the one of Filter.By, nil for all.
	club *actor.Actor
	// unknown are the words of what was asked for and is not there, by the key of
	// what it is.
	unknown map[string]string
	// before is the key of the last post of the page before, or "".
	before string
}

func (p *Pages) want(r *http.Request) (wanted, error) {
	q := r.URL.Query()
	a := wanted{before: q.Get("vor"), unknown: map[string]string{}}
	if slug := q.Get("art"); slug != "" {
		if a.Kind = kindOf(slug); a.Kind == "" {
			a.unknown["post.kind"] = slug
		}
	}
	if handle := q.Get("verein"); handle != "" {
		club, err := p.actors.Present(r.Context(), handle)
		switch {
		case problem.KindOf(err) == problem.NotFound || err == nil && club.Type != actor.Group:
			a.unknown["post.club"] = handle
		case err != nil:
			return a, err
		default:
			a.club, a.By = club, club.ID
		}
	}
	return a, nil
}

// handle is that of the club, or "".
func (a wanted) handle() string {
	if a.club == nil {
		return ""
	}
	return a.club.PreferredUsername
}

// href leads to the posts of a kind and a club that are older than before.
func href(kind, club, before string) string {
	q := url.Values{}
	for name, value := range map[string]string{"art": looks[kind].slug, "verein": club, "vor": before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/pinnwand"
	}
	return "/pinnwand?" + q.Encode()
}

type listView struct {
	Kinds component.Chips
	// Unknown is what was asked for and is not there.
	Unknown []page.Unknown
	// Clubs is the choice of a club, nil where there is none to choose from.
	Clubs *component.Filter
	// Club is the name of the club that is chosen, Kind the key of the word for the
	// kind; "" for none.
	Club, Kind string
	// Clear leads to the same of all clubs.
	Clear string
	Cards []component.PostCard
	Pager component.Pager
	Empty component.Empty
	// Subscribe are the feeds of what is listed.
	Subscribe page.Subscribe
	// New leads to the form of a new post, "" for who may not.
	New string
	// Done is the key of a sentence that says what was just done, or "".
	Done string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ask, err := p.want(r)
	if err != nil {
		return err
	}
	from := object.Page{Limit: perPage + 1}
	if ask.before != "" {
		from.Before = p.actors.Site().ObjectID(ask.before)
	}
	status, lang := http.StatusOK, p.web.Language(r)
	var list []*object.Object
	if len(ask.unknown) > 0 {
		status = http.StatusUnprocessableEntity
	} else if list, err = p.List(r.Context(), ask.Filter, from); err != nil {
		return err
	}
	view := listView{Unknown: p.unknown(ask, lang), Done: p.Flashed(r), Empty: ask.empty(), Subscribe: page.Subscribe{Origin: p.actors.Site().Origin, Feed: "/pinnwand"}}
	if ask.Kind != "" {
		view.Kind = KindKey(ask.Kind)
	}
	if ask.club != nil {
		view.Subscribe.Query, view.Subscribe.Follow = "verein="+ask.handle(), page.Follow(ask.By)
	}
	if len(list) > perPage {
		list = list[:perPage]
		view.Pager = component.Pager{Next: href(ask.Kind, ask.handle(), list[perPage-1].Key())}
	}
	if ask.before != "" {
		view.Pager.Prev = href(ask.Kind, ask.handle(), "")
	}
	if view.Cards, err = p.cards(r.Context(), list); err != nil {
		return err
	}
	if err := p.choices(r, ask, &view); err != nil {
		return err
	}
	p.keep(r, ask, len(list))
	title := p.web.T(lang, "nav.board")
	if view.Kind != "" {
		title = p.web.T(lang, view.Kind) + " – " + title
	}
	return p.web.Render(w, r, status, "post/list", web.Page{
		Title: title, Canonical: p.actors.Site().Origin + href(ask.Kind, ask.handle(), ""), View: view,
		Feeds: view.Subscribe.Head(p.web.T(lang, "nav.board")),
	})
}

// unknown names what is not there, each with the board without it.
func (p *Pages) unknown(ask wanted, lang string) []page.Unknown {
	var list []page.Unknown
	for _, key := range slices.Sorted(maps.Keys(ask.unknown)) {
		list = append(list, page.NewUnknown(p.web, lang, key, ask.unknown[key], href(ask.Kind, ask.handle(), "")))
	}
	return list
}

// keep keeps what everybody asks for: the pages of the whole board, and the
// first one of each kind. Ids of which nothing is known are without number.
func (p *Pages) keep(r *http.Request, ask wanted, posts int) {
	if len(ask.unknown) > 0 || ask.club != nil || ask.before != "" && (ask.Kind != "" || posts == 0) {
		return
	}
	p.web.Keep(r, href(ask.Kind, "", ask.before), time.Time{})
}

// empty says that the board has nothing of what was asked for.
func (a wanted) empty() component.Empty {
	if len(a.unknown) > 0 {
		return component.Empty{Key: "filter.unclear", TextKey: "filter.unclear.text", Href: "/pinnwand", ActionKey: "post.all", Small: true}
	}
	if a.Kind != "" || a.club != nil || a.before != "" {
		return component.Empty{Key: "post.nothing", TextKey: "post.nothing.text", Href: "/pinnwand", ActionKey: "post.all"}
	}
	return component.Empty{Key: "post.none", TextKey: "post.none.text", Href: "/vereine", ActionKey: "post.none.action"}
}

// choices writes into view how the board can be narrowed, and what is chosen.
func (p *Pages) choices(r *http.Request, ask wanted, view *listView) error {
	lang := p.web.Language(r)
	view.Kinds = component.Chips{Label: "post.kind", List: []component.Chip{{Key: "post.kind.all", Href: href("", ask.handle(), ""), Current: ask.Kind == ""}}}
	for _, kind := range Kinds {
		view.Kinds.List = append(view.Kinds.List, component.Chip{Key: KindKey(kind), Href: href(kind, ask.handle(), ""), Current: ask.Kind == kind})
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if who != nil && who.MustSpeak() == nil {
		view.New = Path + "neu"
	}
	clubs, err := p.pinning(r.Context(), maxChoice)
	if err != nil {
		return err
	}
	filter := &component.Filter{Action: "/pinnwand", Key: "post.club"}
	if ask.club != nil {
		view.Club, view.Clear = ask.club.DisplayName(), href(ask.Kind, "", "")
		filter.Set, filter.Clear = 1, view.Clear
	}
	if len(clubs) < 2 {
		return nil
	}
	if ask.club != nil && !slices.ContainsFunc(clubs, func(c club) bool { return c.handle == ask.handle() }) {
		clubs = append(clubs, club{ask.handle(), view.Club})
	}
	options := []component.Option{{Label: p.web.T(lang, "post.club.all"), Selected: ask.club == nil}}
	for _, c := range clubs {
		options = append(options, component.Option{Value: c.handle, Label: c.name, Selected: c.handle == ask.handle()})
	}
	filter.Fields = []component.Field{{Kind: "select", Name: "verein", Key: "post.club", Required: true, Options: options}}
	if ask.Kind != "" {
		filter.Hidden = []component.Option{{Value: "art", Label: looks[ask.Kind].slug}}
	}
	view.Clubs = filter
	return nil
}

// Cards gives the newest posts as cards; by narrows it to one club.
func (s *Posts) Cards(ctx context.Context, by string, limit int) ([]component.PostCard, error) {
	list, err := s.List(ctx, Filter{By: by}, object.Page{Limit: limit})
	if err != nil {
		return nil, err
	}
	return s.cards(ctx, list)
}

// CardsAfter gives the posts of a club as cards, the newest first, after the one
// with the key before, "" for the first ones. next is the key after which more
// follow, or "".
func (s *Posts) CardsAfter(ctx context.Context, by, before string, limit int) (cards []component.PostCard, next string, err error) {
	from := object.Page{Limit: limit + 1}
	if before != "" {
		from.Before = s.actors.Site().ObjectID(before)
	}
	list, err := s.List(ctx, Filter{By: by}, from)
	if err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].Key()
	}
	cards, err = s.cards(ctx, list)
	return cards, next, err
}

func (s *Posts) cards(ctx context.Context, list []*object.Object) ([]component.PostCard, error) {
	kinds, err := s.kindsOf(ctx, list)
	if err != nil {
		return nil, err
	}
	official, err := s.official(ctx)
	if err != nil {
		return nil, err
	}
	var all []component.PostCard
	for _, o := range list {
		kind := kinds[o.ID]
		c := component.PostCard{
			Href: Path + o.Key(), Content: component.SafeHTML(o.Content), Lang: o.Language, Kind: KindKey(kind), Tone: looks[kind].tone,
			By: o.Author.DisplayName(), ByHref: o.Author.URL, Published: o.Published.In(s.zone), Stale: o.Stale > 0,
		}
		if o.AttributedTo == official && kind == Announcement {
			c.Kind, c.Tone = officialKey, "town"
		}
		if o.Warning != "" {
			c.Content, c.Warned = component.SafeHTML(markup.Sanitize(o.Teaser())), true
		}
		c.Title, c.Text = headline(markup.Text(o.Teaser()))
		if len(o.Attachment) > 0 && o.Warning == "" {
			if c.Picture, err = page.Picture(ctx, s.pictures, o.Attachment[0]); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}
