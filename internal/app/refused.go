package app

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
)

// refusePerson forgets who asked to come in, with a last letter that says why.
func (t *Town) refusePerson(ctx context.Context, by string, a *account.Application, reason string) error {
	leaving, err := t.refused(ctx, a, reason)
	if err != nil {
		return err
	}
	return t.Accounts.RefusePerson(ctx, by, a.ID, leaving)
}

// refused gives what happens when a person is forgotten who may not come in.
func (t *Town) refused(ctx context.Context, a *account.Application, reason string) (account.Leaving, error) {
	lang, err := t.Clubs.Letters.Language(ctx, a.AccountID) // it is forgotten before the letter is written
	if err != nil {
		return account.Leaving{}, err
	}
	return account.Leaving{Before: t.leaveClubs, After: func(ctx context.Context, tx bun.Tx, who *account.Account) error {
		return t.Clubs.Letters.Send(ctx, tx, page.Message{
			Cause: "refused " + a.ID, To: who.Email, Name: who.Name, Lang: lang, Key: "letter.person.refused", Data: map[string]string{"Reason": reason},
		})
	}}, nil
}

// forgetRefused is the job that forgets those who were refused together. It goes
// on after the application After.
type forgetRefused struct{ After string }

// Kind names the job.
func (forgetRefused) Kind() string { return "forget_refused" }

func (t *Town) forgetRefused(ctx context.Context, job forgetRefused) error {
	last, err := t.Accounts.ForgetRefused(ctx, job.After, func(ctx context.Context, a *account.Application) (account.Leaving, error) {
		return t.refused(ctx, a, a.Reason)
	})
	if last == "" {
		return err
	}
	return errors.Join(err, t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return t.queue.InsertOnce(ctx, tx, forgetRefused{After: last})
	}))
}
