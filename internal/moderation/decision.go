package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// What the town hall may decide.
const (
	// Nothing leaves all as it is; only a report is answered.
	Nothing = "nothing"
	// Hide takes a thing out of every page; its editors still see it.
	Hide = "hide"
	// Warn puts a sentence before a thing.
	Warn = "warn"
	// Limit leaves an actor out of public lists.
	Limit = "limit"
	// Suspend shuts an actor out.
	Suspend = "suspend"
)

// On what a decision rests.
const (
	Law   = "law"
	House = "house"
)

// The outcomes of a report or an objection.
const (
	// Acted is that of a report after which something was done.
	Acted = "acted"
	// Kept says that all stays as it is.
	Kept = "kept"
	// Changed is that of an objection that was right.
	Changed = "changed"
)

// A Decision is what the town hall has decided about a thing or an actor, with
// its reasons (Digital Services Act, article 17).
type Decision struct {
	bun.BaseModel `bun:"table:decisions,alias:decision"`

	ID string `bun:"id,pk"`
	// ReportID is the report that led to it, "" for none.
	ReportID string
	// Target is the id of an object or an actor, ActorID whose it is.
	Target  string
	ActorID string
	Act     string
	Basis   string
	Rule    string
	Reason  string
	Warning string
	// Recalled is true when other servers were asked to delete it.
	Recalled  bool
	ByAccount string
	Created   time.Time
	// Ended is zero as long as it holds.
	Ended        time.Time `bun:",nullzero"`
	EndedAccount string
}

// Holds tells whether it was not taken back.
func (d *Decision) Holds() bool { return d.Ended.IsZero() }

// OfActor tells whether it is about an actor, and not about a thing.
func (d *Decision) OfActor() bool { return d.Target == d.ActorID }

// A Verdict is what somebody of the town hall decides.
type Verdict struct {
	// By is the id of an account, or actor.Operator.
	By string
	// ReportID is the report that is answered, "" for none; Answer is what the
	// reader is told then.
	ReportID, Answer string
	// Target is what is decided about, Act what.
	Target, Act string
	// Basis is Law or House; Rule names the paragraph, Reason says why.
	Basis, Rule, Reason string
	// Warning is the sentence of Warn.
	Warning string
	// Recall asks other servers to delete what is hidden, Forward tells the
	// server of what is not ours.
	Recall, Forward bool
}

// maxReason is how long a reason, a rule and an answer may be, in runes.
const (
	maxReason = 2000
	maxRule   = 300
)

func (v *Verdict) validate() error {
	var errs problem.Fields
	v.Rule, v.Warning = markup.Name(v.Rule, maxRule), markup.Name(v.Warning, maxRule)
	v.Reason, v.Answer = markup.Typed(v.Reason), markup.Typed(v.Answer)
	if !slices.Contains([]string{Nothing, Hide, Warn, Limit, Suspend}, v.Act) {
		errs.Add("act", "Please choose what shall happen.")
	}
	for field, text := range map[string]string{"reason": v.Reason, "answer": v.Answer} {
		if utf8.RuneCountInString(text) > maxReason {
			errs.Add(field, "This is longer than %d characters; please shorten it.", maxReason)
		}
	}
	if v.Act == Nothing {
		if v.ReportID != "" && v.Answer == "" {
			errs.Add("answer", "Please say in a sentence why nothing happens.")
		}
		return errs.Err()
	}
	if v.Basis != Law && v.Basis != House {
		errs.Add("basis", "Please choose on what the decision rests.")
	}
	if v.Rule == "" {
		errs.Add("rule", "Please name the paragraph or the rule of the house.")
	}
	if v.Reason == "" {
		errs.Add("reason", "Please give the reason: who wrote it reads it.")
	}
	if v.Act == Warn && v.Warning == "" {
		errs.Add("warning", "Please write the sentence that stands before it.")
	}
	return errs.Err()
}

// Outside is what the application hands in.
type Outside struct {
	// Recall asks other servers to delete one of our objects, Renew tells them
	// what it is like now.
	Recall, Renew func(ctx context.Context, tx bun.Tx, o *object.Object) error
	// Forward tells the server of an actor that something is wrong there.
	Forward func(ctx context.Context, tx bun.Tx, author, comment string, ids ...string) error
	// Release tells everybody of something of ours that waited until now, and Looked
	// tells its editors, or the town hall, what became of something that waits: one
	// of Waits, Approved and Returned with the reason.
	Release func(ctx context.Context, tx bun.Tx, o *object.Object) error
	Looked  func(ctx context.Context, tx bun.Tx, o *object.Object, what, reason string) error
	// Tell writes a letter.
	Tell func(ctx context.Context, tx bun.Tx, l Letter) error
	// Withholds tells whether an actor asked to be left out of sight.
	Withholds func(ctx context.Context, db bun.IDB, id string) (bool, error)
	// Others counts the people of the town hall but one.
	Others func(ctx context.Context, account string) (int, error)
}

// A Letter tells somebody what became of a report or a decision.
type Letter struct {
	// Kind is "receipt", "answer" and "second" for who reported, "decision",
	// "ended" and "objection" for who wrote it.
	Kind string
	// To is a mail address, "" for nobody; for the last three it is the editors of
	// Decision.ActorID.
	To, Language string
	Report       *Report
	Decision     *Decision
	Objection    *Objection
	// Token is that of the page.
	Token string
}

func (s *Moderation) tell(ctx context.Context, tx bun.Tx, l Letter) error {
	if s.Outside.Tell == nil {
		return nil
	}
	return s.Outside.Tell(ctx, tx, l)
}

// Decide does what was decided, answers the report that led to it, and gives
// who wrote the thing the reasons. It gives nil when nothing was done.
func (s *Moderation) Decide(ctx context.Context, v Verdict) (d *Decision, err error) {
	if err := v.validate(); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		about, err := s.Subject(ctx, tx, v.Target)
		if may := s.mayVerdict(ctx, tx, &v, about); may != nil {
			return may
		}
		if err != nil && v.Act != Nothing {
			return err
		}
		if v.Act != Nothing {
			if d, err = s.put(ctx, tx, v, about); err != nil {
				return err
			}
		}
		if v.Forward && about != nil && !about.Local() {
			if err := s.forward(ctx, tx, about, v); err != nil {
				return err
			}
		}
		return s.answer(ctx, tx, v)
	})
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	return d, nil
}

// put stores a decision, does what it says, and tells who wrote the thing.
func (s *Moderation) put(ctx context.Context, tx bun.Tx, v Verdict, about *Subject) (*Decision, error) {
	d := &Decision{
		ID: uuid.Must(uuid.NewV7()).String(), ReportID: v.ReportID, Target: about.ID(), ActorID: about.Actor.ID, Act: v.Act, Basis: v.Basis, Rule: v.Rule,
		Reason: v.Reason, ByAccount: v.By, Created: s.now(),
	}
	if v.Act == Limit || v.Act == Suspend {
		d.Target = about.Actor.ID
	} else if about.Object == nil {
		var errs problem.Fields
		errs.Add("act", "An actor can be limited or suspended; choose one of these.")
		return nil, errs.Err()
	}
	if v.Act == Warn {
		d.Warning = v.Warning
	}
	d.Recalled = v.Act == Hide && v.Recall && about.Local()
	if err := database.Turn(ctx, tx, "decide "+d.Target); err != nil {
		return nil, err
	}
	held, err := tx.NewSelect().Model((*Decision)(nil)).Where("target = ?", d.Target).Where("act = ?", d.Act).Where("ended IS NULL").Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("find decisions: %w", err)
	}
	if held {
		var errs problem.Fields
		errs.Add("act", "This was decided already. Take that back first if it shall be different.")
		return nil, errs.Err()
	}
	if _, err := tx.NewInsert().Model(d).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store decision: %w", err)
	}
	if err := s.carryOut(ctx, tx, d, about, true); err != nil {
		return nil, err
	}
	if err := s.note(ctx, tx, d, v.By, d.Act); err != nil {
		return nil, err
	}
	return d, s.tellAuthor(ctx, tx, "decision", d, about, nil)
}

// note writes into the log what was done to what, with the number of the decision.
func (s *Moderation) note(ctx context.Context, tx bun.Tx, d *Decision, by, act string) error {
	of := "thing."
	if d.OfActor() {
		of = "actor."
	}
	return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: of + act, Target: d.Target, Detail: strings.TrimSpace(d.Rule)})
}

// Holds tells whether a decision of this act about an object or an actor is in
// force.
func (s *Moderation) Holds(ctx context.Context, db bun.IDB, target, act string) (bool, error) {
	return db.NewSelect().Model((*Decision)(nil)).Where("target = ?", target).Where("act = ?", act).Where("ended IS NULL").Exists(ctx)
}

// carryOut does what a decision says, or undoes it.
func (s *Moderation) carryOut(ctx context.Context, tx bun.Tx, d *Decision, about *Subject, on bool) error {
	switch d.Act {
	case Limit:
		return s.actors.SetLimited(ctx, tx, d.Target, on)
	case Suspend:
		// Whoever asked to be left out of sight is shut out already, and stays so.
		if s.Outside.Withholds != nil {
			if held, err := s.Outside.Withholds(ctx, tx, d.Target); err != nil || held {
				return err
			}
		}
		if on {
			return s.actors.Suspend(ctx, tx, d.Target)
		}
		return s.actors.Restore(ctx, tx, d.Target)
	case Warn:
		if err := s.objects.SetWarning(ctx, tx, d.Target, d.Warning); err != nil || !about.Local() || about.Object.Hidden {
			return err
		}
		return s.renew(ctx, tx, d.Target)
	}
	if on && d.Recalled && s.Outside.Recall != nil { // first: whom to tell is known as long as it is seen
		if err := s.Outside.Recall(ctx, tx, about.Object); err != nil {
			return err
		}
	}
	act := object.Hide
	if !on {
		act = object.Show
		if pending, _, err := s.objects.Pending(ctx, tx, d.Target); err != nil || pending {
			return err // it still waits to be looked at first
		}
	}
	if err := s.objects.Note(ctx, tx, d.Target, d.ByAccount, act); err != nil {
		return err
	}
	if err := s.objects.SetHidden(ctx, tx, d.Target, on); err != nil {
		return err
	}
	if on || !about.Local() || d.Recalled || !about.Object.Updated.After(d.Created) {
		return nil
	}
	return s.renew(ctx, tx, d.Target) // it was changed while nobody was told
}

// renew makes the new version of an object of ours known.
func (s *Moderation) renew(ctx context.Context, tx bun.Tx, id string) error {
	if s.Outside.Renew == nil {
		return nil
	}
	o, err := s.objects.Own(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.Outside.Renew(ctx, tx, o)
}

func (s *Moderation) forward(ctx context.Context, tx bun.Tx, about *Subject, v Verdict) error {
	if s.Outside.Forward == nil {
		return nil
	}
	ids := []string{about.Actor.ID}
	if about.Object != nil {
		ids = append(ids, about.Object.ID)
	}
	comment := v.Reason
	if comment == "" && v.ReportID != "" {
		r, err := s.FindReport(ctx, tx, v.ReportID)
		if err != nil {
			return err
		}
		comment = r.Content
	}
	if err := s.Outside.Forward(ctx, tx, about.Actor.ID, comment, ids...); err != nil {
		return err
	}
	return ledger.Note(ctx, tx, ledger.Entry{ByAccount: v.By, Act: "report.forward", Target: about.ID()})
}

// answer closes the report that a verdict answers.
func (s *Moderation) answer(ctx context.Context, tx bun.Tx, v Verdict) error {
	if v.ReportID == "" {
		return nil
	}
	r, err := s.FindReport(ctx, tx, v.ReportID)
	if err != nil {
		return err
	}
	if !r.Closed.IsZero() {
		return problem.Conflictf("the report %s was dealt with", r.ID)
	}
	contact := r.Contact
	r.Closed, r.Contact, r.Answer, r.Outcome = s.now(), "", v.Answer, Kept
	if v.Act != Nothing {
		r.Outcome = Acted
	}
	if _, err := tx.NewUpdate().Model(r).Column("closed", "contact", "answer", "outcome").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("answer report: %w", err)
	}
	if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: v.By, Act: "report.answer", Target: r.ID, Detail: r.Outcome}); err != nil {
		return err
	}
	if contact == "" {
		return nil
	}
	token, err := s.Token(ctx, ofReport, r.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, Letter{Kind: "answer", To: contact, Language: r.Language, Report: r, Token: token})
}

// tellAuthor writes to who wrote what a decision is about, if we know them.
func (s *Moderation) tellAuthor(ctx context.Context, tx bun.Tx, kind string, d *Decision, about *Subject, o *Objection) error {
	if !about.Local() {
		return nil // people elsewhere have no address here, and no activity carries reasons
	}
	token, err := s.Token(ctx, ofDecision, d.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, Letter{Kind: kind, Decision: d, Objection: o, Token: token})
}

// End takes a decision back and tells who wrote the thing.
func (s *Moderation) End(ctx context.Context, by, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayDecision(ctx, tx, by, id); err != nil {
			return err
		}
		d, err := s.FindDecision(ctx, tx, id)
		if err != nil || !d.Holds() {
			return err // pressed twice
		}
		return s.end(ctx, tx, by, d, nil)
	})
	if err != nil {
		return fmt.Errorf("take back a decision: %w", err)
	}
	return nil
}

func (s *Moderation) end(ctx context.Context, tx bun.Tx, by string, d *Decision, o *Objection) error {
	about, err := s.Subject(ctx, tx, d.Target)
	switch kind := problem.KindOf(err); {
	case kind == problem.Gone || kind == problem.NotFound:
		about = nil // nothing is left to be shown
	case err != nil:
		return err
	}
	d.Ended, d.EndedAccount = s.now(), by
	if _, err := tx.NewUpdate().Model(d).Column("ended", "ended_account").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("end decision: %w", err)
	}
	if err := s.note(ctx, tx, d, by, "un"+d.Act); err != nil || about == nil {
		return err
	}
	undone := *d
	undone.Warning = ""
	if err := s.carryOut(ctx, tx, &undone, about, false); err != nil && !errors.Is(err, actor.ErrSuspended) {
		return err
	}
	if o != nil {
		return nil // who objected is told with the answer
	}
	return s.tellAuthor(ctx, tx, "ended", d, about, nil)
}

// FindDecision gives the decision with this id.
func (s *Moderation) FindDecision(ctx context.Context, db bun.IDB, id string) (*Decision, error) {
	var list []*Decision
	if err := db.NewSelect().Model(&list).Where("decision.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find decision: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no decision %s", id)
	}
	return list[0], nil
}

// Decisions lists the latest decisions about actors, or all if there are none
// given, the newest first.
func (s *Moderation) Decisions(ctx context.Context, limit int, actors ...string) ([]*Decision, error) {
	var list []*Decision
	q := s.db.Read().NewSelect().Model(&list).OrderExpr("decision.created DESC, decision.id DESC").Limit(int64(limit))
	if len(actors) > 0 {
		q = q.Where("decision.actor_id IN (?)", bun.List(actors))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return list, nil
}

// DecisionsOf lists the latest that are about one of these clubs of ours, or about
// what concerns it.
func (s *Moderation) DecisionsOf(ctx context.Context, limit int, clubs []string) ([]*Decision, error) {
	var list []*Decision
	if len(clubs) == 0 {
		return nil, nil
	}
	err := s.db.Read().NewSelect().Model(&list).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("decision.actor_id IN (?)", bun.List(clubs)).WhereGroup(" OR ", concerning("decision.target", clubs))
	}).OrderExpr("decision.created DESC, decision.id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list decisions of clubs: %w", err)
	}
	return list, nil
}

// Holding gives the decision of this kind that holds for target, or nil.
func (s *Moderation) Holding(ctx context.Context, target, act string) (*Decision, error) {
	var list []*Decision
	err := s.db.Read().NewSelect().Model(&list).Where("decision.target = ?", target).Where("decision.act = ?", act).Where("decision.ended IS NULL").Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}
