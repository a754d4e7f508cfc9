package app

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/desk"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/search"
)

// kinds lists every kind of thing.
func (t *Town) kinds() object.Kinds {
	return object.NewKinds(
		t.Events.Kind(),
		t.Posts.Kind(),
	)
}

// searched lists every kind of thing that can be found, in the order in which
// they are shown.
func (t *Town) searched() []search.Kind {
	return []search.Kind{
		{Type: actor.Group, Letter: "g", Actors: true, Name: "vereine", List: "/vereine", Key: "nav.clubs", Tone: "club", Icon: "people"},
		{Type: event.Type, Letter: "e", Ahead: true, Facts: t.Events.Facts, Name: "veranstaltungen", List: "/veranstaltungen", Key: "nav.events", Tone: "event", Icon: "calendar"},
		{Type: post.Type, Letter: "p", Title: post.Headline, Name: "pinnwand", List: "/pinnwand", Key: "nav.board", Tone: "board", Icon: "pin"},
	}
}

// drafted lists every kind of thing that can be a draft.
func (t *Town) drafted() {
	t.Drafts.Know(event.DraftKind, t.Events.PublishDraft)
	t.Drafts.Know(post.DraftKind, t.Posts.PublishDraft)
}

// deskKinds lists where the forms of those kinds are.
var deskKinds = map[string]desk.Kind{
	event.DraftKind: {Path: event.FormPath, Key: "desk.kind.event", Icon: "calendar"},
	post.DraftKind:  {Path: post.FormPath, Key: "desk.kind.post", Icon: "pin"},
}

// activities lists what is done with each received activity.
func (t *Town) activities() *inbox.Mux[bun.Tx] {
	mux := new(inbox.Mux[bun.Tx])
	t.Activities.Handle(mux)
	t.Moderation.Handle(mux)
	return mux
}

// forget is the job that removes what nobody needs any more.
type forget struct{}

// Kind names the job.
func (forget) Kind() string { return "forget" }

// tidyPins is the job that takes what is over from the top of clubs' pages.
type tidyPins struct{}

// Kind names the job.
func (tidyPins) Kind() string { return "tidy_pins" }

// forgetChanges is the job that removes what every process has seen.
type forgetChanges struct{}

// Kind names the job.
func (forgetChanges) Kind() string { return "forget_changes" }

// work lists the jobs that no package registers itself.
func (t *Town) work(workers *jobs.Workers) {
	jobs.Register(workers, func(ctx context.Context, _ forget) error {
		return errors.Join(t.Activities.Forget(ctx), t.Actors.Forget(ctx), t.Accounts.Sweep(ctx), t.Clubs.Sweep(ctx), t.Mail.Forget(ctx), ledger.Forget(ctx, t.db, time.Now()))
	})
	jobs.Register(workers, func(ctx context.Context, _ tellNews) error { return t.mailNews(ctx, time.Now()) })
	jobs.Register(workers, func(ctx context.Context, _ takeCare) error { return t.keepTrue(ctx, t.Care.Now()) })
	jobs.Register(workers, func(ctx context.Context, _ tidyPins) error { return t.Activities.TidyPins(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ forgetChanges) error { return t.db.ForgetChanges(ctx) })
}

// periodic lists what is done again and again.
func (t *Town) periodic() {
	t.queue.Every(24*time.Hour, forget{})
	t.queue.Every(time.Hour, object.Sweep{})
	t.queue.Every(time.Hour, tidyPins{})
	t.queue.Every(mail.RoundEvery, mail.Round{})
	t.queue.Every(tellEvery, tellNews{})
	t.queue.Every(careEvery, takeCare{})
	t.queue.Every(5*time.Minute, forgetChanges{})
}
