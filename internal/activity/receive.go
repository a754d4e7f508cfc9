package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Handle enters into mux what this package applies itself.
func (s *Activities) Handle(mux *inbox.Mux[bun.Tx]) {
	mux.Handle(Follow, "", s.receiveFollow)
	mux.Handle(Accept, "", s.receiveAccept)
	mux.Handle(Reject, "", s.receiveReject)
	mux.Handle(Like, "", s.receiveLike)
	mux.Handle(EmojiReact, "", s.receiveLike) // FEP-c0e0
	mux.Handle(Announce, "", s.receiveAnnounce)
	mux.Handle(Create, "", s.receiveContent)
	mux.Handle(Update, "", s.receiveContent)
	mux.Handle(Delete, "", s.receiveDelete)
	mux.Handle(Undo, "", s.receiveUndo)
	mux.Handle(Block, "", s.receiveBlock)
	mux.Handle(Move, "", s.receiveMove)
	mux.Handle(QuoteRequest, "", s.receiveQuoteRequest)
	for _, kind := range []string{Create, Update, Announce} {
		mux.Prepare(kind, s.fetchObject)
	}
	mux.Prepare(Move, s.fetchTarget)
}

// receiveContent stores what was created or updated, if it concerns us: a
// reply to something here, a message to one of ours, or something by an actor
// whom one of ours follows. Everything else is kept nowhere.
//
// ActivityPub 7.2, 7.3.
func (s *Activities) receiveContent(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	switch {
	case a.Object.Actor != nil:
		return s.actors.Receive(ctx, tx, a.Object.Actor)
	case a.Object.Object == nil:
		return inbox.ErrUnhandled
	}
	f := foundIn(ctx)
	shared, err := s.takes(ctx, tx, a.Object.Object, f.sender)
	if err != nil {
		return err
	}
	if !shared {
		if f.stored != nil && s.Region != nil {
			if gone, err := s.Region.LetsGo(ctx, tx, f.stored.ID, f.sender.Host); err != nil || gone {
				return err
			}
		}
		if concerned, err := s.concerns(ctx, tx, a.Object.Object, f.stored); err != nil {
			return err
		} else if !concerned {
			return inbox.ErrUnhandled
		}
	}
	if taken, err := s.heardDirectly(ctx, tx, a); err != nil || taken {
		return err
	}
	if err := s.objects.Receive(ctx, tx, a.Object.Object, f.sender); err != nil {
		return err
	}
	if s.Look != nil {
		if err := s.Look(ctx, tx, a.Object.Object.ID, f.sender); err != nil {
			return err
		}
	}
	if shared {
		if err := s.Region.Taken(ctx, tx, a.Object.Object, f.sender); err != nil {
			return err
		}
	}
	switch {
	case a.Type == Create:
		if err := s.hideIfKeptAway(ctx, tx, a.Object.Object.ID, f.sender); err != nil {
			return err
		}
		return s.heardOpenly(ctx, tx, a.Object.Object)
	case f.stored == nil:
		return s.objects.Backdate(ctx, tx, a.Object.Object.ID, s.now().Add(-stale))
	}
	return nil
}

// stale is the age from which what is only updated is no news to anybody, even
// if we see it for the first time; Mastodon's limit too.
const stale = 24 * time.Hour

// hideIfKeptAway hides what was just stored when all clubs that it concerns
// keep its author away. The town hall can show it again.
func (s *Activities) hideIfKeptAway(ctx context.Context, tx bun.Tx, id string, author *actor.Actor) error {
	clubs, err := s.actors.KeepingAway(ctx, tx, author)
	if err != nil || len(clubs) == 0 {
		return err
	}
	o, err := s.objects.Stored(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && o.Local {
		return nil
	}
	if err != nil {
		return err
	}
	concerned, err := s.objects.Concerns(ctx, tx, o)
	if err != nil || len(concerned) == 0 {
		return err
	}
	for _, club := range concerned {
		if !slices.Contains(clubs, club) {
			return nil
		}
	}
	return s.objects.SetHidden(ctx, tx, id, true)
}

// concerns tells whether o, which is stored as stored or not yet (nil), is for
// somebody here.
func (s *Activities) concerns(ctx context.Context, tx bun.Tx, o *as.Object, stored *object.Object) (bool, error) {
	for _, list := range [][]string{o.To, o.Cc} {
		for _, id := range list {
			if !s.site.Owns(id) {
				continue
			}
			if ours, err := s.actors.Active(ctx, tx, id); err != nil || ours {
				return ours, err
			}
		}
	}
	if stored != nil && !stored.Tombstone() {
		return true, nil
	}
	if o.InReplyTo != "" {
		if above, err := s.objects.Stored(ctx, tx, o.InReplyTo); err == nil && !above.Tombstone() {
			return true, nil
		} else if err != nil && problem.KindOf(err) != problem.NotFound {
			return false, err
		}
	}
	return s.actors.Followed(ctx, tx, o.AttributedTo)
}

// receiveLike counts a Like of one of our public objects, once for each actor
// (ActivityPub 7.10).
func (s *Activities) receiveLike(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	o, err := s.reactable(ctx, tx, a)
	if err != nil {
		return err
	}
	return s.objects.PutReaction(ctx, tx, &object.Reaction{
		Type: object.Like, ObjectID: o.ID, ActorID: a.Actor, ID: a.ID, Published: s.past(a.Published),
	})
}

// receiveAnnounce counts the sharing of one of our public objects, and keeps
// what an actor shares whom one of ours follows (ActivityPub 7.11).
func (s *Activities) receiveAnnounce(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	if done, err := s.shares(ctx, tx, a); err != nil || done {
		return err
	}
	if shared := a.Object.Object; shared != nil && shared.AttributedTo != "" {
		author, err := s.actors.Find(ctx, tx, shared.AttributedTo)
		if err != nil {
			return err
		}
		if author.Blocked || author.State == actor.Suspended {
			return inbox.ErrUnhandled // others do not bring in who is kept out
		}
		if err := s.objects.Receive(ctx, tx, shared, author); err != nil {
			return err
		}
	}
	o, err := s.reactable(ctx, tx, a)
	if err != nil {
		return err
	}
	return s.objects.PutReaction(ctx, tx, &object.Reaction{
		Type: object.Announce, ObjectID: o.ID, ActorID: a.Actor, ID: a.ID, Published: s.past(a.Published),
	})
}

// reactable gives the stored public object that a is about. What is not public
// cannot be told from what does not exist.
func (s *Activities) reactable(ctx context.Context, tx bun.Tx, a *as.Activity) (*object.Object, error) {
	id := a.Object.Ref()
	o, err := s.objects.Stored(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound && !s.site.Owns(id) {
		return nil, inbox.ErrUnhandled // a reaction to something that is not ours
	}
	if err != nil {
		return nil, err
	}
	if o.Tombstone() || !o.Open() || o.Local && o.Hidden {
		return nil, problem.NotFoundf("there is no object %s", id)
	}
	if o.Local {
		if away, err := s.actors.KeptAway(ctx, tx, foundIn(ctx).sender, o.AttributedTo); err != nil {
			return nil, err
		} else if away {
			return nil, inbox.ErrUnhandled
		}
	}
	return o, nil
}

// receiveDelete removes an object of the sender, or the sender (ActivityPub
// 7.4).
func (s *Activities) receiveDelete(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	id := a.Object.Ref()
	if done, err := s.withdrawn(ctx, tx, a); err != nil || done {
		return err
	}
	if s.Deleted != nil {
		if err := s.Deleted(ctx, tx, a); err != nil {
			return err
		}
	}
	if id != a.Actor {
		return s.objects.Remove(ctx, tx, id, a.Actor)
	}
	return s.ForgetActor(ctx, tx, a.Actor)
}

// receiveUndo takes back a Follow, a Like or an Announce (ActivityPub 7.14). A
// bare id is looked for among all of them.
func (s *Activities) receiveUndo(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	id := a.Object.Ref()
	kind, target := "", ""
	if inner := a.Object.Activity; inner != nil {
		kind, target = inner.Type, inner.Object.Ref()
	}
	if err := s.rememberUndone(ctx, tx, id, a.Actor); err != nil {
		return err
	}
	if kind == EmojiReact {
		kind = Like
	}
	if err := s.objects.RemoveReaction(ctx, tx, a.Actor, id, kind, target); err != nil {
		return err
	}
	if kind == "" {
		f, err := s.actors.FindFollowID(ctx, tx, id)
		if problem.KindOf(err) == problem.NotFound || err == nil && f.ActorID != a.Actor {
			return nil
		}
		if err != nil {
			return err
		}
		kind, target = Follow, f.ObjectID
	}
	if kind != Follow {
		return nil
	}
	if s.relayed(target) {
		if err := s.actors.RemoveFollow(ctx, tx, a.Actor, s.site.RelayID()); err != nil {
			return err
		}
		return s.Region.Left(ctx, tx, foundIn(ctx).sender)
	}
	return s.actors.RemoveFollow(ctx, tx, a.Actor, target)
}

var (
	undoWaiting = database.NewStatement("UPDATE inbox SET state = 'undone', body = NULL, due_at = NULL WHERE activity_id = ? AND actor_id = ? AND state = 'pending'")
	withdraw    = database.NewStatement("UPDATE inbox SET state = '" + withdrawn + "' WHERE activity_id = ? AND actor_id = ? AND state NOT IN ('" + undone + "', '" + withdrawn + "')")
	keepUndone  = database.NewStatement("INSERT INTO inbox (activity_id, actor_id, type, state, received) VALUES (?, ?, 'Undo', 'undone', ?) " +
		"ON CONFLICT (activity_id, actor_id) DO UPDATE SET state = 'undone'")
)

// rememberUndone makes an activity that comes after its Undo, or still waits,
// count for nothing. One that was applied is withdrawn instead: some servers
// use the same id when a person follows again.
func (s *Activities) rememberUndone(ctx context.Context, tx bun.Tx, id, actorID string) error {
	for _, statement := range []*database.Statement{undoWaiting, withdraw} {
		res, err := statement.Exec(ctx, tx, id, actorID)
		if err != nil {
			return fmt.Errorf("forget undone activity: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
	if _, err := keepUndone.Exec(ctx, tx, id, actorID, s.now()); err != nil {
		return fmt.Errorf("remember undone activity: %w", err)
	}
	return nil
}

// receiveBlock ends what joins the sender and one of ours (ActivityPub 7.12 is
// for clients; Mastodon sends it to servers).
func (s *Activities) receiveBlock(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	id := a.Object.Ref()
	if err := s.actors.RemoveFollow(ctx, tx, a.Actor, id); err != nil {
		return err
	}
	return s.actors.RemoveFollow(ctx, tx, id, a.Actor)
}

// receiveQuoteRequest answers who wants to quote one of our public objects:
// everybody may (FEP-044f).
func (s *Activities) receiveQuoteRequest(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	o, err := s.reactable(ctx, tx, a)
	if err != nil {
		return err
	}
	if !o.Local {
		return inbox.ErrUnhandled
	}
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	quote, err := s.objects.PutQuote(ctx, tx, s.site.NewQuoteID(), o.ID, a.Instrument.Ref(), a.Actor)
	if err != nil {
		return err
	}
	return s.Publish(ctx, tx, author, &as.Activity{
		Type: Accept, To: []string{a.Actor}, Result: as.Item{ID: quote.ID},
		Object: as.Item{Activity: &as.Activity{
			ID: a.ID, Type: QuoteRequest, Actor: a.Actor,
			Object: as.Item{ID: o.ID}, Instrument: as.Item{ID: quote.Instrument},
		}},
	})
}

// ForgetActor removes all that somebody on another server wrote and did here, as
// if that server had said so.
func (s *Activities) ForgetActor(ctx context.Context, tx bun.Tx, id string) error {
	if s.site.Owns(id) {
		return problem.Invalidf("%s is one of ours", id)
	}
	if err := s.objects.RemoveAll(ctx, tx, id); err != nil {
		return err
	}
	return s.actors.MarkGone(ctx, tx, id)
}
