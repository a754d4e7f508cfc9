package main

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

// followers gives the rows of n actors on each host who follow the club, and the
// inboxes that its posts go to.
func followers(hosts []*federationtest.Host, n int, club string) (actors []*follower, follows []*follow, inboxes []string) {
	now := time.Now().UTC().Truncate(time.Second)
	for _, h := range hosts {
		for i := range n {
			name := "reader" + string(rune('a'+i))
			id := h.Actor(name)
			actors = append(actors, &follower{
				ID: id, Type: "Person", Host: h.Authority(), PreferredUsername: name, Acct: name + "@" + h.Authority(), URL: id, Inbox: id + "/inbox",
				SharedInbox: h.SharedInbox(), Outbox: id + "/outbox", Followers: id + "/followers", KeyID: id + "#main-key", PublicKeyPEM: h.PublicKey(),
				Published: now, Fetched: now,
			})
			follows = append(follows, &follow{ID: id + "/follows/1", ActorID: id, ObjectID: club, State: "accepted", Created: now})
			if h.SharedInbox() == "" {
				inboxes = append(inboxes, id+"/inbox")
			}
		}
		if h.SharedInbox() != "" {
			inboxes = append(inboxes, h.SharedInbox())
		}
	}
	return actors, follows, inboxes
}

// seed writes followers into the database of the town, as if they had followed
// long ago, and gives the inboxes that the club's posts go to.
func (t *town) seed(hosts []*federationtest.Host, n int, handle string) ([]string, error) {
	club, err := t.club(handle)
	if err != nil {
		return nil, err
	}
	actors, follows, inboxes := followers(hosts, n, club)
	db, err := database.Open(context.Background(), t.database)
	if err != nil {
		return nil, err
	}
	defer db.Close() //nolint:errcheck // what was written is committed
	return inboxes, db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for len(actors) > 0 {
			most := min(500, len(actors))
			some, those := actors[:most], follows[:most]
			actors, follows = actors[most:], follows[most:]
			if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
				return err
			}
			if _, err := tx.NewInsert().Model(&those).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
