package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

const (
	// strangers is how many follow at once, each from a host of its own.
	strangers    = 250
	followRounds = 3
)

// followed is what a server did with follows.
type followed struct {
	n    int
	used usage
	took time.Duration
	gets int64
}

func (f followed) rate() float64 { return float64(f.n) / f.took.Seconds() }

func (f followed) cpu() float64 { return in(milliseconds, f.used.cpu) / float64(f.n) }

func (f followed) fetches() float64 { return float64(f.gets) / float64(f.n) }

// measureFollows lets actors whom the town has never met, on hosts that it has
// never met, follow a club, until each has its Accept.
func (b *bench) measureFollows() error {
	club, err := b.town.club("gemeinschaftsgarten")
	if err != nil {
		return err
	}
	hosts, err := b.world.Add("stranger", 2*followRounds*strangers)
	if err != nil {
		return err
	}
	noticed()
	b.town.quiet()
	var ours, floor followed
	for range followRounds {
		if err := b.follow(b.floor.process, b.floor.address, b.floor.keys, hosts[:strangers], club, &floor); err != nil {
			return fmt.Errorf("floor: %w", err)
		}
		if err := b.follow(b.town.process, b.town.address, b.town.keys, hosts[strangers:2*strangers], club, &ours); err != nil {
			return err
		}
		hosts = hosts[2*strangers:]
	}
	b.out.add(figure{what: "follow by unknown actors on unknown hosts: accepts", unit: perSecond, value: ours.rate(), floor: floor.rate(), goal: least(300)})
	b.out.add(figure{what: "follow: CPU per follow", unit: milliseconds, value: ours.cpu(), floor: floor.cpu()})
	b.out.add(figure{what: "follow: fetches per follow", unit: count, value: ours.fetches(), floor: floor.fetches(), goal: most(3)})
	return nil
}

// follow sends a Follow from each host and waits for all Accepts.
func (b *bench) follow(p *process, address string, keys federationtest.Keys, hosts []*federationtest.Host, club string, into *followed) error {
	letters, inboxes := newcomers(hosts, club)
	requests, err := sign(letters, cavage)
	if err != nil {
		return err
	}
	before, gets := p.usage(), b.world.Gets()
	b.world.Take()
	begin := time.Now()
	if _, err := sendAll(address, requests, http.StatusAccepted); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := b.world.WaitFor(ctx, inboxes); err != nil {
		return err
	}
	into.n += len(hosts)
	into.took += time.Since(begin)
	into.used = into.used.plus(p.quiet().minus(before))
	into.gets += b.world.Gets() - gets
	return federationtest.Check(to(inboxes, b.world.Take()), inboxes, keys)
}

// newcomers gives a Follow from each host, and where its Accept goes.
func newcomers(hosts []*federationtest.Host, club string) (letters []letter, inboxes []string) {
	for _, h := range hosts {
		a := author{h.Actor("newcomer"), "newcomer", h}
		letters = append(letters, letter{a, fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":"%[1]s/follows/1","type":"Follow","actor":"%[1]s","object":"%[2]s"}`, a.id, club)})
		inboxes = append(inboxes, a.id+"/inbox")
	}
	return letters, inboxes
}
