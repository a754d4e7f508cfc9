package pledge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Handle enters into mux what this package applies.
func (s *Pledges) Handle(mux *inbox.Mux[bun.Tx]) {
	mux.Handle(activity.Offer, as.Agreement, s.receiveOffer)
	mux.Handle(activity.Update, as.Agreement, s.receiveUpdate)
	mux.Handle(activity.Undo, activity.Offer, s.receiveUndo)
	for _, kind := range []string{activity.Offer, activity.Update, activity.Delete, activity.Undo} {
		mux.Handle(activity.Accept, kind, s.receiveAnswer)
		mux.Handle(activity.Reject, kind, s.receiveAnswer)
	}
}

// receiveUpdate takes what a person elsewhere does with an application here, or
// what a club elsewhere says of one of ours.
func (s *Pledges) receiveUpdate(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	h := a.Object.Object.Helper
	switch {
	case h == nil:
		return inbox.ErrUnhandled
	case h.Act != "":
		return s.receiveAct(ctx, tx, a)
	}
	p, err := s.answered(ctx, tx, a, h.Offer)
	if err != nil {
		return err
	}
	return s.stand(ctx, tx, a, p, h)
}

// answered gives the pledge of the Offer with this id; only its club answers.
func (s *Pledges) answered(ctx context.Context, tx bun.Tx, a *as.Activity, offerID string) (*Pledge, error) {
	id, ok := strings.CutPrefix(offerID, s.actors.Site().ActivityID(""))
	if !ok {
		return nil, inbox.ErrUnhandled
	}
	if err := database.Turn(ctx, tx, "pledge "+id); err != nil {
		return nil, err
	}
	p, err := s.find(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound {
		return nil, inbox.ErrUnhandled // it is forgotten here
	}
	if err == nil && p.ClubID != a.Actor {
		return nil, problem.Discard(problem.Forbiddenf("%s answers what another club was asked", a.Actor))
	}
	return p, err
}

// receiveAnswer takes the answer to something that a person here did: the signed
// receipt, or that it cannot be.
func (s *Pledges) receiveAnswer(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	var list []*Act
	if err := tx.NewSelect().Model(&list).Where("act.id = ?", a.Object.Ref()).Scan(ctx); err != nil {
		return fmt.Errorf("find what is answered: %w", err)
	}
	if len(list) == 0 {
		return inbox.ErrUnhandled
	}
	one := list[0]
	p, err := s.answered(ctx, tx, a, s.actors.Site().ActivityID(one.PledgeID))
	if err != nil {
		return err
	}
	if one.Kind != application.DidAsk {
		if err := s.settleAct(ctx, tx, a, one); err != nil {
			return err
		}
	}
	h := new(as.Helper)
	if o := a.Result.Object; o != nil && o.Helper != nil {
		h = o.Helper
	} else if one.Kind == application.DidAsk { // who knows FEP-0837 alone says no more
		h = &as.Helper{Type: "Helper", Number: p.Number + 1, State: application.Accepted}
		if a.Type == activity.Reject {
			h.State, h.Cause = application.Declined, application.ByClub
		}
	}
	return s.stand(ctx, tx, a, p, h)
}

// settleAct keeps the answer to an act; the first one counts.
func (s *Pledges) settleAct(ctx context.Context, tx bun.Tx, a *as.Activity, one *Act) error {
	if one.State != OnItsWay {
		return nil
	}
	one.State, one.Answered, one.Receipt = Accepted, s.now(), a.Raw
	if a.Type == activity.Reject {
		one.State = Refused
	}
	if _, err := tx.NewUpdate().Model(one).Column("state", "answered", "receipt").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("keep a receipt: %w", err)
	}
	return nil
}

// states are those that a club may give.
var states = append([]string{application.Declined, application.Withdrawn, application.Done}, lives...)

// causes are why a club may say that it ended.
var causes = []string{
	application.ByClub, application.ByHelper, application.IsCancelled, application.IsDeleted, application.IsExpired, application.IsOver, application.IsShut, application.HasLeft,
}

// stand keeps what the club says of a pledge, unless something newer is there,
// and tells the person. What has ended stays so.
func (s *Pledges) stand(ctx context.Context, tx bun.Tx, a *as.Activity, p *Pledge, h *as.Helper) error {
	if h.Number <= p.Number || !slices.Contains(states, h.State) {
		return nil
	}
	first, was := p.Number == 0, p.State
	if h.Cause != "" && !slices.Contains(causes, h.Cause) {
		h.Cause = application.ByClub
	}
	notices := h.Notices
	h.Notices = nil
	ended := !slices.Contains(lives, was)
	if ended && was == application.Declined {
		h.Cause, h.Reason = p.Said().Cause, p.Said().Reason
	}
	kept, err := json.Marshal(h)
	if err != nil {
		return err
	}
	p.Standing, p.Number, p.Changed = string(kept), h.Number, s.now()
	if !ended {
		p.State = h.State
	}
	if !slices.Contains(lives, p.State) && p.Ended.IsZero() {
		p.Ended = s.now()
	}
	if _, err := tx.NewUpdate().Model(p).Column("standing", "number", "changed", "state", "ended").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("keep what a club says: %w", err)
	}
	if first { // whatever it says, it has the Offer
		_, err := tx.NewUpdate().Model((*Act)(nil)).Set("state = ?", Accepted).Set("answered = ?", s.now()).Set("receipt = ?", []byte(a.Raw)).
			Where("pledge_id = ?", p.ID).Where("kind = ?", application.DidAsk).Where("state = ?", OnItsWay).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep that an offer has arrived: %w", err)
		}
	}
	return s.pass(ctx, tx, a, p, due(was, h, notices))
}

// What of one thing that a club says is told by letters: this many, each with no
// more characters than a form takes.
const (
	mostNotices = 5
	mostText    = 4000
)

// worded are the causes of an end for which there are letters.
var worded = []string{application.IsCancelled, application.IsDeleted, application.IsShut, application.IsExpired}

// due gives those of a club's notices that are told: of what was over before only
// what comes after an end. What has no words of its own is told as declined.
func due(was string, h *as.Helper, notices []as.HelperNotice) []as.HelperNotice {
	var list []as.HelperNotice
	for _, n := range notices {
		after := n.Kind == application.TellThanks || n.Kind == application.TellHours || was == application.Done && n.Kind == application.TellMessage
		if !slices.Contains(told, n.Kind) || !slices.Contains(lives, was) && !after {
			continue
		}
		if n.Kind == application.TellEnded && !slices.Contains(worded, h.Cause) {
			if h.State != application.Declined {
				continue
			}
			n.Kind = application.TellDeclined
		}
		if text := []rune(n.Text); len(text) > mostText {
			n.Text = string(text[:mostText-1]) + "…"
		}
		if list = append(list, n); len(list) == mostNotices {
			break
		}
	}
	return list
}

// told are the notices that a club may give.
var told = []string{
	application.TellReceived, application.TellAccepted, application.TellDeclined, application.TellMessage, application.TellMoved, application.TellChanged,
	application.TellLost, application.TellGiven, application.TellEnded, application.TellRemind, application.TellThanks, application.TellHours,
}

// pass tells the person what the club wants him or her to be told.
func (s *Pledges) pass(ctx context.Context, tx bun.Tx, a *as.Activity, p *Pledge, notices []as.HelperNotice) error {
	helper := p.Helper()
	for i, notice := range notices {
		n := application.Notice{Kind: notice.Kind, Helper: helper, Text: notice.Text, Cause: fmt.Sprintf("help elsewhere %s %d", actor.Key(a.ID), i)}
		if !notice.StartTime.IsZero() {
			n.Commitment = &application.Commitment{StartsAt: notice.StartTime, EndsAt: notice.EndTime}
		}
		if err := s.Tell(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}
