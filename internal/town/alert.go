package town

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// How grave an alert is.
const (
	Info    = "info"
	Warning = "warning"
	Danger  = "danger"
)

// The bounds of alerts: the length of a text in characters, and how many there
// are at most. More than two or three at once nobody reads.
const (
	maxAlert  = 300
	maxAlerts = 10
)

// An Alert is what the town hall says at the head of every page.
type Alert struct {
	bun.BaseModel `bun:"table:alerts,alias:alert"`
	ID            string `bun:"id,pk"`
	// Severity is Info, Warning or Danger.
	Severity string
	// German and English are plain text; English is "" where the German one is
	// shown to all.
	German  string `bun:"text_de"`
	English string `bun:"text_en"`
	Starts  time.Time
	// Ends is zero for one that stands until somebody ends it.
	Ends time.Time `bun:",nullzero"`
	// Showing is true while it stands on the pages.
	Showing bool
	// ObjectID is the notice of the town hall that it leads to, or "".
	ObjectID string `bun:"object_id"`
	// Href is the path of that notice, "" when there is none or it is gone.
	Href string `bun:"-"`
}

// validate checks the alert and brings it into the form that is kept.
func (a *Alert) validate(now time.Time) error {
	var errs problem.Fields
	if a.Severity != Info && a.Severity != Warning && a.Severity != Danger {
		errs.Add("severity", "Please choose how grave it is.")
	}
	for field, text := range map[string]*string{"german": &a.German, "english": &a.English} {
		if *text = strings.Join(strings.Fields(markup.Typed(*text)), " "); utf8.RuneCountInString(*text) > maxAlert {
			errs.Add(field, "This is longer than %d characters; please shorten it.", maxAlert)
		}
	}
	if a.German == "" {
		errs.Add("german", "Please write what people should know, in at most %d characters.", maxAlert)
	}
	if !a.Ends.IsZero() && (!a.Ends.After(a.Starts) || !a.Ends.After(now)) {
		errs.Add("ends", "The end is not after the beginning, or has passed; please take a later one.")
	}
	return errs.Err()
}

// Announce puts an alert at the head of every page from its beginning to its
// end; one that begins at zero begins now. key makes it once, though it is sent
// twice.
func (s *Settings) Announce(ctx context.Context, by, key string, a Alert) error {
	now := s.now()
	if a.Starts.IsZero() {
		a.Starts = now
	}
	if err := a.validate(now); err != nil {
		return err
	}
	if a.ID = key; key == "" {
		a.ID = uuid.Must(uuid.NewV7()).String()
	}
	a.Starts, a.Showing = a.Starts.UTC(), !a.Starts.After(now)
	if !a.Ends.IsZero() {
		a.Ends = a.Ends.UTC()
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if a.ObjectID != "" {
			paths, err := s.readable(ctx, tx, []string{a.ObjectID})
			if err != nil {
				return err
			}
			if paths[a.ObjectID] == "" {
				var errs problem.Fields
				errs.Add("notice", "This notice is not there any more; please choose another one.")
				return errs.Err()
			}
		}
		n, err := tx.NewSelect().Model((*Alert)(nil)).Where("id <> ?", a.ID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxAlerts {
			var errs problem.Fields
			errs.Add("german", "There are %d alerts already; please end one first.", maxAlerts)
			return errs.Err()
		}
		database.Ring(ctx)
		res, err := tx.NewInsert().Model(&a).On("CONFLICT (id) DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if made, err := res.RowsAffected(); err != nil || made == 0 {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.alert", Target: a.ID, Detail: a.Severity})
	})
	if err != nil {
		return fmt.Errorf("announce an alert: %w", err)
	}
	return nil
}

// EndAlert takes an alert away. One that is not there any more changes nothing.
func (s *Settings) EndAlert(ctx context.Context, by, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		database.Ring(ctx)
		res, err := tx.NewDelete().Model((*Alert)(nil)).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if ended, err := res.RowsAffected(); err != nil || ended == 0 {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.unalert", Target: id})
	})
	if err != nil {
		return fmt.Errorf("end an alert: %w", err)
	}
	return nil
}

// Alerts gives all that stand or are to come, the gravest first and of these the
// one that began last.
func (s *Settings) Alerts(ctx context.Context) ([]*Alert, error) {
	var list []*Alert
	err := s.db.Read().NewSelect().Model(&list).
		OrderExpr("CASE severity WHEN 'danger' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, starts DESC, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	var ids []string
	for _, a := range list {
		if a.ObjectID != "" {
			ids = append(ids, a.ObjectID)
		}
	}
	paths, err := s.readable(ctx, s.db.Read(), ids)
	for _, a := range list {
		a.Href = paths[a.ObjectID]
	}
	return list, err
}

// TurnAlerts begins at the time now what is to begin, and forgets what is over.
// Nothing is written when the clock changes nothing: every change drops all
// prepared pages.
func (s *Settings) TurnAlerts(ctx context.Context, now time.Time) error {
	list, err := s.Alerts(ctx)
	if err != nil {
		return err
	}
	var over, begin []string
	for _, a := range list {
		switch {
		case !a.Ends.IsZero() && !a.Ends.After(now):
			over = append(over, a.ID)
		case !a.Showing && !a.Starts.After(now):
			begin = append(begin, a.ID)
		}
	}
	if len(over)+len(begin) == 0 {
		return nil
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		database.Ring(ctx)
		if len(over) > 0 {
			if _, err := tx.NewDelete().Model((*Alert)(nil)).Where("id IN (?)", bun.List(over)).Exec(ctx); err != nil {
				return err
			}
		}
		if len(begin) == 0 {
			return nil
		}
		_, err := tx.NewUpdate().Model((*Alert)(nil)).Set("showing = TRUE").Where("id IN (?)", bun.List(begin)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("turn alerts: %w", err)
	}
	return nil
}
