package app

import (
	"context"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
)

// write tells people what concerns how they sign in.
func (t *Town) write(ctx context.Context, tx bun.Tx, m account.Message) error {
	letters := t.Clubs.Letters
	lang, err := letters.Language(ctx, m.Account.ID)
	if err != nil {
		return err
	}
	name, path := m.Account.Name, m.Path
	switch m.Kind {
	case account.EventPassword, account.EventPasswordFirst, account.EventPasswordOff, account.EventLink:
		path = "/anmelden/vergessen"
	case account.EventPasskeyLocked:
		path = "/konto/passkeys"
	case account.LetterAddressTaken, account.LetterAddressNew, account.LetterAddressMoved:
		name = "" // it may be somebody else who reads it
	}
	return letters.Send(ctx, tx, page.Message{Cause: m.Cause, To: m.To, Name: name, Lang: lang, Key: "letter." + m.Kind, Path: path, Data: map[string]string{"About": m.About}})
}
