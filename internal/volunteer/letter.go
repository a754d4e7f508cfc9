package volunteer

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// A Teller tells people by mail what becomes of what they asked for.
type Teller struct {
	Letters      *page.Letters
	Applications *application.Applications
	Accounts     *account.Accounts
	// Secret gives the secret that seals links.
	Secret func(ctx context.Context, purpose string) ([]byte, error)
	Zone   *time.Location
}

// Tell writes the letter of a notice. It makes the Teller an application.Tell.
func (t *Teller) Tell(ctx context.Context, tx bun.Tx, n application.Notice) error {
	if !t.Letters.Ready() {
		return nil
	}
	h := n.Helper
	m := page.Message{Cause: n.Cause, Key: "letter.help." + kindOf(n)}
	lang := h.Language
	if h.AccountID != "" {
		a, err := t.Accounts.Find(ctx, h.AccountID)
		if problem.KindOf(err) == problem.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if lang, err = t.Letters.Language(ctx, a.ID); err != nil {
			return err
		}
		m.Person, m.Path = a, OwnPath+"/"+h.ID
	} else {
		token, err := tokenOf(ctx, t.Secret, h.ID)
		if err != nil {
			return err
		}
		m.To, m.Name, m.Lang, m.Path = h.Email, h.Name, lang, linkPath+"/"+token
		if n.Kind == application.TellConfirm || n.Kind == application.TellAgain {
			m.Name = "" // the name is what anybody may have typed
		}
	}
	club, err := t.club(ctx, tx, h)
	if err != nil {
		return err
	}
	m.Data = map[string]any{"Title": h.Title, "Club": club, "Text": n.Text, "When": t.when(lang, n), "Hours": decimal(lang, h.Minutes)}
	return t.Letters.Send(ctx, tx, m)
}

// kindOf is how the keys of the words of a notice go on.
func kindOf(n application.Notice) string {
	switch {
	case n.Kind == application.TellEnded:
		return n.Kind + "." + n.Helper.Cause
	case n.Kind == application.TellMoved && n.Helper.State != application.Accepted:
		return n.Kind + ".held" // the club has not said yes yet
	}
	return n.Kind
}

// club gives the name of the club.
func (t *Teller) club(ctx context.Context, tx bun.Tx, h *application.Helper) (string, error) {
	n, err := t.Applications.Need(ctx, tx, h.OpportunityID)
	if problem.KindOf(err) == problem.NotFound {
		if n, err = t.Applications.FarNeed(ctx, tx, h.OpportunityID); err == nil {
			return farClub(n.Club, h.OpportunityID), nil
		}
	}
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		return as.Host(h.OpportunityID), nil
	}
	if err != nil {
		return "", err
	}
	return n.Club, nil
}

// when names the shift that a letter is about, or a day.
func (t *Teller) when(lang string, n application.Notice) string {
	if n.Commitment == nil {
		return ""
	}
	return when(lang, n.Commitment.StartsAt, n.Commitment.EndsAt, t.Zone)
}

func day(lang string, t time.Time) string { return locale.Date(lang, t) }
