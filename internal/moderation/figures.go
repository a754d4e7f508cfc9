package moderation

import (
	"context"
	"fmt"
	"time"
)

// The numbers of what was reported and decided, in the order in which they are
// shown. What is called like a decision counts those that did it.
const (
	CountReports    = "reports"    // by readers and editors
	CountFlags      = "flags"      // by other servers
	CountBarriers   = "barriers"   // of what somebody cannot use
	CountAnswered   = "answered"   // of all of these, when they were dealt with
	CountObjections = "objections" // when they came
	CountRight      = "right"      // those that were right, when that was decided
)

// Counts lists the names of all numbers.
var Counts = []string{CountReports, CountFlags, CountBarriers, CountAnswered, Hide, Warn, Limit, Suspend, CountObjections, CountRight}

// Happened gives when what was reported and decided happened since then, by the
// names of the numbers.
func (s *Moderation) Happened(ctx context.Context, since time.Time) (map[string][]time.Time, error) {
	since = since.UTC()
	all := map[string][]time.Time{}
	note := func(name string, at time.Time) {
		if !at.Before(since) {
			all[name] = append(all[name], at)
		}
	}
	var reports []*Report
	err := s.db.Read().NewSelect().Model(&reports).Column("kind", "actor_id", "received", "closed").
		Where("received >= ? OR closed >= ?", since, since).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("count reports: %w", err)
	}
	for _, r := range reports {
		name := CountReports
		if r.Kind == Barrier {
			name = CountBarriers
		} else if r.ActorID != "" {
			name = CountFlags
		}
		note(name, r.Received)
		note(CountAnswered, r.Closed)
	}
	var decisions []*Decision
	if err := s.db.Read().NewSelect().Model(&decisions).Column("act", "created").Where("created >= ?", since).Scan(ctx); err != nil {
		return nil, fmt.Errorf("count decisions: %w", err)
	}
	for _, d := range decisions {
		note(d.Act, d.Created)
	}
	var objections []*Objection
	if err := s.db.Read().NewSelect().Model(&objections).Column("outcome", "received", "decided").Where("received >= ? OR decided >= ?", since, since).Scan(ctx); err != nil {
		return nil, fmt.Errorf("count objections: %w", err)
	}
	for _, o := range objections {
		note(CountObjections, o.Received)
		if o.Outcome == Changed {
			note(CountRight, o.Decided)
		}
	}
	return all, nil
}
