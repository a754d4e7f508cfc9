package opportunity

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
)

// The orders in which a search lists what it finds.
const (
	ByDistance = "naehe"
	ByTime     = "zeit"
	Newest     = "neu"
)

// Orders are all of them, in the order in which they are offered.
var Orders = []string{ByDistance, ByTime, Newest}

// Radii are the distances among which people choose, in kilometres; 0 is any.
var Radii = []int{3, 10, 25, 50, 100, 0}

// usualRadius is that of who names none.
const usualRadius = 25

// A Search is what somebody looks for. The zero Search lets everything through.
type Search struct {
	Filter
	// At is from where distances are counted, nil for nowhere. Radius is in
	// kilometres, 0 for any. What can be done from anywhere is always near enough.
	At     *gazetteer.Point
	Radius int
	// Times are some of TimesKinds, none for all. Home asks for what can be done
	// from home: together with Times it is one more choice among them.
	Times []string
	Home  bool
	// Days has a bit for each weekday on which somebody has time; 0 is any. What
	// goes by no weekday fits all.
	Days int
	// Effort is how many hours it may take at most, in a month or once; 0 is any.
	Effort int
	// Young and Groups ask for what is suitable for those.
	Young, Groups bool
	// Skill are words of which each stands in the heading or in what one should
	// bring or learns; "" for any.
	Skill string
	// Order is one of Orders; "" is ByDistance where there is a place, and Newest
	// elsewhere.
	Order string
}

// A Hit is what a search has found.
type Hit struct {
	ID string `bun:"id"`
	// Km is how far away it is; negative when nobody knows, or when it can be done
	// from anywhere.
	Km float64 `bun:"-"`
	// Published is when it was, Received when this server learnt of it.
	Published time.Time
	Received  time.Time `bun:",nullzero"`

	Start     time.Time `bun:"start_time,nullzero"`
	Latitude  *float64
	Longitude *float64
	Remote    bool
	Name      string
	Skills    string
	Learn     string
}

// Found is what a search has found, in its order.
type Found struct {
	Hits []Hit
	// Farther is how many there are within Wider kilometres, the next radius; Wider
	// is 0 for any, and Farther 0 when there are none.
	Farther, Wider int
	// Nowhere is how many fit of which nobody knows where they are.
	Nowhere int
}

// open begins a query on all that readers may find: of ours, and of what other
// towns publish and send here. It begins with the points, and CROSS JOIN keeps
// SQLite at that: it cannot know how few lie in a box, and would rather look at
// every opportunity. PostgreSQL knows, and does as it likes.
func (s *Opportunities) open() *bun.SelectQuery {
	return s.db.Read().NewSelect().TableExpr("search_points AS point").Join("CROSS JOIN objects AS object").Join("CROSS JOIN opportunities AS opportunity").
		Where("object.id = point.object_id").Where("opportunity.object_id = point.object_id").
		ColumnExpr("object.id, object.published, object.received, opportunity.start_time, point.latitude, point.longitude, point.remote").
		Where("object.type = ?", Type).Where("object.visibility = ?", object.Public).Where("object.stale < 2").
		Where("(opportunity.until IS NULL OR opportunity.until > ?)", s.now()).
		Apply(object.VisibleTo(object.Viewer{})).Apply(object.ListedFor(object.Viewer{})).Apply(object.Listed)
}

// choose narrows a query by everything but the distance.
func (f *Search) choose(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Apply(f.Filter.narrow)
	switch {
	case len(f.Times) > 0 && f.Home:
		q = q.Where("(opportunity.times IN (?) OR opportunity.remote)", bun.List(f.Times))
	case len(f.Times) > 0:
		q = q.Where("opportunity.times IN (?)", bun.List(f.Times))
	case f.Home:
		q = q.Where("opportunity.remote")
	}
	if f.Days != 0 {
		q = q.Where("(opportunity.weekdays & ? <> 0 OR opportunity.weekdays = 0 AND opportunity.times IN (?))", f.Days, bun.List([]string{Flexible, OnCall}))
	}
	if f.Effort > 0 {
		const hour = 60
		q = q.Where("opportunity.effort_minutes > 0").
			Where("opportunity.effort_minutes * CASE opportunity.effort_per WHEN 'week' THEN 48 WHEN 'year' THEN 1 ELSE 12 END <= ?", 12*hour*f.Effort)
	}
	if f.Young {
		q = q.Where("(opportunity.for_young OR opportunity.minimum_age BETWEEN 1 AND 17)")
	}
	if f.Groups {
		q = q.Where("opportunity.for_groups")
	}
	if f.Skill != "" {
		q = q.ColumnExpr("object.name, opportunity.skills, opportunity.learn")
	}
	return q
}

// Search looks for opportunities. What is near is found by an index; how far it
// is exactly is counted here.
func (s *Opportunities) Search(ctx context.Context, f Search) (*Found, error) {
	if err := s.locate(ctx); err != nil {
		return nil, err
	}
	list, err := s.candidates(ctx, &f)
	if err != nil {
		return nil, fmt.Errorf("search opportunities: %w", err)
	}
	found := &Found{Wider: wider(f.Radius)}
	for _, h := range list {
		if f.Skill != "" && !h.speaksOf(f.Skill) {
			continue
		}
		h.Km = -1
		if f.At != nil && h.Latitude != nil && h.Longitude != nil {
			h.Km = gazetteer.Distance(*f.At, gazetteer.Point{Latitude: *h.Latitude, Longitude: *h.Longitude})
		}
		switch {
		case f.At == nil || f.Radius == 0 || h.Remote || h.Km >= 0 && h.Km <= float64(f.Radius):
			found.Hits = append(found.Hits, h)
		case h.Km < 0:
			found.Nowhere++
		case found.Wider == 0 || h.Km <= float64(found.Wider):
			found.Farther++
		}
	}
	sortHits(found.Hits, f.order())
	return found, nil
}

// order is that of the search, or the usual one.
func (f *Search) order() string {
	switch {
	case f.Order != "":
		return f.Order
	case f.At != nil:
		return ByDistance
	}
	return Newest
}

// wider gives the next radius.
func wider(radius int) int {
	i := slices.IndexFunc(Radii, func(r int) bool { return r == 0 || r > radius })
	return Radii[i]
}

// candidates gives what may be near: all that lies in a box up to the next
// radius, all that can be done from anywhere, and what lies nowhere.
func (s *Opportunities) candidates(ctx context.Context, f *Search) ([]Hit, error) {
	far := wider(f.Radius)
	if f.At == nil || f.Radius == 0 || far == 0 {
		return hits(ctx, s.open().Apply(f.choose))
	}
	box := gazetteer.Around(*f.At, float64(far))
	near, err := hits(ctx, s.open().Apply(f.choose).Where("point.latitude BETWEEN ? AND ?", box.South, box.North).Where("point.longitude BETWEEN ? AND ?", box.West, box.East))
	if err != nil {
		return nil, err
	}
	remote, err := hits(ctx, s.open().Apply(f.choose).Where("(point.remote OR point.latitude IS NULL)"))
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(near))
	for _, h := range near {
		known[h.ID] = true
	}
	return append(near, slices.DeleteFunc(remote, func(h Hit) bool { return known[h.ID] })...), nil
}

func hits(ctx context.Context, q *bun.SelectQuery) ([]Hit, error) {
	var list []Hit
	if err := q.Scan(ctx, &list); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	return list, nil
}

// speaksOf tells whether each of some words stands in what is wanted or learnt.
func (h *Hit) speaksOf(words string) bool {
	text := strings.ToLower(h.Name + " " + h.Skills + " " + h.Learn)
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// sortHits puts them in order; what is the same there, the newest first.
func sortHits(list []Hit, order string) {
	far := func(h *Hit) float64 {
		if h.Km < 0 {
			return math.MaxFloat64 // after all that has a way
		}
		return math.Round(h.Km)
	}
	slices.SortFunc(list, func(a, b Hit) int {
		n := 0
		switch order {
		case ByDistance:
			n = cmp.Compare(far(&a), far(&b))
		case ByTime:
			if n = cmp.Compare(undated(&a), undated(&b)); n == 0 {
				n = a.Start.Compare(b.Start)
			}
		}
		return cmp.Or(n, b.Published.Compare(a.Published), strings.Compare(b.ID, a.ID))
	})
}

func undated(h *Hit) int {
	if h.Start.IsZero() {
		return 1
	}
	return 0
}

// Hits gives the opportunities of some hits, in their order.
func (s *Opportunities) Hits(ctx context.Context, list []Hit) ([]*Opportunity, error) {
	ids := make([]string, len(list))
	for i, h := range list {
		ids[i] = h.ID
	}
	return s.load(ctx, ids)
}
