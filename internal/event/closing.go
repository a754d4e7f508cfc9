package event

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
)

// atOnceClosed is how many events are cancelled in one transaction.
const atOnceClosed = 50

// CancelAll cancels every event of the club actorID that has not ended, for the
// town hall, and gives how many. Everybody who has one learns of it and of the
// reason, as with Cancel. Begun again after a fault it goes on.
func (s *Events) CancelAll(ctx context.Context, by, actorID, reason string) (int, error) {
	if err := s.actors.May(ctx, s.actors.Reader(), by, actorID, actor.Moderate); err != nil {
		return 0, err
	}
	reason, n, after := markup.Name(reason, maxReason), 0, ""
	for {
		list, err := s.Upcoming(ctx, actorID, s.now(), after, atOnceClosed)
		if err != nil || len(list) == 0 {
			return n, err
		}
		closed := 0
		err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			closed = 0
			if err := s.actors.May(ctx, tx, by, actorID, actor.Moderate); err != nil {
				return err
			}
			for _, one := range list {
				done, err := s.close(ctx, tx, by, one.ID, reason)
				if err != nil {
					return err
				}
				if done {
					closed++
				}
			}
			if closed == 0 {
				return nil
			}
			return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.cancel", Target: actorID, Detail: strconv.Itoa(closed)})
		})
		if err != nil {
			return n, fmt.Errorf("cancel the events of %s: %w", actorID, err)
		}
		n += closed
		after = list[len(list)-1].ID
	}
}

// close cancels one event and tells whether it stood until then.
func (s *Events) close(ctx context.Context, tx bun.Tx, by, id, reason string) (bool, error) {
	e, err := s.find(ctx, tx, id)
	if err != nil || e.Status == Cancelled {
		return false, err
	}
	before := *e
	e.Status, e.Reason = Cancelled, reason
	e.Updated = e.Next(s.now())
	if err := s.release(ctx, tx, by, activity.Update, e, nil); err != nil {
		return false, err
	}
	return true, s.notify(ctx, tx, by, &before, e)
}
