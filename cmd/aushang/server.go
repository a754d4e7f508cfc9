package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/config"
)

func version() string { return app.Version }

type serveCmd struct{}

// Run serves the town until it is told to stop.
func (serveCmd) Run(c *call) error {
	c.cli.serving = true
	t, err := c.town()
	if err != nil {
		return err
	}
	return t.Serve(c.ctx, func(address string) { fmt.Fprintf(c.out, "%s\n", address) })
}

type migrateCmd struct {
	Back bool `help:"Take the last change of the schema back, before an earlier version of the program is used again. What only the later schema can hold is lost."`
}

// Run brings the schema up to date; opening the town does it.
func (cmd migrateCmd) Run(c *call) error {
	if cmd.Back {
		cfg, err := config.Load(c.cli.Config)
		if err != nil {
			return err
		}
		names, err := app.MigrateBack(c.ctx, cfg)
		if err != nil {
			return err
		}
		return c.print(map[string][]string{"undone": names}, "Undone: %s. Now start the earlier version; this one would bring the schema up to date again.", strings.Join(names, ", "))
	}
	if _, err := c.town(); err != nil {
		return err
	}
	return c.print(map[string]bool{"migrated": true}, "The schema is up to date.")
}

type demoCmd struct {
	Keep bool `help:"Do nothing, without an error, when the database is not empty."`
}

// Run fills the database.
func (cmd demoCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	n, err := t.Demo(c.ctx, cmd.Keep)
	if err != nil {
		return err
	}
	if n == 0 {
		return c.print(map[string]int{"clubs": 0}, "There are clubs already; nothing is changed.")
	}
	return c.print(map[string]int{"clubs": n}, "The sample village has %d clubs.", n)
}

type remoteCmd struct {
	List remoteListCmd `cmd:"" help:"List actors, notes, events, likes, boosts and followers from elsewhere."`
}

type remoteListCmd struct {
	Match string `help:"Only what contains this text."`
}

// Run lists what is stored.
func (cmd remoteListCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list, err := t.Remote(c.ctx, cmd.Match)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, r := range list {
		hidden := ""
		if r.Hidden {
			hidden = "hidden"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Type, r.ID, r.Author, oneLine(r.Acct+" "+r.Text+r.Object), hidden)
	}
	return w.Flush()
}

type deliveriesCmd struct {
	Host   string `help:"Only this host."`
	Try    bool   `help:"Try now to deliver what waits for --host or was given up." xor:"act"`
	Forget bool   `help:"Forget what waits for --host or was given up: it will never arrive there." xor:"act"`
}

// Run lists what has not arrived, or does something about it.
func (cmd deliveriesCmd) Run(c *call) error {
	host := strings.ToLower(cmd.Host)
	if (cmd.Try || cmd.Forget) && host == "" {
		return errUsage{"deliveries: say with --host which host is meant"}
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	switch {
	case cmd.Try:
		err = t.Activities.TryNow(c.ctx, actor.Operator, host)
	case cmd.Forget:
		err = t.Activities.Drop(c.ctx, actor.Operator, host)
	}
	if err != nil {
		return unknown(err, "--host", cmd.Host, "aushang deliveries lists the hosts for which something waits")
	}
	list, err := t.Activities.Deliveries(c.ctx, host)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	if len(list) == 0 {
		return c.print(nil, "Everything has arrived, or was forgotten.")
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, d := range list {
		next := "given up"
		if !d.Next.IsZero() {
			next = "next " + d.Next.Local().Format(time.DateTime)
		}
		if d.Open {
			next += " (the host is silent and only probed)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tsince %s\t%d tries\t%s\t%s\n",
			d.Host, d.Type, d.Activity, d.Since.Local().Format(time.DateTime), d.Attempts, next, oneLine(d.Error))
	}
	return w.Flush()
}
