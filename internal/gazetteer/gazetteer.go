package gazetteer

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// The kinds of places.
const (
	Town = "town" // a village, a town or a city
	Part = "part" // of one
)

// A Place is where people live.
type Place struct {
	bun.BaseModel `bun:"table:places,alias:place"`

	ID      string `bun:"id,pk"`
	Source  string
	Version string
	Name    string
	Kind    string
	// Land is two letters, such as "BB", or "". District is the name of the Kreis,
	// or "".
	Land     string
	District string
	// AGS is the official key of the municipality, or "".
	AGS       string `bun:"ags"`
	Latitude  float64
	Longitude float64
	// Population is 0 when it is not known.
	Population int

	// label is set where several places have the same name.
	label string
}

// Point is where the place is.
func (p *Place) Point() Point { return Point{p.Latitude, p.Longitude} }

// Label is the name with what tells it from others: "Neustadt, Hessen". Resolve
// understands it.
func (p *Place) Label() string {
	if p.label != "" {
		return p.label
	}
	region := p.District
	if region == "" {
		region = lands[p.Land]
	}
	if region == "" || region == p.Name {
		return p.Name
	}
	return p.Name + ", " + region
}

// name is a name under which a place is found.
type name struct {
	bun.BaseModel `bun:"table:place_names,alias:name"`

	Fold    string `bun:"fold,pk"`
	PlaceID string `bun:"place_id,pk"`
	Main    int
}

// code is a postal code of a place.
type code struct {
	bun.BaseModel `bun:"table:place_codes,alias:code"`

	Code    string `bun:"code,pk"`
	PlaceID string `bun:"place_id,pk"`
}

// A Source is where places come from.
type Source struct {
	bun.BaseModel `bun:"table:place_sources,alias:source"`

	Name string `bun:"name,pk" json:"name"`
	// Notice says who must be named, with the licence.
	Notice  string    `json:"notice"`
	Version string    `json:"-"`
	Loaded  time.Time `json:"loaded"`
	// Rows is how many entries were taken.
	Rows int `json:"rows"`
}

// Gazetteer finds places. Make one with New.
type Gazetteer struct {
	db *database.DB
	// Guess gives names by which the town's own place may be known, the best
	// first, for a town that did not say where it is.
	Guess func() []string
	// Changed is told in the transaction in which places or that of the town have
	// become others; nil for nobody.
	Changed func(ctx context.Context, tx bun.Tx) error

	// May gives the problem why by may not say where the town is; nil lets everybody.
	May func(ctx context.Context, tx bun.Tx, by string) error

	filled atomic.Bool
}

// New gives the gazetteer of a database.
func New(db *database.DB) *Gazetteer {
	return &Gazetteer{db: db, Guess: func() []string { return nil }}
}

// Ready puts the list that comes with the program into the database if it must
// be there. Whoever asks within a transaction does it before.
func (g *Gazetteer) Ready(ctx context.Context) error { return g.fill(ctx) }

// changed tells whoever must look again where things are, and every reader.
func (g *Gazetteer) changed(ctx context.Context, tx bun.Tx) error {
	database.Ring(ctx)
	if g.Changed == nil {
		return nil
	}
	return g.Changed(ctx, tx)
}

// Sources lists where places come from.
func (g *Gazetteer) Sources(ctx context.Context) ([]*Source, error) {
	if err := g.fill(ctx); err != nil {
		return nil, err
	}
	var list []*Source
	if err := g.db.Read().NewSelect().Model(&list).Order("name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list sources of places: %w", err)
	}
	return list, nil
}

// Notices gives what must be said wherever places are shown: who is named with
// which licence, each once.
func (g *Gazetteer) Notices(ctx context.Context) ([]string, error) {
	if err := g.fill(ctx); err != nil {
		return nil, err
	}
	var list []string
	err := g.db.Read().NewSelect().Model((*Source)(nil)).ColumnExpr("DISTINCT notice").Where("notice <> ''").Order("notice").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list notices of places: %w", err)
	}
	return list, nil
}
