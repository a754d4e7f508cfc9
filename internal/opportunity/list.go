package opportunity

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web/component"
)

// A Filter narrows the list. The zero Filter gives all that is open.
type Filter struct {
	// By is the id of a club, Field one of Fields, Context the id of an event; ""
	// for all.
	By, Field, Context string
	// All gives those that are filled too.
	All bool
}

// narrow narrows a query on objects joined with opportunities (alias
// "opportunity").
func (f Filter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if f.By != "" {
		q = q.Where("object.attributed_to IN "+actor.AndParts, f.By, f.By)
	}
	if f.Field != "" {
		q = q.Where("opportunity.field = ?", f.Field)
	}
	if f.Context != "" {
		q = q.Where("opportunity.context = ?", f.Context)
	}
	if f.All {
		return q.Where("opportunity.status IN (?)", bun.List([]string{Open, Filled}))
	}
	return q.Where("opportunity.status = ?", Open)
}

// listed begins a query on what stands in public lists.
func (s *Opportunities) listed() *bun.SelectQuery {
	return s.db.Read().NewSelect().Model((*object.Object)(nil)).Column("object.id").Join("JOIN opportunities AS opportunity ON opportunity.object_id = object.id").
		Where("object.type = ?", Type).Where("object.local").Where("object.visibility = ?", object.Public).Where("object.stale < 2").
		Where("(opportunity.until IS NULL OR opportunity.until > ?)", s.now()).
		Apply(object.VisibleTo(object.Viewer{})).Apply(object.Listed)
}

// List gives the opportunities of ours that f lets through, newest first, with
// authors and pictures.
func (s *Opportunities) List(ctx context.Context, f Filter, page object.Page) ([]*Opportunity, error) {
	q := s.listed().Apply(f.narrow).OrderExpr("opportunity.published DESC, opportunity.object_id DESC").Limit(int64(page.Limit))
	if page.Before != "" {
		q = q.Where("(opportunity.published, opportunity.object_id) < (SELECT published, object_id FROM opportunities WHERE object_id = ?)", page.Before)
	}
	var ids []string
	if err := q.Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list opportunities: %w", err)
	}
	return s.load(ctx, ids)
}

// load gives the opportunities with these ids in their order, with authors,
// pictures and shifts.
func (s *Opportunities) load(ctx context.Context, ids []string) ([]*Opportunity, error) {
	list, err := s.objects.ListIDs(ctx, object.Viewer{}, ids)
	if err != nil {
		return nil, err
	}
	return s.withAll(ctx, s.db.Read(), list)
}

// Count counts the opportunities of ours that f lets through.
func (s *Opportunities) Count(ctx context.Context, f Filter) (int, error) {
	n, err := s.listed().Apply(f.narrow).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count opportunities: %w", err)
	}
	return int(n), nil
}

// Jobs gives the newest opportunities as a list shows them; by narrows it to one
// club, whose name is left out then.
func (s *Opportunities) Jobs(ctx context.Context, by, lang string, limit int) ([]component.Job, error) {
	return s.jobs(ctx, Filter{By: by}, lang, limit)
}

// JobsFor gives the opportunities that help the event id.
func (s *Opportunities) JobsFor(ctx context.Context, id, lang string) ([]component.Job, error) {
	return s.jobs(ctx, Filter{Context: id, All: true}, lang, perPage)
}

func (s *Opportunities) jobs(ctx context.Context, f Filter, lang string, limit int) ([]component.Job, error) {
	list, err := s.List(ctx, f, object.Page{Limit: limit})
	if err != nil {
		return nil, err
	}
	var jobs []component.Job
	for _, o := range list {
		job := o.Job(lang)
		if f.By != "" || f.Context != "" {
			job.By = ""
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// Job gives the opportunity as a list shows it.
func (o *Opportunity) Job(lang string) component.Job {
	job := component.Job{
		Href: o.Href(), Name: o.title(lang), Kind: o.Kind(lang), Seeking: o.Seeking(lang), Off: o.State != Open,
		Place: o.Where(lang), When: o.Brief(lang, time.Now()), Remote: o.Remote, Stale: o.Stale > 0,
	}
	if o.Language != lang {
		job.Lang = o.Language
	}
	if o.Author != nil {
		job.By = o.Author.DisplayName()
	}
	return job
}

// Current narrows a query on objects to opportunities on which somebody may
// still rely.
func Current(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	return q.Where("EXISTS (SELECT 1 FROM opportunities AS o WHERE o.object_id = object.id AND o.status IN (?) AND (o.until IS NULL OR o.until > ?))",
		bun.List([]string{Open, Filled}), now.UTC())
}
