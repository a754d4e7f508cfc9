package app

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/platform"
)

// titleOf is how something of ours is called in a letter.
func titleOf(o *object.Object) string {
	const most = 80
	if o.Name != "" {
		return o.Name
	}
	return markup.Name(markup.Text(o.Content), most)
}

// tellOfLook writes to the town hall that something of a club waits to be looked at
// first, or to the editors of the club what became of it.
func (t *Town) tellOfLook(ctx context.Context, tx bun.Tx, o *object.Object, what, reason string) error {
	letters := t.Clubs.Letters
	if !letters.Ready() {
		return nil
	}
	club, err := t.Actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	m := page.Message{
		Key: "letter.look." + what, Path: page.Local(o.URL),
		Data: map[string]string{"Title": titleOf(o), "Club": club.DisplayName(), "Reason": reason},
	}
	people, err := t.lookers(ctx, tx, o, what)
	if err != nil {
		return err
	}
	if what == moderation.Waits {
		m.Path = platform.LooksPath
	}
	for _, to := range people {
		m.Person, m.Cause = to, "look "+what+" "+actor.Key(o.ID)+" "+to.ID+" "+rand.Text()
		if err := letters.Send(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}

// lookers gives who is told: the town hall of what waits, with those who look after
// this club, and the editors of all else.
func (t *Town) lookers(ctx context.Context, tx bun.Tx, o *object.Object, what string) ([]*account.Account, error) {
	var ids []string
	var people []*account.Account
	if what == moderation.Waits {
		var err error
		if people, err = t.Accounts.Staff(ctx, tx); err != nil {
			return nil, err
		}
		if ids, err = t.Actors.MandatedFor(ctx, tx, o.AttributedTo); err != nil {
			return nil, err
		}
	} else {
		roles, err := t.Actors.EditorsIn(ctx, tx, o.AttributedTo)
		if err != nil {
			return nil, err
		}
		ids = slices.Sorted(maps.Keys(roles))
	}
	for _, id := range ids {
		a, err := t.Accounts.FindIn(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		people = append(people, a)
	}
	return people, nil
}
