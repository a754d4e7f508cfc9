package app

import (
	"maps"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	proxy "codeberg.org/aushang/aushang/internal/foreign"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/reach"
	"codeberg.org/aushang/aushang/internal/town"
)

// running says how the town is set up now, for the records that the law asks
// for.
func (t *Town) running() town.Running {
	kept := map[string]time.Duration{}
	for _, of := range []map[string]time.Duration{account.Kept(), mail.Kept(), reach.Kept(), proxy.Kept(), activity.Kept(), care.Kept(), moderation.Remembered()} {
		maps.Copy(kept, of)
	}
	c := t.Config
	r := town.Running{
		Public: c.Public(), Federation: !t.unlawful() && !t.standby.Load(), Registration: c.Registration, OwnTLS: c.TLSCert != "", Metrics: c.MetricsListen,
		MailServer: c.SMTP.Host, MailSecurity: c.SMTP.Security, SignIn: c.OIDC.Issuer, Database: "SQLite", LogLevel: c.LogLevel, Kept: kept,
	}
	if t.db.Dialect() == database.Postgres {
		r.Database = "PostgreSQL"
	}
	if c.SMTP.Host == "" && c.Registration != config.Closed {
		r.Registration = config.Closed // nobody can confirm an address
	}
	if c.PictureQuota() > 0 {
		r.Pictures = c.Federation.Pictures
	}
	return r
}

// townPages gives what the town says of itself.
func (t *Town) townPages(guard *page.Guard, frame page.HallFrame) *town.Pages {
	return &town.Pages{
		Settings: t.Settings, Guard: guard, Accounts: t.Accounts, Moderation: t.Moderation, Frame: frame, Language: t.Config.Language, Held: t.unlawful, Running: t.running,
	}
}
