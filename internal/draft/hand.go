package draft

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// fieldClub is the field of every form that holds the handle of its club.
const fieldClub = "club"

// Hand gives the drafts and templates of the club from to the club into. Whoever
// has one of these drafts open is told that it has changed.
func (s *Drafts) Hand(ctx context.Context, tx bun.Tx, from, into *actor.Actor) error {
	var drafts []*Draft
	if err := tx.NewSelect().Model(&drafts).Where("actor_id = ?", from.ID).Scan(ctx); err != nil {
		return fmt.Errorf("hand drafts over: %w", err)
	}
	for _, d := range drafts {
		if err := s.takeTurn(ctx, tx, d.ID); err != nil {
			return err
		}
		d.handed(into)
		d.Version++
		if _, err := tx.NewUpdate().Model(d).Column("actor_id", "form", "version").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("hand drafts over: %w", err)
		}
	}
	var templates []*Template
	if err := tx.NewSelect().Model(&templates).Where("actor_id = ?", from.ID).Scan(ctx); err != nil {
		return fmt.Errorf("hand templates over: %w", err)
	}
	for _, t := range templates {
		t.ActorID, t.Form = into.ID, named(t.Form, into)
		if _, err := tx.NewUpdate().Model(t).Column("actor_id", "form").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("hand templates over: %w", err)
		}
	}
	return nil
}

func (d *Draft) handed(into *actor.Actor) { d.ActorID, d.Form = into.ID, named(d.Form, into) }

// named gives a form in which the club, if there is one, is into.
func named(form string, into *actor.Actor) string {
	v := fields(form)
	if v[fieldClub] != "" {
		v[fieldClub] = into.PreferredUsername
	}
	return packed(v)
}

// Count counts the drafts and the templates of a club.
func (s *Drafts) Count(ctx context.Context, clubID string) (drafts, templates int, err error) {
	n, err := s.db.Read().NewSelect().Model((*Draft)(nil)).Where("actor_id = ?", clubID).Count(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("count drafts: %w", err)
	}
	m, err := s.db.Read().NewSelect().Model((*Template)(nil)).Where("actor_id = ?", clubID).Count(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("count templates: %w", err)
	}
	return int(n), int(m), nil
}
