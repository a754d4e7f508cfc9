package activity

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Hearer deals with what people elsewhere say to our actors, each in the
// transaction in which it arrives.
type Hearer interface {
	// Direct is asked about what was created or updated for one of ours alone,
	// club, before anything of it is stored. taken tells that it was dealt with: then
	// nothing else is kept of it.
	Direct(ctx context.Context, tx bun.Tx, club *actor.Actor, doc *as.Object, sender *actor.Actor) (taken bool, err error)
	// Open is told of each new answer to the object with the id inReplyTo. answer
	// reads it as it is stored; nil when it is hidden or for one of ours alone. Most
	// answers concern nobody who hears, and need not be read.
	Open(ctx context.Context, tx bun.Tx, inReplyTo string, answer func() (*object.Object, error), sender *actor.Actor) error
}

// heardDirectly hands what is for one of ours alone to the Hearer. What is
// stored already, or was deleted before it came, is not.
func (s *Activities) heardDirectly(ctx context.Context, tx bun.Tx, a *as.Activity) (taken bool, err error) {
	f := foundIn(ctx)
	if s.Hears == nil || f.stored != nil {
		return false, nil
	}
	club, err := s.alone(ctx, tx, a.Object.Object)
	if err != nil || club == nil {
		return false, err
	}
	if away, err := s.actors.KeptAway(ctx, tx, f.sender, club.ID); err != nil || away {
		return false, err
	}
	return s.Hears.Direct(ctx, tx, club, a.Object.Object, f.sender)
}

// alone gives the only one, of ours, to whom o is addressed; nil when there are
// others, or none of ours. Mastodon also names the followers of a Group that it
// writes to, and thinks nothing by it.
func (s *Activities) alone(ctx context.Context, tx bun.Tx, o *as.Object) (*actor.Actor, error) {
	var only *actor.Actor
	var rest []string
	for _, list := range [][]string{o.To, o.Cc} {
		for _, id := range list {
			if !s.site.Owns(id) {
				return nil, nil
			}
			if only != nil && id == only.ID {
				continue
			}
			found, err := s.actors.Find(ctx, tx, id)
			switch {
			case problem.KindOf(err) == problem.NotFound:
				rest = append(rest, id)
			case err != nil:
				return nil, err
			case only != nil || !found.Local || found.State != actor.Active:
				return nil, nil
			default:
				only = found
			}
		}
	}
	for _, id := range rest {
		if only == nil || id != only.Followers {
			return nil, nil
		}
	}
	return only, nil
}

// heardOpenly hands a new answer to the Hearer that is not for one of ours
// alone.
func (s *Activities) heardOpenly(ctx context.Context, tx bun.Tx, doc *as.Object) error {
	f := foundIn(ctx)
	if s.Hears == nil || f.stored != nil || doc.InReplyTo == "" {
		return nil
	}
	answer := func() (*object.Object, error) {
		o, err := s.objects.Stored(ctx, tx, doc.ID)
		if problem.KindOf(err) == problem.NotFound {
			return nil, nil
		}
		if err != nil || o.Local || o.Hidden || o.Tombstone() || o.Visibility == object.Direct {
			return nil, err
		}
		return o, nil
	}
	return s.Hears.Open(ctx, tx, doc.InReplyTo, answer, f.sender)
}

// privateLife is longer than anything is tried to deliver.
const privateLife = 30 * 24 * time.Hour

// goneLife is for how long it is kept that something private is gone: longer than
// any town keeps an application.
const goneLife = 400 * 24 * time.Hour

// private are the types of what is said to somebody alone and forgotten after
// privateLife.
var private = []string{Create, Update, Offer, Accept, Reject}

// forgetPrivate drops what was sent to one person alone and is stored as no
// object here: what it said is kept where it was written.
func (s *Activities) forgetPrivate(ctx context.Context) error {
	return s.db.Prune(ctx, "activities", "id", "NOT public AND (type IN (?) AND published < ? OR type = ? AND published < ?) AND NOT EXISTS (SELECT 1 FROM objects WHERE objects.id = activities.object_id)",
		bun.List(private), s.now().Add(-privateLife), Delete, s.now().Add(-goneLife))
}
