package timeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// A Courier tells people by mail what is new for them, as they chose.
type Courier struct {
	*Gazette
	Words    *locale.Catalogue
	Accounts *account.Accounts
	Actors   *actor.Actors
	// Write does something in a transaction.
	Write func(ctx context.Context, do func(ctx context.Context, tx bun.Tx) error) error
	Post  *mail.Post
	// Secret seals the links that end mails.
	Secret func(ctx context.Context) ([]byte, error)
}

// Settling is how long after it came something is told of: what is being
// committed by another process must not be overtaken.
const Settling = 10 * time.Second

const (
	// behind is how long something may wait to be fetched before it counts.
	behind = 10 * time.Minute
	// digestHour is when the mail of the day goes out, in the town's zone.
	digestHour = 7
	// longestAway is how far back a mail looks at most, when none could be sent.
	longestAway = 7 * 24 * time.Hour
	// mostMailed is how many news stand in a mail; the page has them all.
	mostMailed = 20
)

// Tell mails what is new until now: at once to who wants that, and in the
// morning, once a day, the rest.
func (c *Courier) Tell(ctx context.Context, now time.Time) error {
	if !c.Post.Ready() {
		return nil
	}
	now = now.UTC().Truncate(time.Millisecond)
	readers, err := c.Notifications.Readers(ctx, now)
	if err != nil || len(readers) == 0 {
		return err
	}
	var errs []error
	until := now.Add(-Settling)
	first := readers[0].Told
	for _, r := range readers {
		if r.Told.Before(first) {
			first = r.Told
		}
	}
	stirred, err := c.Notifications.Stirred(ctx, first.Add(-behind))
	if err != nil {
		return err
	}
	morning := c.Morning(now)
	for _, r := range readers {
		if stirred && r.Told.Before(until) {
			errs = append(errs, c.tell(ctx, r, notification.AtOnce, r.Told, until))
		}
		if r.Digested.Before(morning) {
			errs = append(errs, c.tell(ctx, r, notification.Daily, r.Digested, morning))
		}
	}
	return errors.Join(errs...)
}

// Morning gives the last time that mails of the day were due.
func (c *Courier) Morning(now time.Time) time.Time {
	local := now.In(c.Zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), digestHour, 0, 0, 0, c.Zone)
	if at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()-1, digestHour, 0, 0, 0, c.Zone)
	}
	return at.UTC()
}

// tell mails one reader what came between two times, if there is anything, and
// notes in the same transaction that it did.
func (c *Courier) tell(ctx context.Context, r notification.Reader, pace notification.Pace, after, until time.Time) error {
	if back := until.Add(-longestAway); after.Before(back) {
		after = back
	}
	letter, err := c.letter(ctx, r.AccountID, pace, after, until)
	if err != nil {
		return fmt.Errorf("write of news: %w", err)
	}
	return c.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		mine, err := c.Notifications.Tell(ctx, tx, r, pace, until)
		if err != nil || !mine || letter == nil {
			return err
		}
		return c.Post.Send(ctx, tx, *letter)
	})
}

// letter gives what a person is told; nil when there is nothing.
func (c *Courier) letter(ctx context.Context, accountID string, pace notification.Pace, after, until time.Time) (*mail.Letter, error) {
	choices, err := c.Notifications.Choices(ctx, accountID)
	if err != nil {
		return nil, err
	}
	if len(choices.Of(pace)) == 0 {
		return nil, nil
	}
	who, err := page.FindPerson(ctx, c.Accounts, c.Actors, accountID)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	may := notification.For(len(who.Clubs) > 0, who.Staff(), who.Hall())
	kinds := slices.DeleteFunc(choices.Of(pace), func(k notification.Kind) bool { return !slices.Contains(may, k) })
	if len(kinds) == 0 {
		return nil, nil
	}
	items, err := c.items(ctx, who, notification.Span{Kinds: kinds, After: after, Until: until, Limit: maxNews})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	lang, err := c.Accounts.Language(ctx, accountID)
	if err != nil {
		return nil, err
	}
	secret, err := c.Secret(ctx)
	if err != nil {
		return nil, err
	}
	l := &mail.Letter{
		Cause: "news " + uuid.Must(uuid.NewV7()).String(), // the mark of the reader keeps it from being told twice
		To:    who.Email, Name: who.Name, Lang: lang,
		Unsubscribe: c.Origin + "/abbestellen/" + notification.Token(secret, accountID, kinds),
	}
	return l, c.fill(l, pace, items, until)
}

// fill writes the words.
func (c *Courier) fill(l *mail.Letter, pace notification.Pace, items []item, until time.Time) error {
	w := &wording{locale.Wording{Words: c.Words, Lang: l.Lang}}
	switch {
	case pace == notification.Daily:
		l.Subject = w.Say("letter.daily", locale.Date(l.Lang, until.In(c.Zone)))
	case len(items) == 1:
		l.Subject = w.sentence(items[0])
	default:
		l.Subject = w.Count("letter.news", len(items))
	}
	l.Text = append(l.Text, w.Count("letter.intro", len(items)))
	for _, i := range items[:min(len(items), mostMailed)] {
		l.Text = append(l.Text, w.item(i, c.Origin))
	}
	if more := len(items) - mostMailed; more > 0 {
		l.Text = append(l.Text, w.Count("letter.more", more))
	}
	l.Action = mail.Action{Label: w.Say("letter.all", nil), URL: c.Origin + "/neues"}
	l.After = []string{w.Say("letter.choose", nil) + "\n" + c.Origin + "/konto/einstellungen"}
	return w.Err
}

// wording writes news in one language.
type wording struct{ locale.Wording }

// sentence says who did what, without what was written.
func (w *wording) sentence(i item) string {
	s := w.Say(i.Key, map[string]any{"Club": i.Club})
	if i.Name != "" {
		s = i.Name + " " + s
	}
	return strings.TrimSuffix(s, ":")
}

// item says what happened and where it can be read. What is not public, and
// what somebody reports, is not written into a mail: mails pass through many
// hands.
func (w *wording) item(i item, origin string) string {
	lines := []string{w.sentence(i)}
	if i.Handle != "" {
		lines[0] = strings.Replace(lines[0], i.Name, i.Name+" ("+i.Handle+")", 1)
	}
	switch {
	case i.Private || i.Key == "news.report" || i.Key == "news.barrier" || i.Key == "news.hint" || i.Key == "news.hint.late":
		lines = append(lines, w.Say("letter.private", nil))
	case i.Text != "":
		lines = append(lines, w.Say("letter.quote", i.Text))
	}
	if i.Href != "" {
		to := i.Href
		if strings.HasPrefix(to, "/") {
			to = origin + to
		}
		lines = append(lines, to)
	}
	return strings.Join(lines, "\n")
}
