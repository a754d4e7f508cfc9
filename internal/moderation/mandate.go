package moderation

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Concerned gives the ids of the clubs of ours that a thing or an actor is about:
// the one that wrote it or is it, or those to which something from elsewhere is
// said. It is none for an actor from elsewhere.
func (s *Moderation) Concerned(ctx context.Context, db bun.IDB, about *Subject) ([]string, error) {
	switch {
	case about == nil:
		return nil, nil
	case about.Local():
		return []string{about.Actor.ID}, nil
	case about.Object == nil:
		return nil, nil
	}
	return s.objects.Concerns(ctx, db, about.Object)
}

// concerning narrows a query to what concerns one of these clubs, as Concerned
// says it: column has the id of a thing.
func concerning(column string, clubs []string) func(*bun.SelectQuery) *bun.SelectQuery {
	if len(clubs) == 0 {
		clubs = []string{""} // nobody's
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(strings.ReplaceAll(concerns, "COLUMN", column), bun.List(clubs), bun.List(clubs))
	}
}

// concerns goes up from a thing to the first of ours: that is the thing itself or
// what it answers, directly or not. Whom something from elsewhere names, it
// concerns too.
const concerns = "(EXISTS (WITH RECURSIVE above (id, up, author, ours, depth) AS (" +
	"SELECT o.id, o.in_reply_to, o.attributed_to, o.local, 0 FROM objects o WHERE o.id = COLUMN AND o.deleted IS NULL UNION ALL " +
	"SELECT p.id, p.in_reply_to, p.attributed_to, p.local, above.depth + 1 FROM above JOIN objects p ON p.id = above.up WHERE above.up <> '' AND NOT above.ours AND above.depth < 20" +
	") SELECT 1 FROM above WHERE above.ours AND above.author IN (?)) " +
	"OR EXISTS (SELECT 1 FROM audience n JOIN objects t ON t.id = n.object_id AND NOT t.local AND t.deleted IS NULL WHERE n.object_id = COLUMN AND n.recipient IN (?)))"

// ConcernedBy gives the ids of the clubs that a report is about.
func (s *Moderation) ConcernedBy(ctx context.Context, db bun.IDB, r *Report) ([]string, error) {
	var all []string
	for _, id := range r.Objects {
		about, err := s.Subject(ctx, db, id)
		if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
			continue
		}
		if err != nil {
			return nil, err
		}
		some, err := s.Concerned(ctx, db, about)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// may gives a problem.Forbidden unless by may do act to what is decided about.
// Who looks after some clubs only decides about what concerns these: not about an
// actor from elsewhere, which concerns all.
func (s *Moderation) may(ctx context.Context, tx bun.IDB, by string, about *Subject, act string) error {
	clubs, err := s.Concerned(ctx, tx, about)
	if err != nil {
		return err
	}
	if about != nil && !about.Local() && (act == Limit || act == Suspend) {
		clubs = nil
	}
	return s.actors.MayAny(ctx, tx, by, clubs, actor.Moderate)
}

// mayReport is may for a report.
func (s *Moderation) mayReport(ctx context.Context, tx bun.IDB, by, id string) error {
	var clubs []string
	if id != "" {
		r, err := s.FindReport(ctx, tx, id)
		if err == nil {
			clubs, err = s.ConcernedBy(ctx, tx, r)
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	return s.actors.MayAny(ctx, tx, by, clubs, actor.Moderate)
}

// mayDecision is may for a decision that stands, or for one that is gone.
func (s *Moderation) mayDecision(ctx context.Context, tx bun.IDB, by, id string) error {
	d, err := s.FindDecision(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound {
		return s.actors.May(ctx, tx, by, "", actor.Moderate)
	}
	if err != nil {
		return err
	}
	about, err := s.Subject(ctx, tx, d.Target)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		return s.actors.May(ctx, tx, by, d.ActorID, actor.Moderate)
	}
	if err != nil {
		return err
	}
	return s.may(ctx, tx, by, about, d.Act)
}

// mayVerdict gives a problem.Forbidden unless who decides may decide about the
// thing, and about the report that is answered with it: one that names other
// things is not answered on the way.
func (s *Moderation) mayVerdict(ctx context.Context, tx bun.IDB, v *Verdict, about *Subject) error {
	if v.ReportID != "" {
		if err := s.mayReport(ctx, tx, v.By, v.ReportID); err != nil {
			return err
		}
		if v.Act == Nothing {
			return nil
		}
	}
	return s.may(ctx, tx, v.By, about, v.Act)
}

// mayObjection is may for an objection; nil for one that is not there.
func (s *Moderation) mayObjection(ctx context.Context, tx bun.IDB, by string, o *Objection) error {
	if o != nil && o.DecisionID != "" {
		return s.mayDecision(ctx, tx, by, o.DecisionID)
	}
	if o != nil {
		return s.mayReport(ctx, tx, by, o.ReportID)
	}
	return s.actors.May(ctx, tx, by, "", actor.Moderate)
}
