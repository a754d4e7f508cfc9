package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// readRounds is how often each address is read for readTime, in turn with the
	// floor.
	readRounds = 3
	readTime   = 700 * time.Millisecond
	// variants is how many signatures of a GET there are: a verified one must
	// not be worth remembering.
	variants = 64
)

// unsigned is the goal of an unsigned read: 16 us where bytes that lie ready behind
// net/http cost 12, counted as what it is of the floor of the same run, since
// absolute times are those of a machine and an hour.
var unsigned = mostOfFloor(16.0 / 12)

// reading is something that is read, and what it should cost.
type reading struct {
	what, path, accept string
	signed             bool
	goal               goal
	floor              string // the path at the floor
}

func (b *bench) readings() ([]reading, error) {
	club, err := b.town.club("tsv")
	if err != nil {
		return nil, err
	}
	body, err := b.town.get(strings.TrimPrefix(club, origin)+"/events?page=true", activityJSON)
	if err != nil {
		return nil, err
	}
	var page struct{ OrderedItems []string }
	if err := json.Unmarshal(body, &page); err != nil || len(page.OrderedItems) == 0 {
		return nil, fmt.Errorf("the club has no events: %w", err)
	}
	actor, object := strings.TrimPrefix(club, origin), strings.TrimPrefix(page.OrderedItems[0], origin)
	return []reading{
		{what: "actor, unsigned", path: actor, accept: activityJSON, goal: unsigned, floor: "/static"},
		{what: "actor, signed", path: actor, accept: activityJSON, signed: true, goal: most(70), floor: "/signed"},
		{what: "object (Event), unsigned", path: object, accept: activityJSON, goal: unsigned, floor: "/static"},
		{what: "object (Event), signed", path: object, accept: activityJSON, signed: true, goal: most(70), floor: "/signed"},
		{what: "WebFinger", path: "/.well-known/webfinger?resource=acct:tsv@" + townName, accept: "application/jrd+json", goal: unsigned, floor: "/static"},
		{what: "NodeInfo", path: "/nodeinfo/2.1", accept: "application/json", goal: unsigned, floor: "/static"},
		{what: "outbox, first page, signed", path: actor + "/outbox?page=true", accept: activityJSON, signed: true, floor: "/signed"},
		// Nothing is kept under an address that no page leads to.
		{what: "event list of 30, first rendering", path: "/veranstaltungen?neu=1", accept: "text/html", goal: most(1000), floor: "/static"},
		{what: "event list, anonymous", path: "/veranstaltungen", accept: "text/html", goal: most(60), floor: "/static"},
		{what: "start page, anonymous", path: "/", accept: "text/html", goal: most(60), floor: "/static"},
	}, nil
}

// requests makes the requests for a path, signed at different times.
func (b *bench) requests(path, accept string, signed bool) ([][]byte, error) {
	all, err := authors(b.world)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse("https://" + townName + path)
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for n := range variants {
		r := &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{"Accept": {accept}}}
		if signed {
			a := all[n%len(all)]
			if err := a.host.Signer(a.name).Cavage(r, nil, time.Now().Add(-time.Duration(n)*time.Second)); err != nil {
				return nil, err
			}
		}
		list = append(list, raw(r, nil))
	}
	return list, nil
}

// answers is what a server did with reads.
type answers struct {
	n     int
	used  usage
	rates []float64
	times []time.Duration
}

func (a *answers) read(p *process, address string, requests [][]byte) error {
	before := p.usage()
	l, err := sendFor(address, requests, http.StatusOK, readTime)
	if err != nil {
		return err
	}
	a.n += len(l.times)
	a.used = a.used.plus(p.quiet().minus(before))
	a.rates = append(a.rates, l.perSecond())
	a.times = append(a.times, l.times...)
	return nil
}

func (a answers) cpu() float64 { return in(microseconds, a.used.cpu) / float64(a.n) }

// listed is how many events the list shows at once.
const listed = 30

// fillList publishes events until the first page of the list is full.
func (b *bench) fillList() error {
	for n := range listed {
		start := time.Now().AddDate(0, 0, 10+n).Format("2006-01-02") + "T19:00"
		err := b.town.verb(nil, "", "event", "add", "--club", clubs[n%len(clubs)], "--name", fmt.Sprintf("Offene Probe %d", n+1), "--start", start, "--place", "Altes Rathaus", "--text", "Alle sind **willkommen**.")
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureReads() error {
	if err := b.fillList(); err != nil {
		return err
	}
	list, err := b.readings()
	if err != nil {
		return err
	}
	t, err := b.newTarget()
	if err != nil {
		return err
	}
	if err := b.greet(t, 3_000_000); err != nil {
		return err
	}
	b.town.quiet()
	for _, r := range list {
		requests, err := b.requests(r.path, r.accept, r.signed)
		if err != nil {
			return err
		}
		least, err := b.requests(r.floor, r.accept, r.signed)
		if err != nil {
			return err
		}
		var ours, floor answers
		for range readRounds {
			if err := floor.read(b.floor.process, b.floor.address, least); err != nil {
				return fmt.Errorf("floor: %w", err)
			}
			if err := ours.read(b.town.process, b.town.address, requests); err != nil {
				return fmt.Errorf("%s: %w", r.what, err)
			}
		}
		b.out.add(figure{what: "read, " + r.what + ": CPU", unit: microseconds, value: ours.cpu(), floor: floor.cpu(), goal: r.goal})
		b.out.add(figure{what: "read, " + r.what + ": requests", unit: perSecond, value: median(ours.rates), floor: median(floor.rates)})
		b.out.add(figure{what: "read, " + r.what + ": p99", unit: milliseconds, value: in(milliseconds, percentile(ours.times, 99)), floor: in(milliseconds, percentile(floor.times, 99))})
	}
	return nil
}
