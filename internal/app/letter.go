package app

import (
	"context"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/locale"
)

// newLetters gives what writes to people, with the words of all packages.
func (t *Town) newLetters() (*page.Letters, error) {
	words, err := locale.NewCatalogue(parts...)
	if err != nil {
		return nil, err
	}
	return &page.Letters{Post: t.Mail, Words: words, Origin: t.Config.Origin}, nil
}

// write tells people what concerns how they sign in.
func (t *Town) write(ctx context.Context, tx bun.Tx, m account.Message) error {
	letters, err := t.letters()
	if err != nil {
		return err
	}
	name, path := m.Account.Name, m.Path
	switch m.Kind {
	case account.EventPassword:
		path = "/anmelden/vergessen"
	case account.LetterAddressTaken, account.LetterAddressNew:
		name = "" // it may be somebody else who reads it
	}
	return letters.Send(ctx, tx, page.Message{Cause: m.Cause, To: m.To, Name: name, Lang: t.Config.Language, Key: "letter." + m.Kind, Path: path})
}
