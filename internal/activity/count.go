package activity

import (
	"context"
	"fmt"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/metrics"
)

var (
	countInbox = metrics.NewCounter("aushang_inbox_processed_total", "Received activities by what became of them; pending means that they are tried again.",
		metrics.Label{Name: "state", Values: []string{applied, ignored, refused, undone, pending}})
	countDeliveries = metrics.NewCounter("aushang_deliveries_total", "Attempts to deliver by how they ended; failed ones are tried again.",
		metrics.Label{Name: "outcome", Values: []string{"done", "failed", "given up", "held"}})
)

// countReports counts what became of attempts.
func countReports(reports []outbox.Report) {
	names := map[outbox.Outcome]string{outbox.Done: "done", outbox.Failed: "failed", outbox.Final: "given up", outbox.Forget: "given up", outbox.Held: "held"}
	for _, r := range reports {
		for _, one := range r.Results {
			countDeliveries.Inc(names[one.Outcome])
		}
	}
}

// Gauges gives what waits: received activities, deliveries, and the lanes of
// other hosts.
func (s *Activities) Gauges() []metrics.Gauge {
	return []metrics.Gauge{
		{Name: "aushang_inbox_pending", Help: "Received activities that are not applied yet.", Read: metrics.Single(func(ctx context.Context) (float64, error) {
			n, err := s.db.Read().NewSelect().Model((*received)(nil)).Where("state = ?", pending).Count(ctx)
			return float64(n), counted("pending activities", err)
		})},
		{Name: "aushang_deliveries_waiting", Help: "Deliveries that have not arrived, waiting or given up.", Label: "state", Read: s.countStates},
		{Name: "aushang_lanes", Help: "Hosts: those for which something is due at some time, and those that are left alone since they failed.", Label: "state", Read: s.countLanes},
	}
}

func (s *Activities) countStates(ctx context.Context) (map[string]float64, error) {
	numbers := map[string]float64{}
	for _, state := range []string{waiting, failed} {
		n, err := s.db.Read().NewSelect().Model((*delivery)(nil)).Where("state = ?", state).Count(ctx)
		if err != nil {
			return nil, counted("deliveries", err)
		}
		numbers[state] = float64(n)
	}
	return numbers, nil
}

func (s *Activities) countLanes(ctx context.Context) (map[string]float64, error) {
	due, err := s.db.Read().NewSelect().Model((*lane)(nil)).Where("due_at IS NOT NULL").Count(ctx)
	if err != nil {
		return nil, counted("lanes", err)
	}
	broken, err := s.db.Read().NewSelect().Model((*lane)(nil)).Where("due_at IS NOT NULL").Where("not_before > ?", s.now()).Count(ctx)
	return map[string]float64{"open": float64(due), "left alone": float64(broken)}, counted("lanes", err)
}

func counted(what string, err error) error {
	if err != nil {
		return fmt.Errorf("count %s: %w", what, err)
	}
	return nil
}
