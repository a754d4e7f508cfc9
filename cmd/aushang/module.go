package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/town"
)

// modulePrefix begins the names of settings that say what the town uses.
const modulePrefix = "modul."

// The values of such a setting.
const (
	moduleOn  = "an"
	moduleOff = "aus"
)

// modulePrinted is what is printed of a module.
type modulePrinted struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func modulesPrinted(c *call, t *app.Town) ([]modulePrinted, error) {
	off, err := t.Settings.Off(c.ctx)
	if err != nil {
		return nil, err
	}
	list := []modulePrinted{}
	for _, m := range t.Settings.Modules {
		one := modulePrinted{modulePrefix + m.Name, moduleOn}
		if slices.ContainsFunc(off, func(o town.Module) bool { return o.Name == m.Name }) {
			one.Value = moduleOff
		}
		list = append(list, one)
	}
	return list, nil
}

// switchModule does what site set modul.NAME says.
func switchModule(c *call, name, value string) error {
	if value != moduleOn && value != moduleOff {
		return errUsage{fmt.Sprintf("FILE: %q is neither %s nor %s", value, moduleOn, moduleOff)}
	}
	t, err := c.town()
	if err != nil {
		return err
	}
	if _, known := t.Settings.FindModule(name); !known {
		var names []string
		for _, m := range t.Settings.Modules {
			names = append(names, modulePrefix+m.Name)
		}
		return errUsage{fmt.Sprintf("PAGE: there is no module %q; it is one of %s", name, strings.Join(names, ", "))}
	}
	if err := t.Settings.Switch(c.ctx, actor.Operator, name, value == moduleOn); err != nil {
		return err
	}
	return c.print(modulePrinted{modulePrefix + name, value}, "%s%s is %s", modulePrefix, name, value)
}

type siteModulesCmd struct{}

// Run lists what the town uses.
func (siteModulesCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list, err := modulesPrinted(c, t)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, m := range list {
		fmt.Fprintf(w, "%s\t%s\n", m.Key, m.Value)
	}
	return w.Flush()
}
