package actor

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// AndParts are the ids of an actor and of those that are a part of it by now, for a
// query that asks for what they published; it takes the id twice.
const AndParts = "(SELECT id FROM actors WHERE id = ? UNION ALL SELECT id FROM actors WHERE moved_to = ? AND merged IS NOT NULL)"

var listMerged = database.NewStatement("SELECT id FROM actors WHERE moved_to = ? AND merged IS NOT NULL ORDER BY id")

// MergedInto gives the ids of the clubs of ours that are a part of id by now.
func MergedInto(ctx context.Context, db bun.IDB, id string) ([]string, error) {
	rows, err := listMerged.Query(ctx, db, id)
	if err != nil {
		return nil, fmt.Errorf("list what is a part of %s: %w", id, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var ids []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, fmt.Errorf("list what is a part of %s: %w", id, err)
		}
		ids = append(ids, one)
	}
	return ids, rows.Err()
}

// Part tells whether a is a part of another club of ours, which MovedTo names.
func (a *Actor) Part() bool { return !a.Merged.IsZero() }

// Merge makes the local actor from a part of into: it lives there from now on,
// for good, and into knows that. What was a part of from becomes one of into; it
// gives these. What from published stays its own (docs/adr/0036).
func (s *Actors) Merge(ctx context.Context, tx bun.Tx, from, into *Actor) ([]*Actor, error) {
	if from.MovedTo != "" {
		return nil, problem.Conflictf("%s has moved to %s already", from.ID, from.MovedTo)
	}
	parts, err := s.parts(ctx, tx, from.ID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	from.Moved, from.Merged = now, now
	for _, a := range append([]*Actor{from}, parts...) {
		if a.MovedTo = into.ID; !into.Knows(a.ID) {
			into.AlsoKnownAs = append(slices.Clone(into.AlsoKnownAs), a.ID)
		}
		if err := s.putPlace(ctx, tx, a); err != nil {
			return nil, err
		}
	}
	return parts, s.putPlace(ctx, tx, into)
}

// Parts gives the actors of ours that are a part of id by now.
func (s *Actors) Parts(ctx context.Context, id string) ([]*Actor, error) {
	return s.parts(ctx, s.db.Read(), id)
}

// parts gives the actors of ours that are a part of id.
func (s *Actors) parts(ctx context.Context, db bun.IDB, id string) ([]*Actor, error) {
	var list []*Actor
	if err := db.NewSelect().Model(&list).Where("actor.moved_to = ?", id).Where("actor.merged IS NOT NULL").Order("actor.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list what is a part of %s: %w", id, err)
	}
	return list, nil
}

// Present gives the active actor of ours with this user name or, when that is a
// part of another one by now, the other one.
func (s *Actors) Present(ctx context.Context, username string) (*Actor, error) {
	a, err := s.FindLocal(ctx, username)
	if err != nil || !a.Part() {
		return a, err
	}
	return s.FindActive(ctx, a.MovedTo)
}

// Follows gives whom the local actor id follows, asked or in force, with the
// actors.
func (s *Actors) Follows(ctx context.Context, db bun.IDB, id string) ([]*Actor, error) {
	var list []*Actor
	err := db.NewSelect().Model(&list).Where("actor.id IN (SELECT object_id FROM follows WHERE actor_id = ?)", id).Order("actor.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list whom %s follows: %w", id, err)
	}
	return list, nil
}

// HandEditors makes those who speak for the club from, and no more for it, speak
// for into. Owners stay owners only where into has none; who speaks for into
// already keeps the role. It gives the role of each.
func (s *Actors) HandEditors(ctx context.Context, tx bun.Tx, from, into string) (map[string]string, error) {
	was, err := s.stored(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	there, err := s.stored(ctx, tx, into)
	if err != nil {
		return nil, err
	}
	owned := false
	for _, role := range there {
		owned = owned || role == Owner
	}
	for id, role := range was {
		if owned {
			role = Editor
		}
		if there[id] == "" || there[id] == Editor && role == Owner {
			if err := s.AddEditor(ctx, tx, id, into, role); err != nil {
				return nil, err
			}
		}
		if err := s.RemoveEditor(ctx, tx, id, from); err != nil {
			return nil, err
		}
	}
	if _, err := tx.NewDelete().Model((*orphan)(nil)).Where("actor_id = ?", from).Exec(ctx); err != nil {
		return nil, fmt.Errorf("hand editors over: %w", err)
	}
	return was, nil
}
