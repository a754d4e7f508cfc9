package resident

import (
	"context"
	"crypto/rand"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
)

// Tell gives what writes to people of how they sign in.
func Tell(letters *page.Letters) func(ctx context.Context, tx bun.Tx, m account.Message) error {
	return func(ctx context.Context, tx bun.Tx, m account.Message) error {
		if !letters.Ready() {
			return nil
		}
		lang, err := letters.Language(ctx, m.Account.ID)
		if err != nil {
			return err
		}
		name, path := m.Account.Name, m.Path
		switch m.Kind {
		case account.EventPassword, account.EventPasswordFirst, account.EventPasswordOff, account.EventLink:
			path = forgottenPath
		case account.EventPasskeyLocked:
			path = passkeyPath
		case account.LetterAddressTaken, account.LetterAddressNew, account.LetterAddressMoved:
			name = "" // it may be somebody else who reads it
		}
		return letters.Send(ctx, tx, page.Message{
			Cause: m.Cause, To: m.To, Name: name, Lang: lang, Key: "letter." + m.Kind, Path: path, Data: map[string]string{"About": m.About},
		})
	}
}

// Farewell gives the last letter to somebody who leaves, in a language that was
// asked for before: nothing of the person is there any more. own tells that the
// person did it. Its cause names nobody.
func Farewell(letters *page.Letters, lang string, own bool) account.Told {
	key := "letter.left.hall"
	if own {
		key = "letter.left.own"
	}
	return func(ctx context.Context, tx bun.Tx, a *account.Account) error {
		return letters.Send(ctx, tx, page.Message{Cause: "left " + rand.Text(), To: a.Email, Name: a.Name, Lang: lang, Key: key})
	}
}
