package pledge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/application"
)

// mostSaid is how much of what a club said travels each time.
const mostSaid = 40

// Notify puts a notice for somebody of another town aside: it travels with where
// the application stands, when that is known.
func (s *Pledges) Notify(ctx context.Context, _ bun.Tx, n application.Notice) error {
	application.Collect(ctx, n)
	return nil
}

// Settled tells the people of other towns where their applications stand, if that
// has changed. It is application.Applications.Settled.
func (s *Pledges) Settled(ctx context.Context, tx bun.Tx, n *application.Need) error {
	var ids []string
	err := tx.NewSelect().TableExpr("helpers").Column("id").Where("opportunity_id = ?", n.ID).Where("door = ?", application.ByTown).Where("actor_id <> ''").
		OrderExpr("created, id").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find who of other towns has to be told: %w", err)
	}
	for _, id := range ids {
		if err := s.tell(ctx, tx, n, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Pledges) tell(ctx context.Context, tx bun.Tx, n *application.Need, id string) error {
	h, err := s.applications.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	say, err := s.standing(ctx, tx, n, h)
	if err != nil {
		return err
	}
	for _, notice := range application.Collected(ctx) {
		if notice.Helper.ID == id {
			one := as.HelperNotice{Kind: notice.Kind, Text: notice.Text}
			if c := notice.Commitment; c != nil {
				one.StartTime, one.EndTime = c.StartsAt, c.EndsAt
			}
			say.Notices = append(say.Notices, one)
		}
	}
	d := doingIn(ctx)
	if d != nil && (d.origin != h.OriginID || d.done) {
		d = nil
	}
	if d == nil && h.Told == hashOf(say) && len(say.Notices) == 0 {
		return nil
	}
	return s.publish(ctx, tx, h, say, d, activity.Accept)
}

// answer tells somebody of another town what became of what he or she did.
func (s *Pledges) answer(ctx context.Context, tx bun.Tx, id string, d *doing, kind string) error {
	h, err := s.applications.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	n, err := s.applications.Need(ctx, tx, h.OpportunityID)
	if err != nil {
		return err
	}
	say, err := s.standing(ctx, tx, n, h)
	if err != nil {
		return err
	}
	return s.publish(ctx, tx, h, say, d, kind)
}

// hashOf tells one standing from another; its number and notices do not count.
func hashOf(say *as.Helper) string {
	plain := *say
	plain.Number, plain.Notices = 0, nil
	b, err := json.Marshal(plain)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// standing gives where an application stands. What the person wrote is not in it.
func (s *Pledges) standing(ctx context.Context, tx bun.Tx, n *application.Need, h *application.Helper) (*as.Helper, error) {
	say := &as.Helper{
		Type: "Helper", State: h.State, Cause: h.Cause, Reason: h.Reason, Minutes: h.Minutes, MinutesBy: h.MinutesBy, Agreed: h.Agreed,
	}
	for _, c := range h.Commitments {
		say.Places = append(say.Places, as.HelperPlace{
			Shift: shiftID(h.OpportunityID, c.ShiftID), State: c.State, Position: c.Position, Offered: c.Offered, StartTime: c.StartsAt, EndTime: c.EndsAt,
		})
	}
	if c := (as.Contact{Type: "Contact", Name: n.ContactName, Email: n.ContactEmail, Telephone: n.ContactPhone}); h.State == application.Accepted && c != (as.Contact{Type: "Contact"}) {
		say.Contact = &c
	}
	var said []*application.Message
	err := tx.NewSelect().Model(&said).Where("message.helper_id = ?", h.ID).Where("message.by_club").OrderExpr("message.created DESC, message.id DESC").Limit(mostSaid).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what a club said: %w", err)
	}
	for i := len(said) - 1; i >= 0; i-- {
		m := said[i]
		say.Said = append(say.Said, as.HelperSaid{ID: m.ID, Kind: m.Kind, Content: m.Content, Published: m.Created})
	}
	return say, nil
}

// publish sends say to the town of the person: as the answer to what was just
// done, as the Accept or the Reject of the Offer, or as an Update.
func (s *Pledges) publish(ctx context.Context, tx bun.Tx, h *application.Helper, say *as.Helper, d *doing, kind string) error {
	club, err := s.actors.Find(ctx, tx, h.ClubID)
	if err != nil {
		return err
	}
	site := s.actors.Site()
	h.ToldSeq, h.Told = h.ToldSeq+1, hashOf(say)
	offered := offerID(h.OriginID)
	say.Number, say.Offer = h.ToldSeq, offered
	to := []string{h.ActorID}
	agreement := &as.Object{ID: s.agreementOf(h.ID), Type: as.Agreement, AttributedTo: club.ID, To: to, Updated: s.now(), Helper: say}
	a := &as.Activity{ID: site.NewActivityID(), Type: activity.Update, To: to, Object: as.Item{Object: agreement}}
	if d != nil {
		a.Type, a.Object = kind, as.Item{Activity: &as.Activity{ID: d.id, Type: d.of, Actor: h.ActorID}}
	} else if verdict := verdictOf(say); verdict != "" {
		a.Type, a.Object = verdict, as.Item{Activity: &as.Activity{ID: offered, Type: activity.Offer, Actor: h.ActorID}}
	}
	if a.Type != activity.Update {
		a.Result = as.Item{Object: agreement}
	}
	if err := s.activities.Publish(ctx, tx, club, a); err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Model(h).Column("told", "told_seq").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("note what another town was told: %w", err)
	}
	if d == nil {
		return nil
	}
	d.done = true
	return s.keep(ctx, tx, h, d, a)
}

// verdictOf gives Accept or Reject when the club has just said so.
func verdictOf(say *as.Helper) string {
	for _, n := range say.Notices {
		switch n.Kind {
		case application.TellAccepted:
			return activity.Accept
		case application.TellDeclined, application.TellEnded:
			return activity.Reject
		}
	}
	return ""
}

// keep keeps the signed answer: the other town keeps the same bytes.
func (s *Pledges) keep(ctx context.Context, tx bun.Tx, h *application.Helper, d *doing, a *as.Activity) error {
	body, err := s.activities.Sent(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	row := &Receipt{ID: a.ID, HelperID: h.ID, ActID: d.id, Kind: d.kind, Accepted: a.Type == activity.Accept, Body: body, Created: s.now()}
	if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("keep a receipt: %w", err)
	}
	return nil
}
