package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/database"
)

const (
	// foundThings is how many opportunities are looked through.
	foundThings = 20_000
	// anOpportunity keeps their keys apart from those of all other copies.
	anOpportunity = 2*anActivity + 1
)

// measureFind fills the database with opportunities that lie evenly over Germany,
// and asks for what is near as people do.
func (b *bench) measureFind() error {
	var made struct{ ID string }
	err := b.town.verb(&made, "", "opportunity", "add", "--club", "flickwerk", "--name", "Vorlesen und Erzählen", "--text", "Eine Stunde mit **Kindern**.", "--place", "Bibliothek")
	if err != nil {
		return err
	}
	if err := b.town.verb(nil, "", "places", "home", "Herzfelde", "--latitude", "51.6869", "--longitude", "13.2202"); err != nil {
		return err
	}
	b.town.kill()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	db, err := database.Open(ctx, b.town.database)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // what was written is committed
	if err := (&generator{db: db}).fillFound(ctx, made.ID); err != nil {
		return err
	}
	if _, err := b.town.serve(); err != nil {
		return err
	}
	if err := b.awaitPoints(ctx, db); err != nil {
		return err
	}
	return b.seek(fmt.Sprintf("search among %d opportunities", foundThings), whereabouts())
}

// fillFound makes the opportunities: at all times, some of them from home.
func (g *generator) fillFound(ctx context.Context, of string) error {
	id := func(column string) string { return replaced(column, lastPart(of), g.key(anOpportunity, "n.i")) }
	when := g.ago(fmt.Sprintf("(%d - n.i) * 300", foundThings))
	err := g.copies(ctx, "objects", "id", of, foundThings, map[string]string{
		"id": id("id"), "url": id("url"), "published": when, "received": when, "name": "t.name || ' ' || CAST(n.i AS TEXT)",
	})
	if err != nil {
		return err
	}
	err = g.copies(ctx, "opportunities", "object_id", of, foundThings, map[string]string{
		"object_id": id("object_id"), "published": when,
		"latitude": "47.5 + (n.i * 7919 % 7000) / 1000.0", "longitude": "6.5 + (n.i * 104729 % 8000) / 1000.0",
		"times":    "CASE n.i % 3 WHEN 0 THEN 'flexible' WHEN 1 THEN 'recurring' ELSE 'oncall' END",
		"weekdays": "n.i % 128", "effort_minutes": "30 * (n.i % 9)", "effort_per": "'week'",
		"remote": "n.i % 50 = 0", "for_young": "n.i % 4 = 0", "skills": "CASE n.i % 5 WHEN 0 THEN 'Geduld, gern vorlesen' ELSE '' END",
	})
	if err != nil {
		return err
	}
	_, err = g.db.Pool().ExecContext(ctx, "ANALYZE")
	return err
}

// awaitPoints waits until all is located and in the index. Who reads the list
// first has what is due located.
func (b *bench) awaitPoints(ctx context.Context, db *database.DB) error {
	for {
		var due int
		const left = "SELECT (SELECT count(*) FROM search_points_due) + (SELECT count(*) FROM search_due)"
		if err := db.Read().QueryRowContext(ctx, left).Scan(&due); err != nil {
			return err
		}
		if due == 0 {
			b.town.quiet()
			return nil
		}
		if _, err := b.town.get("/ehrenamt?umkreis=3&abruf=1", "text/html"); err != nil && ctx.Err() != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// whereabouts are the ways in which people look for what is near.
func whereabouts() []question {
	towns := strings.Fields("Potsdam Finsterwalde Cottbus Leipzig Dresden Kassel Erfurt Stuttgart Nürnberg Rostock Magdeburg Göttingen")
	near := func(more string) func() string {
		return func() string { return "/ehrenamt?ort=" + url.QueryEscape(towns[rand.IntN(len(towns))]) + more }
	}
	return []question{
		{"what is within 25 km of a town", near("")},
		{"what is within 50 km", near("&umkreis=50")},
		{"what is within 100 km", near("&umkreis=100")},
		{"the third page of those", near("&umkreis=100&seite=3")},
		{"what takes little time at the weekend", near("&umkreis=50&sa=1&so=1&aufwand=10&gelegentlich=1&regelmaessig=1")},
		{"what suits young people", near("&umkreis=50&jugend=1")},
		{"what somebody can", near("&umkreis=100&kann=vorlesen")},
		{"what can be done from home", near("&zuhause=1")},
		{"what is anywhere, the nearest first", near("&umkreis=egal")},
	}
}
