package watch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// An Item is something that a search has found, in words.
type Item struct {
	ID, Title, Line, URL string
}

// A Finder looks for things as the address of their list says it.
type Finder interface {
	// Name says in one line what a query asks for; ok is false when there is nothing
	// that it could find any more.
	Name(ctx context.Context, query url.Values, lang string) (name string, canonical url.Values, ok bool, err error)
	// Since gives what a query finds that came here from a time on, the newest first.
	Since(ctx context.Context, query url.Values, after time.Time, lang string) ([]Item, error)
}

// A Courier tells people by mail what their searches have found.
type Courier struct {
	*Searches
	Finder   Finder
	Words    *locale.Catalogue
	Accounts *account.Accounts
	Post     *mail.Post
	// Secret seals the links of the letters.
	Secret func(ctx context.Context) ([]byte, error)
	Origin string
	Zone   *time.Location
}

const (
	// hour is when the letters go out, in the town's zone; those of the week on
	// Mondays.
	hour = 7
	// mostMailed is how many things stand in a letter; the list has them all.
	mostMailed = 20
)

// Rounds gives the last times at which letters of the day and of the week were
// due.
func (c *Courier) Rounds(now time.Time) (daily, weekly time.Time) {
	local := now.In(c.Zone)
	at := func(day int) time.Time {
		return time.Date(local.Year(), local.Month(), day, hour, 0, 0, 0, c.Zone)
	}
	day := local.Day()
	if at(day).After(now) {
		day--
	}
	daily = at(day)
	monday := (int(daily.Weekday()) + 6) % 7
	return daily.UTC(), at(day - monday).UTC()
}

// Tell writes the letters that are due: one to each person, with all that is new
// for those of his or her searches whose round it is.
func (c *Courier) Tell(ctx context.Context, now time.Time) error {
	if !c.Post.Ready() {
		return nil
	}
	daily, weekly := c.Rounds(now)
	list, err := c.due(ctx, daily, weekly)
	if err != nil {
		return err
	}
	var errs []error
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].AccountID == list[0].AccountID && list[n].Email == list[0].Email {
			n++
		}
		errs = append(errs, c.tell(ctx, list[:n], now.UTC().Truncate(time.Millisecond)))
		list = list[n:]
	}
	return errors.Join(errs...)
}

// section is what one search has found.
type section struct {
	name  string
	items []Item
	href  string
}

// tell writes to one person, and notes in the same transaction that it did.
func (c *Courier) tell(ctx context.Context, list []*Search, now time.Time) error {
	to, name, lang, err := c.reader(ctx, list[0])
	if problem.KindOf(err) == problem.NotFound {
		return nil // somebody leaves in this moment
	}
	if err != nil {
		return err
	}
	sections, hits, err := c.sections(ctx, list, lang, now)
	if err != nil {
		return fmt.Errorf("look what is new for a search: %w", err)
	}
	var letter *mail.Letter
	if len(hits) > 0 {
		if letter, err = c.letter(ctx, list[0], lang, sections, len(hits)); err != nil {
			return fmt.Errorf("write what is new for a search: %w", err)
		}
		letter.To, letter.Name = to, name
	}
	return c.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		mine, err := c.note(ctx, tx, now, list, hits)
		if err != nil || !mine || letter == nil {
			return err
		}
		return c.Post.Send(ctx, tx, *letter)
	})
}

// reader gives to whom is written, and in which language.
func (c *Courier) reader(ctx context.Context, one *Search) (to, name, lang string, err error) {
	if one.AccountID == "" {
		return one.Email, "", one.Language, nil
	}
	a, err := c.Accounts.Find(ctx, one.AccountID)
	if err != nil {
		return "", "", "", err
	}
	lang, err = c.Accounts.Language(ctx, a.ID)
	return a.Email, a.Name, lang, err
}

// sections looks what each of the searches has found that the person was not
// told of.
func (c *Courier) sections(ctx context.Context, list []*Search, lang string, now time.Time) ([]section, []*hit, error) {
	known, err := c.told(ctx, list[0])
	if err != nil {
		return nil, nil, err
	}
	var all []section
	var hits []*hit
	for _, one := range list {
		query, err := url.ParseQuery(one.Query)
		if err != nil {
			continue // it was stored by another version, and finds nothing
		}
		name, canonical, ok, err := c.Finder.Name(ctx, query, lang)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		after := one.Created
		if back := now.Add(-window); after.Before(back) {
			after = back
		}
		items, err := c.Finder.Since(ctx, query, after, lang)
		if err != nil {
			return nil, nil, err
		}
		s := section{name: name, href: c.Origin + listPath + "?" + canonical.Encode()}
		for _, i := range items {
			if known[i.ID] {
				continue
			}
			known[i.ID] = true
			s.items = append(s.items, i)
			hits = append(hits, &hit{SearchID: one.ID, ObjectID: i.ID, Sent: now})
		}
		if len(s.items) > 0 {
			all = append(all, s)
		}
	}
	return all, hits, nil
}

// letter writes the words.
func (c *Courier) letter(ctx context.Context, one *Search, lang string, sections []section, n int) (*mail.Letter, error) {
	key, err := c.Secret(ctx)
	if err != nil {
		return nil, err
	}
	manage := c.Origin + managePath + Token(key, one.ID)
	w := locale.Wording{Words: c.Words, Lang: lang}
	l := &mail.Letter{
		Cause: "search " + uuid.Must(uuid.NewV7()).String(), // what was told is kept, so nothing is told twice
		Lang:  lang, Subject: w.Count("letter.search", n), Unsubscribe: manage,
	}
	left := mostMailed
	for _, s := range sections {
		l.Text = append(l.Text, w.Say("letter.search.for", s.name))
		for _, i := range s.items[:min(left, len(s.items))] {
			l.Text = append(l.Text, i.Title+"\n"+i.Line+"\n"+i.URL)
		}
		if more := len(s.items) - left; more > 0 {
			l.Text = append(l.Text, w.Count("letter.search.more", more)+"\n"+s.href)
		}
		left = max(0, left-len(s.items))
	}
	l.Action = mail.Action{Label: w.Say("letter.search.all", nil), URL: sections[0].href}
	l.After = []string{w.Say("letter.search.change", nil) + "\n" + manage}
	return l, w.Err
}
