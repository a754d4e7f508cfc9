package activity

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// A Host is another server to which something has not arrived.
type Host struct {
	Host string
	// Waiting and Failed count what will be tried again and what was given up.
	Waiting, Failed int
	// Since is when the oldest of it was published.
	Since time.Time
	// Next is when it is tried again; zero when never.
	Next time.Time
	// Open tells whether the host was silent so often that it is only probed
	// now and then.
	Open bool
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
		ColumnExpr("MIN(delivery.created) AS since").
		GroupExpr("delivery.host").OrderExpr("COUNT(*) DESC, delivery.host").Limit(maxHosts).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list hosts: %w", err)
	}
	return list, s.describe(ctx, list)
}

// describe says of hosts when they are tried again and why they failed.
func (s *Activities) describe(ctx context.Context, list []Host) error {
	if len(list) == 0 {
		return nil
	}
	hosts := make([]string, len(list))
	for i, h := range list {
		hosts[i] = h.Host
	}
	lanes, err := s.lanesOf(ctx, hosts)
	if err != nil {
		return err
	}
	var last []*delivery
	attempted := s.db.Read().NewSelect().Model((*delivery)(nil)).Column("host", "status", "error").
		ColumnExpr("ROW_NUMBER() OVER (PARTITION BY delivery.host ORDER BY delivery.last_attempt DESC, delivery.id DESC) AS place").
		Where("delivery.host IN (?)", bun.List(hosts)).Where("delivery.last_attempt IS NOT NULL")
	err = s.db.Read().NewSelect().TableExpr("(?) AS attempted", attempted).Column("host", "status", "error").Where("place = 1").Scan(ctx, &last)
	if err != nil {
		return fmt.Errorf("find last attempts: %w", err)
	}
	why := map[string]*delivery{}
	for _, row := range last {
		why[row.Host] = row
	}
	for i := range list {
		h := &list[i]
		if row := lanes[h.Host]; row != nil {
			h.Open = row.health().Open()
			if h.Waiting > 0 {
				h.Next = row.DueAt
			}
		}
		if row := why[h.Host]; row != nil {
			h.Status, h.Error = row.Status, row.Error
		}
	}
	return nil
}

// lanesOf gives the lanes of hosts by their names.
func (s *Activities) lanesOf(ctx context.Context, hosts []string) (map[string]*lane, error) {
	lanes := map[string]*lane{}
	if len(hosts) == 0 {
		return lanes, nil
	}
	var rows []*lane
	if err := s.db.Read().NewSelect().Model(&rows).Where("host.host IN (?)", bun.List(hosts)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find lanes: %w", err)
	}
	for _, row := range rows {
		lanes[row.Host] = row
	}
	return lanes, nil
}

// HostsNamed gives what has not arrived at these hosts, by their names; a host at
// which all has arrived is left out.
func (s *Activities) HostsNamed(ctx context.Context, names []string) (map[string]Host, error) {
	all := map[string]Host{}
	if len(names) == 0 {
		return all, nil
	}
	var list []Host
	err := s.db.Read().NewSelect().Model((*delivery)(nil)).ColumnExpr("delivery.host AS host").
		ColumnExpr("SUM(CASE WHEN delivery.state = ? THEN 1 ELSE 0 END) AS waiting", waiting).
		ColumnExpr("SUM(CASE WHEN delivery.state = ? THEN 1 ELSE 0 END) AS failed", failed).
		ColumnExpr("MIN(delivery.created) AS since").Where("delivery.host IN (?)", bun.List(names)).GroupExpr("delivery.host").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list what has not arrived: %w", err)
	}
	if err := s.describe(ctx, list); err != nil {
		return nil, err
	}
	for _, h := range list {
		all[h.Host] = h
	}
	return all, nil
}
