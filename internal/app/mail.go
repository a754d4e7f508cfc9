package app

import (
	"context"
	"net"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
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

// domain gives the domain of the town without a port.
func domain(c *config.Config) string {
	if name, _, err := net.SplitHostPort(c.HandleHost()); err == nil {
		return name
	}
	return c.HandleHost()
}
