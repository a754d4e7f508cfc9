package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Host is another server to which something has not arrived.
type Host struct {
	Host string
	// Waiting and Failed count what will be tried again and what was given up.
	Waiting, Failed int
	// Next is when it is tried again; zero when never.
	Next time.Time
	// Status and Error tell how the last attempt ended; 0 and "" when there was
	// none.
	Status int
	Error  string
}

// maxHosts is how many hosts are listed.
const maxHosts = 200

// Hosts lists the servers to which something has not arrived, those with the
// most first.
func (s *Activities) Hosts(ctx context.Context) ([]Host, error) {
	var list []Host
	err := s.db.Read().NewSelect().Model((*delivery)(nil)).ColumnExpr("delivery.host AS host").
		ColumnExpr("SUM(CASE WHEN delivery.state = ? THEN 1 ELSE 0 END) AS waiting", waiting).
		ColumnExpr("SUM(CASE WHEN delivery.state = ? THEN 1 ELSE 0 END) AS failed", failed).
		GroupExpr("delivery.host").OrderExpr("COUNT(*) DESC, delivery.host").Limit(maxHosts).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list hosts: %w", err)
	}
	for i := range list {
		if err := s.describe(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// describe says of a host when it is tried again and why it failed.
func (s *Activities) describe(ctx context.Context, h *Host) error {
	row := new(lane)
	err := s.db.Read().NewSelect().Model(row).Where("host = ?", h.Host).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find host %s: %w", h.Host, err)
	}
	if h.Waiting > 0 {
		h.Next = row.DueAt
	}
	last := new(delivery)
	err = s.db.Read().NewSelect().Model(last).Where("host = ?", h.Host).Where("last_attempt IS NOT NULL").
		OrderExpr("last_attempt DESC, id DESC").Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find last attempt at %s: %w", h.Host, err)
	}
	h.Status, h.Error = last.Status, last.Error
	return nil
}
