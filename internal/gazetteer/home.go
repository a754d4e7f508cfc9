package gazetteer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"

	"codeberg.org/aushang/aushang/internal/ledger"
)

// Home is the place of the town itself, from where readers look around.
type Home struct {
	bun.BaseModel `bun:"table:place_home,alias:home"`

	ID        string  `bun:"id,pk" json:"-"`
	Name      string  `json:"name"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	// Guessed is true when the town did not say where it is.
	Guessed bool `bun:"-" json:"guessed"`
}

// Point is where it is.
func (h *Home) Point() Point { return Point{h.Latitude, h.Longitude} }

// Home gives the place of the town, by what it said or by its name; nil when
// neither tells.
func (g *Gazetteer) Home(ctx context.Context) (*Home, error) {
	h := new(Home)
	err := g.db.Read().NewSelect().Model(h).Where("id = 'home'").Scan(ctx)
	if err == nil {
		return h, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find the place of the town: %w", err)
	}
	for _, text := range g.Guess() {
		p, err := g.Resolve(ctx, text, nil)
		if err == nil {
			return &Home{Name: p.Name, Latitude: p.Latitude, Longitude: p.Longitude, Guessed: true}, nil
		}
		var several *Several
		if problem.KindOf(err) != problem.NotFound && !errors.As(err, &several) {
			return nil, err
		}
	}
	return nil, nil
}

// SetHome says where the town is, and notes who said it; the town hall does it. A
// zero name takes it back.
func (g *Gazetteer) SetHome(ctx context.Context, by string, h Home) error {
	if h.Name != "" && !h.Point().Valid() {
		return problem.Invalidf("there is no such place on the earth: a latitude lies between -90 and 90, a longitude between -180 and 180")
	}
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if g.May != nil {
			if err := g.May(ctx, tx, by); err != nil {
				return err
			}
		}
		if err := g.changed(ctx, tx); err != nil {
			return err
		}
		if err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.place", Target: h.Name}); err != nil {
			return err
		}
		if h.Name == "" {
			_, err := tx.NewDelete().Model((*Home)(nil)).Where("id = 'home'").Exec(ctx)
			return err
		}
		h.ID = "home"
		_, err := tx.NewInsert().Model(&h).On("CONFLICT (id) DO UPDATE").
			Set("name = EXCLUDED.name").Set("latitude = EXCLUDED.latitude").Set("longitude = EXCLUDED.longitude").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("say where the town is: %w", err)
	}
	return nil
}

// Remove takes a source away with all that only it told.
func (g *Gazetteer) Remove(ctx context.Context, source string) error {
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "places"); err != nil {
			return err
		}
		if err := g.changed(ctx, tx); err != nil {
			return err
		}
		result, err := tx.NewDelete().Model((*Source)(nil)).Where("name = ?", source).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, problem.NotFoundf("no places were loaded under the name %q", source))
		}
		// The list that comes with the program may be needed again, and other processes
		// believe that it is there.
		if ok, err := there(ctx, tx); ok || err != nil {
			return err
		}
		return putShipped(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("remove places: %w", err)
	}
	return nil
}

// now is the time of a row.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
