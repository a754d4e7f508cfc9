package page

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/web/locale"
)

// Letters writes to people in the words of the catalogues. A nil one writes to
// nobody.
type Letters struct {
	Post   *mail.Post
	Words  *locale.Catalogue
	Origin string
	// Language gives that in which a person is written to.
	Language func(ctx context.Context, accountID string) (string, error)
}

// A Message is a letter by the keys of its words: Key + ".subject", ".text"
// with paragraphs between empty lines, ".do" for the link, and ".after" if there
// is such a key.
type Message struct {
	// Cause is that of mail.Letter.
	Cause          string
	To, Name, Lang string
	// Person is who it is to, in place of To, Name and Lang.
	Person *account.Account
	Key    string
	// Data is what the words say of this letter.
	Data any
	// Path is where the one link leads on this server, "" for none.
	Path string
}

// Ready tells whether the town can send mail.
func (l *Letters) Ready() bool { return l != nil && l.Post.Ready() }

// Send writes a letter in the transaction of its cause. In a town that sends no
// mail it does nothing: pages say the same.
func (l *Letters) Send(ctx context.Context, tx bun.Tx, m Message) error {
	if !l.Ready() {
		return nil
	}
	var err error
	if p := m.Person; p != nil {
		m.To, m.Name = p.Email, p.Name
		if m.Lang, err = l.Language(ctx, p.ID); err != nil {
			return err
		}
	}
	letter := mail.Letter{Cause: m.Cause, To: m.To, Name: m.Name, Lang: m.Lang}
	if letter.Subject, err = l.Words.Message(m.Lang, m.Key+".subject", m.Data); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	if letter.Text, err = l.paragraphs(m, ".text"); err != nil {
		return err
	}
	if letter.After, err = l.paragraphs(m, ".after"); err != nil {
		return err
	}
	if m.Path != "" {
		if letter.Action.Label, err = l.Words.Message(m.Lang, m.Key+".do", m.Data); err != nil {
			return fmt.Errorf("write letter: %w", err)
		}
		letter.Action.URL = l.Origin + m.Path
	}
	return l.Post.Send(ctx, tx, letter)
}

func (l *Letters) paragraphs(m Message, part string) ([]string, error) {
	if part == ".after" && !l.Words.Has(m.Lang, m.Key+part) {
		return nil, nil
	}
	text, err := l.Words.Message(m.Lang, m.Key+part, m.Data)
	if err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	return strings.Split(strings.TrimSpace(text), "\n\n"), nil
}

// Spoken gives the language in which a new account is written to: that of the
// page, "" where it is the town's.
func (g *Guard) Spoken(r *http.Request) string {
	if lang := g.Web.Language(r); lang != g.Web.Options.Language {
		return lang
	}
	return ""
}
