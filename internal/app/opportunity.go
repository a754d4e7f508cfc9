package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// expireOpportunities is the job that asks whether helpers are wanted still, and
// takes from the lists what is at its end.
type expireOpportunities struct{}

// Kind names the job.
func (expireOpportunities) Kind() string { return "expire_opportunities" }

// expire does that, unless the town was restored and may be a second one.
func (t *Town) expire(ctx context.Context) error {
	if t.standby.Load() {
		return nil
	}
	return errors.Join(t.askToRenew(ctx), t.Opportunities.Expire(ctx), t.Opportunities.Announce(ctx))
}

// askToRenew writes to the editors of clubs whose opportunities end soon. In a
// town that sends no mail the page of the opportunity says it.
func (t *Town) askToRenew(ctx context.Context) error {
	if !t.Clubs.Letters.Ready() {
		return nil
	}
	list, err := t.Opportunities.Ending(ctx)
	if err != nil {
		return err
	}
	for _, o := range list {
		err := t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if first, err := t.Opportunities.Asked(ctx, tx, o.ID); err != nil || !first {
				return err
			}
			return t.askEditors(ctx, tx, o)
		})
		if err != nil {
			return fmt.Errorf("ask to renew %s: %w", o.ID, err)
		}
	}
	return nil
}

func (t *Town) askEditors(ctx context.Context, tx bun.Tx, o *opportunity.Opportunity) error {
	roles, err := t.Actors.EditorsIn(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		a, err := t.Accounts.FindIn(ctx, tx, id)
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		lang, err := t.Clubs.Letters.Language(ctx, a.ID)
		if err != nil {
			return err
		}
		err = t.Clubs.Letters.Send(ctx, tx, page.Message{
			Cause: fmt.Sprintf("renew %s %d %s", o.ID, o.Until.Unix(), a.ID), To: a.Email, Name: a.Name, Lang: lang, Key: "letter.opportunity",
			Path: opportunity.Path + o.Key() + "/verlaengern",
			Data: map[string]string{"Title": o.Name, "Club": o.Author.DisplayName(), "Until": locale.Date(lang, o.Until)},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// helped gives an event that asks for help.
func (t *Town) helped(ctx context.Context, id string) (*opportunity.Helped, error) {
	e, err := t.Events.Find(ctx, object.Viewer{}, id)
	if err != nil {
		return nil, err
	}
	h := &opportunity.Helped{
		ID: e.ID, Name: e.Name, Href: e.URL, AttributedTo: e.AttributedTo, Start: e.StartTime, End: e.EndTime, AllDay: e.AllDay, Place: e.Place,
	}
	if e.Local {
		h.Href = event.Path + e.Key()
	}
	return h, nil
}

// SetClock lets tests say what time it is for what has a running time.
func (t *Town) SetClock(now func() time.Time) {
	t.Care.SetClock(now)
	t.Opportunities.SetClock(now)
}
