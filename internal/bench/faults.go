package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// faultRounds is how often each number of bad hosts is tried, each time with
// hosts that were good until then.
const faultRounds = 5

// trial is a club whose followers are on 200 hosts, of which some turn bad.
type trial struct {
	crowd
	bad     int
	healthy []string // the inboxes of the others
}

// badly is how bad hosts behave, by turns.
var badly = []federationtest.Behaviour{federationtest.Refusing, federationtest.Silent, federationtest.Hanging}

// newTrial makes the club and its hosts, all good still.
func (b *bench) newTrial(round, bad int) (*trial, error) {
	t := &trial{crowd: crowd{club: fmt.Sprintf("verein%dmit%d", round, bad), perHost: 1, shared: true}, bad: bad}
	if err := b.town.addClub(t.club); err != nil {
		return nil, err
	}
	if err := b.gather(&t.crowd, 200); err != nil {
		return nil, err
	}
	for i, h := range t.hosts[:bad] {
		if badly[i%len(badly)] != federationtest.Refusing {
			continue
		}
		if err := h.OwnAddress(); err != nil {
			return nil, err
		}
	}
	t.healthy = t.inboxes[bad:]
	return t, nil
}

// set lets the bad ones behave so, or well again.
func (t *trial) set(good bool) error {
	for i, h := range t.hosts[:t.bad] {
		how := badly[i%len(badly)]
		if good {
			how = federationtest.Answering
		}
		if err := h.Set(how); err != nil {
			return err
		}
	}
	return nil
}

// tryWith publishes twice: once while all are good, so that they are proven and
// connected, and once while some are bad.
func (b *bench) tryWith(t *trial) (time.Duration, error) {
	publish := func() error { _, err := b.town.publish(t.club); return err }
	var before, after sent
	if err := b.send(b.town.process, t.inboxes, b.town.keys, &before, publish); err != nil {
		return 0, fmt.Errorf("while all are well: %w", err)
	}
	if err := t.set(false); err != nil {
		return 0, err
	}
	if err := b.send(b.town.process, t.healthy, b.town.keys, &after, publish); err != nil {
		return 0, fmt.Errorf("while %d are not well: %w", t.bad, err)
	}
	return percentile(after.times, 99), t.set(true)
}

// measureFaults compares how long healthy hosts wait while none, 10 or 60 of
// 200 are dead, silent or hang.
func (b *bench) measureFaults() error {
	numbers := []int{0, 10, 60}
	trials := map[int][]*trial{}
	for round := range faultRounds {
		for _, bad := range numbers {
			t, err := b.newTrial(round, bad)
			if err != nil {
				return err
			}
			trials[bad] = append(trials[bad], t)
		}
	}
	noticed()
	b.town.quiet()
	times := map[int][]time.Duration{}
	for round := range faultRounds {
		for _, bad := range numbers {
			p99, err := b.tryWith(trials[bad][round])
			if err != nil {
				return err
			}
			times[bad] = append(times[bad], p99)
		}
	}
	without := in(milliseconds, percentile(times[0], 50))
	b.out.add(figure{what: "200 hosts, all well: p99 of arrival (median of 5)", unit: milliseconds, value: without})
	for _, bad := range numbers[1:] {
		b.out.add(figure{
			what: fmt.Sprintf("200 hosts, %d of them dead, silent or hanging: p99 of the others (median of 5; the floor is that of all well)", bad),
			unit: milliseconds, value: in(milliseconds, percentile(times[bad], 50)), floor: without, goal: mostOfFloor(1.25),
		})
	}
	return b.town.delivered()
}

// delivered waits until the hosts that are well again have what they missed:
// it would go out while a later part measures how little happens.
func (t *town) delivered() error {
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Second) {
		var waiting []json.RawMessage
		if err := t.verb(&waiting, "", "deliveries"); err != nil || len(waiting) == 0 {
			return err
		}
	}
	return errors.New("not everything has arrived five minutes after all hosts were well again")
}
