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
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next,omitzero"`
	Status   int       `json:"status,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// Deliveries lists what has not arrived, by host and age; host "" means all.
func (s *Activities) Deliveries(ctx context.Context, host string) ([]Waiting, error) {
	var rows []*delivery
	q := s.db.Read().NewSelect().Model(&rows).Relation("Activity").Order("delivery.host", "delivery.id")
	if host != "" {
		q = q.Where("delivery.host = ?", host)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	list := []Waiting{}
	for _, row := range rows {
		w := Waiting{
			Host: row.Host, Inbox: row.Inbox, Activity: row.ActivityID, Type: row.Activity.Type,
			State: row.State, Attempts: row.Attempts, Status: row.Status, Error: row.Error,
		}
		if row.State == waiting {
			w.Next = row.DueAt
		}
		list = append(list, w)
	}
	return list, nil
}
