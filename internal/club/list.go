package club

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

const (
	// perPage is how many clubs a page of the directory has.
	perPage = 60
	// lettersFrom is from how many clubs on the directory shows its letters.
	lettersFrom = 30
	// maxQuery is how much of what somebody looks for is read, in characters, and
	// maxWords in words.
	maxQuery = 100
	maxWords = 8
)

// entry is a club as the directory sorts and finds it.
type entry struct {
	id, handle, name, field string
	// text is the Markdown in which the club speaks of itself.
	text, order string
}

// The directory reads all clubs: they are few, even in a large town, and no
// database sorts and compares as people do. Their texts are read only when
// somebody looks for a word.
var (
	listEntries = database.NewStatement("SELECT id, preferred_username, name FROM actors WHERE local AND type = 'Group' AND state = 'active' AND merged IS NULL AND NOT limited AND stale < 2")
	listFields  = database.NewStatement("SELECT actor_id, field, '' FROM clubs WHERE field > ''")
	listTexts   = database.NewStatement("SELECT actor_id, field, source FROM clubs")
)

// entries gives all active clubs in the order of their names, with what they
// say of themselves if texts is true.
func (s *Clubs) entries(ctx context.Context, texts bool) ([]entry, error) {
	said := listFields
	if texts {
		said = listTexts
	}
	more := map[string]entry{}
	err := s.each(ctx, said, func(rows *sql.Rows) error {
		var e entry
		err := rows.Scan(&e.id, &e.field, &e.text)
		more[e.id] = e
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []entry
	err = s.each(ctx, listEntries, func(rows *sql.Rows) error {
		var e entry
		err := rows.Scan(&e.id, &e.handle, &e.name)
		e.field, e.text, e.order = more[e.id].field, more[e.id].text, order(e.name)
		all = append(all, e)
		return err
	})
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(strings.Compare(a.order, b.order), strings.Compare(a.id, b.id)) })
	return all, err
}

// each hands every row of a statement to do.
func (s *Clubs) each(ctx context.Context, list *database.Statement, do func(*sql.Rows) error) error {
	rows, err := list.Query(ctx, s.db.Read())
	if err != nil {
		return fmt.Errorf("list clubs: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	for rows.Next() {
		if err := do(rows); err != nil {
			return fmt.Errorf("list clubs: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list clubs: %w", err)
	}
	return nil
}

// wanted is what somebody asks the directory for.
type wanted struct {
	// text are the words as they were typed, field is one of Fields, and from the
	// handle of the first club of the page.
	text, field, from string
	// unknown is a field of activity that was asked for and is none, or "".
	unknown string
	// fields are the town's words for what clubs do.
	fields term.Book
}

func want(q url.Values, fields term.Book) wanted {
	a := wanted{text: typed(q.Get("q")), from: strings.ToLower(strings.TrimPrefix(q.Get("ab"), "@")), fields: fields}
	if slug := q.Get("feld"); slug != "" {
		if t := fields.Find(TermList, slug); t != nil {
			a.field = t.Key
		} else {
			a.unknown = slug
		}
	}
	return a
}

// typed is what somebody looks for as it is shown again: what can be seen of
// it, on one line.
func typed(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return string(runes[:min(len(runes), maxQuery)])
}

// href leads to the clubs of field, from the club called from on.
func (a wanted) href(field, from string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": a.text, "feld": a.slug(field), "ab": from} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/vereine"
	}
	return "/vereine?" + q.Encode()
}

// slug names a field in addresses.
func (a wanted) slug(field string) string {
	if t := a.fields.Find(TermList, field); t != nil {
		return t.Slug
	}
	return ""
}

// find leaves of all those clubs in which every word that is looked for stands.
// about gives further words for a field of activity.
func (a wanted) find(all []entry, about func(field string) string) []entry {
	words := strings.Fields(fold(a.text))
	words = words[:min(len(words), maxWords)]
	if len(words) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(e entry) bool {
		hay := fold(e.name + " " + e.handle + " " + e.text + " " + about(e.field))
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(hay, w) })
	})
}

// letter leads to the first club of a letter, in the page where that is.
type letter struct{ Name, Href string }

type listView struct {
	Query string
	Slug  string
	// Field is the key of the word for the field that is chosen, or "".
	Field string
	Total int
	// Choices has the fields of activity, none when there is nothing to choose.
	Choices component.Chips
	Letters []letter
	Cards   []component.ClubCard
	Pager   component.Pager
	// Unknown is what was asked for and is not there.
	Unknown []page.Unknown
	// Narrow tells whether something is left out.
	Narrow bool
	Empty  component.Empty
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	until := prepared.NextMinute()
	ask := want(r.URL.Query(), p.fields())
	all, err := p.entries(r.Context(), ask.text != "")
	if err != nil {
		return err
	}
	view := listView{Query: ask.text, Slug: ask.slug(ask.field), Narrow: ask.text != "" || ask.field != ""}
	all = ask.find(all, p.fieldWords)
	view.Choices = ask.choices(all)
	if ask.unknown != "" {
		return p.listUnknown(w, r, ask, &view)
	}
	if ask.field != "" {
		all = slices.DeleteFunc(all, func(e entry) bool { return e.field != ask.field })
	}
	if view.Total = len(all); ask.field != "" {
		view.Field = FieldKey(ask.field)
	}
	shown, err := ask.page(&view, all)
	if err != nil {
		return err
	}
	if view.Cards, err = p.cards(r, shown); err != nil {
		return err
	}
	view.Empty = component.Empty{Key: "club.none", TextKey: "club.none.text", Href: "/", ActionKey: "error.home"}
	if view.Narrow {
		view.Empty = component.Empty{Key: "club.list.nothing", TextKey: "club.list.nothing.text", Href: "/vereine", ActionKey: "club.list.all"}
	}
	p.keep(r, ask, shown, until)
	answer := web.Page{Title: p.web.T(p.web.Language(r), "nav.clubs"), Canonical: p.actors.Site().Origin + ask.href(ask.field, ""), View: view}
	if view.Field != "" {
		answer.Title = p.web.T(p.web.Language(r), view.Field)
	}
	return p.web.Render(w, r, http.StatusOK, "club/list", answer)
}

// listUnknown answers who asks for a field of activity that is none.
func (p *Pages) listUnknown(w http.ResponseWriter, r *http.Request, ask wanted, view *listView) error {
	lang := p.web.Language(r)
	view.Unknown = []page.Unknown{page.NewUnknown(p.web, lang, "club.field", ask.unknown, ask.href("", ""))}
	view.Empty = component.Empty{Key: "filter.unclear", TextKey: "filter.unclear.text", Href: "/vereine", ActionKey: "club.list.all", Small: true}
	return p.web.Render(w, r, http.StatusUnprocessableEntity, "club/list", web.Page{
		Title: p.web.T(lang, "nav.clubs"), Canonical: p.actors.Site().Origin + ask.href("", ""), View: view,
	})
}

// keep keeps what everybody asks for: the pages of the whole directory and the
// first one of each field. Words are without number.
func (p *Pages) keep(r *http.Request, ask wanted, shown []entry, until time.Time) {
	if ask.text != "" || ask.field != "" && ask.from != "" {
		return
	}
	tags := make([]string, 0, len(shown))
	for _, e := range shown {
		tags = append(tags, e.id) // who follows it is counted
	}
	p.web.Keep(r, ask.href(ask.field, ask.from), until, tags...)
}

// fieldWords are the words for a field in all languages.
func (p *Pages) fieldWords(field string) string {
	if field == "" {
		return ""
	}
	fields := p.fields()
	return fields.Word(TermList, "de", field) + " " + fields.Word(TermList, "en", field)
}

// choices are the fields that some of the clubs have, and all of them together.
func (a wanted) choices(clubs []entry) component.Chips {
	n := map[string]int{}
	for _, e := range clubs {
		n[e.field]++
	}
	chip := func(key, field string, n int) component.Chip {
		return component.Chip{Key: key, Href: a.href(field, ""), Count: component.Count(n), Current: a.field == field}
	}
	list := []component.Chip{chip("club.list.any", "", len(clubs))}
	for _, t := range a.fields[TermList] {
		if n[t.Key] > 0 || t.Key == a.field {
			list = append(list, chip(FieldKey(t.Key), t.Key, n[t.Key]))
		}
	}
	if len(list) == 1 {
		list = nil
	}
	return component.Chips{Label: "club.field", List: list}
}

// page gives the clubs that stand on the page, and writes into view how to go on.
func (a wanted) page(view *listView, clubs []entry) ([]entry, error) {
	if len(clubs) > lettersFrom {
		for _, e := range clubs {
			if l := letterOf(e.order); len(view.Letters) == 0 || view.Letters[len(view.Letters)-1].Name != l {
				view.Letters = append(view.Letters, letter{l, a.href(a.field, e.handle)})
			}
		}
	}
	first := 0
	if a.from != "" {
		if first = slices.IndexFunc(clubs, func(e entry) bool { return e.handle == a.from }); first < 0 {
			return nil, problem.NotFoundf("the directory has no club %q", a.from)
		}
	}
	if first > 0 {
		view.Pager.Prev = a.href(a.field, clubs[max(0, first-perPage)].handle)
		if first <= perPage {
			view.Pager.Prev = a.href(a.field, "")
		}
	}
	clubs = clubs[first:]
	if len(clubs) > perPage {
		view.Pager.Next, view.Pager.Note = a.href(a.field, clubs[perPage].handle), clubs[perPage].name
		clubs = clubs[:perPage]
	}
	return clubs, nil
}

// cards gives the clubs of a page with all that is shown of them.
func (p *Pages) cards(r *http.Request, shown []entry) ([]component.ClubCard, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	ctx, lang := r.Context(), p.web.Language(r)
	ids := make([]string, 0, len(shown))
	for _, e := range shown {
		ids = append(ids, e.id)
	}
	actors, err := p.actors.FindAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	followers, err := p.actors.CountFollowers(ctx, ids)
	if err != nil {
		return nil, err
	}
	events, err := p.Upcoming(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []component.ClubCard
	for _, e := range shown {
		a := actors[e.id]
		if a == nil {
			continue // archived since it was listed
		}
		c := clubCard(a)
		if e.field != "" {
			c.Field = p.web.T(lang, FieldKey(e.field))
		}
		var notes []string
		if n := followers[e.id]; n > 0 {
			notes = append(notes, p.web.Plural(lang, "club.card.followers", n))
		}
		if n := events[e.id]; n > 0 {
			notes = append(notes, p.web.Plural(lang, "club.card.events", n))
		}
		if a.MovedTo != "" {
			notes = []string{p.web.T(lang, "club.card.moved")}
		}
		c.Note = strings.Join(notes, "\u00a0· ")
		list = append(list, c)
	}
	return list, nil
}

// maxCard is how much of a summary a card shows, in characters.
const maxCard = 140

// Cards gives at most limit of the active clubs as cards, by name, beginning
// with the club from; nil is the first one.
func (s *Clubs) Cards(ctx context.Context, from *actor.Actor, limit int) ([]component.ClubCard, error) {
	list, err := s.actors.ListFrom(ctx, actor.Group, from, limit)
	if err != nil {
		return nil, err
	}
	var cards []component.ClubCard
	for _, a := range list {
		cards = append(cards, clubCard(a))
	}
	return cards, nil
}

func clubCard(a *actor.Actor) component.ClubCard {
	return component.ClubCard{
		Href: Path + a.PreferredUsername, Name: a.DisplayName(), Handle: a.Handle(),
		Summary: markup.Teaser(markup.Text(a.Summary), maxCard), IconURL: page.Local(a.IconURL), IconAlt: a.IconName, Stale: a.Stale > 0,
	}
}
