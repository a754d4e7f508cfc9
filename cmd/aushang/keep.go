package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/backup"
	"codeberg.org/aushang/aushang/internal/check"
	"codeberg.org/aushang/aushang/internal/config"
)

type checkCmd struct{}

// Run looks at everything and prints a line for each.
func (checkCmd) Run(c *call) error {
	findings, err := app.Check(c.ctx, c.cli.Config)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		err = c.printJSON(map[string]any{"ok": !check.Faulty(findings), "findings": findings})
	} else {
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		for _, f := range findings {
			fmt.Fprintf(w, "%s\t%s\t%s\n", f.State, f.What, oneLine(f.Says))
			if f.Mend != "" {
				fmt.Fprintf(w, "\t\t%s\n", f.Mend)
			}
		}
		err = w.Flush()
	}
	if err == nil && check.Faulty(findings) {
		err = errors.New("something must be mended: see the lines with FAULT")
	}
	return err
}

type backupCmd struct {
	File  string `arg:"" help:"The file to write, for example aushang-2027-07-11.zip. It holds keys: keep it where only you can read it." type:"path"`
	Force bool   `help:"Replace the file when it is there."`
}

// Run writes the backup. Pictures that were lost before are an error, but not a
// reason to have no backup.
func (cmd backupCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	m, err := t.Backup(c.ctx, cmd.File, cmd.Force)
	if err != nil {
		return err
	}
	err = c.print(m, "%s holds %d rows of %d tables and %d pictures. Prove it with aushang verify, and keep it on another machine.",
		cmd.File, m.Rows(), len(m.Tables), m.Pictures())
	if err == nil && len(m.Missing) > 0 {
		err = fmt.Errorf("the backup is written, but %d pictures that rows name are not in the data folder (%s): put them back from an older backup", len(m.Missing), strings.Join(m.Missing, ", "))
	}
	return err
}

type verifyCmd struct {
	File string `arg:"" help:"The backup." type:"path"`
}

// Run proves the backup.
func (cmd verifyCmd) Run(c *call) error {
	r := app.Verify(c.ctx, cmd.File)
	if err := c.showReport(r); err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("%s cannot be relied on: use another backup, and make a new one", cmd.File)
	}
	return nil
}

func (c *call) showReport(r *backup.Report) error {
	if c.cli.JSON {
		return c.printJSON(r)
	}
	if m := r.Manifest; m != nil {
		fmt.Fprintf(c.out, "A backup of %s (%s), made %s by version %s.\n", m.Origin, m.Name, m.Made.Local().Format("2006-01-02 15:04:05"), m.Program)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", mark(f.OK), f.What, oneLine(f.Says))
	}
	if r.Manifest != nil {
		for _, t := range r.Manifest.Tables {
			fmt.Fprintf(w, "\t%s\t%d rows\n", t.Name, t.Rows)
		}
	}
	return w.Flush()
}

func mark(ok bool) string {
	if ok {
		return "ok"
	}
	return "FAULT"
}

type restoreCmd struct {
	File string `arg:"" optional:"" help:"The backup." type:"path"`
	// Deletions is the folder with the list of the town that is lost.
	Deletions string `help:"The folder data/deletions of the town as it last was, when it lay on another machine: what was deleted since the backup is deleted once more." type:"path"`
	OnlyCopy  bool   `help:"Say that no other copy of this town runs: federation begins. Without FILE it says so of the town that was restored before."`
}

// Run restores the town, or lets the restored one federate.
func (cmd restoreCmd) Run(c *call) error {
	if cmd.File == "" && !cmd.OnlyCopy {
		return errUsage{"restore: give the backup, or --only-copy to let the restored town federate"}
	}
	if cmd.File == "" {
		t, err := c.town()
		if err != nil {
			return err
		}
		if err := t.Release(c.ctx); err != nil {
			return err
		}
		return c.print(map[string]bool{"federation": true}, "Federation is on: what waits is sent.")
	}
	cfg, err := config.Load(c.cli.Config)
	if err != nil {
		return err
	}
	if cmd.Deletions != "" {
		if err := app.TakeDeletions(cfg, cmd.Deletions); err != nil {
			return err
		}
	}
	m, err := app.Restore(c.ctx, cfg, cmd.File, cmd.OnlyCopy)
	if err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	redone, err := t.Redo(c.ctx)
	if err != nil {
		return err
	}
	next := "Federation is off until aushang restore --only-copy says that no other copy of this town runs."
	if cmd.OnlyCopy {
		next = "Federation is on as soon as serve runs."
	}
	return c.print(restored{m, cmd.OnlyCopy, redone}, "%d rows and %d pictures are back as they were on %s. %s",
		m.Rows(), m.Pictures(), m.Made.Local().Format("2006-01-02 15:04:05"), next+again(redone))
}

// again says what was deleted once more.
func again(n int) string {
	if n == 0 {
		return " Nothing had to be deleted once more: the list of deletions (the folder deletions beside the data) is empty, is not here, or says nothing that came back. Name another with --deletions."
	}
	return fmt.Sprintf(" %d things and people that were deleted since then are deleted again.", n)
}

// restored is what restore prints with --json.
type restored struct {
	*backup.Manifest
	Federation bool `json:"federation"`
	// Redone is how much was deleted once more.
	Redone int `json:"redone"`
}
