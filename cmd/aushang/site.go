package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/web/locale"
)

type siteCmd struct {
	Set     siteSetCmd     `cmd:"" help:"Give a page another text, or fill in what the legal pages are made of: site set impressum.name \"Gemeinde Musterdorf\", or all at once from a TOML file: site set recht FILE. Or say what the town uses: site set modul.pinnwand aus. Or how it speaks: site set sprache.anrede du."`
	Facts   siteFactsCmd   `cmd:"" help:"List what the legal pages are made of, by key."`
	Modules siteModulesCmd `cmd:"" help:"List what the town uses: an or aus. site set modul.NAME changes it."`
	Words   siteWordsCmd   `cmd:"" help:"List how the town speaks in German: address, clubs, women and men. site set sprache.NAME changes it."`
	Reset   siteResetCmd   `cmd:"" help:"Give a page its starting text again."`
	Voice   siteVoiceCmd   `cmd:"" help:"Say which club speaks for the town hall: its notices are the announcements."`
	List    siteListCmd    `cmd:"" help:"List the pages, whether they are written, and what is missing."`
}

// sitePage says which page is meant.
type sitePage struct {
	Page     string `arg:"" help:"The page: impressum, datenschutz, barrierefreiheit, ueber, netiquette, datenpflege or leichte-sprache."`
	Language string `help:"The language of the text: de or en." default:"de"`
}

// check refuses a page that there is not.
func (p sitePage) check() error {
	if !slices.Contains(town.Names, p.Page) {
		return errUsage{fmt.Sprintf("PAGE: there is no page %q; it is one of %s", p.Page, strings.Join(town.Names, ", "))}
	}
	if !slices.Contains(locale.Languages, p.Language) {
		return errUsage{fmt.Sprintf("--language: it is one of %s", strings.Join(locale.Languages, ", "))}
	}
	return nil
}

// sitePrinted is what the verb prints of a page.
type sitePrinted struct {
	ID       string `json:"id"`
	URL      string `json:"url"`
	Page     string `json:"page"`
	Language string `json:"language"`
	// Starting says that it is the text that comes with the program, Missing how
	// much is still to be filled in.
	Starting bool      `json:"starting"`
	Missing  int       `json:"missing"`
	Changed  time.Time `json:"changed,omitzero"`
}

func (c *call) sitePrinted(t *app.Town, page, language string) (sitePrinted, error) {
	text, missing, err := t.SitePage(c.ctx, page, language)
	if err != nil {
		return sitePrinted{}, err
	}
	address := t.Config.Origin + "/" + page + "?lang=" + language
	return sitePrinted{address, address, page, language, text.Starting, missing, text.Changed}, nil
}

type siteSetCmd struct {
	Page sitePage `embed:""`
	File string   `arg:"" help:"The file with the text (Markdown); - reads standard input. For a key like impressum.name its value, with a line end between lines; for modul.NAME an or aus, for sprache.NAME a choice."`
}

// Run keeps the text, or the facts.
func (cmd siteSetCmd) Run(c *call) error {
	if cmd.Page.Page == allFacts {
		return cmd.facts(c)
	}
	if name, is := strings.CutPrefix(cmd.Page.Page, modulePrefix); is {
		return switchModule(c, name, cmd.File)
	}
	if strings.HasPrefix(cmd.Page.Page, wordsPrefix) {
		return setWords(c, cmd.Page.Page, cmd.File)
	}
	if slices.Contains(town.FactNames(), cmd.Page.Page) {
		return keepFacts(c, town.Facts{cmd.Page.Page: cmd.File})
	}
	if err := cmd.Page.check(); err != nil {
		return err
	}
	source, err := c.read(cmd.File)
	if err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Settings.SetText(c.ctx, actor.Operator, cmd.Page.Page, cmd.Page.Language, source, time.Time{}); err != nil {
		if fields := problem.FieldsOf(err); len(fields) > 0 {
			return errUsage{"FILE: " + fields[0].Sentence()}
		}
		return err
	}
	p, err := c.sitePrinted(t, cmd.Page.Page, cmd.Page.Language)
	if err != nil {
		return err
	}
	return c.print(p, "%s has the new text; %d things are still to be filled in.", p.URL, p.Missing)
}

// read gives the text of a file, or of standard input for "-".
func (c *call) read(name string) (string, error) {
	in := c.in
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the operator says which
		if err != nil {
			return "", errUsage{fmt.Sprintf("FILE: %s cannot be read (%v); give the path of a Markdown file, or -", name, err)}
		}
		defer f.Close() //nolint:errcheck // only read
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxInput))
	if err != nil {
		return "", fmt.Errorf("read the text: %w", err)
	}
	if !utf8.Valid(text) {
		return "", errUsage{"FILE: this is no text in UTF-8; save it as UTF-8"}
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

type siteResetCmd struct {
	Page sitePage `embed:""`
}

// Run goes back to the starting text.
func (cmd siteResetCmd) Run(c *call) error {
	if err := cmd.Page.check(); err != nil {
		return err
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Settings.ResetText(c.ctx, actor.Operator, cmd.Page.Page, cmd.Page.Language); err != nil {
		return err
	}
	p, err := c.sitePrinted(t, cmd.Page.Page, cmd.Page.Language)
	if err != nil {
		return err
	}
	return c.print(p, "%s has its starting text again; %d things are to be filled in.", p.URL, p.Missing)
}

type siteListCmd struct{}

// Run lists the pages.
func (siteListCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list := []sitePrinted{}
	for _, page := range town.Names {
		for _, language := range locale.Languages {
			p, err := c.sitePrinted(t, page, language)
			if err != nil {
				return err
			}
			list = append(list, p)
		}
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, p := range list {
		state := "changed " + p.Changed.Local().Format("2006-01-02 15:04")
		if p.Starting {
			state = "starting text"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d to be filled in\t%s\n", p.Page, p.Language, state, p.Missing, p.URL)
	}
	return w.Flush()
}
