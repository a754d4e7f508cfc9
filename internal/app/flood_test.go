package app

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
)

// signUps and floods are how much comes in a wave of spam.
const (
	signUps = 1000
	floods  = 10_000
)

// flooded lets a wave of spam come for each name, from a domain of its own: 1,000 people who want an account, 10,000 likes and 10,000 reports, of which
// those come in that the tide lets in.
func (v *village) flooded(names ...string) {
	v.t.Helper()
	// The club of the other tasks would find its news below those of the wave.
	own := v.club
	var err error
	if v.club, err = v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{Handle: "beliebt", Name: "Beliebter Verein", Active: true}); err != nil {
		v.t.Fatal(err)
	}
	e := v.event("Beliebt")
	v.club = own
	for _, name := range names {
		host := "spam-" + name + ".test"
		tide := moderation.NewTide(v.db, 50, v.log)
		for i := range floods {
			who := fmt.Sprintf("https://%s/u/%d", host, i%50)
			if tide.Wait(host, "Like", true) == 0 {
				v.meet(who)
				v.receive(`{"id":"https://%s/l/%d","type":"Like","actor":"%s","object":"%s"}`, host, i, who, e.ID)
			}
			if tide.Wait(host, "Flag", true) == 0 {
				v.receive(`{"id":"https://%s/r/%d","type":"Flag","actor":"%s","object":["%s"],"content":"Spam"}`, host, i, who, e.ID)
			}
		}
		if err := tide.Write(v.t.Context()); err != nil {
			v.t.Fatal(err)
		}
		v.signUp(host)
		if err := v.Care.File(v.t.Context(), page.NewKey(), e.ID, "Hinweis von "+name, "hinweis-"+name+"@example.org"); err != nil {
			v.t.Fatal(err)
		}
	}
}

// signUp lets many people of one domain ask for an account.
func (v *village) signUp(host string) {
	v.t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for i := range signUps {
			id := fmt.Sprintf("%s-%d", host, i)
			if _, err := tx.ExecContext(ctx, "INSERT INTO accounts (id, email, name, role, created) VALUES (?, ?, ?, ?, ?)", id, fmt.Sprintf("bot%d@%s", i, host), "Bot", account.Resident, now); err != nil {
				return err
			}
			if err := v.Accounts.Apply(ctx, tx, &account.Application{AccountID: id, State: account.Asked}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
}
