package object

import (
	"context"
	"fmt"
	"time"
)

// PublishedSince gives when things of a type were published here since a time,
// for everybody; nothing that was deleted or hidden, and no answers.
func (o *Objects) PublishedSince(ctx context.Context, kind string, since time.Time) ([]time.Time, error) {
	var list []time.Time
	err := o.db.Read().NewSelect().Model((*Object)(nil)).Column("object.published").
		Where("object.type = ?", kind).Where("object.local").Where("object.published >= ?", since).Where("object.deleted IS NULL").
		Where("NOT object.hidden").Where("object.in_reply_to = ''").Where("object.visibility = ?", Public).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list when things were published: %w", err)
	}
	return list, nil
}

// CountOf counts what the actor has published and what stands, without answers.
func (o *Objects) CountOf(ctx context.Context, actorID string) (int, error) {
	n, err := o.db.Read().NewSelect().Model((*Object)(nil)).Where("object.attributed_to = ?", actorID).Where("object.local").
		Where("object.deleted IS NULL").Where("object.in_reply_to = ''").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count what %s published: %w", actorID, err)
	}
	return int(n), nil
}
