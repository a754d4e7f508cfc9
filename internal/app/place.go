package app

import (
	"context"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/page"
	places "codeberg.org/aushang/aushang/internal/place"
)

// gazetteer opens the places. A town that did not say where it is goes by its
// name, or by the postal code in its own address.
func (t *Town) gazetteer() *gazetteer.Gazetteer {
	g := gazetteer.New(t.db)
	g.Guess = func() []string {
		name := t.Config.Name
		for _, kind := range []string{"Stadt ", "Gemeinde ", "Markt ", "Hansestadt ", "Samtgemeinde ", "Verbandsgemeinde ", "Amt "} {
			name = strings.TrimPrefix(name, kind)
		}
		return []string{name}
	}
	g.May = func(ctx context.Context, tx bun.Tx, by string) error {
		return t.Actors.May(ctx, tx, by, "", actor.Moderate)
	}
	return g
}

// mountPlaces enters the pages of places and of kept searches into r.
func (t *Town) mountPlaces(r chi.Router, guard *page.Guard, frame page.HallFrame) {
	t.place(guard, frame).Mount(r)
	t.watchPages(guard).Mount(r)
}

// place gives the surface of places.
func (t *Town) place(guard *page.Guard, frame page.HallFrame) *places.Surface {
	return &places.Surface{Guard: guard, Places: t.Places, Frame: frame}
}
