package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Tell gives what writes to the editors of a club whose draft did not appear when
// it was due. Without mail they learn it from their pages.
func Tell(letters *page.Letters, actors *actor.Actors, accounts *account.Accounts) draft.Tell {
	return func(ctx context.Context, tx bun.Tx, d *draft.Draft) error {
		if !letters.Ready() {
			return nil
		}
		club, err := actors.Find(ctx, tx, d.ActorID)
		if err != nil {
			return err
		}
		roles, err := actors.EditorsIn(ctx, tx, d.ActorID)
		if err != nil {
			return err
		}
		for n, id := range slices.Sorted(maps.Keys(roles)) {
			a, err := accounts.FindIn(ctx, tx, id)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if err := tell(ctx, tx, letters, a, d, club.DisplayName(), n); err != nil {
				return fmt.Errorf("tell of a draft: %w", err)
			}
		}
		return nil
	}
}

func tell(ctx context.Context, tx bun.Tx, letters *page.Letters, a *account.Account, d *draft.Draft, club string, n int) error {
	lang, err := letters.Language(ctx, a.ID)
	if err != nil {
		return err
	}
	title := d.Title
	if title == "" {
		title = letters.Words.Sentence(lang, "draft.untitled")
	}
	return letters.Send(ctx, tx, page.Message{
		Cause: fmt.Sprintf("draft %s %d %d", d.ID, d.Version, n), To: a.Email, Name: a.Name, Lang: lang, Key: "letter.draft", Path: page.DraftsPath,
		Data: map[string]string{"Title": title, "Club": club, "Why": letters.Words.Sentence(lang, "desk.failed."+d.Failed)},
	})
}
