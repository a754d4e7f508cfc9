package reach

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// opened gives readers over a database with the club tsv, at the time *now.
func opened(t *testing.T, url string, now *time.Time) (*Readers, *actor.Actor) {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	actors := actor.New(db, actor.Site{Origin: "https://here.test", HandleDomain: "here.test"}, nil)
	c := NewReaders(db, actors, time.UTC, slog.New(slog.DiscardHandler))
	c.now = func() time.Time { return *now }
	a, err := actors.Mint(actor.Draft{Type: actor.Group, PreferredUsername: "tsv", Name: "TSV", State: actor.Active})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return actors.Create(ctx, tx, a) }); err != nil {
		t.Fatal(err)
	}
	return c, a
}

// TestReaders: different devices of a day are counted once each, one number a day
// and feed is kept, and the next day knows nobody.
func TestReaders(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		now := time.Date(2027, 7, 9, 23, 0, 0, 0, time.UTC)
		c, club := opened(t, url, &now)
		h := c.Count("/vereine/", func(r *http.Request) string { return r.RemoteAddr }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status, err := strconv.Atoi(r.Header.Get("Status")); err == nil {
				w.WriteHeader(status)
			}
		}))
		ask := func(method, path, from, agent, status string) {
			r := httptest.NewRequest(method, path, nil)
			r.RemoteAddr = from
			r.Header.Set("User-Agent", agent)
			r.Header.Set("Status", status)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		for range 3 {
			ask("GET", "/vereine/tsv/kalender.ics", "192.0.2.1", "phone", "200")
		}
		ask("GET", "/vereine/TSV/kalender.ics", "192.0.2.1", "laptop", "304")
		ask("GET", "/vereine/tsv/kalender.ics", "192.0.2.2", "phone", "")
		ask("GET", "/vereine/tsv/feed.atom", "192.0.2.2", "reader", "200")
		ask("GET", "/vereine/tsv/feed.json", "192.0.2.2", "reader", "200")
		for _, no := range [][4]string{
			{"HEAD", "/vereine/tsv/kalender.ics", "192.0.2.9", "200"},
			{"GET", "/vereine/tsv/kalender.ics", "192.0.2.9", "404"},
			{"GET", "/vereine/tsv", "192.0.2.9", "200"},
			{"GET", "/kalender.ics", "192.0.2.9", "200"},
			{"GET", "/vereine/niemand/feed.rss", "192.0.2.9", "200"},
		} {
			ask(no[0], no[1], no[2], "other", no[3])
		}
		flush := func() {
			t.Helper()
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		flush()
		ask("GET", "/vereine/tsv/kalender.ics", "192.0.2.3", "phone", "200") // counted when the day is over
		now = now.Add(2 * time.Hour)
		ask("GET", "/vereine/tsv/kalender.ics", "192.0.2.1", "phone", "200") // nobody is known again
		flush()
		now = now.AddDate(0, 0, 1)
		days, err := c.Days(t.Context(), club.ID, 3)
		if err != nil {
			t.Fatal(err)
		}
		var got [][2]int
		for _, d := range days {
			got = append(got, [2]int{d.Calendar, d.Feed})
		}
		if want := [][2]int{{1, 0}, {4, 1}, {0, 0}}; !cmp.Equal(got, want) {
			t.Errorf("counted %v, want %v", got, want)
		}
		again := NewReaders(c.db, c.actors, time.UTC, c.log) // after a restart
		again.now = func() time.Time { return now.AddDate(0, 0, -1) }
		again.saw(counted{"tsv", Feed}, "192.0.2.7", "reader")
		if err := again.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if days, err = c.Days(t.Context(), club.ID, 1); err != nil || days[0].Calendar != 1 || days[0].Feed != 1 {
			t.Errorf("after a restart %+v, %v", days, err)
		}
		now = now.Add(402 * 24 * time.Hour)
		c.saw(counted{"tsv", Feed}, "192.0.2.7", "reader")
		flush()
		if err := c.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := c.db.Read().NewSelect().Table("readers").Count(t.Context()); err != nil || n != 1 {
			t.Errorf("%d numbers are kept, %v", n, err)
		}
	})
}

// TestDatabaseAway: the numbers of a day that ended while the database was away
// are written down when it is there again.
func TestDatabaseAway(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		now := time.Date(2027, 7, 9, 23, 0, 0, 0, time.UTC)
		c, club := opened(t, url, &now)
		c.saw(counted{"tsv", Calendar}, "192.0.2.1", "phone")
		now = now.Add(2 * time.Hour)
		away, stop := context.WithCancel(t.Context())
		stop()
		if err := c.Flush(away); err == nil {
			t.Fatal("the database is away")
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if days, err := c.Days(t.Context(), club.ID, 1); err != nil || days[0].Calendar != 1 {
			t.Errorf("%+v, %v", days, err)
		}
		if len(c.past) != 0 {
			t.Errorf("%d numbers still wait", len(c.past))
		}
	})
}

// TestMemory: made-up readers do not fill the memory, and no address stands
// anywhere in it.
func TestMemory(t *testing.T) {
	c := NewReaders(nil, nil, time.UTC, nil)
	for i := range mostSeen + 100 {
		c.saw(counted{"tsv", Feed}, "192.0.2.1", strconv.Itoa(i))
	}
	if n := len(c.seen[counted{"tsv", Feed}]); n != mostSeen {
		t.Errorf("%d are remembered", n)
	}
}

// TestFollowers: servers of which few follow are not named, and months are those
// of the town.
func TestFollowers(t *testing.T) {
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v }
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := new(figures)
	f.follow([]actor.Follower{
		{Host: "a.test", Created: at("2026-06-30T23:30:00Z")},
		{Host: "a.test", Created: at("2027-05-31T22:30:00Z")},
		{Host: "a.test", Created: at("2027-06-01T00:00:00Z")},
		{Host: "b.test", Created: at("2020-01-01T00:00:00Z")},
		{Host: "b.test", Created: at("2027-06-30T00:00:00Z")},
	}, at("2027-06-30T12:00:00Z").In(berlin))
	if f.Followers != 5 || f.Others != 2 || !cmp.Equal(f.Hosts, []Tally{{"a.test", 3}}) {
		t.Errorf("%+v", f)
	}
	if n := f.Months[0].N; n != 3 || f.Months[11].N != 1 || len(f.Months) != months {
		t.Errorf("%+v", f.Months)
	}
}
