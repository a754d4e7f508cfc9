package torture

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/federationtest"
	"codeberg.org/aushang/aushang/internal/database"
)

// follower is a row of actors, of somebody elsewhere.
type follower struct {
	bun.BaseModel `bun:"table:actors"`

	ID, Type, Host, PreferredUsername, Acct, URL, Inbox, SharedInbox string
	Outbox, Followers, KeyID, PublicKeyPEM                           string
	Published, Fetched                                               time.Time
	Local                                                            bool
}

// follow is a row of follows.
type follow struct {
	bun.BaseModel `bun:"table:follows"`

	ID, ActorID, ObjectID, State string
	Created                      time.Time
}

// followed writes one follower on each of n new hosts into the database, as if
// they had followed the club long ago, and gives their hosts and inboxes.
func (w *town) followed(prefix string, n int) (list []*federationtest.Host, inboxes []string) {
	w.t.Helper()
	list, err := w.world.Add(prefix, n)
	if err != nil {
		w.t.Fatal(err)
	}
	var actors []*follower
	var follows []*follow
	now := time.Now().UTC().Truncate(time.Second)
	for _, h := range list {
		id := h.Actor("reader")
		actors = append(actors, &follower{
			ID: id, Type: "Person", Host: h.Authority(), PreferredUsername: "reader", Acct: "reader@" + h.Authority(), URL: id, Inbox: id + "/inbox",
			SharedInbox: h.SharedInbox(), Outbox: id + "/outbox", Followers: id + "/followers", KeyID: id + "#main-key", PublicKeyPEM: h.PublicKey(),
			Published: now, Fetched: now,
		})
		follows = append(follows, &follow{ID: id + "/follows/1", ActorID: id, ObjectID: w.club, State: "accepted", Created: now})
		inboxes = append(inboxes, h.SharedInbox())
	}
	db, err := database.Open(w.t.Context(), w.database)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what was written is committed
	err = db.Write(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for i := 0; i < n; i += 250 {
			some, those := actors[i:min(i+250, n)], follows[i:min(i+250, n)]
			if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
				return err
			}
			if _, err := tx.NewInsert().Model(&those).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list, inboxes
}
