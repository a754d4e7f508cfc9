package check

import (
	"context"
	"time"

	"codeberg.org/aushang/aushang/internal/database"
)

// answer is how long the mail server may take.
const answer = 20 * time.Second

// mail looks whether the mail server takes letters from us.
func (l *look) mail(ctx context.Context) {
	const what = "mail server"
	if l.Config.SMTP.Host == "" {
		l.skip(what, "none is named under smtp.host: the town sends no mail")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	if err := l.Mail(ctx); err != nil {
		l.fault(what, "Look at the keys that begin with smtp, and whether a firewall lets connections to it out.", "%s does not take letters: %v", l.Config.SMTP.Host, err)
		return
	}
	l.ok(what, "%s takes letters (%s)", l.Config.SMTP.Host, l.Config.SMTP.Security)
}

// letters looks whether letters have arrived where they should.
func (l *look) letters(ctx context.Context, db *database.DB) {
	const what = "letters"
	if l.Config.SMTP.Host == "" {
		return
	}
	failing, refused, last, err := l.Letters(ctx, db)
	switch {
	case err != nil:
		l.fault(what, "Look at the database.", "%v", err)
	case failing+refused > 0:
		l.fault(what, "The town hall sees them under /rathaus/mails; those that are tried again end after three days.",
			"%d were refused, %d failed and are tried again; the mail server said last: %s", refused, failing, last)
	default:
		l.ok(what, "none was refused")
	}
}
