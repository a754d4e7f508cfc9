package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// crowd is who gets the posts of a club.
type crowd struct {
	what, club string
	hosts      []*federationtest.Host
	perHost    int // followers on each host
	shared     bool
	warm       int // how many warm rounds there are
	inboxes    []string
}

func (b *bench) crowds() []*crowd {
	return []*crowd{
		{what: "fan-out, 1,000 followers on 200 hosts with shared inboxes", club: "tsv", perHost: 5, shared: true, warm: 6},
		{what: "fan-out to 2,000 hosts", club: "feuerwehr", perHost: 1, shared: true, warm: 3},
		{what: "fan-out to 2,000 personal inboxes on 200 hosts", club: "chor", perHost: 10, warm: 2},
	}
}

// gather makes the hosts of a crowd and their followers.
func (b *bench) gather(c *crowd, hosts int) error {
	var err error
	if c.hosts, err = b.world.Add(c.club, hosts); err != nil {
		return err
	}
	for _, h := range c.hosts {
		if !c.shared {
			h.Personal()
		}
	}
	c.inboxes, err = b.town.seed(c.hosts, c.perHost, c.club)
	return err
}

func (b *bench) measureFanOut() error {
	all := b.crowds()
	for i, hosts := range []int{200, 2000, 200} {
		if err := b.gather(all[i], hosts); err != nil {
			return err
		}
	}
	noticed()
	b.town.quiet()
	for _, c := range all {
		if err := b.fanOut(c); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return nil
}

// noticed waits until the program has read the file of names again.
func noticed() { time.Sleep(6 * time.Second) }

// sent is what a server did with a number of deliveries.
type sent struct {
	modern int // signed with Ed25519
	n      int
	used   usage
	took   []time.Duration // of each round
	times  []time.Duration // from the publishing to each arrival
	memory float64         // MB with all connections open
}

func (s sent) cpu() float64 { return in(milliseconds, s.used.cpu) / float64(s.n) }

// rate is deliveries per second, the median of the rounds.
func (s sent) rate() float64 {
	if len(s.took) == 0 {
		return 0
	}
	return float64(s.n) / float64(len(s.took)) / percentile(s.took, 50).Seconds()
}

// send lets publish cause one delivery to each inbox, waits for them, and
// checks them after the clock.
func (b *bench) send(p *process, inboxes []string, keys federationtest.Keys, into *sent, publish func() error) error {
	before := p.usage()
	b.world.Take()
	begin := time.Now()
	if err := publish(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := b.world.WaitFor(ctx, inboxes); err != nil {
		return err
	}
	into.memory = p.resident()
	used := p.quiet().minus(before)
	list := to(inboxes, b.world.Take())
	into.n += len(inboxes)
	into.used = into.used.plus(used)
	var took time.Duration
	for _, d := range list {
		into.times = append(into.times, d.At.Sub(begin))
		took = max(took, d.At.Sub(begin))
		if modern(d) {
			into.modern++
		}
	}
	into.took = append(into.took, took)
	return federationtest.Check(list, inboxes, keys)
}

// to leaves out what came to other hosts than those of inboxes: late ones of a
// measurement before.
func to(inboxes []string, list []federationtest.Delivery) []federationtest.Delivery {
	hosts := map[string]bool{}
	for _, inbox := range inboxes {
		hosts[hostOf(inbox)] = true
	}
	return slices.DeleteFunc(list, func(d federationtest.Delivery) bool { return !hosts[d.Host] })
}

func hostOf(id string) string { return strings.SplitN(id, "/", 4)[2] }

// round is one fan-out of the town and one of the floor.
func (b *bench) round(c *crowd, ours, floor *sent) error {
	if err := b.rsa.measure(); err != nil {
		return err
	}
	err := b.send(b.floor.process, c.inboxes, b.floor.keys, floor, func() error { return b.floor.fanOut(c.inboxes) })
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	return b.send(b.town.process, c.inboxes, b.town.keys, ours, func() error {
		_, err := b.town.publish(c.club)
		return err
	})
}

func (b *bench) fanOut(c *crowd) error {
	var ours, floor sent
	if err := b.round(c, &ours, &floor); err != nil {
		return err
	}
	b.reportFanOut(c.what+", cold", ours, floor, false)
	ours, floor = sent{}, sent{}
	for range c.warm {
		if err := b.round(c, &ours, &floor); err != nil {
			return err
		}
	}
	b.reportFanOut(c.what+", warm", ours, floor, true)
	if len(c.hosts) >= 2000 {
		b.out.add(figure{what: "resident memory with 2,000 warm hosts", unit: megabytes, value: ours.memory, floor: floor.memory, goal: most(140)})
	}
	return nil
}

func (b *bench) reportFanOut(what string, ours, floor sent, warm bool) {
	rate := figure{what: what + ": deliveries", unit: perSecond, value: ours.rate(), floor: floor.rate()}
	cpu := figure{what: what + ": CPU per delivery", unit: milliseconds, value: ours.cpu(), floor: floor.cpu()}
	if warm {
		rate.goal = leastOfFloor(0.9)
		cpu.goal, cpu.bound = mostOfFloor(1.07), in(milliseconds, b.rsa.signature()+deliveryRest)
	}
	b.out.add(rate)
	b.out.add(cpu)
	for _, p := range []int{50, 99} {
		b.out.add(figure{
			what: fmt.Sprintf("%s: arrival after publishing, p%d", what, p), unit: milliseconds,
			value: in(milliseconds, percentile(ours.times, p)), floor: in(milliseconds, percentile(floor.times, p)),
		})
	}
}
