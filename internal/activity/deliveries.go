package activity

import (
	"context"
	"fmt"
	"time"
)

// A Waiting is a delivery that has not arrived: one that will be tried again,
// or one that was given up.
type Waiting struct {
	Host     string    `json:"host"`
	Inbox    string    `json:"inbox"`
	Activity string    `json:"activity"`
	Type     string    `json:"type"`
	State    string    `json:"state"` // "waiting" or "failed"
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
	// Next is when it is tried again; zero for what was given up.
	Next time.Time `json:"next,omitzero"`
	// Open tells whether the breaker of its host is open.
	Open   bool   `json:"open,omitempty"`
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Deliveries lists what has not arrived, by host and age; host "" means all.
func (s *Activities) Deliveries(ctx context.Context, host string) ([]Waiting, error) {
	var rows []*delivery
	q := s.db.Read().NewSelect().Model(&rows).Relation("Activity").Order("delivery.host", "delivery.id")
	if host != "" {
		q = q.Where("delivery.state = ? AND delivery.host = ? OR delivery.state = ? AND delivery.host = ?", waiting, host, failed, host)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	var hosts []string
	for _, row := range rows {
		if len(hosts) == 0 || hosts[len(hosts)-1] != row.Host {
			hosts = append(hosts, row.Host)
		}
	}
	lanes, err := s.lanesOf(ctx, hosts)
	if err != nil {
		return nil, err
	}
	list := []Waiting{}
	for _, row := range rows {
		w := Waiting{
			Host: row.Host, Inbox: row.Inbox, Activity: row.ActivityID, Type: row.Activity.Type, Since: row.Created,
			State: row.State, Attempts: row.Attempts, Status: row.Status, Error: row.Error,
		}
		lane := lanes[row.Host]
		w.Open = lane != nil && lane.health().Open()
		if row.State == waiting {
			w.Next = row.DueAt
			if lane != nil && (w.Open || lane.DueAt.After(w.Next)) {
				w.Next = lane.DueAt // nothing is tried before its host is
			}
		}
		list = append(list, w)
	}
	return list, nil
}
