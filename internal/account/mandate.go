package account

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// SetMandates says which clubs a person with the role Office looks after for the
// town hall, by the ids of the clubs. Who may give that role may say so.
func (s *Accounts) SetMandates(ctx context.Context, by, id string, actors *actor.Actors, clubs []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, by, a.Role, Office); err != nil {
			return err
		}
		if a.Role != Office {
			return problem.Conflictf("%s does not look after some clubs only", id)
		}
		if err := actors.SetMandates(ctx, tx, id, clubs); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.mandates", AccountID: id, Detail: strconv.Itoa(len(clubs))})
	})
	if err != nil {
		return fmt.Errorf("set mandates: %w", err)
	}
	return nil
}
