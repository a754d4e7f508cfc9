package peer

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// placed are the scopes of what lies somewhere.
var placed = []string{Events, Opportunities}

// MaxKm is how far an area reaches at most.
const MaxKm = 500

// An Area is all that lies within Km kilometres of a place; with Km 0 it is the place
// alone, and the zero Area is none.
type Area struct {
	gazetteer.Point
	// Name is that of the place in our own list, never in the words of others; "" where
	// that has none.
	Name string
	Km   int
}

// Value gives the area as it is stored: latitude, longitude, kilometres, name.
func (a Area) Value() (driver.Value, error) {
	if a == (Area{}) {
		return "", nil
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s", degrees(a.Latitude), degrees(a.Longitude), a.Km, a.Name)), nil
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Scan reads what Value gives.
func (a *Area) Scan(src any) error {
	*a = Area{}
	text := fmt.Sprint(src)
	if b, ok := src.([]byte); ok {
		text = string(b)
	}
	if src == nil || text == "" {
		return nil
	}
	parts := append(strings.SplitN(text, " ", 4), "")
	if len(parts) < 4 {
		return fmt.Errorf("%q is no area", text)
	}
	var errs [3]error
	a.Latitude, errs[0] = strconv.ParseFloat(parts[0], 64)
	a.Longitude, errs[1] = strconv.ParseFloat(parts[1], 64)
	a.Km, errs[2] = strconv.Atoi(parts[2])
	a.Name = parts[3]
	return errors.Join(errs[:]...)
}

// told gives the area as an agreement says it, nil for none.
func (a Area) told() *as.Place {
	if a == (Area{}) {
		return nil
	}
	y, x := as.Float(a.Latitude), as.Float(a.Longitude)
	p := &as.Place{Type: "Place", Name: a.Name, Latitude: &y, Longitude: &x}
	if a.Km > 0 {
		km := as.Float(a.Km)
		p.Radius, p.Units = &km, "km"
	}
	return p
}

// heard reads an area of another town, without its words.
func heard(p *as.Place) Area {
	if p == nil || p.Latitude == nil || p.Longitude == nil {
		return Area{}
	}
	a := Area{Point: gazetteer.Point{Latitude: float64(*p.Latitude), Longitude: float64(*p.Longitude)}}
	if p.Radius != nil {
		a.Km = int(min(max(math.Ceil(float64(*p.Radius)), 1), math.MaxInt32))
	}
	return a
}

// holds tells whether a point lies there. Where nobody knows where something is, and
// not even where its town is, it is not kept out.
func (a Area) holds(at *gazetteer.Point) bool {
	return a.Km == 0 || at == nil || gazetteer.Distance(a.Point, *at) <= float64(a.Km)
}

// OutNear gives within which areas lies what they get of us and lies somewhere, as
// both sides say; InNear does so for what we get of them.
func (p *Peer) OutNear() []Area { return areas(p.Out(), p.GivesNear, p.TheirAsksNear) }

// InNear gives within which areas lies what we get of them.
func (p *Peer) InNear() []Area { return areas(p.In(), p.AsksNear, p.TheirGivesNear) }

// areas gives those of some areas that narrow scopes.
func areas(scopes []string, some ...Area) []Area {
	var list []Area
	if !slices.ContainsFunc(scopes, func(scope string) bool { return slices.Contains(placed, scope) }) {
		return nil
	}
	for _, a := range some {
		if a.Km > 0 && !slices.ContainsFunc(list, func(b Area) bool { return a.Point == b.Point && a.Km == b.Km }) {
			list = append(list, a)
		}
	}
	return list
}

// within tells whether something of a scope at a point is shared as far as areas go.
func within(near []Area, scope string, at *gazetteer.Point) bool {
	return !slices.Contains(placed, scope) || !slices.ContainsFunc(near, func(a Area) bool { return !a.holds(at) })
}

// A Near is an area as somebody types it: a place, or the town itself for "", and how
// many kilometres around it; 0 is no limit.
type Near struct {
	Place string
	Km    int
}

// area gives what is meant by n; field is that of the form.
func (s *Peers) area(ctx context.Context, errs *problem.Fields, field string, n Near) (Area, error) {
	switch {
	case n.Km == 0 && n.Place == "":
		return Area{}, nil
	case n.Km <= 0 || n.Km > MaxKm:
		errs.Add(field+"-km", "Please choose how many kilometres around the place it may be.")
		return Area{}, nil
	}
	home, err := s.home(ctx)
	if err != nil {
		return Area{}, err
	}
	if n.Place == "" || home != (Area{}) && gazetteer.Fold(n.Place) == gazetteer.Fold(home.Name) {
		if home == (Area{}) {
			errs.Add(field+"-place", "Please write the place around which the kilometres count.")
		}
		return Area{Point: home.Point, Name: home.Name, Km: n.Km}, nil
	}
	p, err := s.Places.Resolve(ctx, n.Place, point(home))
	var several *gazetteer.Several
	switch {
	case errors.As(err, &several):
		errs.Add(field+"-place", "There are several places of this name; please write which one, like this: %s.", several.Choices[0].Label())
		return Area{}, nil
	case problem.KindOf(err) == problem.NotFound:
		errs.Add(field+"-place", "We do not know this place; please write the next larger one.")
		return Area{}, nil
	case err != nil:
		return Area{}, err
	}
	return Area{Point: p.Point(), Name: p.Label(), Km: n.Km}, nil
}

// home gives where this town is, zero when nobody has said it and its name does not
// tell. Within a transaction the list of places may not be there yet; CatchUp puts it
// there and tells it then.
func (s *Peers) home(ctx context.Context) (Area, error) {
	h, err := s.Places.Home(ctx)
	switch {
	case errors.Is(err, database.ErrNested), err == nil && h == nil:
		return Area{}, nil
	case err != nil:
		return Area{}, err
	}
	return Area{Point: h.Point(), Name: h.Name}, nil
}

// point gives where a place is, nil for none.
func point(a Area) *gazetteer.Point {
	if a == (Area{}) {
		return nil
	}
	return &a.Point
}

// A Spot is what something says of where it is.
type Spot struct {
	Text string
	// At are its coordinates, nil when it does not say them.
	At *gazetteer.Point
}

// locate gives where a spot is. What has no place, or none that the list of places
// knows, is in its town.
func (s *Peers) locate(ctx context.Context, spot Spot, town *gazetteer.Point) (*gazetteer.Point, error) {
	if spot.At != nil && spot.At.Valid() {
		return spot.At, nil
	}
	if spot.Text == "" {
		return town, nil
	}
	p, err := s.Places.Locate(ctx, spot.Text, town)
	switch {
	case errors.Is(err, database.ErrNested), problem.KindOf(err) == problem.NotFound:
		return town, nil
	case err != nil:
		return nil, fmt.Errorf("find where %q is: %w", spot.Text, err)
	}
	at := p.Point()
	return &at, nil
}

// name gives an area of another town the name of the place in our list, where that
// place is at most this far away.
func (s *Peers) name(ctx context.Context, a *Area) error {
	const near = 10
	if *a == (Area{}) {
		return nil
	}
	p, km, err := s.Places.Nearest(ctx, a.Point)
	if errors.Is(err, database.ErrNested) || problem.KindOf(err) == problem.NotFound || err == nil && km > near {
		return nil
	}
	if err == nil {
		a.Name = p.Name
	}
	return err
}

// A judging decides which towns get something of ours; where it is is looked for once
// at most.
type judging struct {
	s     *Peers
	o     *object.Object
	scope string
	at    *gazetteer.Point
	known bool
}

// judge begins to decide about o.
func (s *Peers) judge(ctx context.Context, db bun.IDB, o *object.Object) (*judging, error) {
	scope, err := s.ScopeOf(ctx, db, o)
	return &judging{s: s, o: o, scope: scope}, err
}

// goes tells whether it goes to a town that gets anything at all.
func (j *judging) goes(ctx context.Context, db bun.IDB, p *Peer) (bool, error) {
	if !slices.Contains(p.Out(), j.scope) {
		return false, nil
	}
	near := p.OutNear()
	if len(near) == 0 || !slices.Contains(placed, j.scope) {
		return true, nil
	}
	if !j.known {
		spot, err := j.s.SpotOf(ctx, db, j.o)
		if err != nil {
			return false, err
		}
		home, err := j.s.home(ctx)
		if err != nil {
			return false, err
		}
		if j.at, err = j.s.locate(ctx, spot, point(home)); err != nil {
			return false, err
		}
		j.known = true
	}
	return within(near, j.scope, j.at), nil
}

// went tells whether an older version of something that does not go there may have:
// notices change their kind, and what lies somewhere its place.
func (j *judging) went(p *Peer) bool {
	return slices.ContainsFunc(p.Out(), func(scope string) bool {
		return scope == j.scope || onBoard(scope) && onBoard(j.scope)
	})
}

// onBoard tells whether a scope is a part of the pin board.
func onBoard(scope string) bool {
	return scope != "" && scope != Clubs && !slices.Contains(placed, scope)
}
