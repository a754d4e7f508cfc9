// Package notification tells a club's editors what has come from elsewhere. It
// keeps no rows of its own: what is hidden, taken back or deleted is not news
// any more.
//
// It must not know any single kind nor any page.
package notification

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
)

// Kind is what has happened.
type Kind string

// The kinds of news.
const (
	Follow   Kind = "follow"
	Reply    Kind = "reply"
	Mention  Kind = "mention"
	Like     Kind = "like"
	Announce Kind = "announce"
)

// A Notification says that somebody elsewhere did something that concerns a
// club.
type Notification struct {
	Kind Kind
	// ClubID is the club that it concerns.
	ClubID string
	// Actor is who did it.
	Actor *actor.Actor
	// ObjectID is what a reply or mention is, or what was liked or shared; ""
	// for a follow.
	ObjectID string
	// Received is when it reached us.
	Received time.Time
}

// Notifications reads the news. Make one with New.
type Notifications struct{ db *database.DB }

// New gives the news in db.
func New(db *database.DB) *Notifications { return &Notifications{db} }

// row is a piece of news as the queries give it.
type row struct {
	Kind     Kind
	ClubID   string
	ActorID  string
	ObjectID string
	Received time.Time
}

// A Span says which news are wanted.
type Span struct {
	// Kinds are those that are wanted; nil is all.
	Kinds []Kind
	// After and Until bound when they reached us; zero is no bound.
	After, Until time.Time
	// Limit is how many at most.
	Limit int
}

// List gives the latest news of the clubs, the newest first: of what was
// written, only what they may see.
func (s *Notifications) List(ctx context.Context, clubIDs []string, span Span) ([]*Notification, error) {
	if len(clubIDs) == 0 {
		return nil, nil
	}
	viewer, limit := object.Viewer{Actors: clubIDs}, span.Limit
	var all []row
	for kind, q := range s.queries(clubIDs) {
		if !span.wants(kind) {
			continue
		}
		var rows []row
		q = q.Join("JOIN actors AS author ON author.id = news.actor_id").
			Where("NOT author.local").Where("NOT author.blocked").Where("author.state = ?", actor.Active).
			Where("(NOT author.limited OR EXISTS (SELECT 1 FROM follows f WHERE f.object_id = author.id AND f.actor_id IN (?)))", bun.List(clubIDs)).
			OrderExpr("news.received DESC").Limit(int64(limit))
		if kind != Follow {
			q = q.Join("JOIN objects AS object ON object.id = news.object_id").Apply(object.VisibleTo(viewer))
		}
		if len(span.Kinds) > 0 {
			q = q.Where("news.kind IN (?)", bun.List(span.Kinds))
		}
		if !span.After.IsZero() {
			q = q.Where("news.received > ?", span.After.UTC())
		}
		if !span.Until.IsZero() {
			q = q.Where("news.received <= ?", span.Until.UTC())
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("list news: %w", err)
		}
		all = append(all, rows...)
	}
	slices.SortStableFunc(all, func(a, b row) int { return b.Received.Compare(a.Received) })
	return s.with(ctx, all[:min(len(all), limit)])
}

// wants tells whether anything that the query of a kind gives is wanted. One
// query gives likes and what was shared.
func (s Span) wants(kind Kind) bool {
	return len(s.Kinds) == 0 || slices.Contains(s.Kinds, kind) || kind == Like && slices.Contains(s.Kinds, Announce)
}

// queries give the news of each kind, as "news"; that of Like has Announce too.
func (s *Notifications) queries(clubIDs []string) map[Kind]*bun.SelectQuery {
	clubs := bun.List(clubIDs)
	from := func(sub string, args ...any) *bun.SelectQuery {
		return s.db.Read().NewSelect().TableExpr("("+sub+") AS news", args...).
			ColumnExpr("news.kind AS kind, news.club_id AS club_id, news.actor_id AS actor_id, news.object_id AS object_id, news.received AS received")
	}
	const seen = "o.deleted IS NULL AND NOT o.hidden"
	return map[Kind]*bun.SelectQuery{
		Follow: from("SELECT 'follow' AS kind, object_id AS club_id, actor_id, '' AS object_id, created AS received FROM follows WHERE object_id IN (?) AND state = ?", clubs, actor.FollowAccepted),
		Like: from("SELECT CASE r.type WHEN 'Like' THEN 'like' ELSE 'announce' END AS kind, o.attributed_to AS club_id, r.actor_id, r.object_id, COALESCE(r.received, r.published) AS received "+
			"FROM reactions r JOIN objects o ON o.id = r.object_id WHERE o.attributed_to IN (?) AND "+seen, clubs),
		Reply: from("SELECT 'reply' AS kind, p.attributed_to AS club_id, o.attributed_to AS actor_id, o.id AS object_id, COALESCE(o.received, o.published) AS received "+
			"FROM objects o JOIN objects p ON p.id = o.in_reply_to WHERE NOT o.local AND o.in_reply_to <> '' AND p.attributed_to IN (?) AND "+seen, clubs),
		Mention: from("SELECT 'mention' AS kind, t.recipient AS club_id, o.attributed_to AS actor_id, o.id AS object_id, COALESCE(o.received, o.published) AS received "+
			"FROM objects o JOIN audience t ON t.object_id = o.id WHERE NOT o.local AND t.recipient IN (?) AND "+seen+
			" AND NOT EXISTS (SELECT 1 FROM objects p WHERE p.id = o.in_reply_to AND p.attributed_to = t.recipient)",
			clubs),
	}
}

// with joins the news with who did it.
func (s *Notifications) with(ctx context.Context, rows []row) ([]*Notification, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ActorID)
	}
	var actors []*actor.Actor
	if err := s.db.Read().NewSelect().Model(&actors).Where("actor.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find who makes the news: %w", err)
	}
	byID := map[string]*actor.Actor{}
	for _, a := range actors {
		byID[a.ID] = a
	}
	var list []*Notification
	for _, r := range rows {
		if a := byID[r.ActorID]; a != nil {
			list = append(list, &Notification{Kind: r.Kind, ClubID: r.ClubID, Actor: a, ObjectID: r.ObjectID, Received: r.Received})
		}
	}
	return list, nil
}
