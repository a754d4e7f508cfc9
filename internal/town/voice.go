package town

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// voiceRow says in whose name the town hall speaks; there is one at most.
type voiceRow struct {
	bun.BaseModel `bun:"table:town_voice,alias:voice"`
	ID            string `bun:"id,pk"`
	ActorID       string
	Created       time.Time
}

// Voice gives the actor in whose name the town hall speaks, nil as long as there
// is none, or none that is active.
func (s *Settings) Voice(ctx context.Context) (*actor.Actor, error) {
	var rows []voiceRow
	if err := s.db.Read().NewSelect().Model(&rows).Where("id = ?", the).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find in whose name the town hall speaks: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	a, err := s.actors.FindActive(ctx, rows[0].ActorID)
	if err == nil && a.Part() { // the club in whose name it spoke is a part of this one
		a, err = s.actors.FindActive(ctx, a.MovedTo)
	}
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		return nil, nil
	}
	return a, err
}

// Speaks tells whether the town hall speaks in the name of an actor, as db says.
func (s *Settings) Speaks(ctx context.Context, db bun.IDB, actorID string) (bool, error) {
	yes, err := db.NewSelect().Model((*voiceRow)(nil)).Where("id = ?", the).
		Where("actor_id = ? OR actor_id IN (SELECT part.id FROM actors part WHERE part.moved_to = ? AND part.merged IS NOT NULL)", actorID, actorID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find in whose name the town hall speaks: %w", err)
	}
	return yes, nil
}

// Speak lets the town hall speak in the name of an active club; "" of none.
func (s *Settings) Speak(ctx context.Context, by, actorID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		database.Ring(ctx)
		if actorID == "" {
			if _, err := tx.NewDelete().Model((*voiceRow)(nil)).Where("id = ?", the).Exec(ctx); err != nil {
				return err
			}
			return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.unvoice"})
		}
		a, err := s.actors.Find(ctx, tx, actorID)
		if err != nil {
			return err
		}
		if !a.Local || a.Type != actor.Group || a.State != actor.Active || a.MovedTo != "" {
			return problem.Conflictf("%s cannot speak for the town hall", actorID)
		}
		_, err = tx.NewInsert().Model(&voiceRow{ID: the, ActorID: a.ID, Created: s.now()}).
			On("CONFLICT (id) DO UPDATE").Set("actor_id = EXCLUDED.actor_id").Set("created = EXCLUDED.created").Exec(ctx)
		if err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.voice", Target: a.PreferredUsername})
	})
	if err != nil {
		return fmt.Errorf("set in whose name the town hall speaks: %w", err)
	}
	return nil
}

// readable gives the paths of those of our objects that everybody may read, by
// their ids.
func (s *Settings) readable(ctx context.Context, db bun.IDB, ids []string) (map[string]string, error) {
	paths := map[string]string{}
	if len(ids) == 0 {
		return paths, nil
	}
	var rows []struct{ ID, URL string }
	err := db.NewRaw("SELECT o.id AS id, o.url AS url FROM objects o JOIN actors a ON a.id = o.attributed_to WHERE o.id IN (?) AND o.local AND o.visibility = 'public' "+
		"AND o.deleted IS NULL AND NOT o.hidden AND a.state = 'active'", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what alerts lead to: %w", err)
	}
	for _, r := range rows {
		if len(r.URL) > len(s.origin()) && r.URL[:len(s.origin())] == s.origin() {
			paths[r.ID] = r.URL[len(s.origin()):]
		}
	}
	return paths, nil
}
