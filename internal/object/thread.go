package object

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// maxDepth is how far answers to answers are followed.
const maxDepth = 20

// Thread gives the answers to the object id, the answers to those and so on,
// as viewer may see them, oldest first, with authors and attachments. What answers something
// that viewer may not see is left out with it.
func (s *Objects) Thread(ctx context.Context, viewer Viewer, id string, limit int) ([]*Object, error) {
	var all []*Object
	level := []string{id}
	for range maxDepth {
		var list []*Object
		err := s.db.Read().NewSelect().Model(&list).Relation("Author").Relation("Attachment", inOrder).
			Where("object.in_reply_to IN (?)", bun.List(level)).Where(isReply).Apply(VisibleTo(viewer)).Apply(heard(viewer)).
			OrderExpr("object.published, object.id").Limit(int64(limit - len(all))).Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("list answers to %s: %w", id, err)
		}
		level = level[:0]
		for _, o := range list {
			if o.ID != id && !slices.ContainsFunc(all, func(known *Object) bool { return known.ID == o.ID }) {
				all, level = append(all, o), append(level, o.ID)
			}
		}
		if len(level) == 0 || len(all) >= limit {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b *Object) int { return a.Published.Compare(b.Published) })
	return all, nil
}

// Root gives the object of ours under which o stands, however far up; nil when
// there is none.
func (s *Objects) Root(ctx context.Context, o *Object) (*Object, error) {
	return s.above(ctx, s.db.Read(), o, func(up *Object) bool { return up.Local && up.InReplyTo == "" })
}

// above gives the nearest of what o answers, directly or not, that is meant;
// nil when there is none.
func (s *Objects) above(ctx context.Context, db bun.IDB, o *Object, meant func(up *Object) bool) (*Object, error) {
	for range maxDepth {
		if o.InReplyTo == "" {
			return nil, nil
		}
		up, err := s.find(ctx, db, o.InReplyTo)
		if problem.KindOf(err) == problem.NotFound {
			return nil, nil
		}
		if err != nil || meant(up) {
			return up, err
		}
		o = up
	}
	return nil, nil
}

// Concerns gives the ids of those of ours whom an object from elsewhere is
// for: the author of what it answers, directly or not, and whom it names.
func (s *Objects) Concerns(ctx context.Context, db bun.IDB, o *Object) ([]string, error) {
	var ids []string
	ours, err := s.above(ctx, db, o, func(up *Object) bool { return up.Local })
	if err != nil {
		return nil, err
	}
	if ours != nil {
		ids = append(ids, ours.AttributedTo)
	}
	var named []string
	err = db.NewSelect().Model((*audience)(nil)).Column("recipient").Where("object_id = ?", o.ID).
		Where("recipient IN (SELECT id FROM actors WHERE local)").Scan(ctx, &named)
	if err != nil {
		return nil, fmt.Errorf("find whom %s concerns: %w", o.ID, err)
	}
	for _, id := range named {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
