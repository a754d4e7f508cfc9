package upkeep

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

const (
	// letterDay and letterHour are when the letters of a week go out, in the
	// town's zone.
	letterDay  = time.Monday
	letterHour = 8
	// mostListed is how many things stand in a letter; the page has them all.
	mostListed = 20
	// pause is how long after a letter the town hall may not send another one.
	pause = 24 * time.Hour
)

// A Courier lets the ladder go its steps, and writes the letters of it: one for
// each person, with all that this person cares for.
type Courier struct {
	Care          *care.Care
	Notifications *notification.Notifications
	Accounts      *account.Accounts
	Actors        *actor.Actors
	Words         *locale.Catalogue
	// Write does something in a transaction.
	Write  func(ctx context.Context, do func(ctx context.Context, tx bun.Tx) error) error
	Post   *mail.Post
	Origin string
	// Zone is the town's.
	Zone *time.Location
	// Secret seals the links that end mails, Key those that confirm.
	Secret, Key func(ctx context.Context) ([]byte, error)
}

// Run takes every step that is due at the time now. In a town that sends no
// mail there is none: nothing is greyed of which nobody was told. The same
// holds for what nobody cares for who could be told; the list of the town hall
// has it all.
func (c *Courier) Run(ctx context.Context, now time.Time) error {
	if !c.Post.Ready() {
		return nil
	}
	now = now.UTC().Truncate(time.Second)
	rules, err := c.Care.Rules(ctx)
	if err != nil {
		return err
	}
	things, err := c.Care.List(ctx, now, nil)
	if err != nil {
		return err
	}
	due := map[int][]*care.Thing{}
	for _, t := range things {
		step := rules.Next(t, now)
		due[step] = append(due[step], t)
	}
	if len(due[care.Greyed])+len(due[care.LeftOut]) > 0 {
		err := c.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			for _, step := range []int{care.Greyed, care.LeftOut} {
				if err := c.Care.Took(ctx, tx, now, step, ids(due[step])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("grey what nobody confirms: %w", err)
		}
	}
	last, err := c.Care.Round(ctx, now)
	if err != nil || !last.Before(c.Morning(now)) {
		return err
	}
	return c.round(ctx, now, last, rules, things, due)
}

// Morning gives the last time that letters were due.
func (c *Courier) Morning(now time.Time) time.Time {
	local := now.In(c.Zone)
	back := (int(local.Weekday()) - int(letterDay) + 7) % 7
	at := time.Date(local.Year(), local.Month(), local.Day()-back, letterHour, 0, 0, 0, c.Zone)
	if at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()-back-7, letterHour, 0, 0, 0, c.Zone)
	}
	return at.UTC()
}

func ids(things []*care.Thing) []string {
	var list []string
	for _, t := range things {
		list = append(list, t.ID)
	}
	return list
}

// round sends the letters of a week.
func (c *Courier) round(ctx context.Context, now, last time.Time, rules care.Rules, things []*care.Thing, due map[int][]*care.Thing) error {
	worst := map[string]int{} // step by club
	for _, step := range []int{care.FirstLetter, care.Reminder, care.LastLetter} {
		for _, t := range due[step] {
			worst[t.ClubID] = max(worst[t.ClubID], step)
		}
	}
	readers, heard, err := c.readers(ctx, worst)
	if err != nil {
		return err
	}
	var letters []*mail.Letter
	for _, r := range readers {
		l, err := c.letter(ctx, r, rules, things, now)
		if err != nil {
			return err
		}
		letters = append(letters, l)
	}
	return c.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		mine, err := c.Care.BeginRound(ctx, tx, last, now)
		if err != nil || !mine {
			return err
		}
		for _, step := range []int{care.FirstLetter, care.Reminder, care.LastLetter} {
			told := slices.DeleteFunc(slices.Clone(due[step]), func(t *care.Thing) bool { return !heard[t.ClubID] })
			if err := c.Care.Took(ctx, tx, now, step, ids(told)); err != nil {
				return err
			}
		}
		return c.send(ctx, tx, letters)
	})
}

func (c *Courier) send(ctx context.Context, tx bun.Tx, letters []*mail.Letter) error {
	for _, l := range letters {
		if err := c.Post.Send(ctx, tx, *l); err != nil {
			return fmt.Errorf("ask whether all is still true: %w", err)
		}
	}
	return nil
}

// reader is who gets a letter, and the step that is the worst of it.
type reader struct {
	who  *page.Person
	step int
}

// readers gives the editors of clubs who wish such letters, each once, and of
// which clubs somebody hears.
func (c *Courier) readers(ctx context.Context, worst map[string]int) (list []reader, heard map[string]bool, err error) {
	heard, at := map[string]bool{}, map[string]int{}
	for _, clubID := range sorted(worst) {
		roles, err := c.Actors.Editors(ctx, clubID)
		if err != nil {
			return nil, nil, err
		}
		for _, id := range sorted(roles) {
			wants, err := c.Notifications.Choices(ctx, id)
			if err != nil {
				return nil, nil, err
			}
			if wants[notification.Care] == notification.Never {
				continue
			}
			i, known := at[id]
			if !known {
				who, err := page.FindPerson(ctx, c.Accounts, c.Actors, id)
				if problem.KindOf(err) == problem.NotFound {
					continue
				}
				if err != nil {
					return nil, nil, err
				}
				i, at[id] = len(list), len(list)
				list = append(list, reader{who: who})
			}
			heard[clubID] = true
			list[i].step = max(list[i].step, worst[clubID])
		}
	}
	return list, heard, nil
}

func sorted[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// Remind writes to the editors of a club at once, as the town hall wishes. It is
// a problem.Conflict when they had a letter within a day, and a
// problem.NotFound when nobody can be told.
func (c *Courier) Remind(ctx context.Context, by, clubID string) error {
	if err := c.Actors.May(ctx, c.Actors.Reader(), by, clubID, actor.Moderate); err != nil {
		return err
	}
	now := c.Care.Now()
	rules, err := c.Care.Rules(ctx)
	if err != nil {
		return err
	}
	things, err := c.Care.List(ctx, now, nil)
	if err != nil {
		return err
	}
	step := 0
	var its []*care.Thing
	for _, t := range things {
		if t.ClubID != clubID {
			continue
		}
		if now.Sub(t.Told) < pause && t.Step > 0 && t.Step <= care.LastLetter {
			return problem.Conflictf("the editors of %s had a letter already", t.Handle)
		}
		its, step = append(its, t), max(step, min(max(t.Step, care.FirstLetter), care.LastLetter))
	}
	readers, heard, err := c.readers(ctx, map[string]int{clubID: step})
	if err != nil {
		return err
	}
	if !c.Post.Ready() || !heard[clubID] || len(its) == 0 {
		return problem.NotFoundf("nobody can be told")
	}
	var letters []*mail.Letter
	for _, r := range readers {
		l, err := c.letter(ctx, r, rules, things, now)
		if err != nil {
			return err
		}
		letters = append(letters, l)
	}
	return c.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, t := range its {
			if t.Step > care.LastLetter {
				continue // it is greyed already
			}
			if err := c.Care.Took(ctx, tx, now, max(t.Step, care.FirstLetter), []string{t.ID}); err != nil {
				return err
			}
		}
		if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "care.remind", Target: clubID}); err != nil {
			return err
		}
		return c.send(ctx, tx, letters)
	})
}

// letter writes to one person of all stale things that he or she cares for.
func (c *Courier) letter(ctx context.Context, r reader, rules care.Rules, things []*care.Thing, now time.Time) (*mail.Letter, error) {
	lang, err := c.Accounts.Language(ctx, r.who.ID)
	if err != nil {
		return nil, err
	}
	secret, err := c.Secret(ctx)
	if err != nil {
		return nil, err
	}
	key, err := c.Key(ctx)
	if err != nil {
		return nil, err
	}
	var own []*care.Thing
	for _, t := range things {
		if r.who.Speaks(t.ClubID) {
			own = append(own, t)
		}
	}
	w := locale.Wording{Words: c.Words, Lang: lang}
	n := strconv.Itoa(r.step)
	l := &mail.Letter{
		Cause: "care " + uuid.Must(uuid.NewV7()).String(), // the mark of the round keeps it from being sent twice
		To:    r.who.Email, Name: r.who.Name, Lang: lang, Subject: w.Say("letter.care."+n, nil),
		Text:        []string{w.Count("letter.care.intro", len(own))},
		Action:      mail.Action{Label: w.Say("letter.care.do", nil), URL: c.Origin + page.CarePath + "/" + Token(key, r.who.ID, now.Add(tokenLife))},
		Unsubscribe: c.Origin + "/abbestellen/" + notification.Token(secret, r.who.ID, []notification.Kind{notification.Care}),
	}
	for _, t := range own[:min(len(own), mostListed)] {
		l.Text = append(l.Text, strings.Join([]string{
			w.Say("letter.care.thing", map[string]string{"Kind": w.Say("care.kind."+t.Kind, nil), "Title": t.Title, "Club": t.Club}),
			w.Say("letter.care.checked", locale.Date(lang, t.Checked.In(c.Zone))), c.Origin + t.Path,
		}, "\n"))
	}
	if more := len(own) - mostListed; more > 0 {
		l.Text = append(l.Text, w.Count("letter.care.more", more))
	}
	l.Text = append(l.Text, w.Say("letter.care.how", nil))
	then := w.Say("letter.care.then", nil)
	if r.step == care.LastLetter {
		then = w.Say("letter.care.else", map[string]int{"Grey": rules[care.Grey], "Hide": rules[care.Hide]})
	}
	l.After = []string{then, w.Say("letter.care.link", nil), w.Say("letter.care.choose", nil) + "\n" + c.Origin + "/konto/einstellungen"}
	return l, w.Err
}
