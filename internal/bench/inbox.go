package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// How much is sent to an inbox.
const (
	authorHosts = 25
	perHost     = 2
	inboxRounds = 4
	perRound    = 1500
	mixed       = 1500
)

// author is an actor elsewhere that writes to us.
type author struct {
	id   string
	name string
	host *federationtest.Host
}

var (
	cast     []author
	castOnce sync.Once
)

// authors gives the fifty actors who write to the inbox.
func authors(world *federationtest.Fediverse) ([]author, error) {
	var err error
	castOnce.Do(func() {
		var hosts []*federationtest.Host
		if hosts, err = world.Add("author", authorHosts); err != nil {
			return
		}
		for _, h := range hosts {
			for n := range perHost {
				name := fmt.Sprintf("writer%d", n)
				cast = append(cast, author{h.Actor(name), name, h})
			}
		}
	})
	return cast, err
}

// letter is an activity with who sends it.
type letter struct {
	from author
	body []byte
}

// cavage signs as nearly all servers do.
func cavage(r *http.Request, l letter) error {
	return l.from.host.Signer(l.from.name).Cavage(r, l.body, time.Now())
}

// sign makes the requests that carry letters to the inbox, on all cores.
func sign(letters []letter, how func(*http.Request, letter) error) ([][]byte, error) {
	requests := make([][]byte, len(letters))
	errs := make([]error, runtime.NumCPU())
	var group sync.WaitGroup
	for core := range errs {
		group.Go(func() {
			for n := core; n < len(letters); n += len(errs) {
				l := letters[n]
				r := &http.Request{
					Method: http.MethodPost, URL: &url.URL{Scheme: "https", Host: townName, Path: "/ap/inbox"},
					Header: http.Header{"Content-Type": {activityJSON}},
				}
				if err := how(r, l); err != nil {
					errs[core] = err
					return
				}
				requests[n] = raw(r, l.body)
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return requests, nil
}

// reply is a public answer with a mention, of the size that Mastodon sends.
func reply(by author, to, club string, n int) []byte {
	const public = "https://www.w3.org/ns/activitystreams#Public"
	id, now := fmt.Sprintf("%s/statuses/%d", by.id, n), time.Now().UTC().Format(time.RFC3339)
	note := map[string]any{
		"id": id, "type": "Note", "summary": nil, "inReplyTo": to, "published": now, "url": id, "attributedTo": by.id,
		"to": []string{public}, "cc": []string{by.id + "/followers", club}, "sensitive": false, "atomUri": id, "inReplyToAtomUri": to,
		"conversation": "tag:" + by.host.Authority() + ",2026-11-27:objectId=1:objectType=Conversation",
		"content": `<p><span class="h-card" translate="no"><a href="` + club + `" class="u-url mention">@<span>flickwerk</span></a></span> ` +
			`Ich mache mit, und ich bringe noch jemanden mit. Wann ist der nächste Termin, und wo? Sollen wir Werkzeug mitbringen?</p>`,
		"contentMap": map[string]string{"de": "<p>Ich mache mit, und ich bringe noch jemanden mit. Wann ist der nächste Termin, und wo?</p>"},
		"attachment": []any{}, "tag": []any{map[string]string{"type": "Mention", "href": club, "name": "@flickwerk@" + townName}},
		"replies": map[string]any{"id": id + "/replies", "type": "Collection", "first": map[string]any{"type": "CollectionPage", "next": id + "/replies?page=true", "partOf": id + "/replies", "items": []any{}}},
	}
	return activity(by, "Create", n, note, []string{public}, []string{by.id + "/followers", club})
}

func activity(by author, kind string, n int, object any, to, cc []string) []byte {
	body, err := json.Marshal(map[string]any{
		"@context": []any{"https://www.w3.org/ns/activitystreams", map[string]string{
			"ostatus": "http://ostatus.org#", "atomUri": "ostatus:atomUri", "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
			"conversation": "ostatus:conversation", "sensitive": "as:sensitive", "toot": "http://joinmastodon.org/ns#",
		}},
		"id": fmt.Sprintf("%s/%s/%d", by.id, strings.ToLower(kind), n), "type": kind, "actor": by.id,
		"published": time.Now().UTC().Format(time.RFC3339), "to": to, "cc": cc, "object": object,
	})
	if err != nil {
		panic(err) // strings only
	}
	return body
}

// target is the post that is answered.
type target struct{ ID, club string }

func (b *bench) newTarget() (target, error) {
	var t target
	var err error
	if t.club, err = b.town.club("flickwerk"); err != nil {
		return t, err
	}
	return t, b.town.verb(&t, "", "post", "add", "--club", "flickwerk", "--text", "Wer hilft mit?")
}

// greet lets each author send once, so that keys and connections are known.
func (b *bench) greet(t target, first int) error {
	var letters []letter
	all, err := authors(b.world)
	if err != nil {
		return err
	}
	for i, a := range all {
		letters = append(letters, letter{a, reply(a, t.ID, t.club, first+i)})
	}
	requests, err := sign(letters, cavage)
	if err != nil {
		return err
	}
	if _, err := sendAll(b.town.address, requests, http.StatusAccepted); err != nil {
		return err
	}
	return b.visible(t.ID+"/replies", len(all))
}

// visible waits until a collection has n items.
func (b *bench) visible(id string, n int) error {
	var c struct{ TotalItems int }
	pause := 2 * time.Millisecond
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(pause) {
		if err := b.town.document(id, &c); err != nil {
			return err
		}
		if c.TotalItems >= n {
			if c.TotalItems > n {
				return fmt.Errorf("%s has %d items, %d were sent: something counts twice", id, c.TotalItems, n)
			}
			return nil
		}
		pause = min(pause*3/2, 50*time.Millisecond)
	}
	return fmt.Errorf("%s has only %d of %d items after two minutes", id, c.TotalItems, n)
}

// received is what a server did with a number of activities.
type received struct {
	n         int
	used      usage
	answered  time.Duration
	processed time.Duration
	times     []time.Duration
}

func (r *received) add(l loaded, processed time.Duration, used usage) {
	r.n += len(l.times)
	r.used = r.used.plus(used)
	r.answered += l.took
	r.processed += processed
	r.times = append(r.times, l.times...)
}

func (r received) cpu() float64 { return in(milliseconds, r.used.cpu) / float64(r.n) }

func (r received) written() float64 { return float64(r.used.written) / 1024 / float64(r.n) }

// receive sends the same requests to a process, and waits until they are done.
func receive(p *process, address string, requests [][]byte, into *received, done func() error) error {
	before := p.usage()
	begin := time.Now()
	l, err := sendAll(address, requests, http.StatusAccepted)
	if err != nil {
		return err
	}
	if err := done(); err != nil {
		return err
	}
	processed := time.Since(begin)
	into.add(l, processed, p.quiet().minus(before))
	return nil
}

func (b *bench) measureInbox() error {
	t, err := b.newTarget()
	if err != nil {
		return err
	}
	all, err := authors(b.world)
	if err != nil {
		return err
	}
	if err := b.greet(t, 0); err != nil {
		return err
	}
	b.town.quiet()
	var ours, floor received
	sent := len(all)
	for range inboxRounds {
		var letters []letter
		for range perRound {
			from := all[sent%len(all)]
			letters = append(letters, letter{from, reply(from, t.ID, t.club, sent)})
			sent++
		}
		requests, err := sign(letters, cavage)
		if err != nil {
			return err
		}
		if err := receive(b.floor.process, b.floor.address, requests, &floor, func() error { return nil }); err != nil {
			return fmt.Errorf("floor: %w", err)
		}
		err = receive(b.town.process, b.town.address, requests, &ours, func() error { return b.visible(t.ID+"/replies", sent) })
		if err != nil {
			return err
		}
	}
	b.reportInbox("inbox, Create with a mention", ours, floor)
	return nil
}

func (b *bench) reportInbox(what string, ours, floor received) {
	rate := func(d time.Duration, n int) float64 { return float64(n) / d.Seconds() }
	b.out.add(figure{what: what + ": answered", unit: perSecond, value: rate(ours.answered, ours.n), floor: rate(floor.answered, floor.n)})
	b.out.add(figure{what: what + ": processed", unit: perSecond, value: rate(ours.processed, ours.n), floor: rate(floor.processed, floor.n), goal: least(2500)})
	b.out.add(figure{what: what + ": CPU per processed activity", unit: milliseconds, value: ours.cpu(), floor: floor.cpu(), bound: in(milliseconds, inboxBound), goal: most(0.5)})
	b.out.add(figure{what: what + ": durable answer, p50", unit: milliseconds, value: in(milliseconds, percentile(ours.times, 50)), floor: in(milliseconds, percentile(floor.times, 50))})
	b.out.add(figure{what: what + ": durable answer, p99", unit: milliseconds, value: in(milliseconds, percentile(ours.times, 99)), floor: in(milliseconds, percentile(floor.times, 99)), goal: most(15)})
	if !strings.HasPrefix(b.town.database, "sqlite:") {
		return // another process writes
	}
	b.out.add(figure{what: what + ": written to disk per activity", unit: kilobytes, value: ours.written(), floor: floor.written(), goal: most(40)})
}

// measureMix sends what a server gets in a day: answers, likes and boosts.
func (b *bench) measureMix() error {
	t, err := b.newTarget()
	if err != nil {
		return err
	}
	all, err := authors(b.world)
	if err != nil {
		return err
	}
	if err := b.greet(t, 1_000_000); err != nil {
		return err
	}
	const public = "https://www.w3.org/ns/activitystreams#Public"
	var letters []letter
	replies := len(all)
	// Each author likes and boosts a post once, so there is a post for every fifty.
	var liked []string
	for range mixed/10/len(all) + 1 {
		var post target
		if err := b.town.verb(&post, "", "post", "add", "--club", "flickwerk", "--text", "Danke an alle!"); err != nil {
			return err
		}
		liked = append(liked, post.ID)
	}
	for n := range mixed {
		from, fan, post := all[n%len(all)], all[n/10%len(all)], liked[n/10/len(all)]
		switch n % 10 {
		case 3:
			letters = append(letters, letter{fan, activity(fan, "Like", n, post, nil, []string{t.club})})
		case 7:
			letters = append(letters, letter{fan, activity(fan, "Announce", n, post, []string{public}, []string{fan.id + "/followers", t.club})})
		default:
			replies++
			letters = append(letters, letter{from, reply(from, t.ID, t.club, 2_000_000+n)})
		}
	}
	requests, err := sign(letters, cavage)
	if err != nil {
		return err
	}
	b.town.quiet()
	var ours, floor received
	if err := receive(b.floor.process, b.floor.address, requests, &floor, func() error { return nil }); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	err = receive(b.town.process, b.town.address, requests, &ours, func() error {
		for i, id := range liked {
			want := min(len(all), mixed/10-i*len(all))
			if want <= 0 {
				continue
			}
			if err := b.visible(id+"/likes", want); err != nil {
				return err
			}
			if err := b.visible(id+"/shares", want); err != nil {
				return err
			}
		}
		return b.visible(t.ID+"/replies", replies)
	})
	if err != nil {
		return err
	}
	b.reportInbox("inbox, 80 % Create, 10 % Like, 10 % Announce", ours, floor)
	return nil
}
