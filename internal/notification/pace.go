package notification

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// A Pace says when a person is told of news by mail. On the page it always
// stands.
type Pace string

// The paces.
const (
	AtOnce Pace = "at_once"
	Daily  Pace = "daily"
	Never  Pace = "never"
)

// Paces lists them all.
var Paces = []Pace{AtOnce, Daily, Never}

// Report is the kind of the reports that somebody finds something wrong; they
// are kept by internal/moderation.
const Report Kind = "report"

// Hint is the kind of what readers say is wrong with a thing, and Care that of
// the letters that ask whether all is still true; internal/care keeps both.
const (
	Hint Kind = "hint"
	Care Kind = "care"
)

// Application is the kind of those that wait for a word of the town hall, and
// that only its people are told of; they are kept by internal/account.
const Application Kind = "application"

// Help is the kind of what people say and do who want to help a club; it is kept
// by internal/application.
const Help Kind = "help"

// Kinds lists all kinds of news, the weightiest first.
var Kinds = []Kind{Reply, Mention, Help, Report, Hint, Application, Care, Follow, Announce, Like}

// usual are the paces of who chose none: what waits for an answer comes at once,
// what only pleases is not mailed.
var usual = map[Kind]Pace{Reply: AtOnce, Mention: AtOnce, Report: AtOnce, Application: AtOnce, Hint: AtOnce, Help: AtOnce, Care: AtOnce, Follow: Daily, Announce: Never, Like: Never}

// For gives the kinds of which somebody may have news: who writes for clubs,
// who belongs to the town hall for all of the town, and who for some clubs only.
func For(clubs, staff, office bool) []Kind {
	return slices.DeleteFunc(slices.Clone(Kinds), func(k Kind) bool {
		switch k {
		case Application:
			return !staff
		case Report, Hint:
			return !staff && !office && !clubs
		}
		return !clubs
	})
}

// Choices are the paces of one person, one for each kind.
type Choices map[Kind]Pace

// Of gives the kinds that have a pace.
func (c Choices) Of(pace Pace) []Kind {
	var list []Kind
	for _, k := range Kinds {
		if c[k] == pace {
			list = append(list, k)
		}
	}
	return list
}

// notice is a choice.
type notice struct {
	bun.BaseModel `bun:"table:notices"`
	AccountID     string `bun:"account_id,pk"`
	Kind          Kind   `bun:"kind,pk"`
	Pace          Pace
}

// Choices gives what a person chose, with what is usual for the rest.
func (s *Notifications) Choices(ctx context.Context, accountID string) (Choices, error) {
	var rows []notice
	if err := s.db.Read().NewSelect().Model(&rows).Where("account_id = ?", accountID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find what a person is told of: %w", err)
	}
	c := Choices{}
	for _, k := range Kinds {
		c[k] = usual[k]
	}
	for _, n := range rows {
		c[n.Kind] = n.Pace
	}
	return c, nil
}

// Choose notes what a person chose. Kinds that are left out stay as they are.
func (s *Notifications) Choose(ctx context.Context, accountID string, c Choices) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.ChooseIn(ctx, tx, accountID, c) })
}

// ChooseIn is Choose in a transaction.
func (s *Notifications) ChooseIn(ctx context.Context, tx bun.Tx, accountID string, c Choices) error {
	var errs problem.Fields
	var rows []*notice
	for _, k := range Kinds {
		pace, ok := c[k]
		if !ok {
			continue
		}
		if !slices.Contains(Paces, pace) {
			errs.Add(string(k), "Please choose one of the answers.")
		}
		rows = append(rows, &notice{AccountID: accountID, Kind: k, Pace: pace})
	}
	if err := errs.Err(); err != nil || len(rows) == 0 {
		return err
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (account_id, kind) DO UPDATE").Set("pace = EXCLUDED.pace").Exec(ctx)
	if err != nil {
		return fmt.Errorf("choose what a person is told of: %w", err)
	}
	return nil
}

// Stop ends mails of these kinds to a person, who may have left meanwhile.
func (s *Notifications) Stop(ctx context.Context, accountID string, kinds []Kind) error {
	known, err := s.db.Read().NewSelect().Table("accounts").Where("id = ?", accountID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("stop mails: %w", err)
	}
	if !known {
		return nil
	}
	c := Choices{}
	for _, k := range kinds {
		c[k] = Never
	}
	return s.Choose(ctx, accountID, c)
}

// A Reader is a person who may have news: who writes for a club, or belongs to
// the town hall.
type Reader struct {
	AccountID string
	// Told is until when mails at once have told of everything, Digested until
	// when those of each day have.
	Told, Digested time.Time
}

// Readers gives all of them. Who is new is told of what comes from now on.
func (s *Notifications) Readers(ctx context.Context, now time.Time) ([]Reader, error) {
	const who = "(a.role IN ('office', 'townhall', 'admin') OR EXISTS (SELECT 1 FROM editors e WHERE e.account_id = a.id))"
	const missing = "FROM accounts a WHERE " + who + " AND NOT EXISTS (SELECT 1 FROM notice_marks m WHERE m.account_id = a.id)"
	var n int
	if err := s.db.Read().NewRaw("SELECT COUNT(*) "+missing).Scan(ctx, &n); err != nil {
		return nil, fmt.Errorf("list who has news: %w", err)
	}
	if n > 0 {
		var ids []string
		err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := tx.NewRaw("SELECT a.id "+missing).Scan(ctx, &ids); err != nil {
				return err
			}
			for _, id := range ids {
				if _, err := tx.NewRaw("INSERT INTO notice_marks (account_id, told, digested) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, now, now).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("begin to tell of news: %w", err)
		}
	}
	var list []Reader
	err := s.db.Read().NewRaw("SELECT m.account_id, m.told, m.digested FROM notice_marks m JOIN accounts a ON a.id = m.account_id WHERE "+who+" ORDER BY m.account_id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list who has news: %w", err)
	}
	return list, nil
}

// Tell notes, in the transaction of the mail, until when a reader has been told
// at a pace. It is false when another process did so meanwhile.
func (s *Notifications) Tell(ctx context.Context, tx bun.Tx, r Reader, pace Pace, until time.Time) (bool, error) {
	column, was := "told", r.Told
	if pace == Daily {
		column, was = "digested", r.Digested
	}
	res, err := tx.NewUpdate().Table("notice_marks").Set("? = ?", bun.Ident(column), until.UTC()).
		Where("account_id = ?", r.AccountID).Where("? = ?", bun.Ident(column), was.UTC()).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("note what a person was told: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Stirred tells whether anything has come since then that could be news. It
// costs a few looks into an index, and one into a short table.
func (s *Notifications) Stirred(ctx context.Context, since time.Time) (bool, error) {
	for table, column := range map[string]string{"inbox": "received", "reports": "received", "hints": "received", "applications": "changed", "helper_messages": "created"} {
		some, err := s.db.Read().NewSelect().Table(table).Where("? > ?", bun.Ident(column), since.UTC()).Exists(ctx)
		if some || err != nil {
			return some, err
		}
	}
	// What no editor answers in time is news to the town hall without anything
	// having come.
	open, err := s.db.Read().NewSelect().Table("hints").Where("closed IS NULL").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for open hints: %w", err)
	}
	return open, nil
}
