package actor

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Inboxes gives the inboxes elsewhere that an activity of the local actor from
// must reach when it is addressed to recipients: ids of actors, the followers
// collection of from, or the Public collection, which adds nobody. Servers with
// a shared inbox get it once. Kept-out hosts and gone actors get nothing.
//
// ActivityPub 7.1, 7.1.3.
func (s *Actors) Inboxes(ctx context.Context, db bun.IDB, from *Actor, recipients []string) ([]string, error) {
	var seen inboxSet
	var direct []string
	for _, id := range recipients {
		if id == from.Followers && id != "" {
			if err := seen.addFollowers(ctx, db, from.ID); err != nil {
				return nil, err
			}
			continue
		}
		direct = append(direct, id)
	}
	if len(direct) > 0 {
		if err := seen.addActors(ctx, db, direct); err != nil {
			return nil, err
		}
	}
	return seen.list, nil
}

type inboxSet struct {
	list []string
	has  map[string]bool
}

func (s *inboxSet) add(url string) {
	if s.has == nil {
		s.has = map[string]bool{}
	}
	if url != "" && !s.has[url] {
		s.has[url] = true
		s.list = append(s.list, url)
	}
}

func (s *inboxSet) addFollowers(ctx context.Context, db bun.IDB, id string) error {
	var rows []*Actor
	// Who followed a club that is a part of another one follows that one by now.
	err := reachable(db.NewSelect().Model(&rows)).
		Where("actor.id IN (SELECT actor_id FROM follows WHERE object_id IN (?, COALESCE((SELECT moved_to FROM actors WHERE id = ? AND merged IS NOT NULL), '')) AND state = ?)", id, id, FollowAccepted).Scan(ctx)
	if err != nil {
		return fmt.Errorf("find followers' inboxes: %w", err)
	}
	for _, a := range rows {
		s.add(a.DeliveryInbox())
	}
	return nil
}

// addActors adds the own inboxes of single recipients, unless their server's
// shared one is on the list already.
func (s *inboxSet) addActors(ctx context.Context, db bun.IDB, ids []string) error {
	var rows []*Actor
	if err := reachable(db.NewSelect().Model(&rows)).Where("actor.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("find recipients' inboxes: %w", err)
	}
	for _, a := range rows {
		if a.SharedInbox == "" || !s.has[a.SharedInbox] {
			s.add(a.Inbox)
		}
	}
	return nil
}

func reachable(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Column("id", "inbox", "shared_inbox").
		Where("NOT actor.local").Where("NOT actor.blocked").Where("actor.state = ?", Active).Order("actor.id")
}
