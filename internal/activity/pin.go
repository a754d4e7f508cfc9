package activity

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Pin puts one of our public objects at the top of its club's page and into
// its featured collection, and tells the followers (ActivityPub 7.8). Of what
// is pinned already nothing is told.
func (s *Activities) Pin(ctx context.Context, by, id string) error {
	err := s.pinning(ctx, by, id, func(ctx context.Context, tx bun.Tx, o *object.Object, author *actor.Actor) error {
		switch {
		case author.MovedTo != "":
			return actor.ErrMoved
		case o.InReplyTo != "" || o.Visibility != object.Public:
			return problem.Invalidf("%s is nothing that can be pinned", id)
		}
		fresh, err := s.objects.Pin(ctx, tx, o)
		if err != nil || !fresh {
			return err
		}
		return s.publishPin(ctx, tx, Add, o, author)
	})
	if err != nil {
		return fmt.Errorf("pin: %w", err)
	}
	return nil
}

// Unpin takes it from there (ActivityPub 7.9).
func (s *Activities) Unpin(ctx context.Context, by, id string) error {
	if err := s.pinning(ctx, by, id, s.unpin); err != nil {
		return fmt.Errorf("unpin: %w", err)
	}
	return nil
}

// RaisePin lets what is pinned stand one higher. That is told to nobody: who
// reads the collection finds its order.
func (s *Activities) RaisePin(ctx context.Context, by, id string) error {
	err := s.pinning(ctx, by, id, func(ctx context.Context, tx bun.Tx, o *object.Object, _ *actor.Actor) error {
		return s.objects.RaisePin(ctx, tx, o)
	})
	if err != nil {
		return fmt.Errorf("raise what is pinned: %w", err)
	}
	return nil
}

// TidyPins takes what is over from the pages of all clubs, and tells their
// followers. Readers have not seen it since it ended.
func (s *Activities) TidyPins(ctx context.Context) error {
	ids, err := s.objects.PinnedAndOver(ctx)
	var all []error
	for _, id := range ids {
		all = append(all, s.Unpin(ctx, actor.Operator, id))
	}
	return errors.Join(append(all, err)...)
}

func (s *Activities) pinning(ctx context.Context, by, id string,
	do func(ctx context.Context, tx bun.Tx, o *object.Object, author *actor.Actor) error,
) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.objects.Own(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, o.AttributedTo, actor.Publish); err != nil {
			return err
		}
		author, err := s.actors.Find(ctx, tx, o.AttributedTo)
		if err != nil {
			return err
		}
		return do(ctx, tx, o, author)
	})
}

func (s *Activities) unpin(ctx context.Context, tx bun.Tx, o *object.Object, author *actor.Actor) error {
	there, err := s.objects.Unpin(ctx, tx, o.ID)
	if err != nil || !there {
		return err
	}
	return s.publishPin(ctx, tx, Remove, o, author)
}

func (s *Activities) publishPin(ctx context.Context, tx bun.Tx, kind string, o *object.Object, author *actor.Actor) error {
	return s.Publish(ctx, tx, author, &as.Activity{
		Type: kind, To: []string{as.Public}, Cc: []string{author.Followers}, Object: as.Item{ID: o.ID}, Target: author.Featured(),
	})
}
