package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/gazetteer"
)

// BenchmarkFind makes pages of searches among 20,000 opportunities that lie
// evenly over Germany; each time anew.
func BenchmarkFind(b *testing.B) {
	c := config.Defaults()
	c.Origin, c.Database, c.Data = "https://here.test", databasetest.SQLite(b), b.TempDir()
	town, err := Open(b.Context(), &c, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = town.Close() })
	manyJobs(b, town, 20_000)
	h, err := town.routes(town.Activities.Queue(town.mux, town.log))
	if err != nil {
		b.Fatal(err)
	}
	for name, address := range map[string]string{"25km": "/ehrenamt?gelegentlich=1", "50km": "/ehrenamt?umkreis=50", "anywhere": "/ehrenamt?umkreis=egal", "page": "/ehrenamt?umkreis=50&seite=3"} {
		b.Run(name, func(b *testing.B) {
			before := spent()
			var took []time.Duration
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, address, nil)
				r.Header.Set("Accept", "text/html")
				w := httptest.NewRecorder()
				began := time.Now()
				if h.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64((spent()-before).Microseconds())/float64(b.N), "cpu-us/op")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// manyJobs stores n opportunities of one club.
func manyJobs(b *testing.B, town *Town, n int) {
	b.Helper()
	k, err := town.Clubs.Create(b.Context(), actor.Operator, club.Draft{Handle: "tsv", Name: "TSV", Active: true})
	if err != nil {
		b.Fatal(err)
	}
	if err := town.Places.SetHome(b.Context(), actor.Operator, gazetteer.Home{Name: "Herzfelde", Latitude: 51.69, Longitude: 13.22}); err != nil {
		b.Fatal(err)
	}
	pool := town.db.Pool()
	for _, sql := range []string{
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO objects (id, type, local, attributed_to, name, summary, content, source, language, url, in_reply_to, visibility, sensitive, hidden, published, received)
SELECT 'https://here.test/ap/objects/' || printf('01980000-0000-7000-8000-%%012d', i), 'Opportunity', TRUE, '%s', 'Vorlesen ' || i, '', '<p>Text</p>', 'Text', 'de', '', '', 'public', FALSE, FALSE, datetime('now'), datetime('now') FROM n`, n, k.ID),
		`INSERT INTO opportunities (object_id, published, times, timezone, place, latitude, longitude, contact)
SELECT id, published, CASE rowid % 2 WHEN 0 THEN 'flexible' ELSE 'recurring' END, 'Europe/Berlin', 'Bibliothek', 47.5 + (rowid * 7919 % 7000) / 1000.0, 6.5 + (rowid * 104729 % 8000) / 1000.0, 'club' FROM objects WHERE type = 'Opportunity'`,
	} {
		if _, err := pool.ExecContext(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}
