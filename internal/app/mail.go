package app

import (
	"context"
	"net"
	"time"

	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/web/locale"
)

// post gives what sends the town's letters.
func (t *Town) post(workers *jobs.Workers) (*mail.Post, error) {
	return mail.New(t.db, workers, mail.Options{
		SMTP: t.Config.SMTP, Origin: t.Config.Origin, Domain: domain(t.Config),
		Town: func(ctx context.Context) (mail.Town, error) {
			look, err := t.Settings.Look(ctx)
			if err != nil {
				return mail.Town{}, err
			}
			if look.Name == "" {
				look.Name = t.Config.Name
			}
			return mail.Town{Name: look.Name, Address: look.Contact}, nil
		},
		Held: t.standby.Load,
	})
}

// unsubscribing is the purpose of the secret that seals the links which end
// mails.
const unsubscribing = "links that end mails"

// gazette gives what knows the news.
func (t *Town) gazette() *timeline.Gazette {
	return &timeline.Gazette{
		Notifications: t.Notifications, Objects: t.Objects, Reports: t.Moderation.Reports, Failed: t.Drafts.Failed,
		Hints: func(ctx context.Context, clubs []string) ([]*care.Hint, error) {
			return t.Care.Hints(ctx, t.Care.Now(), clubs)
		},
		Origin: t.Config.Origin, Zone: t.Config.Location(),
	}
}

// courier gives what tells of news by mail.
func (t *Town) courier() (*timeline.Courier, error) {
	words, err := locale.NewCatalogue(timeline.Files)
	if err != nil {
		return nil, err
	}
	return &timeline.Courier{
		Gazette: t.gazette(), Words: words, Accounts: t.Accounts, Actors: t.Actors,
		Write: t.db.Write, Post: t.Mail,
		Secret: func(ctx context.Context) ([]byte, error) { return t.Actors.Secret(ctx, unsubscribing) },
	}, nil
}

// tellNews is the job that mails what is new.
type tellNews struct{}

// Kind names the job.
func (tellNews) Kind() string { return "tell_news" }

// tellEvery is how often; what comes within it is one mail.
const tellEvery = 5 * time.Minute

// mailNews mails what is new, unless the town was restored and may be a second one.
func (t *Town) mailNews(ctx context.Context, now time.Time) error {
	if t.standby.Load() {
		return nil
	}
	return t.Courier.Tell(ctx, now)
}

// domain gives the domain of the town without a port.
func domain(c *config.Config) string {
	if name, _, err := net.SplitHostPort(c.HandleHost()); err == nil {
		return name
	}
	return c.HandleHost()
}
