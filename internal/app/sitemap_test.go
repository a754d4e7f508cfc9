package app

import (
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// TestSiteMap: the map leads to every public page that there is and to no
// other, and robots.txt leads to the map.
func TestSiteMap(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p, gone := v.event("Sommerfest"), v.post("Schlüssel gefunden"), v.post("weg")
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, gone.ID); err != nil {
			t.Fatal(err)
		}
		closed := v.second()
		old := v.on(closed.ID, "Konzert", "2027-08-01T19:00", "")
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*actor.Actor)(nil)).Set("state = ?", actor.Archived).Where("id = ?", closed.ID).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		robots := v.ask("GET", "/robots.txt").Body.String()
		if !strings.Contains(robots, "\nSitemap: https://here.test/sitemap.xml\n") || !strings.HasPrefix(robots, "User-agent: *\nDisallow: /") {
			t.Errorf("robots.txt says %s", robots)
		}
		var index, part struct {
			XMLName xml.Name
			Parts   []string `xml:"sitemap>loc"`
			Pages   []string `xml:"url>loc"`
		}
		read := func(path string, doc any) {
			t.Helper()
			w := v.ask("GET", path)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/xml; charset=utf-8" || w.Header().Get("ETag") == "" {
				t.Fatalf("%s: %d %v", path, w.Code, w.Header())
			}
			if err := xml.Unmarshal(w.Body.Bytes(), doc); err != nil {
				t.Fatal(err)
			}
		}
		read("/sitemap.xml", &index)
		var pages []string
		for _, address := range index.Parts {
			part.Pages = nil
			read(path(address), &part)
			if part.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
				t.Errorf("%s is a %v", address, part.XMLName)
			}
			pages = append(pages, part.Pages...)
		}
		for _, address := range []string{e.URL, p.URL, v.club.URL, "https://here.test/", "https://here.test/vereine", "https://here.test/veranstaltungen", "https://here.test/pinnwand", "https://here.test/abonnieren"} {
			if !slices.Contains(pages, address) {
				t.Errorf("%s is not in %v", address, pages)
			}
		}
		for _, address := range []string{gone.URL, old.URL, closed.URL} {
			if slices.Contains(pages, address) {
				t.Errorf("%s is in it", address)
			}
		}
		for i, address := range pages {
			if w := v.get(path(address), html); w.Code != http.StatusOK || slices.Contains(pages[:i], address) {
				t.Errorf("%s: %d", address, w.Code)
			}
			for _, line := range strings.Split(robots, "\n") {
				if beginning, ok := strings.CutPrefix(line, "Disallow: "); ok && strings.HasPrefix(path(address), beginning) {
					t.Errorf("robots.txt closes %s", address)
				}
			}
		}
	})
}
