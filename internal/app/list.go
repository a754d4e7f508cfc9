package app

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/desk"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/search"
	"codeberg.org/aushang/aushang/internal/town"
)

// kinds lists every kind of thing.
func (t *Town) kinds() object.Kinds {
	return object.NewKinds(
		t.Events.Kind(),
		t.Posts.Kind(),
		t.Opportunities.Kind(),
	)
}

// searched lists every kind of thing that can be found, in the order in which
// they are shown.
func (t *Town) searched() []search.Kind {
	return []search.Kind{
		{Type: actor.Group, Letter: "g", Actors: true, Name: "vereine", List: "/vereine", Key: "nav.clubs", Tone: "club", Icon: "people"},
		{Type: event.Type, Letter: "e", Ahead: true, Facts: t.Events.Facts, Name: "veranstaltungen", List: "/veranstaltungen", Key: "nav.events", Tone: "event", Icon: "calendar"},
		{Type: opportunity.Type, Letter: "o", Facts: t.Opportunities.Facts, Name: "ehrenamt", List: "/ehrenamt", Key: "nav.opportunities", Tone: "help", Icon: "heart"},
		{Type: post.Type, Letter: "p", Title: post.Headline, Name: "pinnwand", List: "/pinnwand", Key: "nav.board", Tone: "board", Icon: "pin"},
	}
}

// modules lists what a town may go without, a line for each. A part that is not
// here is always on.
var modules = []town.Module{
	{Name: "veranstaltungen", Icon: "calendar", Kinds: []string{event.Type}, Paths: []string{"/veranstaltungen", "/kalender.ics", "/vereine/*/kalender.ics", "/sitemap-veranstaltungen.xml"}},
	{Name: "pinnwand", Icon: "pin", Kinds: []string{post.Type}, Paths: []string{"/pinnwand", "/sitemap-pinnwand.xml", town.NoticesPath, "/rathaus" + town.NoticesPath}},
	{Name: "ehrenamt", Icon: "heart", Kinds: []string{opportunity.Type}, Paths: []string{"/ehrenamt", "/sitemap-ehrenamt.xml", agency.Path, agency.DeskPath}},
	{Name: "gespraech", Icon: "reply", Kinds: []string{object.ReplyKind}, Paths: []string{"/antworten"}},
	{Name: "registrierung", Icon: "user", Paths: []string{"/registrieren"}},
}

// closed gives the paths that lead nowhere while a module is off.
func closed(m town.Module) []string {
	var list []string
	for _, path := range m.Paths {
		list = append(list, path, page.QRPath+path)
	}
	return list
}

// drafted lists every kind of thing that can be a draft.
func (t *Town) drafted() {
	t.Drafts.Know(event.DraftKind, t.Events.PublishDraft)
	t.Drafts.Know(post.DraftKind, t.Posts.PublishDraft)
	t.Drafts.Know(opportunity.DraftKind, t.Opportunities.PublishDraft)
}

// deskKinds lists where the forms of those kinds are.
var deskKinds = map[string]desk.Kind{
	event.DraftKind: {Path: event.FormPath, Key: "desk.kind.event", Icon: "calendar"},
	post.DraftKind:  {Path: post.FormPath, Key: "desk.kind.post", Icon: "pin"},

	opportunity.DraftKind: {Path: opportunity.FormPath, Key: "desk.kind.opportunity", Icon: "heart"},
}

// activities lists what is done with each received activity.
func (t *Town) activities() *inbox.Mux[bun.Tx] {
	mux := new(inbox.Mux[bun.Tx])
	t.Activities.Handle(mux)
	t.Moderation.Handle(mux)
	t.Pledges.Handle(mux)
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

// turnAlerts is the job that begins and ends what stands at the head of pages.
type turnAlerts struct{}

// Kind names the job.
func (turnAlerts) Kind() string { return "turn_alerts" }

// followHelp is the job that tells helpers what the time brings.
type followHelp struct{}

// Kind names the job.
func (followHelp) Kind() string { return "follow_help" }

// forgetChanges is the job that removes what every process has seen.
type forgetChanges struct{}

// Kind names the job.
func (forgetChanges) Kind() string { return "forget_changes" }

// fetchLists is the job that looks for changes of lists of platforms.
type fetchLists struct{}

// Kind names the job.
func (fetchLists) Kind() string { return "fetch_lists" }

// askSoftware is the job that asks others what they run.
type askSoftware struct{}

// Kind names the job.
func (askSoftware) Kind() string { return "ask_software" }

// catchUp is the job that sends to other towns what they have missed.
type catchUp struct{}

// Kind names the job.
func (catchUp) Kind() string { return "catch_up" }

// lookAfterPeers is the job that asks other towns how they are.
type lookAfterPeers struct{}

// Kind names the job.
func (lookAfterPeers) Kind() string { return "look_after_peers" }

// work lists the jobs that no package registers itself.
func (t *Town) work(workers *jobs.Workers) {
	jobs.Register(workers, func(ctx context.Context, _ followHelp) error { return t.followHelpers(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ forget) error {
		return errors.Join(t.forgetAll(ctx), t.erased.Forget(ctx, time.Now()))
	})
	jobs.Register(workers, t.forgetRefused)
	jobs.Register(workers, func(ctx context.Context, _ tellNews) error { return t.mailNews(ctx, time.Now()) })
	jobs.Register(workers, func(ctx context.Context, _ turnAlerts) error { return t.Settings.TurnAlerts(ctx, time.Now()) })
	jobs.Register(workers, func(ctx context.Context, _ takeCare) error { return t.keepTrue(ctx, t.Care.Now()) })
	jobs.Register(workers, func(ctx context.Context, _ expireOpportunities) error { return t.expire(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ tidyPins) error { return t.Activities.TidyPins(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ fetchLists) error { return t.Moderation.FetchLists(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ askSoftware) error { return t.askSoftware(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ catchUp) error { return t.Peers.CatchUp(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ lookAfterPeers) error { return t.lookAfterPeers(ctx) })
	jobs.Register(workers, func(ctx context.Context, _ forgetChanges) error { return t.db.ForgetChanges(ctx) })
}

// forgetAll removes what is over. What is kept for how long, internal/retention
// says; each package forgets its own.
func (t *Town) forgetAll(ctx context.Context) error {
	return errors.Join(
		t.Activities.Forget(ctx), t.Actors.Forget(ctx), t.Accounts.Sweep(ctx), t.Requests.Sweep(ctx), t.Clubs.Sweep(ctx), t.Mail.Forget(ctx), t.Drafts.Forget(ctx), t.Moderation.Forget(ctx),
		t.Moderation.ForgetWaves(ctx), t.Watcher.Sweep(ctx), t.readers.Forget(ctx), t.Pledges.Sweep(ctx), t.Applications.Sweep(ctx), t.Offers.Sweep(ctx), ledger.Forget(ctx, t.db, time.Now()),
	)
}

// periodic lists what is done again and again.
func (t *Town) periodic() {
	t.queue.Every(time.Hour, forget{})
	t.queue.Every(time.Hour, forgetRefused{})
	t.queue.Every(24*time.Hour, fetchLists{})
	t.queue.Every(time.Hour, askSoftware{})
	t.queue.Every(time.Hour, object.Sweep{})
	t.queue.Every(time.Hour, tidyPins{})
	t.queue.Every(time.Minute, catchUp{})
	t.queue.Every(time.Hour, lookAfterPeers{})
	t.queue.Every(time.Minute, turnAlerts{})
	t.queue.Every(time.Minute, followHelp{})
	t.queue.Every(time.Minute, expireOpportunities{})
	t.queue.Every(mail.RoundEvery, mail.Round{})
	t.queue.Every(tellEvery, tellNews{})
	t.queue.Every(careEvery, takeCare{})
	t.queue.Every(5*time.Minute, forgetChanges{})
}
