package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// strangers is how many follow at once, each from a host of its own.
const strangers = 600

// measureFollows lets actors whom the town has never met, on hosts that it has
// never met, follow a club, until each has its Accept.
func (b *bench) measureFollows() error {
	club, err := b.town.club("gemeinschaftsgarten")
	if err != nil {
		return err
	}
	hosts, err := b.world.Add("stranger", strangers)
	if err != nil {
		return err
	}
	letters, inboxes := newcomers(hosts, club)
	requests, err := sign(letters, cavage)
	if err != nil {
		return err
	}
	noticed()
	before, gets := b.town.quiet(), b.world.Gets()
	b.world.Take()
	begin := time.Now()
	if _, err := sendAll(b.town.address, requests, http.StatusAccepted); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := b.world.WaitFor(ctx, inboxes); err != nil {
		return err
	}
	took := time.Since(begin)
	used := b.town.quiet().minus(before)
	list := to(inboxes, b.world.Take())
	b.out.add(figure{what: "follow by unknown actors on unknown hosts: accepts", unit: perSecond, value: strangers / took.Seconds(), goal: least(300)})
	b.out.add(figure{what: "follow: CPU per follow", unit: milliseconds, value: in(milliseconds, used.cpu) / strangers})
	b.out.add(figure{what: "follow: fetches per follow", unit: count, value: float64(b.world.Gets()-gets) / strangers, goal: most(3)})
	return federationtest.Check(list, inboxes, b.town.keys)
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
