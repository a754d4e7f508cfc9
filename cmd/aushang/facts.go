package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pelletier/go-toml/v2"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

// allFacts is the name under which a file with all facts is given.
const allFacts = "recht"

// facts keeps what a TOML file says: a table for each page, a key for each
// fact.
func (cmd siteSetCmd) facts(c *call) error {
	source, err := c.read(cmd.File)
	if err != nil {
		return err
	}
	var tables map[string]map[string]any
	if err := toml.Unmarshal([]byte(source), &tables); err != nil {
		return errUsage{fmt.Sprintf("FILE: this is no TOML with a table for each page, like [impressum] (%v)", err)}
	}
	given := town.Facts{}
	for page, table := range tables {
		for key, value := range table {
			name := page + "." + key
			if !slices.Contains(town.FactNames(), name) {
				return errUsage{fmt.Sprintf("FILE: there is no %s; aushang site facts lists the keys", name)}
			}
			given[name] = fmt.Sprint(value)
		}
	}
	return keepFacts(c, given)
}

// factsPrinted is what is printed when facts were kept.
type factsPrinted struct {
	ID  string `json:"id"`
	URL string `json:"url"`
	// Missing are the keys without which federation and registration of a public
	// town do not start.
	Missing []string `json:"missing"`
}

func keepFacts(c *call, given town.Facts) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Settings.SetFacts(c.ctx, actor.Operator, given, time.Time{}); err != nil {
		if fields := problem.FieldsOf(err); len(fields) > 0 {
			return errUsage{fields[0].Field + ": " + fields[0].Sentence()}
		}
		return err
	}
	lacks, err := t.Settings.Lacks(c.ctx, t.Config.Language)
	if err != nil {
		return err
	}
	address := t.Config.Origin + "/rathaus/recht"
	p := factsPrinted{address, address, []string{}}
	for _, l := range lacks {
		p.Missing = append(p.Missing, l.Name())
	}
	if len(p.Missing) == 0 {
		return c.print(p, "kept; the pages that the law asks for are whole")
	}
	return c.print(p, "kept; still missing: %s", strings.Join(p.Missing, ", "))
}

type siteFactsCmd struct{}

// factPrinted is one fact as it is listed.
type factPrinted struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Run lists the facts.
func (siteFactsCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	all, err := t.Settings.Facts(c.ctx)
	if err != nil {
		return err
	}
	list := []factPrinted{}
	for _, name := range town.FactNames() {
		list = append(list, factPrinted{name, all[name]})
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, f := range list {
		fmt.Fprintf(w, "%s\t%s\n", f.Key, strings.ReplaceAll(f.Value, "\n", "; "))
	}
	return w.Flush()
}
