package application

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// decide runs do for an editor of the club on an application that is as the
// editor saw it: version is that of the page, 0 for any.
func (s *Applications) decide(ctx context.Context, by, opportunityID, id string, version int, do func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error) error {
	return s.change(ctx, opportunityID, func(ctx context.Context, tx bun.Tx, n *Need) error {
		h, err := s.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.OpportunityID != opportunityID || h.State == Unconfirmed {
			return problem.NotFoundf("there is no application %s to %s", id, opportunityID)
		}
		if err := s.actors.May(ctx, tx, by, h.ClubID, actor.Publish); err != nil {
			return err
		}
		if version != 0 && version != h.Version {
			return ErrStale
		}
		return do(ctx, tx, n, h)
	})
}

// answer is decide for what the person is told of: who speaks for a club that is
// archived or shut out tells nobody anything.
func (s *Applications) answer(ctx context.Context, by, opportunityID, id string, version int, do func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error) error {
	return s.decide(ctx, by, opportunityID, id, version, func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
		if n.Shut {
			return ErrShut
		}
		return do(ctx, tx, n, h)
	})
}

// Accept takes a person on. Who waits for a place goes on waiting, but may take
// over what others offer. Nobody is taken on for a shift that is gone or was moved
// since the person was told. Twice is once.
func (s *Applications) Accept(ctx context.Context, by, opportunityID, id string, version int) error {
	err := s.answer(ctx, by, opportunityID, id, version, func(ctx context.Context, tx bun.Tx, n *Need, h *Helper) error {
		switch {
		case !h.Open() || n.strays(h, s.now()):
			return ErrStale
		case len(n.Shifts) > 0 && len(h.Commitments) == 0:
			return ErrNothing
		}
		if err := s.become(ctx, tx, h, Accepted, "", ""); err != nil {
			return err
		}
		if err := s.note(ctx, tx, h, DidAccept, true, ""); err != nil {
			return err
		}
		return s.Tell(ctx, tx, Notice{Kind: TellAccepted, Helper: h, Cause: s.cause(TellAccepted, h, nil)})
	})
	if err != nil {
		return fmt.Errorf("accept application: %w", err)
	}
	return nil
}

// Decline says no, also to who was accepted before. The reason is told to the
// person; the places go to who waits.
func (s *Applications) Decline(ctx context.Context, by, opportunityID, id string, version int, reason string) error {
	reason, err := words("reason", reason, maxReason, "Please say why, in a sentence or two. The person reads it.")
	if err != nil {
		return err
	}
	err = s.answer(ctx, by, opportunityID, id, version, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if !h.Live() {
			return ErrStale
		}
		if err := s.end(ctx, tx, h, Declined, ByClub, reason); err != nil {
			return err
		}
		if err := s.note(ctx, tx, h, DidDecline, true, reason); err != nil {
			return err
		}
		return s.Tell(ctx, tx, Notice{Kind: TellDeclined, Helper: h, Text: reason, Cause: s.cause(TellDeclined, h, nil)})
	})
	if err != nil {
		return fmt.Errorf("decline application: %w", err)
	}
	return nil
}

// Write sends a message of the club to the person, by mail and without any
// address. The first one begins the talk.
func (s *Applications) Write(ctx context.Context, by, opportunityID, id, text string) error {
	text, err := words("text", text, maxMessage, "Please write a sentence or two.")
	if err != nil {
		return err
	}
	err = s.answer(ctx, by, opportunityID, id, 0, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if !h.Live() && h.State != Done {
			return ErrStale
		}
		if h.State == Asked {
			if err := s.become(ctx, tx, h, Talking, "", ""); err != nil {
				return err
			}
		}
		said, err := s.noteID(ctx, tx, h, Said, true, text)
		if err != nil {
			return err
		}
		return s.Tell(ctx, tx, Notice{Kind: TellMessage, Helper: h, Text: text, Cause: "help message " + said})
	})
	if err != nil {
		return fmt.Errorf("write to who applied: %w", err)
	}
	return nil
}

// Finish says that the person has helped, and thanks.
func (s *Applications) Finish(ctx context.Context, by, opportunityID, id string, version int) error {
	err := s.answer(ctx, by, opportunityID, id, version, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if h.State != Accepted {
			return ErrStale
		}
		return s.finish(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("finish application: %w", err)
	}
	return nil
}

// finish ends what was done. Places that nobody got are given up; the others
// stay, for the certificate.
func (s *Applications) finish(ctx context.Context, tx bun.Tx, h *Helper) error {
	if err := s.become(ctx, tx, h, Done, IsOver, ""); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*Commitment)(nil)).Where("helper_id = ?", h.ID).Where("(state <> ? OR starts_at > ?)", Taken, s.now()).Exec(ctx); err != nil {
		return fmt.Errorf("give places back: %w", err)
	}
	if err := s.note(ctx, tx, h, DidFinish, true, ""); err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{Kind: TellThanks, Helper: h, Cause: s.cause(TellThanks, h, nil)})
}

// end gives back all places of an application and ends it.
func (s *Applications) end(ctx context.Context, tx bun.Tx, h *Helper, state, cause, reason string) error {
	if _, err := tx.NewDelete().Model((*Commitment)(nil)).Where("helper_id = ?", h.ID).Exec(ctx); err != nil {
		return fmt.Errorf("give places back: %w", err)
	}
	return s.become(ctx, tx, h, state, cause, reason)
}

// Words checks what somebody wrote; missing is the sentence for nothing.
func Words(field, text, missing string) (string, error) {
	return words(field, text, maxMessage, missing)
}

// words checks what somebody wrote.
func words(field, text string, most int, missing string) (string, error) {
	var errs problem.Fields
	text = markup.Typed(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		errs.Add(field, missing)
	case n > most:
		errs.Add(field, "This is longer than %d characters; please shorten it.", most)
	}
	return text, errs.Err()
}

// The longest time that somebody can have helped, in minutes.
const maxMinutes = 2000 * 60

// CheckMinutes says what is wrong with how long somebody helped.
func CheckMinutes(minutes int) error {
	var errs problem.Fields
	if minutes <= 0 || minutes > maxMinutes {
		errs.Add("hours", "Please enter the hours as a number, such as 1.5.")
	}
	return errs.Err()
}

// SayHours is how the club says how long the person helped. It counts when the
// person says the same.
func (s *Applications) SayHours(ctx context.Context, by, opportunityID, id string, version, minutes int) error {
	err := s.decide(ctx, by, opportunityID, id, version, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		return s.hours(ctx, tx, h, Club, minutes)
	})
	if err != nil {
		return fmt.Errorf("say how long somebody helped: %w", err)
	}
	return nil
}

// hours keeps what one side says; when the other said the same, it is agreed.
func (s *Applications) hours(ctx context.Context, tx bun.Tx, h *Helper, side string, minutes int) error {
	if err := CheckMinutes(minutes); err != nil {
		return err
	}
	if h.State != Accepted && h.State != Done {
		return ErrStale
	}
	if h.Minutes == minutes && (h.MinutesBy == side || !h.Agreed.IsZero()) {
		return nil
	}
	kind := DidHours
	if h.Minutes == minutes {
		h.Agreed, kind = s.now(), DidAgree
	} else {
		h.Minutes, h.MinutesBy, h.Agreed = minutes, side, time.Time{}
	}
	h.Version++
	h.Changed = s.now()
	if _, err := tx.NewUpdate().Model(h).Column("minutes", "minutes_by", "agreed", "version", "changed").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("keep how long somebody helped: %w", err)
	}
	if err := s.note(ctx, tx, h, kind, side == Club, fmt.Sprint(minutes)); err != nil {
		return err
	}
	if side == Club && kind == DidHours {
		return s.Tell(ctx, tx, Notice{Kind: TellHours, Helper: h, Cause: s.cause(TellHours, h, nil)})
	}
	return nil
}
