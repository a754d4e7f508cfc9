package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
)

// A Stuck letter has not arrived.
type Stuck struct {
	ID        string
	Recipient string
	// Created is when it was written.
	Created time.Time
	// Final tells that it was refused or given up; otherwise it is tried again.
	Final bool
	// Error is what the mail server said, in one line.
	Error string
}

// ListStuck gives the letters that did not arrive, the newest first: those that
// were refused, until somebody settles them, and those that failed and are tried
// again.
func ListStuck(ctx context.Context, q bun.IDB, limit int) ([]Stuck, error) {
	var rows []*row
	err := q.NewSelect().Model(&rows).Where("state = ? OR state = ? AND error <> ''", refused, waiting).Order("created DESC", "id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list letters that did not arrive: %w", err)
	}
	var list []Stuck
	for _, r := range rows {
		list = append(list, Stuck{ID: r.ID, Recipient: r.Recipient, Created: r.Created, Final: r.State == refused, Error: r.Error})
	}
	return list, nil
}

// Stuck gives the letters that did not arrive; see ListStuck.
func (p *Post) Stuck(ctx context.Context, limit int) ([]Stuck, error) {
	return ListStuck(ctx, p.db.Read(), limit)
}

// Settle says that somebody has looked at a letter that was refused: it is
// listed no more, and whom it was for is forgotten. by is who looked.
func (p *Post) Settle(ctx context.Context, by, id string) error {
	return p.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model((*row)(nil)).Where("id = ?", id).Where("state = ?", refused).
			Set("state = ?", settled).Set("recipient = ''").Set("error = ''").Exec(ctx)
		if err != nil {
			return fmt.Errorf("settle letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "mail.settle", Target: id})
	})
}

// Standing gives how many letters wait after a failure and how many were
// refused, with what the mail server said last, for who looks at the town from
// outside of it.
func Standing(ctx context.Context, db *database.DB) (failing, refusals int, last string, err error) {
	list, err := ListStuck(ctx, db.Read(), atOnce)
	if err != nil {
		return 0, 0, "", err
	}
	for _, s := range list {
		if last == "" {
			last = s.Error
		}
		if s.Final {
			refusals++
		} else {
			failing++
		}
	}
	return failing, refusals, last, nil
}
