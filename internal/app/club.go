package app

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
)

// say gives what writes for other servers the words for it, in the language and
// the manner of the town.
func (t *Town) say() error {
	for _, key := range []string{"club.archived.note", "club.verified.field", "club.verified", "townhall.archive.reason"} {
		if _, err := t.Clubs.Letters.Words.Message(t.Config.Language, key, nil); err != nil {
			return fmt.Errorf("say what clubs are: %w", err)
		}
	}
	said := func(key string) string { return t.Clubs.Letters.Words.Sentence(t.Config.Language, key) }
	t.Actors.Farewell = func() string { return "<p>" + template.HTMLEscapeString(said("club.archived.note")) + "</p>" }
	t.Clubs.Mark = func() (name, value string) { return said("club.verified.field"), said("club.verified") }
	t.closing = func() string { return said("townhall.archive.reason") }
	t.Opportunities.Closed = t.closing
	return nil
}

// archiveClub archives a club. What it offers to helpers is cancelled before, while
// it can still say so, and its events to come are if cancel is true.
func (t *Town) archiveClub(ctx context.Context, by, handle string, cancel bool) error {
	c, err := t.Clubs.Find(ctx, handle)
	if err != nil {
		return err
	}
	if cancel {
		// Those of what is a part of it are among them.
		if _, err := t.Events.CancelAll(ctx, by, c.ID, t.closing()); err != nil {
			return err
		}
	}
	if _, err := t.Opportunities.CancelAll(ctx, by, c.ID, t.closing()); err != nil {
		return err
	}
	_, err = t.Clubs.SetState(ctx, by, handle, actor.Archived)
	return err
}

// helpedBy counts what a club offers to helpers, and who has applied for it.
func (t *Town) helpedBy(ctx context.Context, actorID string) (offers, people int, err error) {
	if offers, err = t.Opportunities.Running(ctx, actorID); err != nil {
		return 0, 0, err
	}
	people, err = t.Applications.CountOf(ctx, actorID)
	return offers, people, err
}

// eventsToCome counts the events of a club that have not ended and stand.
func (t *Town) eventsToCome(ctx context.Context, actorID string) (int, error) {
	n, err := t.Events.CountByClub(ctx, []string{actorID}, time.Now())
	return n[actorID], err
}
