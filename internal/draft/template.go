package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxName is how long the name of a template may be, in characters.
const maxName = 100

// A Template is a form of a club from which a new one begins.
type Template struct {
	bun.BaseModel `bun:"table:templates,alias:template"`

	ID      string `bun:"id,pk"`
	ActorID string
	Kind    string
	Name    string
	// Form and Held are as in a Draft.
	Form, Held string
	Changed    time.Time
}

// Fields gives what stands in the fields of the form.
func (t *Template) Fields() map[string]string { return fields(t.Form) }

// SetFields keeps what stands in the fields of the form.
func (t *Template) SetFields(v map[string]string) { t.Form = packed(v) }

// Templates gives the templates of the clubs by name; kind narrows them unless
// it is "".
func (s *Drafts) Templates(ctx context.Context, clubs []string, kind string) ([]*Template, error) {
	var list []*Template
	if len(clubs) == 0 {
		return nil, nil
	}
	q := s.db.Read().NewSelect().Model(&list).Where("actor_id IN (?)", bun.List(clubs)).OrderExpr("name, id")
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return list, nil
}

// FindTemplate gives the template with this id if it is one of the clubs'.
func (s *Drafts) FindTemplate(ctx context.Context, clubs []string, id string) (*Template, error) {
	t, err := s.template(ctx, s.db.Read(), id)
	if err == nil && !slices.Contains(clubs, t.ActorID) {
		err = problem.NotFoundf("there is no template %s", id)
	}
	return t, err
}

func (s *Drafts) template(ctx context.Context, db bun.IDB, id string) (*Template, error) {
	t := new(Template)
	err := db.NewSelect().Model(t).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no template %s", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find template: %w", err)
	}
	return t, nil
}

// SaveTemplate keeps a template, in the place of the one with the same ID.
func (s *Drafts) SaveTemplate(ctx context.Context, by string, t *Template) error {
	if len(t.Form) > maxForm {
		return tooMuch()
	}
	t.Name, t.Changed = markup.Name(t.Name, maxName), s.now()
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, t.ActorID, actor.Publish); err != nil {
			return err
		}
		there, err := s.template(ctx, tx, t.ID)
		if err == nil {
			if err := s.actors.May(ctx, tx, by, there.ActorID, actor.Publish); err != nil {
				return err
			}
			_, err = tx.NewUpdate().Model(t).WherePK().Exec(ctx)
			return err
		}
		if problem.KindOf(err) != problem.NotFound {
			return err
		}
		n, err := tx.NewSelect().Model((*Template)(nil)).Where("actor_id = ?", t.ActorID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxTemplates {
			var errs problem.Fields
			errs.Add("club", "This club has %d templates; please delete some of them first.", int(n))
			return errs.Err()
		}
		_, err = tx.NewInsert().Model(t).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("save template: %w", err)
	}
	return nil
}

// RenameTemplate gives a template another name.
func (s *Drafts) RenameTemplate(ctx context.Context, by, id, name string) error {
	name = markup.Name(name, maxName+1)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		var errs problem.Fields
		errs.Add("name", "Please give the template a name of at most %d characters.", maxName)
		return errs.Err()
	}
	return s.changeTemplate(ctx, by, id, func(ctx context.Context, tx bun.Tx, t *Template) error {
		t.Name, t.Changed = name, s.now()
		_, err := tx.NewUpdate().Model(t).Column("name", "changed").WherePK().Exec(ctx)
		return err
	})
}

// DeleteTemplate removes a template. What was made of it stays.
func (s *Drafts) DeleteTemplate(ctx context.Context, by, id string) error {
	err := s.changeTemplate(ctx, by, id, func(ctx context.Context, tx bun.Tx, t *Template) error {
		_, err := tx.NewDelete().Model(t).WherePK().Exec(ctx)
		return err
	})
	if problem.KindOf(err) == problem.NotFound {
		return nil // sent twice
	}
	return err
}

func (s *Drafts) changeTemplate(ctx context.Context, by, id string, do func(ctx context.Context, tx bun.Tx, t *Template) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		t, err := s.template(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, t.ActorID, actor.Publish); err != nil {
			return err
		}
		return do(ctx, tx, t)
	})
	if err != nil {
		return fmt.Errorf("change template: %w", err)
	}
	return nil
}
