package app

import (
	"context"
	"errors"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/backup"
	"codeberg.org/aushang/aushang/internal/check"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/town"
)

// Check looks at the town of the configuration at path, whether it runs or not.
// It changes nothing, not even an old schema.
func Check(ctx context.Context, path string) ([]check.Finding, error) {
	c, err := config.Load(path)
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return check.Configuration(err), nil
	}
	if err != nil {
		return nil, err
	}
	v, err := service(c)
	if err != nil {
		return nil, err
	}
	look := func(ctx context.Context) (string, error) { return v.Look(ctx, c.Origin) }
	if v == nil {
		look = nil
	}
	return check.Run(ctx, check.Town{
		Service: look,
		Config:  c, Version: Version,
		Account: func(ctx context.Context, db *database.DB) (handle, id string, err error) {
			site := actor.Site{Origin: c.Origin, HandleDomain: c.HandleHost(), Name: c.Name}
			a, err := actor.New(db, site, nil).Find(ctx, db.Read(), site.InstanceID())
			if err != nil {
				return "", "", err
			}
			return a.Acct, a.ID, nil
		},
		Mail:    func(ctx context.Context) error { return mail.Probe(ctx, c.SMTP, domain(c)) },
		Letters: mail.Standing,
		Law: func(ctx context.Context, db *database.DB) (string, error) {
			site := actor.Site{Origin: c.Origin, HandleDomain: c.HandleHost(), Name: c.Name}
			lacks, err := town.New(db, actor.New(db, site, nil), nil).Lacks(ctx, c.Language)
			return lacking(lacks), err
		},
		Mend:    lawMend(c.Origin),
		Standby: func(ctx context.Context, db *database.DB) (bool, error) { return backup.Standby(ctx, db.Read()) },
	}), nil
}
