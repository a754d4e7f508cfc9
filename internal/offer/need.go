package offer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Need is an opportunity with all by which it fits somebody.
type Need struct {
	ID    string `bun:"id"`
	Local bool
	// Name is the heading, Club the name of the club, From its host.
	Name, ClubID, Club  string
	From                string `bun:"host"`
	Published           time.Time
	Field, Times        string
	Weekdays            int
	Start               time.Time `bun:"start_time,nullzero"`
	End                 time.Time `bun:"end_time,nullzero"`
	Timezone            string
	Skills, Learn       string
	Languages           string
	Place               string
	Remote              bool
	ForYoung, ForGroups bool
	MinimumAge          int
	// Latitude and Longitude are nil when nobody knows where it is.
	Latitude, Longitude *float64

	// slots are when exactly help is wanted, none when that is not said.
	slots []slot
	// said are the words of the heading and of what should be brought.
	said []string
}

// slot is a day of the week with the parts of that day, as bits.
type slot struct{ day, parts int }

// Key is the last segment of the id.
func (n *Need) Key() string { return n.ID[strings.LastIndexByte(n.ID, '/')+1:] }

// open begins a query on all that readers may find, as /ehrenamt lists it.
func (s *Offers) open(local bool) *bun.SelectQuery {
	q := s.db.Read().NewSelect().TableExpr("objects AS object").Join("JOIN opportunities AS o ON o.object_id = object.id").
		Join("LEFT JOIN search_points AS point ON point.object_id = object.id").Join("JOIN actors AS club ON club.id = object.attributed_to").
		ColumnExpr("object.id, object.local, object.name, object.published, object.attributed_to AS club_id, COALESCE(NULLIF(club.name, ''), club.preferred_username) AS club, club.host").
		ColumnExpr("o.field, o.times, o.weekdays, o.start_time, o.end_time, o.timezone, o.skills, o.learn, o.languages, o.place, o.remote, o.for_young, o.for_groups, o.minimum_age").
		ColumnExpr("point.latitude, point.longitude").
		Where("object.type = 'Opportunity'").Where("object.visibility = ?", object.Public).Where("object.stale < 2").
		Where("o.status = 'open'").Where("(o.until IS NULL OR o.until > ?)", s.now()).
		Apply(object.VisibleTo(object.Viewer{})).Apply(object.ListedFor(object.Viewer{})).Apply(object.Listed)
	if local {
		q = q.Where("object.local")
	}
	return q
}

// Needs lists what the clubs of this town look for, the newest first.
func (s *Offers) Needs(ctx context.Context) ([]*Need, error) {
	if err := s.Located(ctx); err != nil {
		return nil, err
	}
	return s.needs(ctx, s.open(true).OrderExpr("object.published DESC, object.id"))
}

// Need gives what a club of this town looks for now; problem.NotFound when it is
// not there, or looks for nobody.
func (s *Offers) Need(ctx context.Context, id string) (*Need, error) {
	if err := s.Located(ctx); err != nil {
		return nil, err
	}
	list, err := s.needs(ctx, s.open(true).Where("object.id = ?", id))
	if err == nil && len(list) == 0 {
		err = problem.NotFoundf("nobody is looked for with %s", id)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// needsNear gives what may fit an offer by where it is, from other towns too.
func (s *Offers) needsNear(ctx context.Context, o *Offer) ([]*Need, error) {
	if err := s.Located(ctx); err != nil {
		return nil, err
	}
	q := s.open(false)
	if at := o.At(); at != nil && o.Radius > 0 {
		box := gazetteer.Around(*at, float64(o.Radius))
		q = q.Where("(point.latitude BETWEEN ? AND ? AND point.longitude BETWEEN ? AND ? OR o.remote OR point.latitude IS NULL)", box.South, box.North, box.West, box.East)
	}
	return s.needs(ctx, q)
}

func (s *Offers) needs(ctx context.Context, q *bun.SelectQuery) ([]*Need, error) {
	var list []*Need
	if err := q.Scan(ctx, &list); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find what help is wanted for: %w", err)
	}
	byID := map[string]*Need{}
	ids := make([]string, 0, len(list))
	for _, n := range list {
		byID[n.ID], ids = n, append(ids, n.ID)
		n.said = wordsOf(n.Name + " " + n.Skills + " " + n.Learn)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var shifts []struct {
		OpportunityID    string
		StartsAt, EndsAt time.Time
	}
	err := s.db.Read().NewSelect().TableExpr("shifts").Column("opportunity_id", "starts_at", "ends_at").Where("opportunity_id IN (?)", bun.List(ids)).
		Where("starts_at > ?", s.now()).Where("(places = 0 OR taken < places)").Scan(ctx, &shifts)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find shifts: %w", err)
	}
	for _, x := range shifts {
		n := byID[x.OpportunityID]
		n.slots = append(n.slots, n.slot(x.StartsAt, x.EndsAt, s.Zone))
	}
	for _, n := range list {
		if len(n.slots) == 0 && n.Times == once && !n.Start.IsZero() {
			n.slots = []slot{n.slot(n.Start, n.End, s.Zone)}
		}
	}
	return list, nil
}

// slot says on which day, and in which parts of it, something is. What begins at
// midnight is meant as the whole day.
func (n *Need) slot(start, end time.Time, zone *time.Location) slot {
	if z, err := time.LoadLocation(n.Timezone); err == nil && n.Timezone != "" {
		zone = z
	}
	start = start.In(zone)
	x := slot{day: 1 << ((int(start.Weekday()) + 6) % 7)}
	if start.Hour() == 0 && start.Minute() == 0 {
		x.parts = Morning | Afternoon | Evening
		return x
	}
	x.parts = part(start.Hour())
	if end = end.In(zone); end.After(start) && end.Sub(start) > 4*time.Hour {
		x.parts |= part(end.Add(-time.Hour).Hour())
	}
	return x
}

func part(hour int) int {
	switch {
	case hour < 12:
		return Morning
	case hour < 17:
		return Afternoon
	}
	return Evening
}
