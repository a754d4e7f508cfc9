package actor

import (
	"context"
	"time"
)

// ForgetForeign drops profiles from elsewhere that we have read last before the
// time given, and with which nothing here is joined any more: nobody follows,
// nothing of theirs is kept, and nothing was decided about them. Whoever comes
// back is read again.
func (s *Actors) ForgetForeign(ctx context.Context, before time.Time) error {
	return s.db.Prune(ctx, "actors", "id", "NOT local AND state = ? AND NOT limited AND COALESCE(fetched, updated, published) < ? "+
		"AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.actor_id = actors.id) AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.object_id = actors.id) "+
		"AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.attributed_to = actors.id) AND NOT EXISTS (SELECT 1 FROM reactions r WHERE r.actor_id = actors.id) "+
		"AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.actor_id = actors.id) AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.actor_id = actors.id) "+
		"AND NOT EXISTS (SELECT 1 FROM club_blocks b WHERE b.target = actors.id) AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.actor_id = actors.id AND i.state = 'pending')", Active, before)
}
