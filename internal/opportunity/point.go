package opportunity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/problem"
)

// How it is known where an opportunity is.
const (
	saidHow  = "said"  // it has coordinates
	placeHow = "place" // by the name of its place
	homeHow  = "home"  // it is ours, and its place is one that only people here know
	noHow    = "none"
)

// point is where an opportunity is, for finding what is near.
type point struct {
	bun.BaseModel `bun:"table:search_points,alias:point"`

	ObjectID  string `bun:"object_id,pk"`
	Latitude  *float64
	Longitude *float64
	Remote    bool
	How       string
}

// unlocated is what of an opportunity tells where it is.
type unlocated struct {
	ObjectID  string `bun:"object_id"`
	Local     bool
	Place     string
	Latitude  *float64
	Longitude *float64
	Remote    bool
}

// Relocate has it looked for all opportunities again where they are: places, or
// that of the town, have become others.
func (s *Opportunities) Relocate(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO search_points_due (object_id) SELECT object_id FROM opportunities WHERE TRUE ON CONFLICT DO NOTHING")
	if err != nil {
		return fmt.Errorf("look again where opportunities are: %w", err)
	}
	return nil
}

// Locate looks where those are of which triggers say that it must be done. It is
// for who reads where opportunities are.
func (s *Opportunities) Locate(ctx context.Context) error { return s.locate(ctx) }

// located is how many are located in one transaction.
const located = 50

// claim takes what is due, so that whoever changes it meanwhile makes it due
// again.
const claim = "DELETE FROM search_points_due WHERE object_id IN (SELECT object_id FROM search_points_due LIMIT ?) RETURNING object_id"

// locate looks where those are of which triggers say that it must be done. It
// is called before anything is looked for, and costs one look at an empty table
// as a rule.
func (s *Opportunities) locate(ctx context.Context) error {
	if due, err := s.due(ctx); !due || err != nil {
		return err
	}
	home, err := s.Places.Home(ctx)
	if err == nil {
		err = s.Places.Ready(ctx)
	}
	for more := true; more && err == nil; {
		err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			more, err = s.locateSome(ctx, tx, home)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("locate opportunities: %w", err)
	}
	return nil
}

// due tells whether something must be located.
func (s *Opportunities) due(ctx context.Context) (bool, error) {
	due, err := s.db.Read().NewSelect().Table("search_points_due").ColumnExpr("1").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look whether opportunities must be located: %w", err)
	}
	return due, nil
}

// locateSome locates some of what is due, and tells whether there may be more.
func (s *Opportunities) locateSome(ctx context.Context, tx bun.Tx, home *gazetteer.Home) (more bool, err error) {
	var ids []string
	if err := tx.NewRaw(claim, located).Scan(ctx, &ids); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if len(ids) == 0 {
		return false, nil
	}
	var list []unlocated
	err = tx.NewSelect().TableExpr("opportunities AS opportunity").Column("opportunity.object_id", "object.local", "opportunity.place", "opportunity.latitude", "opportunity.longitude", "opportunity.remote").
		Join("JOIN objects AS object ON object.id = opportunity.object_id").Where("opportunity.object_id IN (?)", bun.List(ids)).Scan(ctx, &list)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	for i := range list {
		p, err := s.pointOf(ctx, &list[i], home)
		if err != nil {
			return false, err
		}
		_, err = tx.NewInsert().Model(&p).On("CONFLICT (object_id) DO UPDATE").Set("latitude = EXCLUDED.latitude").
			Set("longitude = EXCLUDED.longitude").Set("remote = EXCLUDED.remote").Set("how = EXCLUDED.how").Exec(ctx)
		if err != nil {
			return false, err
		}
	}
	database.Ring(ctx)
	return len(ids) == located, nil
}

// pointOf tells where an opportunity is. What is ours and has a place that no
// list of places knows is in town.
func (s *Opportunities) pointOf(ctx context.Context, u *unlocated, home *gazetteer.Home) (point, error) {
	p := point{ObjectID: u.ObjectID, Remote: u.Remote, How: noHow}
	if u.Latitude != nil && u.Longitude != nil && (gazetteer.Point{Latitude: *u.Latitude, Longitude: *u.Longitude}).Valid() {
		p.Latitude, p.Longitude, p.How = u.Latitude, u.Longitude, saidHow
		return p, nil
	}
	if u.Place == "" {
		return p, nil
	}
	var from *gazetteer.Point
	if home != nil {
		at := home.Point()
		from = &at
	}
	found, err := s.Places.Locate(ctx, u.Place, from)
	switch {
	case err == nil:
		p.Latitude, p.Longitude, p.How = &found.Latitude, &found.Longitude, placeHow
	case problem.KindOf(err) != problem.NotFound:
		return p, err
	case u.Local && home != nil:
		p.Latitude, p.Longitude, p.How = &home.Latitude, &home.Longitude, homeHow
	}
	return p, nil
}

// PlaceOf gives where an opportunity says that it is: the name of the place, "" for
// none, and its coordinates, nil when it has none.
func (s *Opportunities) PlaceOf(ctx context.Context, db bun.IDB, id string) (string, *gazetteer.Point, error) {
	var u unlocated
	err := db.NewSelect().TableExpr("opportunities AS opportunity").Column("opportunity.place", "opportunity.latitude", "opportunity.longitude").
		Where("opportunity.object_id = ?", id).Scan(ctx, &u)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", nil, fmt.Errorf("find the place of %s: %w", id, err)
	}
	if u.Latitude == nil || u.Longitude == nil {
		return u.Place, nil, nil
	}
	return u.Place, &gazetteer.Point{Latitude: *u.Latitude, Longitude: *u.Longitude}, nil
}
