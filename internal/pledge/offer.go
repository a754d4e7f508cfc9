package pledge

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Receipt is the signed answer of a club here to what somebody of another town
// did.
type Receipt struct {
	bun.BaseModel `bun:"table:helper_receipts,alias:receipt"`

	// ID is that of the answer, ActID of what it answers.
	ID       string `bun:"id,pk"`
	HelperID string
	ActID    string
	// Kind is one of those of an application.Message.
	Kind string
	// Accepted is false for what could not be done.
	Accepted bool
	Body     []byte
	Created  time.Time
}

// Key is the last segment of the id.
func (r *Receipt) Key() string { return actor.Key(r.ID) }

// Receipts gives those of an application, the first one first.
func (s *Pledges) Receipts(ctx context.Context, helperID string) ([]*Receipt, error) {
	var list []*Receipt
	if err := s.db.Read().NewSelect().Model(&list).Where("receipt.helper_id = ?", helperID).OrderExpr("receipt.created, receipt.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list receipts: %w", err)
	}
	return list, nil
}

// doing is what somebody of another town does in this transaction: what is told
// then is its answer.
type doing struct {
	id, of, kind string
	// origin is the agreement that it is about.
	origin string
	done   bool
}

type doingKey struct{}

// during puts d into a context, for settled.
func during(ctx context.Context, d *doing) context.Context {
	return context.WithValue(ctx, doingKey{}, d)
}

func doingIn(ctx context.Context) *doing {
	d, _ := ctx.Value(doingKey{}).(*doing)
	return d
}

// receiveOffer keeps the application of somebody of another town (FEP-0837).
// Whose it cannot be is told so by a Reject.
func (s *Pledges) receiveOffer(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	o := a.Object.Object
	if o.Stipulates == nil || o.Helper == nil || o.ID != agreementID(a.ID) {
		return inbox.ErrUnhandled
	}
	if !as.SameOrigin(o.ID, a.Actor) || o.AttributedTo != a.Actor {
		return problem.Discard(problem.Forbiddenf("%s offers in the name of somebody else", a.Actor))
	}
	id, ok := strings.CutSuffix(o.Stipulates.Satisfies, "#intent")
	if !ok || !s.actors.Site().Owns(id) {
		return inbox.ErrUnhandled
	}
	n, err := s.applications.Need(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound {
		n, err = s.unknown(ctx, tx, a, id)
	}
	if err != nil {
		return err
	}
	if gone, err := tx.NewSelect().TableExpr("objects").Where("id = ?", o.ID).Exists(ctx); err != nil || gone {
		return errors.Join(err, notNil(gone)) // it was taken back before it came
	}
	sender, err := s.actors.Find(ctx, tx, a.Actor)
	if err != nil {
		return err
	}
	if _, err := s.applications.FindOrigin(ctx, tx, a.Actor, o.ID); problem.KindOf(err) != problem.NotFound {
		return err // it is here already
	}
	if heard, err := s.heard(ctx, tx, sender, n.ClubID); err != nil {
		return err
	} else if !heard || n.ApplyLink != "" {
		return s.refuseOffer(ctx, tx, a, n, application.ByClub)
	}
	if used, err := s.Used(ctx, tx); err != nil {
		return err
	} else if !used {
		return s.refuseOffer(ctx, tx, a, n, application.IsExpired)
	}
	if n.Gone {
		return s.refuseOffer(ctx, tx, a, n, application.IsDeleted)
	}
	h, twice, err := s.applications.ApplyIn(ctx, tx, draftOf(a, n))
	switch {
	case len(problem.FieldsOf(err)) > 0, problem.KindOf(err) == problem.Conflict:
		return s.refuseOffer(ctx, tx, a, n, application.IsExpired)
	case err == nil && twice && h.OriginID != o.ID:
		return s.refuseOffer(ctx, tx, a, n, application.ByHelper)
	}
	return err
}

// unknown gives an opportunity that is not here any more with the club of which
// somebody asked for it: it answers.
func (s *Pledges) unknown(ctx context.Context, tx bun.Tx, a *as.Activity, id string) (*application.Need, error) {
	var owners []string
	if err := tx.NewSelect().TableExpr("objects").Column("attributed_to").Where("id = ?", id).Scan(ctx, &owners); err != nil {
		return nil, fmt.Errorf("find whose opportunity it was: %w", err)
	}
	club, err := s.clubIn(ctx, tx, append(owners, a.To...))
	if err != nil {
		return nil, err
	}
	return &application.Need{ID: id, ClubID: club.ID, Gone: true}, nil
}

// clubIn gives the first of these that is a club of here and can answer.
func (s *Pledges) clubIn(ctx context.Context, tx bun.Tx, ids []string) (*actor.Actor, error) {
	for _, id := range ids {
		if !s.actors.Site().Owns(id) {
			continue
		}
		found, err := s.actors.Find(ctx, tx, id)
		if err == nil && found.Local && found.Type == actor.Group && found.State == actor.Active {
			return found, nil
		}
		if err != nil && problem.KindOf(err) != problem.NotFound && problem.KindOf(err) != problem.Gone {
			return nil, err
		}
	}
	return nil, problem.NotFoundf("no club of here is named")
}

// heard tells whether what somebody of another town asks of a club counts: not
// that of a program, of whom the town hall has limited or the club keeps away, nor
// what is too much.
func (s *Pledges) heard(ctx context.Context, tx bun.Tx, sender *actor.Actor, clubID string) (bool, error) {
	if sender.Local || sender.State != actor.Active || sender.Blocked || sender.Limited || sender.HostLimited || sender.Type == "Service" || sender.Type == actor.Application {
		return false, nil
	}
	if away, err := s.actors.KeptAway(ctx, tx, sender, clubID); err != nil || away {
		return false, err
	}
	err := s.Admit(ctx, tx, sender.ID, sender.Host)
	if problem.KindOf(err) == problem.TooMany {
		return false, nil
	}
	return err == nil, err
}

func notNil(gone bool) error {
	if gone {
		return inbox.ErrUnhandled
	}
	return nil
}

// draftOf gives what an Offer says as what somebody typed.
func draftOf(a *as.Activity, n *application.Need) application.Draft {
	o := a.Object.Object
	h := o.Helper
	d := application.Draft{
		Key: application.OriginKey(o.ID), OpportunityID: n.ID, ActorID: a.Actor, Door: application.ByTown, OriginID: o.ID, Name: h.Name, Contact: h.Email,
		Phone: h.Telephone, Message: h.Message, Language: h.Language, Shows: h.Email != "", Old: h.OldEnough, Able: h.Able,
	}
	if !isMail(d.Contact) {
		d.Contact, d.Shows = "", false
	}
	for _, shift := range h.Shifts {
		if id, ok := strings.CutPrefix(shift, n.ID+"#shift-"); ok && !slices.Contains(d.Shifts, id) {
			d.Shifts = append(d.Shifts, id)
		}
	}
	return d
}

// isMail tells whether an address can be shown as one of mail.
func isMail(address string) bool {
	at, err := mail.ParseAddress(address)
	return err == nil && at.Address == address
}

// refuseOffer says that an Offer cannot be taken.
func (s *Pledges) refuseOffer(ctx context.Context, tx bun.Tx, a *as.Activity, n *application.Need, cause string) error {
	club, err := s.actors.Find(ctx, tx, n.ClubID)
	if err != nil {
		return err
	}
	notice := application.TellEnded
	if cause == application.ByClub || cause == application.ByHelper {
		notice = application.TellDeclined // there are no words for the other
	}
	return s.activities.Publish(ctx, tx, club, &as.Activity{
		Type: activity.Reject, To: []string{a.Actor}, Object: as.Item{Activity: &as.Activity{ID: a.ID, Type: activity.Offer, Actor: a.Actor}},
		Result: as.Item{Object: &as.Object{
			ID: s.agreementOf(application.OriginKey(agreementID(a.ID))), Type: as.Agreement, AttributedTo: club.ID, To: []string{a.Actor},
			Helper: &as.Helper{
				Type: "Helper", Offer: a.ID, Number: 1, State: application.Declined, Cause: cause, Notices: []as.HelperNotice{{Kind: notice}},
			},
		}},
	})
}

// receiveAct does what somebody of another town wants to do with an application,
// and answers: Accept when it is done, Reject when it cannot be.
func (s *Pledges) receiveAct(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	o := a.Object.Object
	sender, err := s.actors.Find(ctx, tx, a.Actor)
	if err != nil {
		return err
	}
	h, err := s.applications.FindOrigin(ctx, tx, a.Actor, o.ID)
	if problem.KindOf(err) == problem.NotFound {
		return s.refuseAct(ctx, tx, a, sender)
	}
	if err != nil {
		return err
	}
	d := &doing{id: a.ID, of: activity.Update, kind: o.Helper.Act, origin: o.ID}
	if heard, err := s.heard(ctx, tx, sender, h.ClubID); err != nil {
		return err
	} else if !heard {
		return s.answer(ctx, tx, h.ID, d, activity.Reject)
	}
	ctx = during(ctx, d)
	switch err := s.do(application.In(ctx, tx), h, o.Helper); {
	case err == nil && d.done:
		return nil
	case err == nil:
		return s.answer(ctx, tx, h.ID, d, activity.Accept)
	case len(problem.FieldsOf(err)) > 0, problem.KindOf(err) == problem.Conflict:
		return s.answer(ctx, tx, h.ID, d, activity.Reject)
	default:
		return err
	}
}

// refuseAct says that an application of which somebody of another town wants
// something is forgotten here.
func (s *Pledges) refuseAct(ctx context.Context, tx bun.Tx, a *as.Activity, sender *actor.Actor) error {
	club, err := s.clubIn(ctx, tx, a.To)
	if problem.KindOf(err) == problem.NotFound {
		return inbox.ErrUnhandled
	}
	if err != nil {
		return err
	}
	if heard, err := s.heard(ctx, tx, sender, club.ID); err != nil || !heard {
		return errors.Join(err, notNil(!heard))
	}
	return s.activities.Publish(ctx, tx, club, &as.Activity{
		Type: activity.Reject, To: []string{a.Actor}, Object: as.Item{Activity: &as.Activity{ID: a.ID, Type: activity.Update, Actor: a.Actor}},
	})
}

func (s *Pledges) do(ctx context.Context, h *application.Helper, say *as.Helper) error {
	shift := strings.TrimPrefix(say.Shift, h.OpportunityID+"#shift-")
	switch say.Act {
	case application.DidTake:
		return s.applications.Take(ctx, h.ID, shift)
	case application.DidGive:
		return s.applications.GiveBack(ctx, h.ID, shift)
	case application.DidOffer, application.DidKeep:
		return s.applications.Offer(ctx, h.ID, shift, say.Act == application.DidOffer)
	case application.Said:
		return s.applications.Reply(ctx, h.ID, say.Message)
	case application.DidHours:
		return s.applications.Hours(ctx, h.ID, say.Minutes)
	case application.DidChange:
		d := application.Draft{ActorID: h.ActorID, Name: say.Name, Phone: say.Telephone, Message: say.Message}
		if isMail(say.Email) {
			d.Contact, d.Shows = say.Email, true
		}
		return s.applications.Change(ctx, h.ID, d)
	}
	return inbox.ErrUnhandled
}

// receiveUndo takes back an Offer; the Delete of an Agreement means the same.
func (s *Pledges) receiveUndo(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	_, err := s.TakeBack(ctx, tx, a, agreementID(a.Object.Ref()))
	return err
}

// TakeBack withdraws what somebody of another town asked for with this agreement,
// and answers by a receipt; false when there is nothing of the kind.
func (s *Pledges) TakeBack(ctx context.Context, tx bun.Tx, a *as.Activity, origin string) (bool, error) {
	d := &doing{id: a.ID, of: a.Type, kind: application.DidWithdraw, origin: origin}
	h, err := s.applications.TakeBack(during(ctx, d), tx, a.Actor, origin)
	if err != nil || h == nil || h.Door != application.ByTown || d.done {
		return h != nil, err
	}
	return true, s.answer(ctx, tx, h.ID, d, activity.Accept)
}
