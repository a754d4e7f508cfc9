package app

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/upkeep"
)

// confirming is the purpose of the secret that seals the links which confirm.
const confirming = "links that confirm"

// cared lists every kind of thing that is to be confirmed now and then, with the
// days that it may go without a word.
func (t *Town) cared() []care.Kind {
	return []care.Kind{
		{Name: "club", Usual: 180, Type: actor.Group, Actors: true},
		{Name: "event", Usual: 90, Type: event.Type, Current: event.Current},
		{Name: "opportunity", Usual: 180, Type: opportunity.Type, Current: opportunity.Current},
		{Name: "post", Usual: 180, Type: post.Type, Title: post.Headline},
	}
}

// careIcons are the names of their icons.
var careIcons = map[string]string{"club": "people", "event": "calendar", "opportunity": "heart", "post": "pin"}

// caretaker gives what asks editors whether all is still true.
func (t *Town) caretaker() (*upkeep.Courier, error) {
	words, err := t.catalogue()
	if err != nil {
		return nil, err
	}
	return &upkeep.Courier{
		Care: t.Care, Notifications: t.Notifications, Accounts: t.Accounts, Actors: t.Actors, Words: words, Post: t.Mail,
		Write: func(ctx context.Context, do func(ctx context.Context, tx bun.Tx) error) error {
			return t.db.Write(ctx, do)
		},
		Origin: t.Config.Origin, Zone: t.Config.Location(),
		Secret: func(ctx context.Context) ([]byte, error) { return t.Actors.Secret(ctx, unsubscribing) },
		Key:    func(ctx context.Context) ([]byte, error) { return t.Actors.Secret(ctx, confirming) },
	}, nil
}

// upkeep gives the pages of that.
func (t *Town) upkeep(guard *page.Guard) *upkeep.Surface {
	return &upkeep.Surface{Guard: guard, Accounts: t.Accounts, Actors: t.Actors, Courier: t.Caretaker, Icons: careIcons}
}

// takeCare is the job that asks editors whether all is still true.
type takeCare struct{}

// Kind names the job.
func (takeCare) Kind() string { return "take_care" }

// careEvery is how often it looks for what is due.
const careEvery = time.Hour

// keepTrue takes the steps that are due, unless the town was restored and may be
// a second one.
func (t *Town) keepTrue(ctx context.Context, now time.Time) error {
	if t.standby.Load() {
		return nil
	}
	return errors.Join(t.Caretaker.Run(ctx, now), t.Care.Sweep(ctx))
}
