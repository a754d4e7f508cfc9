package app

import (
	"context"
	"errors"
	"net"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/timeline"
)

// post gives what sends the town's letters.
func (t *Town) post(workers *jobs.Workers) (*mail.Post, error) {
	post, err := mail.New(t.db, workers, mail.Options{
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
	if err != nil {
		return nil, err
	}
	return post, t.speakers.add(post.Speak)
}

// unsubscribing is the purpose of the secret that seals the links which end
// mails.
const unsubscribing = "links that end mails"

// gazette gives what knows the news.
func (t *Town) gazette() *timeline.Gazette {
	return &timeline.Gazette{
		Notifications: t.Notifications, Objects: t.Objects, Reports: t.Moderation.Reports, Waiting: t.waiting, Failed: t.Drafts.Failed,
		Hints: func(ctx context.Context, clubs []string) ([]*care.Hint, error) {
			return t.Care.Hints(ctx, t.Care.Now(), clubs)
		},
		Helps: t.helps, Own: t.ownNews,
		Origin: t.Config.Origin, Zone: t.Config.Location(),
	}
}

// waiting gives who waits for a word of the town hall, as news.
func (t *Town) waiting(ctx context.Context) ([]timeline.Asked, error) {
	list, err := t.Accounts.Applications(ctx, account.Asked)
	if err != nil {
		return nil, err
	}
	var asked []timeline.Asked
	for _, a := range list {
		one := timeline.Asked{Club: a.ActorID != "", Again: a.Reason != "", Since: a.Changed}
		if one.Club {
			c, err := t.Actors.Find(ctx, t.Actors.Reader(), a.ActorID)
			if problem.KindOf(err) == problem.NotFound || err == nil && c.State != actor.Requested {
				continue // it was decided in this moment
			}
			if err != nil {
				return nil, err
			}
			one.Name = c.DisplayName()
		} else {
			who, err := t.Accounts.Find(ctx, a.AccountID)
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			one.Name = who.Name
		}
		asked = append(asked, one)
	}
	return asked, nil
}

// courier gives what tells of news by mail.
func (t *Town) courier() (*timeline.Courier, error) {
	words, err := t.catalogue()
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
	return errors.Join(t.Courier.Tell(ctx, now), t.Watcher.Tell(ctx, now))
}

// domain gives the domain of the town without a port.
func domain(c *config.Config) string {
	if name, _, err := net.SplitHostPort(c.HandleHost()); err == nil {
		return name
	}
	return c.HandleHost()
}
