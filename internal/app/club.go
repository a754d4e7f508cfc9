package app

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
)

// say gives what writes for other servers the words for it, in the language of
// the town.
func (t *Town) say() error {
	said := map[string]string{}
	for _, key := range []string{"club.archived.note", "club.verified.field", "club.verified", "townhall.archive.reason"} {
		word, err := t.Clubs.Letters.Words.Message(t.Config.Language, key, nil)
		if err != nil {
			return fmt.Errorf("say what clubs are: %w", err)
		}
		said[key] = word
	}
	t.Actors.Farewell = "<p>" + template.HTMLEscapeString(said["club.archived.note"]) + "</p>"
	t.Clubs.Mark = func() (name, value string) { return said["club.verified.field"], said["club.verified"] }
	t.closing = said["townhall.archive.reason"]
	return nil
}

// archiveClub archives a club. Its events to come are cancelled before, while it
// can still say so, if cancel is true.
func (t *Town) archiveClub(ctx context.Context, by, handle string, cancel bool) error {
	c, err := t.Clubs.Find(ctx, handle)
	if err != nil {
		return err
	}
	if cancel {
		if _, err := t.Events.CancelAll(ctx, by, c.ID, t.closing); err != nil {
			return err
		}
	}
	_, err = t.Clubs.SetState(ctx, by, handle, actor.Archived)
	return err
}

// eventsToCome counts the events of a club that have not ended and stand.
func (t *Town) eventsToCome(ctx context.Context, actorID string) (int, error) {
	n, err := t.Events.CountByClub(ctx, []string{actorID}, time.Now())
	return n[actorID], err
}
