package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Counts are the reactions and replies to an object that a reader may know of.
type Counts struct {
	Replies   int
	Likes     int
	Announces int
}

// Find gives the object with its author and attachments if viewer may see it.
// What was deleted gives a problem.Gone, but only where it had been public.
func (s *Objects) Find(ctx context.Context, viewer Viewer, id string) (*Object, error) {
	o := new(Object)
	err := s.db.Read().NewSelect().Model(o).Relation("Author").Relation("Attachment", inOrder).
		Where("object.id = ?", id).Apply(VisibleTo(viewer)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, s.missing(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("find object %s: %w", id, err)
	}
	return o, nil
}

func (s *Objects) missing(ctx context.Context, id string) error {
	gone, err := s.db.Read().NewSelect().Model((*Object)(nil)).
		Where("id = ?", id).Where("local").Where("deleted IS NOT NULL").
		Where("visibility IN (?)", bun.List([]string{Public, Unlisted})).Exists(ctx)
	if err != nil {
		return fmt.Errorf("find object %s: %w", id, err)
	}
	if gone {
		return problem.Gonef("%s was deleted", id)
	}
	return problem.NotFoundf("there is no object %s", id)
}

func inOrder(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("position") }

// Page says which part of a list is wanted.
type Page struct {
	// Before is the id of the last object of the page before; "" starts at the
	// newest.
	Before string
	// Limit is how many at most; 0 means 20.
	Limit int
	// All has also what lists leave out since nobody has confirmed it for long.
	All bool
}

// ListBy gives what the local actor published, and what is a part of it by now,
// newest first, with authors and attachments; types narrows it to these types.
func (s *Objects) ListBy(ctx context.Context, viewer Viewer, actorID string, page Page, types ...string) ([]*Object, error) {
	var list []*Object
	parts, err := actor.MergedInto(ctx, s.db.Read(), actorID)
	if err != nil {
		return nil, err
	}
	q := s.db.Read().NewSelect().Model(&list).Relation("Author").Relation("Attachment", inOrder).
		Where("object.in_reply_to = ''").Apply(VisibleTo(viewer))
	if len(parts) == 0 { // so that the index gives their order
		q = q.Where("object.attributed_to = ?", actorID)
	} else {
		q = q.Where("object.attributed_to IN (?)", bun.List(append(parts, actorID)))
	}
	if !page.All {
		q = q.Where(listed)
	}
	if len(types) > 0 {
		q = q.Where("object.type IN (?)", bun.List(types))
	}
	if err := newestFirst(q, page).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list objects of %s: %w", actorID, err)
	}
	return list, nil
}

// listed leaves out what nobody has confirmed for long.
const listed = "object.stale < 2"

// ListType gives our public objects of one type, newest first, without those
// that nobody has confirmed for long.
func (s *Objects) ListType(ctx context.Context, kind string, page Page) ([]*Object, error) {
	var list []*Object
	q := s.db.Read().NewSelect().Model(&list).Relation("Author").Relation("Attachment", inOrder).
		Where("object.local = TRUE").Where("object.type = ?", kind).Where("object.in_reply_to = ''").
		Where("object.visibility = ?", Public).Where(listed).Apply(VisibleTo(Viewer{})).Apply(Listed)
	if err := newestFirst(q, page).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list objects of type %s: %w", kind, err)
	}
	return list, nil
}

// ListIDs gives those of the objects that viewer may see, in the order of ids,
// with authors and attachments.
func (s *Objects) ListIDs(ctx context.Context, viewer Viewer, ids []string) ([]*Object, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Relation("Author").Relation("Attachment", inOrder).
		Where("object.id IN (?)", bun.List(ids)).Apply(VisibleTo(viewer)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	slices.SortFunc(list, func(a, b *Object) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return list, nil
}

// Pages lists our newest public objects of one type, with the addresses of their
// pages and their versions alone.
func (s *Objects) Pages(ctx context.Context, kind string, limit int) ([]*Object, error) {
	var list []*Object
	q := s.db.Read().NewSelect().Model(&list).Column("object.id", "object.url", "object.published", "object.updated").
		Where("object.local = TRUE").Where("object.type = ?", kind).Where("object.in_reply_to = ''").
		Where("object.visibility = ?", Public).Where(listed).Apply(VisibleTo(Viewer{})).Apply(Listed)
	if err := newestFirst(q, Page{Limit: limit}).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list pages of type %s: %w", kind, err)
	}
	return list, nil
}

func newestFirst(q *bun.SelectQuery, page Page) *bun.SelectQuery {
	limit := page.Limit
	if limit == 0 {
		limit = 20
	}
	if page.Before != "" {
		q = q.Where("(object.published, object.id) < (SELECT b.published, b.id FROM objects b WHERE b.id = ?)", page.Before)
	}
	return q.OrderExpr("object.published DESC, object.id DESC").Limit(int64(limit))
}

// isReply lets a query for answers use their index, which holds nothing else:
// SQLite takes a partial index only for a query that says so itself.
const isReply = "object.in_reply_to <> ''"

// heard leaves out of answers what comes from an actor elsewhere whom the town
// hall has limited: only the editors read it.
func heard(viewer Viewer) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if len(viewer.Actors) > 0 {
			return q
		}
		return q.Where("(object.local OR NOT EXISTS (SELECT 1 FROM actors WHERE actors.id = object.attributed_to AND actors.limited))")
	}
}

// Replies gives the answers to the object id that viewer may see, oldest first,
// with authors.
func (s *Objects) Replies(ctx context.Context, viewer Viewer, id string, limit int) ([]*Object, error) {
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Relation("Author").
		Where("object.in_reply_to = ?", id).Where(isReply).Apply(VisibleTo(viewer)).Apply(heard(viewer)).Apply(ListedFor(viewer)).
		OrderExpr("object.published, object.id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list replies to %s: %w", id, err)
	}
	return list, nil
}

var (
	countReplies = database.NewStatement(`SELECT COUNT(*) FROM objects o JOIN actors a ON a.id = o.attributed_to
WHERE o.in_reply_to = ? AND o.in_reply_to <> '' AND o.deleted IS NULL AND NOT o.hidden AND o.visibility IN ('public', 'unlisted') AND NOT a.blocked AND NOT a.host_limited AND a.state = 'active' AND (NOT a.limited OR a.local) AND ` + talking)
	countReactions = database.NewStatement(`SELECT COALESCE(SUM(CASE WHEN r.type = 'Like' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN r.type = 'Announce' THEN 1 ELSE 0 END), 0)
FROM reactions r JOIN actors a ON a.id = r.actor_id WHERE r.object_id = ? AND NOT a.blocked AND NOT a.host_limited AND NOT a.limited AND a.state = 'active'`)
)

// Count counts what a reader may know of: visible replies, and reactions of
// actors that are not kept out.
func (s *Objects) Count(ctx context.Context, id string) (Counts, error) {
	c, err := s.CountReactions(ctx, id)
	if err != nil {
		return c, err
	}
	if err := countReplies.Scan(ctx, s.db.Read(), []any{id}, &c.Replies); err != nil {
		return c, fmt.Errorf("count replies to %s: %w", id, err)
	}
	return c, nil
}

// CountReactions does so without the replies.
func (s *Objects) CountReactions(ctx context.Context, id string) (Counts, error) {
	var c Counts
	if err := countReactions.Scan(ctx, s.db.Read(), []any{id}, &c.Likes, &c.Announces); err != nil {
		return c, fmt.Errorf("count reactions to %s: %w", id, err)
	}
	return c, nil
}

// CountEach is Count for several things, with one statement for reactions and
// one for replies. What nobody reacted to is not in the map.
func (s *Objects) CountEach(ctx context.Context, ids []string) (map[string]Counts, error) {
	counts := map[string]Counts{}
	if len(ids) == 0 {
		return counts, nil
	}
	var rows []struct {
		ID                        string
		Likes, Announces, Replies int
	}
	err := s.db.Read().NewRaw(`SELECT r.object_id AS id, SUM(CASE WHEN r.type = 'Like' THEN 1 ELSE 0 END) AS likes, SUM(CASE WHEN r.type = 'Announce' THEN 1 ELSE 0 END) AS announces
FROM reactions r JOIN actors a ON a.id = r.actor_id WHERE r.object_id IN (?) AND NOT a.blocked AND a.state = 'active' GROUP BY r.object_id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count reactions: %w", err)
	}
	for _, r := range rows {
		counts[r.ID] = Counts{Likes: r.Likes, Announces: r.Announces}
	}
	rows = nil
	err = s.db.Read().NewRaw(`SELECT o.in_reply_to AS id, COUNT(*) AS replies FROM objects o JOIN actors a ON a.id = o.attributed_to
WHERE o.in_reply_to IN (?) AND o.deleted IS NULL AND NOT o.hidden AND o.visibility IN ('public', 'unlisted') AND NOT a.blocked AND a.state = 'active' AND `+talking+` GROUP BY o.in_reply_to`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count replies: %w", err)
	}
	for _, r := range rows {
		c := counts[r.ID]
		c.Replies = r.Replies
		counts[r.ID] = c
	}
	return counts, nil
}

// ListRemote gives what is stored from elsewhere and contains match, newest
// first, hidden or not, with authors; "" matches all. It is for the operator.
func (s *Objects) ListRemote(ctx context.Context, match string) ([]*Object, error) {
	var list []*Object
	q := s.db.Read().NewSelect().Model(&list).Relation("Author").
		Where("NOT object.local").Where("object.deleted IS NULL").OrderExpr("object.published DESC, object.id")
	if match != "" {
		like := "%" + strings.ToLower(match) + "%"
		q = q.Where("LOWER(object.content) LIKE ? OR LOWER(object.name) LIKE ? OR LOWER(object.id) LIKE ? OR LOWER(object.attributed_to) LIKE ?",
			like, like, like, like)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list remote objects: %w", err)
	}
	return list, nil
}

// ReadDocument gives the whole document of one of our objects, as Document
// does, for reading.
func (s *Objects) ReadDocument(ctx context.Context, o *Object) (*as.Object, error) {
	return s.Document(ctx, s.db.Read(), o, o.Author)
}

// Grave gives what is left of one of our deleted objects.
func (s *Objects) Grave(ctx context.Context, id string) (*Object, error) {
	return s.find(ctx, s.db.Read(), id)
}

// Naming lists what everybody may see and contains words in its text or its
// name, the latest first, at most limit.
func (s *Objects) Naming(ctx context.Context, words string, limit int) ([]*Object, error) {
	like := func(s string) string {
		return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
	}
	var list []*Object
	err := s.db.Read().NewSelect().Model(&list).Apply(VisibleTo(Viewer{})).
		Where("object.content LIKE ? ESCAPE '!' OR object.name LIKE ? ESCAPE '!' OR LOWER(object.content) LIKE ? ESCAPE '!' OR LOWER(object.name) LIKE ? ESCAPE '!'",
			like(words), like(words), like(strings.ToLower(words)), like(strings.ToLower(words))).
		OrderExpr("object.published DESC, object.id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what names somebody: %w", err)
	}
	return list, nil
}

// standing is how many objects EachStanding reads at once.
const standing = 500

// EachStanding calls fn with every object that is not deleted, ours and those of
// others. fn may delete it.
func (s *Objects) EachStanding(ctx context.Context, fn func(o *Object) error) error {
	for after := ""; ; {
		var list []*Object
		err := s.db.Read().NewSelect().Model(&list).Column("id", "attributed_to", "local").Where("object.deleted IS NULL").Where("object.id > ?", after).
			Order("object.id").Limit(standing).Scan(ctx)
		if err != nil {
			return fmt.Errorf("list what stands: %w", err)
		}
		for _, o := range list {
			if err := fn(o); err != nil {
				return err
			}
			after = o.ID
		}
		if len(list) < standing {
			return nil
		}
	}
}
