package activity

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// KeepAway keeps target, the id of a remote actor or a host, away from the
// club: it follows no more, what it wrote to the club is hidden, its likes and
// boosts are gone, and nothing of it is taken any more.
func (s *Activities) KeepAway(ctx context.Context, by, clubID, target string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, clubID, actor.Publish); err != nil {
			return err
		}
		if s.site.Owns(target) || target == s.site.Host() {
			return problem.Invalidf("%s is ours", target)
		}
		club, err := s.actors.Find(ctx, tx, clubID)
		if err != nil {
			return err
		}
		if err := s.actors.PutClubBlock(ctx, tx, clubID, target); err != nil {
			return err
		}
		followers, err := s.actors.FollowersLike(ctx, tx, clubID, target)
		if err != nil {
			return err
		}
		for _, f := range followers {
			if err := s.refuse(ctx, tx, club, f); err != nil {
				return err
			}
		}
		return s.objects.HideFrom(ctx, tx, clubID, target, by)
	})
	if err != nil {
		return fmt.Errorf("keep away: %w", err)
	}
	return nil
}

// LetCome takes that back. What was hidden stays so until it is shown again.
func (s *Activities) LetCome(ctx context.Context, by, clubID, target string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, clubID, actor.Publish); err != nil {
			return err
		}
		return s.actors.RemoveClubBlock(ctx, tx, clubID, target)
	})
}

// refuse ends a Follow of one of our clubs and says so.
func (s *Activities) refuse(ctx context.Context, tx bun.Tx, club *actor.Actor, f *actor.Follow) error {
	if err := s.actors.RemoveFollow(ctx, tx, f.ActorID, club.ID); err != nil {
		return err
	}
	follow := &as.Activity{ID: f.ID, Type: Follow, Actor: f.ActorID, Object: as.Item{ID: club.ID}}
	return s.Publish(ctx, tx, club, &as.Activity{Type: Reject, To: []string{f.ActorID}, Object: as.Item{Activity: follow}})
}

// Hide takes what somebody elsewhere wrote out of every page, or puts it back.
// The editors of the club that it concerns may, and the town hall.
func (s *Activities) Hide(ctx context.Context, by, id string, hidden bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.objects.Stored(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayHide(ctx, tx, by, o); err != nil {
			return err
		}
		if o.Local {
			return problem.Invalidf("%s is our own; the town hall decides about it, or delete it", id)
		}
		if decided, err := s.objects.Decided(ctx, tx, id); err != nil {
			return err
		} else if decided {
			return problem.Forbiddenf("the town hall has decided about %s; it takes that back there", id)
		}
		act := object.Hide
		if !hidden {
			act = object.Show
		}
		if err := s.objects.Note(ctx, tx, id, by, act); err != nil {
			return err
		}
		if err := s.objects.SetHidden(ctx, tx, id, hidden); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "thing." + strings.ToLower(act), Target: id})
	})
	if err != nil {
		return fmt.Errorf("hide: %w", err)
	}
	return nil
}

func (s *Activities) mayHide(ctx context.Context, tx bun.Tx, by string, o *object.Object) error {
	clubs, err := s.objects.Concerns(ctx, tx, o)
	if err != nil {
		return err
	}
	if o.Local {
		clubs = append(clubs, o.AttributedTo)
	}
	for _, club := range clubs {
		err := s.actors.May(ctx, tx, by, club, actor.Publish)
		if err == nil || problem.KindOf(err) != problem.Forbidden {
			return err
		}
	}
	return s.actors.MayAny(ctx, tx, by, clubs, actor.Moderate)
}

// Renew tells everybody who has one of our objects what it is like now.
func (s *Activities) Renew(ctx context.Context, tx bun.Tx, o *object.Object) error {
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil || author.State != actor.Active {
		return err
	}
	also, err := s.objects.Participants(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	return s.publishDocument(ctx, tx, &as.Activity{Type: Update}, o, author, also)
}

// Recall asks everybody who has one of our objects to delete it, and leaves it
// here as it is (ActivityPub 7.4). Nothing brings it back there.
func (s *Activities) Recall(ctx context.Context, tx bun.Tx, o *object.Object) error {
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	also, err := s.objects.Participants(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	grave := *o
	grave.Deleted = s.now()
	return s.publishDocument(ctx, tx, &as.Activity{Type: Delete}, &grave, author, also)
}

// Report tells the server of an object's author, in the name of this server
// alone, that it breaks the rules (ActivityStreams vocabulary 3.2, Flag).
func (s *Activities) Report(ctx context.Context, tx bun.Tx, o *object.Object, comment string) error {
	return s.ReportIDs(ctx, tx, o.AttributedTo, comment, o.AttributedTo, o.ID)
}

// ReportIDs does so for the actor author with what is wrong of it, by ids.
func (s *Activities) ReportIDs(ctx context.Context, tx bun.Tx, author, comment string, ids ...string) error {
	instance, err := s.actors.Find(ctx, tx, s.site.InstanceID())
	if err != nil {
		return err
	}
	return s.Publish(ctx, tx, instance, &as.Activity{
		Type: Flag, To: []string{author}, Content: strings.TrimSpace(comment), Object: as.Item{IDs: ids},
	})
}
