package event

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/web/component"
)

// A Neighbouring event is one of another town as a list shows it, with the host
// from which it came.
type Neighbouring struct {
	component.EventRow
	Host string
}

// Elsewhere gives the events that came from these hosts by an agreement and have not
// ended, the next one first, at most limit. A row leads to the page of the town that
// announces it.
func (s *Events) Elsewhere(ctx context.Context, hosts []string, lang string, limit int) ([]Neighbouring, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	hostOf, err := s.shared(ctx, hosts, limit)
	if err != nil || len(hostOf) == 0 {
		return nil, err
	}
	var ids []string
	for id := range hostOf {
		ids = append(ids, id)
	}
	objects, err := s.objects.ListIDs(ctx, object.Viewer{}, ids)
	if err != nil {
		return nil, err
	}
	var details []*Details
	if err := s.db.Read().NewSelect().Model(&details).Where("event.object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list events of other towns: %w", err)
	}
	byID := map[string]*Details{}
	for _, d := range details {
		byID[d.ObjectID] = d
	}
	var list []*Event
	for _, o := range objects {
		if d := byID[o.ID]; d != nil {
			e := &Event{Object: *o, Details: *d}
			if e.localize(); !e.end().Before(s.now()) {
				list = append(list, e)
			}
		}
	}
	slices.SortFunc(list, func(a, b *Event) int { return cmp.Or(a.StartTime.Compare(b.StartTime), cmp.Compare(a.ID, b.ID)) })
	var rows []Neighbouring
	for _, e := range list[:min(len(list), limit)] {
		row := s.row(e, lang)
		row.Href = e.URL
		rows = append(rows, Neighbouring{row, hostOf[e.ID]})
	}
	return rows, nil
}

// shared gives the hosts of what runs or comes next, by their ids. These are two
// questions, so that no index is walked through all that is over.
func (s *Events) shared(ctx context.Context, hosts []string, limit int) (map[string]string, error) {
	now := s.now().UTC()
	hostOf := map[string]string{}
	for _, narrow := range []func(q *bun.SelectQuery) *bun.SelectQuery{
		func(q *bun.SelectQuery) *bun.SelectQuery { // what says no end lasts for its day at most
			return q.Where("COALESCE(e.end_time, e.start_time) > ?", now.Add(-24*time.Hour)).Where("COALESCE(e.start_time, e.start_time) < ?", now)
		},
		func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("e.start_time >= ?", now) },
	} {
		var found []peer.Found
		if err := s.between(hosts).Apply(narrow).OrderExpr("e.start_time, e.object_id").Limit(int64(limit)).Scan(ctx, &found); err != nil {
			return nil, fmt.Errorf("find events of other towns: %w", err)
		}
		for _, f := range found {
			hostOf[f.ID] = f.Host
		}
	}
	return hostOf, nil
}

// between begins a query on the events that came from these hosts, in the order of
// time or, of a single host, by what came from there.
func (s *Events) between(hosts []string) *bun.SelectQuery {
	from := "events AS e CROSS JOIN peer_objects AS shared"
	if len(hosts) == 1 {
		from = "peer_objects AS shared CROSS JOIN events AS e"
	}
	return s.db.Read().NewSelect().TableExpr(from+" CROSS JOIN objects AS object CROSS JOIN actors AS author").
		ColumnExpr("e.object_id AS id, shared.host").Where("shared.object_id = e.object_id").Where("object.id = e.object_id").Where("author.id = object.attributed_to").
		Where("shared.host IN (?)", bun.List(hosts)).Where("shared.scope = ?", peer.Events).Where("object.deleted IS NULL").Where("NOT object.hidden").
		Where("NOT author.blocked").Where("NOT author.host_limited").Where("NOT author.limited").Where("author.state = ?", actor.Active)
}

// PlaceOf gives the place that an event names, "" for none.
func (s *Events) PlaceOf(ctx context.Context, db bun.IDB, id string) (place string, err error) {
	err = db.NewSelect().Model((*Details)(nil)).Column("event.place").Where("event.object_id = ?", id).Scan(ctx, &place)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find the place of %s: %w", id, err)
	}
	return place, nil
}
