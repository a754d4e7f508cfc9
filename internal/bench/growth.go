package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/database"
)

const (
	manyHosts  = 10_000
	tenth      = manyHosts / 10
	readersPer = 10 // followers on each host
	// looking is how long each page is asked for, one request at a time.
	looking = 2 * time.Second
)

// measureGrowth fills the database and measures what a large town notices:
// start, pages and lists, calendars, a fan-out to ten times as many hosts.
func (b *bench) measureGrowth() error {
	m, err := b.models()
	if err != nil {
		return err
	}
	b.town.kill()
	if err := b.generate(m); err != nil {
		return err
	}
	if err := b.awaitIndex("large town: ", manyClubs+manyEvents+manyPosts); err != nil {
		return err
	}
	if err := b.startAgain("large town: ", 300); err != nil {
		return err
	}
	if err := b.look(m); err != nil {
		return err
	}
	return b.grow()
}

// models makes the things of which the large town has many.
func (b *bench) models() (model, error) {
	m := model{handle: "flickwerk"}
	t, err := b.newTarget()
	if err != nil {
		return m, err
	}
	m.club, m.post = t.club, t.ID
	var made struct{ ID string }
	start := time.Now().AddDate(0, 0, 30).Format("2006-01-02T15:04")
	if err := b.town.verb(&made, "", "event", "add", "--club", m.handle, "--name", "Offene Werkstatt", "--start", start, "--place", "Altes Rathaus", "--text", "Wir reparieren **gemeinsam**."); err != nil {
		return m, err
	}
	m.event = made.ID
	if err := b.greet(t, 4_000_000); err != nil {
		return m, err
	}
	body, err := b.town.get(strings.TrimPrefix(t.ID, origin)+"/replies", activityJSON)
	if err != nil {
		return m, err
	}
	_, rest, _ := strings.Cut(string(body), `"items":["`)
	m.answer, _, _ = strings.Cut(rest, `"`)
	if m.answer == "" {
		return m, fmt.Errorf("%s shows no answer", t.ID)
	}
	return m, nil
}

func (b *bench) generate(m model) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	db, err := database.Open(ctx, b.town.database)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // what was written is committed
	begin := time.Now()
	if err := (&generator{db: db, group: "verein"}).fill(ctx, m); err != nil {
		return err
	}
	var n sql.NullInt64
	if err := db.Read().QueryRowContext(ctx, "SELECT count(*) FROM objects").Scan(&n); err != nil {
		return err
	}
	b.out.add(figure{what: fmt.Sprintf("large town: objects, with %d clubs and %d events (made in %.0f s)", manyClubs, manyEvents, time.Since(begin).Seconds()), unit: count, value: float64(n.Int64)})
	return nil
}

// view is a kind of page, and where the pages of it are.
type view struct {
	what, accept string
	path         func() string
	// one means that there is one such page only: who asks first waits for it,
	// and the rest is from memory.
	one bool
}

func (b *bench) views(m model) []view {
	id := func(kind, n int) string { return keyOf(kind, 1+rand.IntN(n)) }
	club := strings.TrimSuffix(strings.TrimPrefix(m.club, origin), lastPart(m.club))
	handle := func() string { return fmt.Sprintf("/vereine/verein%d", 1+rand.IntN(manyClubs)) }
	one := func(what, accept, path string) view { return view{what, accept, func() string { return path }, true} }
	many := func(what, accept string, path func() string) view { return view{what, accept, path, false} }
	return []view{
		one("start page", "text/html", "/"),
		one("event list", "text/html", "/veranstaltungen"),
		many("event list of a club", "text/html", func() string { return fmt.Sprintf("/veranstaltungen?verein=verein%d", 1+rand.IntN(manyClubs)) }),
		many("event list of a day", "text/html", func() string {
			return "/veranstaltungen?tag=" + time.Now().AddDate(0, 0, rand.IntN(200)).Format("2.1.2006")
		}),
		many("event list, a later page", "text/html", func() string {
			return "/veranstaltungen?nach=" + keyOf(anEvent, manyEvents*3/5+rand.IntN(manyEvents/5))
		}),
		one("pin board", "text/html", "/pinnwand"),
		many("pin board, an older page", "text/html", func() string { return "/pinnwand?vor=" + id(aPost, manyPosts) }),
		one("pin board, one kind", "text/html", "/pinnwand?art=ankuendigung"),
		one("list of clubs", "text/html", "/vereine"),
		many("list of clubs, by word", "text/html", func() string { return fmt.Sprintf("/vereine?q=nr+%d", 1+rand.IntN(manyClubs)) }),
		many("page of a club", "text/html", handle),
		many("page of an event", "text/html", func() string { return "/veranstaltungen/" + id(anEvent, manyEvents) }),
		many("page of a post with its answers", "text/html", func() string { return "/pinnwand/" + id(aPost, manyPosts) }),
		one("calendar of the town", "text/calendar", "/kalender.ics"),
		many("calendar of a club", "text/calendar", func() string { return handle() + "/kalender.ics" }),
		many("actor", activityJSON, func() string { return club + id(aClub, manyClubs) }),
		many("object", activityJSON, func() string { return "/ap/objects/" + id(anEvent, manyEvents) }),
		many("outbox", activityJSON, func() string { return club + id(aClub, manyClubs) + "/outbox" }),
		many("outbox, first page", activityJSON, func() string { return club + id(aClub, manyClubs) + "/outbox?page=true" }),
		many("answers of a post", activityJSON, func() string { return "/ap/objects/" + id(aPost, manyPosts) + "/replies" }),
	}
}

// look asks for pages, one at a time, each time another where there are many.
func (b *bench) look(m model) error {
	for _, v := range b.views(m) {
		c, err := dial(b.town.address)
		if err != nil {
			return err
		}
		end := time.Now().Add(looking)
		times, err := c.run(http.StatusOK, func() []byte {
			if time.Now().After(end) {
				return nil
			}
			path := v.path()
			u, err := url.Parse("https://" + townName + path)
			if err != nil {
				panic(err) // built from constants
			}
			return raw(&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{"Accept": {v.accept}}}, nil)
		})
		_ = c.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", v.what, err)
		}
		if v.one && len(times) > 0 {
			b.out.add(figure{what: "large town: " + v.what + ", first rendering", unit: milliseconds, value: in(milliseconds, times[0]), goal: most(30)})
		}
		b.out.add(figure{what: "large town: " + v.what + ", p95", unit: milliseconds, value: in(milliseconds, percentile(times, 95)), goal: most(30)})
	}
	return nil
}

// grow publishes to a tenth of the hosts and to all of them: the cost of a
// delivery and the memory must stay what they are.
func (b *bench) grow() error {
	var results []sent
	for _, c := range []struct {
		crowd
		n int
	}{{crowd{club: "klein", perHost: readersPer, shared: true}, tenth}, {crowd{club: "gross", perHost: readersPer, shared: true}, manyHosts}} {
		if err := b.town.addClub(c.club); err != nil {
			return err
		}
		if err := b.gather(&c.crowd, c.n); err != nil {
			return err
		}
		noticed()
		b.town.quiet()
		var s sent
		if err := b.send(b.town.process, c.inboxes, b.town.keys, &s, func() error { _, err := b.town.publish(c.club); return err }); err != nil {
			return err
		}
		results = append(results, s)
	}
	few, many := results[0], results[1]
	b.out.add(figure{what: "large town: 100,000 followers on 10,000 hosts, cold: CPU per delivery (the floor is that of 1,000 hosts)", unit: milliseconds, value: many.cpu(), floor: few.cpu(), goal: mostOfFloor(1.1)})
	b.out.add(figure{what: "large town: 100,000 followers on 10,000 hosts, cold: deliveries (the floor is that of 1,000 hosts)", unit: perSecond, value: many.rate(), floor: few.rate()})
	b.out.add(figure{what: "large town: resident memory after them (the floor is that after 1,000 hosts)", unit: megabytes, value: many.memory, floor: few.memory})
	return nil
}
