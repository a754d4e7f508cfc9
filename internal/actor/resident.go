package actor

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// Person is the type of the actor of a resident. There is one only from when he or
// she first speaks to another server: it has a name that says nothing, no profile,
// no page, and is in no list.
const Person = "Person"

// MintResident prepares the actor of a resident, see Mint.
func (s *Actors) MintResident() (*Actor, error) {
	id := strings.ReplaceAll(uuid.NewString(), "-", "")
	a, err := s.Mint(Draft{Type: Person, PreferredUsername: "r" + id[:20], State: Active})
	if err != nil {
		return nil, err
	}
	a.Followers = ""
	return a, nil
}

// RetireResident takes the actor of a resident away for good. The key stays until
// nothing has to be sent any more.
func (s *Actors) RetireResident(ctx context.Context, tx bun.Tx, a *Actor) error {
	_, err := tx.NewUpdate().Model((*Actor)(nil)).Set("state = ?", Gone).Set("updated = ?", s.now()).Where("id = ?", a.ID).Where("local").Where("type = ?", Person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take a resident's actor away: %w", err)
	}
	database.Ring(ctx)
	return nil
}

// Retired tells whether id was the actor of a resident.
func (s *Actors) Retired(ctx context.Context, id string) (bool, error) {
	there, err := s.db.Read().NewSelect().Model((*Actor)(nil)).Where("id = ?", id).Where("local").Where("type = ?", Person).Where("state = ?", Gone).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find actor %s: %w", id, err)
	}
	return there, nil
}

// FindResident gives the active actor of a resident with exactly this user name,
// for servers that verify it.
func (s *Actors) FindResident(ctx context.Context, username string) (*Actor, error) {
	return one(ctx, s.db.Read().NewSelect().Where("actor.local").Where("actor.type = ?", Person).Where("actor.state = ?", Active).Where("actor.preferred_username = ?", username), username)
}

// DropRetiredKeys forgets the keys of residents' actors that are gone and from
// whom nothing waits to be sent.
func (s *Actors) DropRetiredKeys(ctx context.Context) error {
	return s.db.Prune(ctx, "actor_keys", "actor_id", "actor_id IN (SELECT id FROM actors WHERE local AND type = ? AND state = ?) AND NOT EXISTS "+
		"(SELECT 1 FROM deliveries d JOIN activities a ON a.id = d.activity_id WHERE a.actor_id = actor_keys.actor_id AND d.state = 'waiting')", Person, Gone)
}
