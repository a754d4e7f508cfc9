package moderation

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// An Objection asks the town hall to look again: by who wrote what was decided
// about, or by who reported it and was not heard.
type Objection struct {
	bun.BaseModel `bun:"table:objections,alias:objection"`

	ID string `bun:"id,pk"`
	// DecisionID is set when who wrote it objects, ReportID when who reported.
	DecisionID string
	ReportID   string
	Content    string
	// Contact is a mail address for the answer, "" for none and once it was given.
	Contact  string
	Language string
	Received time.Time
	// Outcome is "" while it waits, then Kept or Changed.
	Outcome   string
	Answer    string
	ByAccount string
	Decided   time.Time `bun:",nullzero"`
}

// ErrSameEyes says that an objection must be looked at by somebody else than who
// decided.
var ErrSameEyes = problem.Forbiddenf("who decided does not decide about the objection")

// Object keeps an objection against the decision or to the answer to the report
// that o names. A second one to the same changes nothing.
func (s *Moderation) Object(ctx context.Context, o Objection) error {
	var errs problem.Fields
	o.Content = markup.Typed(o.Content)
	switch n := utf8.RuneCountInString(o.Content); {
	case n == 0:
		errs.Add("text", "Please say why you see it differently.")
	case n > maxReason:
		errs.Add("text", "This is longer than %d characters; please shorten it.", maxReason)
	}
	if o.Contact != "" && !address(o.Contact) {
		errs.Add("contact", "This is no mail address. Please write one like anna@example.org, or leave it empty.")
	}
	if err := errs.Err(); err != nil {
		return err
	}
	o.ID, o.Received = uuid.Must(uuid.NewV7()).String(), s.now()
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&o).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("store objection: %w", err)
		}
		database.Ring(ctx)
		return nil
	})
}

// ObjectionTo gives the objection against a decision or to a report; the other
// id is "". It gives nil when there is none.
func (s *Moderation) ObjectionTo(ctx context.Context, decisionID, reportID string) (*Objection, error) {
	return one(ctx, s.db.Read().NewSelect().Where("decision_id = ?", decisionID).Where("report_id = ?", reportID))
}

// FindObjection gives the objection with this id.
func (s *Moderation) FindObjection(ctx context.Context, db bun.IDB, id string) (*Objection, error) {
	o, err := one(ctx, db.NewSelect().Where("id = ?", id))
	if err == nil && o == nil {
		err = problem.NotFoundf("there is no objection %s", id)
	}
	return o, err
}

func one(ctx context.Context, q *bun.SelectQuery) (*Objection, error) {
	var list []*Objection
	if err := q.Model(&list).Limit(1).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find objection: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list[0], nil
}

// Objections lists what waits for another look, the oldest first.
func (s *Moderation) Objections(ctx context.Context) ([]*Objection, error) {
	var list []*Objection
	if err := s.db.Read().NewSelect().Model(&list).Where("outcome = ''").OrderExpr("received, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list objections: %w", err)
	}
	return list, nil
}

// Settle decides about an objection: Changed takes the decision back, or opens
// the report again. Who decided first must not, unless nobody else is there.
func (s *Moderation) Settle(ctx context.Context, by, id, outcome, answer string) error {
	var errs problem.Fields
	answer = markup.Typed(answer)
	if outcome != Kept && outcome != Changed {
		errs.Add("outcome", "Please choose whether the decision stays.")
	}
	if n := utf8.RuneCountInString(answer); n == 0 || n > maxReason {
		errs.Add("answer", "Please give the reason in at most %d characters.", maxReason)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.FindObjection(ctx, tx, id)
		if may := s.mayObjection(ctx, tx, by, o); may != nil {
			return may
		}
		if err != nil || o.Outcome != "" {
			return err // pressed twice
		}
		return s.settle(ctx, tx, by, o, outcome, answer)
	})
	if err != nil {
		return fmt.Errorf("decide about an objection: %w", err)
	}
	return nil
}

func (s *Moderation) settle(ctx context.Context, tx bun.Tx, by string, o *Objection, outcome, answer string) error {
	decider, err := s.decider(ctx, tx, o)
	if err != nil {
		return err
	}
	if err := s.otherEyes(ctx, by, decider); err != nil {
		return err
	}
	contact := o.Contact
	o.Outcome, o.Answer, o.ByAccount, o.Decided, o.Contact = outcome, answer, by, s.now(), ""
	if _, err := tx.NewUpdate().Model(o).Column("outcome", "answer", "by_account", "decided", "contact").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("store the answer to an objection: %w", err)
	}
	if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "objection." + outcome, Target: o.DecisionID + o.ReportID}); err != nil {
		return err
	}
	if o.DecisionID == "" {
		return s.settleReport(ctx, tx, o, contact)
	}
	d, err := s.FindDecision(ctx, tx, o.DecisionID)
	if err != nil {
		return err
	}
	if outcome == Changed && d.Holds() {
		if err := s.end(ctx, tx, by, d, o); err != nil {
			return err
		}
	}
	about, err := s.Subject(ctx, tx, d.ActorID)
	if err != nil {
		return err
	}
	return s.tellAuthor(ctx, tx, "objection", d, about, o)
}

// settleReport answers who reported; a report that was looked at wrongly is open
// again.
func (s *Moderation) settleReport(ctx context.Context, tx bun.Tx, o *Objection, contact string) error {
	r, err := s.FindReport(ctx, tx, o.ReportID)
	if err != nil {
		return err
	}
	if o.Outcome == Changed {
		r.Contact = contact
		if _, err := tx.NewUpdate().Model(r).Set("closed = NULL").Set("contact = ?", contact).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("open a report again: %w", err)
		}
	}
	if contact == "" {
		return nil
	}
	token, err := s.Token(ctx, ofReport, r.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, Letter{Kind: "second", To: contact, Language: o.Language, Report: r, Objection: o, Token: token})
}

// decider gives who decided what o objects to, "" when that is not known.
func (s *Moderation) decider(ctx context.Context, tx bun.Tx, o *Objection) (string, error) {
	if o.DecisionID != "" {
		d, err := s.FindDecision(ctx, tx, o.DecisionID)
		if err != nil {
			return "", err
		}
		return d.ByAccount, nil
	}
	var by []string
	err := tx.NewSelect().TableExpr("ledger").Column("by_account").Where("act = 'report.answer'").Where("target = ?", o.ReportID).OrderExpr("seq DESC").Limit(1).Scan(ctx, &by)
	if err != nil || len(by) == 0 {
		return "", err
	}
	return by[0], nil
}

func (s *Moderation) otherEyes(ctx context.Context, by, decider string) error {
	if by != decider || by == actor.Operator || s.Outside.Others == nil {
		return nil
	}
	n, err := s.Outside.Others(ctx, by)
	if err == nil && n > 0 {
		err = ErrSameEyes
	}
	return err
}
