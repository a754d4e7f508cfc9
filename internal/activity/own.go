package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/object"
)

// ownPage is how much is read at once: what is handed to a slow line must not
// hold the database.
const ownPage = 100

// WriteOutbox writes what the person accountID published in the names of actors
// of ours, and everybody may see, as one OrderedCollection of the activities that
// were sent, the first one first (ActivityStreams vocabulary 3.2,
// OrderedCollection).
func (s *Activities) WriteOutbox(ctx context.Context, w io.Writer, accountID string) error {
	total, err := s.by(accountID).Model((*sent)(nil)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count what was published: %w", err)
	}
	begin := fmt.Sprintf(`{"@context":%q,"id":"outbox.json","type":"OrderedCollection","totalItems":%d,"orderedItems":[`, as.ContextActivity[0], total)
	if _, err := io.WriteString(w, begin); err != nil {
		return err
	}
	separator, after := "\n", ""
	for {
		var rows []*sent
		q := s.by(accountID).Model(&rows).Order("activity.id").Limit(ownPage)
		if after != "" {
			q = q.Where("activity.id > ?", after)
		}
		if err := q.Scan(ctx); err != nil {
			return fmt.Errorf("list what was published: %w", err)
		}
		for _, row := range rows {
			if _, err := io.WriteString(w, separator); err != nil {
				return err
			}
			if _, err := w.Write(json.RawMessage(row.Body)); err != nil {
				return err
			}
			separator, after = ",\n", row.ID
		}
		if len(rows) < ownPage {
			_, err := io.WriteString(w, "\n]}\n")
			return err
		}
	}
}

// by narrows to the public Creates that a person made and whose objects stand.
// Ids of ours are in the order of time.
func (s *Activities) by(accountID string) *bun.SelectQuery {
	return s.db.Read().NewSelect().Where("activity.type = ?", Create).Where("activity.public").
		Where("activity.object_id IN (SELECT e.object_id FROM edits e JOIN objects o ON o.id = e.object_id WHERE e.account_id = ? AND e.act = ? AND o.deleted IS NULL AND o.visibility IN (?, ?))",
			accountID, Create, object.Public, object.Unlisted)
}
