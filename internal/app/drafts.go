package app

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// tellDraft writes to the editors of a club whose draft did not appear when it
// was due. Without mail they learn it from their pages.
func (t *Town) tellDraft(site *web.Site) draft.Tell {
	return func(ctx context.Context, tx bun.Tx, d *draft.Draft) error {
		if !t.Mail.Ready() {
			return nil
		}
		club, err := t.Actors.Find(ctx, tx, d.ActorID)
		if err != nil {
			return err
		}
		roles, err := t.Actors.Editors(ctx, d.ActorID)
		if err != nil {
			return err
		}
		for n, id := range slices.Sorted(maps.Keys(roles)) {
			a, err := t.Accounts.Find(ctx, id)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			lang, err := t.Accounts.Language(ctx, id)
			if err != nil {
				return err
			}
			title := d.Title
			if title == "" {
				title = site.T(lang, "draft.untitled")
			}
			err = t.Mail.Send(ctx, tx, mail.Letter{
				Cause: fmt.Sprintf("draft %s %d %d", d.ID, d.Version, n), To: a.Email, Name: a.Name, Lang: lang,
				Subject: site.T(lang, "desk.letter.subject", title),
				Text: []string{
					site.T(lang, "desk.letter.text", map[string]string{"Title": title, "Club": club.DisplayName()}),
					site.T(lang, "desk.failed."+d.Failed),
				},
				Action: mail.Action{Label: site.T(lang, "desk.letter.action"), URL: t.Config.Origin + page.DraftsPath},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}
