package peer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
)

// maxAsking is how many towns may wait for an answer: any number of domains costs
// little.
const maxAsking = 200

// maxWait is how long one waits for it; then it may ask again.
const maxWait = 90 * 24 * time.Hour

// isRelay tells whether an id is that of a relay actor: it ends so everywhere
// (FEP-ae0c, LitePub).
func isRelay(id string) bool { return strings.HasSuffix(id, "/relay") }

var _ activity.Region = (*Peers)(nil)

// Asked implements activity.Region. Whoever wants to read all that is public gets
// it announced; a town that says its terms waits for the town hall, unless we have
// asked it ourselves.
func (s *Peers) Asked(ctx context.Context, tx bun.Tx, a *as.Activity, sender *actor.Actor) error {
	relay, err := s.relay(ctx, tx)
	if err != nil {
		return err
	}
	reject := func() error {
		return s.activities.Answer(ctx, tx, activity.Reject, relay, a.Actor, a.ID, a.Object.Ref(), nil)
	}
	if as.IsPublic(a.Object.Ref()) || a.Agreement == nil {
		f := &actor.Follow{ID: a.ID, ActorID: a.Actor, ObjectID: relay.ID, State: actor.FollowAccepted}
		if err := s.actors.PutFollow(ctx, tx, f); err != nil {
			return err
		}
		if err := s.activities.Answer(ctx, tx, activity.Accept, relay, a.Actor, a.ID, a.Object.Ref(), nil); err != nil {
			return err
		}
		if as.IsPublic(a.Object.Ref()) || !isRelay(a.Actor) || sender.Type != actor.Application {
			return nil
		}
	} else if !isRelay(a.Actor) || sender.Type != actor.Application {
		return reject() // terms are agreed between towns alone
	} else if err := s.actors.RemoveFollow(ctx, tx, a.Actor, relay.ID); err != nil { // from before it had terms: it would be told twice
		return err
	}
	before, err := s.latest(ctx, tx, sender.Host)
	if err != nil {
		return err
	}
	if before == nil {
		if _, err := tx.NewDelete().Model((*Peer)(nil)).Where("state = ?", Asking).Where("created < ?", s.now().Add(-maxWait)).Exec(ctx); err != nil {
			return fmt.Errorf("forget who has asked long ago: %w", err)
		}
		if n, err := tx.NewSelect().Model((*Peer)(nil)).Where("state = ?", Asking).Count(ctx); err != nil {
			return fmt.Errorf("count who asks: %w", err)
		} else if n >= maxAsking {
			return reject()
		}
	}
	return s.asked(ctx, tx, before, a)
}

// asked notes what a town asks for, and answers it where we have asked before.
func (s *Peers) asked(ctx context.Context, tx bun.Tx, before *Peer, a *as.Activity) error {
	p := &Peer{Host: as.Host(a.Actor), State: Asking, Created: s.now()}
	if before != nil {
		again := *before
		p = &again
	}
	p.ActorID, p.FollowID = a.Actor, a.ID
	if err := s.learn(ctx, p, a.Agreement); err != nil {
		return err
	}
	switch p.State {
	case Asked:
		p.State = Live
	case Declined, Ended:
		p.State, p.Created, p.Since, p.Paused = Asking, s.now(), time.Time{}, time.Time{}
	}
	if p.State == Live && p.Terms {
		if err := s.answer(ctx, tx, activity.Accept, p); err != nil {
			return err
		}
	}
	// Who only asks stands on the desk: any number of domains could fill the log.
	if p.State == Live && before.State != Live {
		if err := s.note(ctx, tx, "peer.heard."+p.State, p); err != nil {
			return err
		}
	}
	return s.put(ctx, tx, before, p)
}

// learn notes the terms of another town, with our own names for its places.
func (s *Peers) learn(ctx context.Context, p *Peer, t *as.Peering) error {
	p.learn(t, s.now())
	for _, a := range []*Area{&p.TheirAsksNear, &p.TheirGivesNear, &p.TheirHome} {
		if err := s.name(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// note writes into the log what another town did: nobody of the town hall.
func (s *Peers) note(ctx context.Context, tx bun.Tx, act string, p *Peer) error {
	return ledger.Note(ctx, tx, ledger.Entry{
		Act: act, Target: p.Host, Detail: p.TheirAsks + " / " + p.TheirGives,
	})
}

// Accepted implements activity.Region.
func (s *Peers) Accepted(ctx context.Context, tx bun.Tx, a *as.Activity, sender *actor.Actor) error {
	before, err := s.latest(ctx, tx, sender.Host)
	if err != nil || before == nil || before.State != Asked && before.State != Live {
		return err
	}
	p := *before
	p.Heard = s.now()
	if a.Agreement != nil || p.FollowID == "" { // what a Follow of theirs has said holds
		if err := s.learn(ctx, &p, a.Agreement); err != nil {
			return err
		}
	}
	if a.Agreement == nil && p.FollowID == "" {
		p.TheirAsks = "" // it reads what it likes when it follows
	}
	if p.State = Live; before.State != Live {
		if err := s.note(ctx, tx, "peer.heard.live", &p); err != nil {
			return err
		}
	}
	return s.put(ctx, tx, before, &p)
}

// Rejected implements activity.Region: a town declines, or ends what was agreed.
func (s *Peers) Rejected(ctx context.Context, tx bun.Tx, sender *actor.Actor) error {
	return s.over(ctx, tx, sender)
}

// Left implements activity.Region: who has followed us takes that back.
func (s *Peers) Left(ctx context.Context, tx bun.Tx, sender *actor.Actor) error {
	if !isRelay(sender.ID) {
		return nil
	}
	return s.over(ctx, tx, sender)
}

// over ends on our side what the other one has ended.
func (s *Peers) over(ctx context.Context, tx bun.Tx, sender *actor.Actor) error {
	before, err := s.latest(ctx, tx, sender.Host)
	if err != nil || before == nil || before.ActorID != sender.ID {
		return err
	}
	p := *before
	switch p.FollowID = ""; before.State {
	case Asking: // nothing was agreed
		return s.drop(ctx, tx, p.Host)
	case Asked:
		p.State = Declined
	case Live:
		p.State = Ended
		for _, pair := range [][2]string{{s.actors.Site().RelayID(), sender.ID}, {sender.ID, s.actors.Site().RelayID()}} {
			if err := s.actors.RemoveFollow(ctx, tx, pair[0], pair[1]); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	p.Due, p.DueAfter, p.Paused, p.TheirPaused = time.Time{}, "", time.Time{}, time.Time{}
	if err := s.note(ctx, tx, "peer.heard."+p.State, &p); err != nil {
		return err
	}
	if err := s.put(ctx, tx, before, &p); err != nil {
		return err
	}
	return s.clear(ctx, tx, p.Host, all, "")
}
