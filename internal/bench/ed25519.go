package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

const (
	modernHosts  = 200
	modernRounds = 6
)

// measureEd25519 delivers to hosts that show Ed25519 keys (FEP-521a) and sign
// with them themselves, by RFC 9421: whoever does that verifies them too.
func (b *bench) measureEd25519() error {
	const club = "moderne"
	if err := b.town.addClub(club); err != nil {
		return err
	}
	id, err := b.town.club(club)
	if err != nil {
		return err
	}
	hosts, err := b.world.Add("modern", modernHosts)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		h.ShowEd25519()
	}
	letters, inboxes := newcomers(hosts, id)
	requests, err := sign(letters, func(r *http.Request, l letter) error {
		return l.from.host.Ed25519Signer(l.from.name).RFC9421(r, l.body, time.Now())
	})
	if err != nil {
		return err
	}
	noticed()
	if _, err := sendAll(b.town.address, requests, http.StatusAccepted); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := b.world.WaitFor(ctx, inboxes); err != nil {
		return err
	}
	b.town.quiet()
	var shared []string
	for _, h := range hosts {
		shared = append(shared, h.SharedInbox())
	}
	var first, ours sent
	publish := func() error { _, err := b.town.publish(club); return err }
	if err := b.send(b.town.process, shared, b.town.keys, &first, publish); err != nil {
		return err
	}
	for range modernRounds {
		if err := b.send(b.town.process, shared, b.town.keys, &ours, publish); err != nil {
			return err
		}
	}
	b.out.add(figure{what: "200 hosts that sign with Ed25519, warm: CPU per delivery", unit: milliseconds, value: ours.cpu(), goal: most(0.2)})
	b.out.add(figure{what: "200 hosts that sign with Ed25519, warm: deliveries", unit: perSecond, value: ours.rate()})
	b.out.add(figure{what: "200 hosts that sign with Ed25519: of 100 deliveries are signed so", unit: count, value: 100 * float64(ours.modern) / float64(ours.n)})
	return nil
}

// modern tells whether a delivery is signed with Ed25519.
func modern(d federationtest.Delivery) bool {
	return strings.Contains(d.Header.Get("Signature-Input"), "ed25519")
}
