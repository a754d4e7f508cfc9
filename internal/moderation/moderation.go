// Package moderation keeps a town's board tidy: it hides what came from
// elsewhere, keeps hosts out, and keeps the reports of others.
//
// It must not know any single kind nor any page.
package moderation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// maxReport is how much of a report's text is kept, in runes, and maxReported
// how many things it may name.
const (
	maxReport   = 5000
	maxReported = 100
)

// A Report says that somebody finds something here wrong
// (ActivityStreams vocabulary 3.2, Flag).
type Report struct {
	bun.BaseModel `bun:"table:reports,alias:report"`

	ID string `bun:"id,pk"`
	// ActorID is who reports from elsewhere, AccountID who of us does; the
	// other one is "".
	ActorID   string
	AccountID string
	// Objects are the ids of what is reported: actors and objects of ours.
	Objects []string
	// Content is plain text.
	Content string
	// Kind is "" for what somebody finds wrong, or Barrier. Place says where that
	// is and Contact whom to answer, in the reader's own words.
	Kind    string
	Place   string
	Contact string
	// Reason is one of Reasons for a report by a reader, and Language that in which
	// a reader is answered.
	Reason   string
	Language string
	Received time.Time
	// Closed is zero for a report that nobody has dealt with.
	Closed time.Time `bun:",nullzero"`
	// Outcome is Acted or Kept once it was decided, and Answer what the town hall
	// says to who reported.
	Outcome string
	Answer  string
}

// Barrier is the kind of a report that something here cannot be used by
// everybody.
const Barrier = "barrier"

// maxPlace is how much of a place or a contact is kept, in runes.
const maxPlace = 300

// Moderation is what the town hall may do. Make one with New.
type Moderation struct {
	db      *database.DB
	actors  *actor.Actors
	objects *object.Objects
	now     func() time.Time

	// Fetch reads at most limit bytes of a list of platforms from its address; nil
	// fetches none.
	Fetch func(ctx context.Context, url string, limit int64) ([]byte, error)
	// Outside is what decisions reach beyond this package.
	Outside Outside
}

// New gives the moderation over db.
func New(db *database.DB, actors *actor.Actors, objects *object.Objects) *Moderation {
	return &Moderation{db: db, actors: actors, objects: objects, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// Handle enters into mux what this package applies.
func (s *Moderation) Handle(mux *inbox.Mux[bun.Tx]) { mux.Handle("Flag", "", s.receiveFlag) }

// Block keeps a domain and all below it out: nothing is accepted from there,
// shown from there or sent there. It gives the domain in canonical form.
func (s *Moderation) Block(ctx context.Context, by, domain string) (string, error) {
	return s.Enter(ctx, by, actor.Block{Domain: domain, Severity: actor.Blocked})
}

// Unblock lets a domain in again.
func (s *Moderation) Unblock(ctx context.Context, by, domain string) error {
	canonical, err := s.domain(domain)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		was, err := s.actors.RemoveBlock(ctx, tx, canonical)
		if err == nil && !was {
			return problem.NotFoundf("%s is not blocked", canonical)
		}
		if err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.remove", Target: canonical})
	})
}

// domain brings a domain into the one form that is compared.
func (s *Moderation) domain(domain string) (string, error) {
	var errs problem.Fields
	name := strings.TrimSpace(domain)
	canonical, own := as.Host("https://"+name), s.actors.Site()
	switch {
	case name == "":
		errs.Add("domain", "Please give the domain of a platform, such as example.org.")
	case !strings.Contains(canonical, ".") || strings.ContainsAny(name, "/@:?#"):
		errs.Add("domain", "%q is no domain; write it like example.org, without https:// and without a port.", domain)
	case canonical == hostname(own.Host()) || canonical == hostname(own.HandleDomain):
		errs.Add("domain", "This is our own domain.")
	}
	return canonical, errs.Err()
}

func hostname(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}

// receiveFlag keeps a report for the town hall if it names something of ours.
func (s *Moderation) receiveFlag(ctx context.Context, tx bun.Tx, a *as.Activity) error {
	var ours []string
	for _, id := range append(a.Object.IDs, a.Object.ID) {
		if s.actors.Site().Owns(id) && len(ours) < maxReported {
			ours = append(ours, id)
		}
	}
	if len(ours) == 0 {
		return inbox.ErrUnhandled
	}
	if rule, err := s.actors.RuleOf(ctx, tx, as.Host(a.Actor)); err != nil {
		return err
	} else if rule.RejectReports {
		return inbox.ErrUnhandled
	}
	r := &Report{ID: a.ID, ActorID: a.Actor, Objects: ours, Content: markup.Name(markup.Text(a.Content), maxReport), Received: s.now()}
	if _, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("store report: %w", err)
	}
	return nil
}

// File keeps a report by one of us on what somebody elsewhere wrote. key names
// it: with one that was used before nothing is kept and fresh is false.
func (s *Moderation) File(ctx context.Context, tx bun.Tx, by, key string, o *object.Object, comment string) (fresh bool, err error) {
	r := &Report{
		ID: s.actors.Site().ActivityID(key), AccountID: by, Objects: []string{o.AttributedTo, o.ID},
		Content: markup.Name(comment, maxReport), Received: s.now(),
	}
	res, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("store report: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// FileBarrier keeps the report of a barrier by a reader, who has no account. The
// same form sent again is the same report; one that says something else, after
// the way back, is another.
func (s *Moderation) FileBarrier(ctx context.Context, key, what, place, contact string) error {
	r := &Report{
		Kind: Barrier, Objects: []string{}, Content: cutTo(what, maxReport),
		Place: markup.Name(place, maxPlace), Contact: markup.Name(contact, maxPlace), Received: s.now(),
	}
	said := strings.Join([]string{key, r.Content, r.Place, r.Contact}, "\x00")
	r.ID = s.actors.Site().ActivityID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(said)).String())
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("store the report of a barrier: %w", err)
	}
	return nil
}

// cutTo gives what was typed, in at most n runes.
func cutTo(s string, n int) string {
	r := []rune(markup.Typed(s))
	return string(r[:min(len(r), n)])
}

// Close notes that a report was dealt with. Whom to answer is forgotten then.
func (s *Moderation) Close(ctx context.Context, by, id string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayReport(ctx, tx, by, id); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*Report)(nil)).Set("closed = ?", s.now()).Set("contact = ''").Where("id = ?", id).Where("closed IS NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("close report: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "report.close", Target: id})
	})
}

// Forget drops reports that were dealt with and decisions that hold no more, or
// are about what is gone, as soon as their time is over; with them what was
// objected. What is objected and waits keeps both.
func (s *Moderation) Forget(ctx context.Context) error {
	days, err := retention.All(ctx, s.db.Read())
	if err != nil {
		return err
	}
	old := days.Before(retention.Report, s.now())
	err = s.db.Prune(ctx, "reports", "id", "closed < ? AND NOT EXISTS (SELECT 1 FROM objections o WHERE o.report_id = reports.id AND (o.outcome = '' OR o.decided >= ?)) AND "+
		retention.Used("reports.account_id", "reports.contact", "reports.actor_id"), old, old)
	if err != nil {
		return err
	}
	old = days.Before(retention.Decision, s.now())
	err = s.db.Prune(ctx, "decisions", "id", "(ended < ? OR ended IS NULL AND created < ? AND NOT EXISTS (SELECT 1 FROM objects t WHERE t.id = decisions.target AND t.deleted IS NULL) "+
		"AND NOT EXISTS (SELECT 1 FROM actors a WHERE a.id = decisions.target AND a.state <> ?)) "+
		"AND NOT EXISTS (SELECT 1 FROM objections o WHERE o.decision_id = decisions.id AND (o.outcome = '' OR o.decided >= ?))", old, old, actor.Gone, old)
	if err != nil {
		return err
	}
	err = s.db.Prune(ctx, "objections", "id", "(decision_id <> '' AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.id = objections.decision_id)) "+
		"OR (report_id <> '' AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = objections.report_id))")
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE decisions SET report_id = '' WHERE report_id <> '' AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = decisions.report_id)").Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget what led to decisions: %w", err)
		}
		return nil
	})
}

// Reports lists the reports that nobody has dealt with, newest first.
func (s *Moderation) Reports(ctx context.Context) ([]*Report, error) {
	var list []*Report
	if err := s.db.Read().NewSelect().Model(&list).Where("closed IS NULL").OrderExpr("received DESC, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return list, nil
}
