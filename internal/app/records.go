package app

import (
	"context"
	"maps"
	"time"

	"codeberg.org/aushang/aushang/federation/nodeinfo"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/erasure"
	proxy "codeberg.org/aushang/aushang/internal/foreign"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/retention"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/internal/watch"
	"codeberg.org/aushang/aushang/web/prepared"
)

// running says how the town is set up now, for the records that the law asks
// for.
func (t *Town) running(ctx context.Context) (town.Running, error) {
	kept := map[string]time.Duration{}
	for _, of := range []map[string]time.Duration{account.Kept(), mail.Kept(), proxy.Kept(), moderation.Remembered(), inquiry.Kept(), erasure.Kept(), application.Kept(), watch.Kept()} {
		maps.Copy(kept, of)
	}
	days, err := retention.All(ctx, t.db.Read())
	if err != nil {
		return town.Running{}, err
	}
	for name, n := range days {
		kept[name] = time.Duration(n) * 24 * time.Hour
	}
	c := t.Config
	r := town.Running{
		Public: c.Public(), Federation: !t.unlawful() && !t.standby.Load(), Registration: registrationOf(c), OwnTLS: c.TLSCert != "", Metrics: c.MetricsListen,
		MailServer: c.SMTP.Host, MailSecurity: c.SMTP.Security, SignIn: c.OIDC.Issuer, Database: "SQLite", LogLevel: c.LogLevel, Kept: kept,
	}
	if t.db.Dialect() == database.Postgres {
		r.Database = "PostgreSQL"
	}
	if c.PictureQuota() > 0 {
		r.Pictures = c.Federation.Pictures
	}
	return r, nil
}

// programLimit is how much is read of what a server says that it runs, in bytes.
const programLimit = 64 << 10

// softwareOf asks a server what it runs.
func (t *Town) softwareOf(ctx context.Context, host string) (string, error) {
	return nodeinfo.Program(ctx, t.Actors.Site().Scheme()+"://"+host, func(ctx context.Context, address string) ([]byte, error) {
		return t.plainly(ctx, address, "application/json", programLimit)
	})
}

// askSoftware asks some others what they run, as soon as the town federates.
func (t *Town) askSoftware(ctx context.Context) error {
	if t.unlawful() || t.standby.Load() {
		return nil
	}
	return t.Activities.AskSoftware(ctx, t.softwareOf)
}

// registrationOf says how people come in: without mail nobody can confirm an
// address.
func registrationOf(c *config.Config) string {
	if c.SMTP.Host == "" {
		return config.Closed
	}
	return c.Registration
}

// connections gives with whom the town is connected, from memory where it can: an
// address with anything behind it is made anew each time, and this is costly.
func (t *Town) connections(store *prepared.Store) func(ctx context.Context) ([]activity.Connection, error) {
	known := prepared.NewFacts[[]activity.Connection](store)
	return func(ctx context.Context) ([]activity.Connection, error) {
		hour := time.Now().UTC().Format("2006-01-02T15")
		return known.Find(hour, func() ([]activity.Connection, error) { return t.Activities.Connections(ctx) })
	}
}

// townPages gives what the town says of itself.
func (t *Town) townPages(guard *page.Guard, frame page.HallFrame, store *prepared.Store) *town.Pages {
	return &town.Pages{
		Settings: t.Settings, Guard: guard, Accounts: t.Accounts, Moderation: t.Moderation, Frame: frame, Language: t.Config.Language, Held: t.unlawful, Running: t.running, Count: t.Objects.CountKind, Words: t.Terms,
		Connections: t.connections(store), Notices: town.Notices{Cards: t.Posts.CardsAfter, Found: t.foundVoice, New: post.FormPath},
	}
}
