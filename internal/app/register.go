package app

import (
	"context"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/registration"
)

// letters gives what writes to people in the words of all parts.
func (t *Town) letters() (*page.Letters, error) {
	words, err := t.catalogue()
	if err != nil {
		return nil, err
	}
	return &page.Letters{Post: t.Mail, Words: words, Origin: t.Config.Origin, Language: t.Accounts.Language}, nil
}

// registration joins the pages on which people come in with what they do to
// clubs.
func (t *Town) registration(guard *page.Guard) *registration.Pages {
	return &registration.Pages{
		Guard: guard, Accounts: t.Accounts, Letters: t.Clubs.Letters, Mode: t.Config.Registration, Held: t.unlawful,
		Clubs: registration.Clubs{
			Group: t.Clubs.AskGroup,
			Check: func(ctx context.Context, in *page.Input) error {
				ask := club.ReadAsk(in)
				return club.AskError(t.Clubs.CheckAsk(ctx, t.db.Read(), &ask, ""))
			},
			Ask: func(ctx context.Context, by *account.Account, in *page.Input, open bool) (string, error) {
				c, err := t.Clubs.AskFor(ctx, by, club.ReadAsk(in), open)
				if problem.KindOf(err) == problem.Conflict {
					var errs problem.Fields
					errs.Add("handle", "There is a club with this handle already.")
					err = errs.Err()
				}
				if err != nil {
					return "", club.AskError(err)
				}
				return c.PreferredUsername, nil
			},
			Prepare: func(ctx context.Context, in *page.Input) (string, func(context.Context, bun.Tx, *account.Account, bool) error, error) {
				p, err := t.Clubs.Prepare(ctx, club.ReadAsk(in), true)
				if err != nil {
					return "", nil, club.AskError(err)
				}
				return p.Handle(), p.Store, nil
			},
		},
	}
}
