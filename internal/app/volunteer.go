package app

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/internal/townhall"
	"codeberg.org/aushang/aushang/internal/volunteer"
)

// volunteering makes what clubs need help with, and who helps.
func (t *Town) volunteering() {
	t.Opportunities = opportunity.New(t.db, t.Actors, t.Objects, t.Activities, t.pictures, t.Drafts, t.Config.Location(), t.Config.Language)
	t.Opportunities.Event, t.Events.Jobs, t.Opportunities.Terms = t.helped, t.jobsFor, t.book
	t.Applications = application.New(t.db, t.Actors, t.Config.Location())
	t.Pledges = pledge.New(t.db, t.Actors, t.Activities, t.Applications)
	t.Pledges.Admit, t.Pledges.Used = t.Accounts.AdmitDirect, t.helpUsed
	t.Opportunities.Apply, t.Applications.Keep = t.applyTo, helpersStay
	t.Opportunities.Standing, t.Opportunities.Applied = t.onShifts, t.applied
	t.Opportunities.Changed, t.Activities.Gone = t.Applications.Look, t.noHelpers
}

// helpUsed tells whether the town uses opportunities.
func (t *Town) helpUsed(ctx context.Context, tx bun.Tx) (bool, error) {
	err := t.Objects.CheckOffered(ctx, tx, &object.Object{Type: opportunity.Type})
	if problem.KindOf(err) == problem.Conflict {
		return false, nil
	}
	return err == nil, err
}

// volunteers gives what tells people who applied to help.
func (t *Town) volunteers() *volunteer.Teller {
	return &volunteer.Teller{Letters: t.Clubs.Letters, Applications: t.Applications, Accounts: t.Accounts, Secret: t.Actors.Secret, Zone: t.Config.Location()}
}

// messenger gives what speaks with people elsewhere who want to help.
func (t *Town) messenger() *volunteer.Messenger {
	return &volunteer.Messenger{
		Applications: t.Applications, Actors: t.Actors, Objects: t.Objects, Activities: t.Activities, Accounts: t.Accounts, Words: t.Clubs.Letters.Words,
		Secret: t.Actors.Secret, Zone: t.Config.Location(), Language: t.Config.Language,
	}
}

// doors gives what tells those who came in by another door than an account or a
// letter.
func (t *Town) doors() map[string]func(ctx context.Context, tx bun.Tx, n application.Notice) error {
	return map[string]func(ctx context.Context, tx bun.Tx, n application.Notice) error{
		application.ByTown: t.Pledges.Notify, application.ByMessage: t.messenger().Tell,
	}
}

// tellHelper tells who wants to help something, by the door by which he or she
// came in.
func (t *Town) tellHelper(ctx context.Context, tx bun.Tx, n application.Notice) error {
	if n.Helper.Door == "" {
		return t.volunteers().Tell(ctx, tx, n)
	}
	if tell := t.doors()[n.Helper.Door]; tell != nil {
		return tell(ctx, tx, n)
	}
	return nil
}

// deletedElsewhere ends what came from elsewhere when it is deleted there, or who
// sent it leaves.
func (t *Town) deletedElsewhere(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	id := a.Object.Ref()
	if id == a.Actor {
		return t.leftElsewhere(ctx, tx, a.Actor)
	}
	if _, err := t.Pledges.TakeBack(ctx, tx, a, id); err != nil {
		return err
	}
	return t.messenger().Retracted(ctx, tx, id, a.Actor)
}

// leftElsewhere forgets for what an actor elsewhere asked who is gone.
func (t *Town) leftElsewhere(ctx context.Context, tx bun.Tx, id string) error {
	if err := t.Pledges.ForgetAnswers(ctx, tx, id); err != nil {
		return err
	}
	if err := t.Applications.LeaveActor(ctx, tx, id); err != nil {
		return err
	}
	return t.Applications.ForgetDirect(ctx, tx, id)
}

// volunteerPages gives the pages on which people apply to help.
func (t *Town) volunteerPages(guard *page.Guard) *volunteer.Pages {
	return &volunteer.Pages{Guard: guard, Applications: t.Applications, Pledges: t.Pledges, Accounts: t.Accounts, Actors: t.Actors, Letters: t.Clubs.Letters}
}

// helps gives what people did who want to help these clubs, as news.
func (t *Town) helps(ctx context.Context, clubs []string) ([]timeline.Help, error) {
	list, err := t.Applications.News(ctx, clubs)
	var news []timeline.Help
	for _, n := range list {
		news = append(news, timeline.Help{Kind: n.Kind, ClubID: n.ClubID, Title: n.Title, Href: volunteer.ListHref(actor.Key(n.OpportunityID)) + "/" + n.HelperID, At: n.Created})
	}
	return news, err
}

// applyTo gives where one applies for an opportunity, ours or another town's; nil
// where nobody can now, or where the club wants to be asked on a page of its own.
func (t *Town) applyTo(ctx context.Context, o *opportunity.Opportunity) (*opportunity.Apply, error) {
	if o.ApplyLink != "" {
		return nil, nil
	}
	if !o.Local {
		n, err := t.Applications.FarNeed(ctx, t.Applications.Reader(), o.ID)
		if err != nil || !n.Takes(t.Applications.Now()) {
			return nil, err
		}
		return &opportunity.Apply{Href: volunteer.FarHref(o.ID)}, nil
	}
	n, err := t.Applications.Need(ctx, t.Applications.Reader(), o.ID)
	if err != nil || !n.Takes(t.Applications.Now()) {
		return nil, err
	}
	return &opportunity.Apply{Href: volunteer.ApplyHref(o.Key())}, nil
}

// onShifts counts who is on each shift of an opportunity.
func (t *Town) onShifts(ctx context.Context, db bun.IDB, id string) (map[string]int, error) {
	n, err := t.Applications.Standing(ctx, db, id)
	return n.Shifts, err
}

// applied counts who has applied to an opportunity.
func (t *Town) applied(ctx context.Context, id string) (waiting, accepted int, err error) {
	n, err := t.Applications.Standing(ctx, t.db.Read(), id)
	return n.Waiting, n.Accepted, err
}

// noHelpers tells those who applied that the opportunity o was deleted.
func (t *Town) noHelpers(ctx context.Context, tx bun.Tx, o *object.Object) error {
	if o.Type != opportunity.Type {
		return nil
	}
	return t.Applications.Look(ctx, tx, o.ID)
}

// followHelpers tells helpers and who offers help what the time brings, unless the town was restored
// and may be a second one.
func (t *Town) followHelpers(ctx context.Context) error {
	if t.standby.Load() {
		return nil
	}
	return errors.Join(t.Applications.Run(ctx), t.Pledges.Run(ctx), t.Offers.Run(ctx))
}

// helpersStay gives for how long an application to help is kept after its end.
func helpersStay(ctx context.Context, db bun.IDB) (time.Duration, error) {
	return retention.Of(ctx, db, retention.Helper)
}

// helpedSince gives the numbers of helping for the council.
func (t *Town) helpedSince(ctx context.Context, since time.Time) (townhall.Helped, error) {
	applied, agreed, minutes, err := t.Applications.Since(ctx, since)
	return townhall.Helped{Applied: applied, Agreed: agreed, Minutes: minutes}, err
}
