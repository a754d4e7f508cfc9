package resident

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/web/locale"
)

// Locked gives the function that tells people by mail that a passkey of theirs
// was locked; without mail the page of their passkeys says it alone. language
// gives that of a person.
func Locked(post *mail.Post, origin, town string, language func(ctx context.Context, id string) (string, error)) (func(context.Context, bun.Tx, *account.Account, *account.Passkey) error, error) {
	words, err := locale.NewCatalogue(Files)
	if err != nil {
		return nil, fmt.Errorf("read the words of letters: %w", err)
	}
	return func(ctx context.Context, tx bun.Tx, a *account.Account, key *account.Passkey) error {
		if !post.Ready() {
			return nil
		}
		lang, err := language(ctx, a.ID)
		if err != nil {
			return err
		}
		say := func(name string) string {
			text, wrong := words.Message(lang, "passkey.letter"+name, struct{ Name, Town string }{key.Name, town})
			if wrong != nil {
				err = wrong
			}
			return text
		}
		l := mail.Letter{
			Cause: "passkey locked " + key.ID, To: a.Email, Name: a.Name, Lang: lang, Subject: say(""), Text: []string{say(".what"), say(".done"), say(".do")},
			Action: mail.Action{Label: say(".action"), URL: origin + passkeyPath},
		}
		if err != nil {
			return fmt.Errorf("write letter: %w", err)
		}
		return post.Send(ctx, tx, l)
	}, nil
}
