package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/problem"
)

type placesCmd struct {
	Load   placesLoadCmd   `cmd:"" help:"Take the places of a file: a dump or the postal codes of GeoNames (DE.txt or DE.zip), or a table (CSV) with the columns name, latitude and longitude. The same file again, or a newer one, takes the place of what was loaded before."`
	List   placesListCmd   `cmd:"" help:"List what was loaded, with who must be named for it."`
	Find   placesFindCmd   `cmd:"" help:"Say which place is meant by a name, a postal code or both."`
	Home   placesHomeCmd   `cmd:"" help:"Say where the town is; without a name, print it."`
	Remove placesRemoveCmd `cmd:"" help:"Forget the places of a file."`
}

type placesLoadCmd struct {
	File   string `arg:"" help:"The file, also packed as .zip." type:"existingfile"`
	Name   string `help:"What a table is called here; otherwise it is called like its file."`
	Notice string `help:"Who must be named for a table, with the licence: it stands wherever its places are shown."`
}

// Run loads the file.
func (cmd placesLoadCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	name := cmd.Name
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(cmd.File), filepath.Ext(cmd.File))
	}
	r, err := t.Places.Load(c.ctx, gazetteer.File{Name: name, Notice: cmd.Notice, Open: func() (io.ReadCloser, error) { return unpacked(cmd.File) }})
	if err != nil {
		return err
	}
	if err := c.print(r, "%s: %d places and %d postal codes were taken, %d places of before are gone, %d lines make no sense.", r.Source, r.Places, r.Codes, r.Removed, r.Skipped); err != nil {
		return err
	}
	for _, fault := range r.Faults {
		fmt.Fprintln(c.errs, "aushang: left out:", fault)
	}
	return nil
}

// unpacked opens a file, or the largest text in it when it is a .zip.
func unpacked(name string) (io.ReadCloser, error) {
	if !strings.EqualFold(filepath.Ext(name), ".zip") {
		return os.Open(name) //nolint:gosec // the operator names it
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	var largest *zip.File
	for _, f := range z.File {
		if strings.HasPrefix(filepath.Base(f.Name), "readme") {
			continue
		}
		if largest == nil || f.UncompressedSize64 > largest.UncompressedSize64 {
			largest = f
		}
	}
	if largest == nil {
		return nil, errors.Join(problem.Invalidf("%s is empty: give the file as it was downloaded", name), z.Close())
	}
	r, err := largest.Open()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), z.Close())
	}
	return packed{r, z}, nil
}

// packed is a file in an archive.
type packed struct {
	io.ReadCloser
	archive io.Closer
}

// Close closes both.
func (p packed) Close() error { return errors.Join(p.ReadCloser.Close(), p.archive.Close()) }

type placesListCmd struct{}

// Run lists the sources.
func (placesListCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list, err := t.Places.Sources(c.ctx)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", s.Name, s.Rows, s.Loaded.Format("2006-01-02"), s.Notice)
	}
	return w.Flush()
}

type placesFindCmd struct {
	Text string `arg:"" help:"What somebody would type: \"Neustadt\", \"04916\", \"04916 Herzberg\"."`
}

// foundPlace is what the verbs print of a place.
type foundPlace struct {
	Label     string  `json:"label"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Run prints the place, or those that may be meant.
func (cmd placesFindCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	p, err := t.Places.Resolve(c.ctx, cmd.Text, nil)
	var several *gazetteer.Several
	list := []*gazetteer.Place{p}
	switch {
	case errors.As(err, &several):
		list = several.Choices
	case problem.KindOf(err) == problem.NotFound:
		return fmt.Errorf("no place is known for %q; aushang places load takes more of them", cmd.Text)
	case err != nil:
		return err
	}
	found := []foundPlace{}
	for _, p := range list {
		found = append(found, foundPlace{p.Label(), p.Latitude, p.Longitude})
	}
	if c.cli.JSON {
		return c.printJSON(found)
	}
	for _, p := range found {
		fmt.Fprintf(c.out, "%s\t%.4f %.4f\n", p.Label, p.Latitude, p.Longitude)
	}
	return nil
}

type placesHomeCmd struct {
	Name      string   `arg:"" optional:"" help:"The place, as somebody would type it."`
	Latitude  *float64 `help:"Its latitude in degrees, for a place that is not known."`
	Longitude *float64 `help:"Its longitude in degrees."`
	Forget    bool     `help:"Go by the name of the town again."`
}

// Run keeps where the town is, or prints it.
func (cmd placesHomeCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	switch {
	case (cmd.Latitude == nil) != (cmd.Longitude == nil):
		return errUsage{"--latitude: it needs --longitude beside it"}
	case cmd.Forget:
		err = t.Places.SetHome(c.ctx, actor.Operator, gazetteer.Home{})
	case cmd.Name != "" && cmd.Latitude != nil:
		err = t.Places.SetHome(c.ctx, actor.Operator, gazetteer.Home{Name: cmd.Name, Latitude: *cmd.Latitude, Longitude: *cmd.Longitude})
	case cmd.Name != "":
		err = setHome(c, cmd.Name)
	}
	if err != nil {
		return err
	}
	home, err := t.Places.Home(c.ctx)
	if err != nil {
		return err
	}
	if home == nil {
		return errors.New("nobody has said where the town is, and its name tells nothing: aushang places home NAME says it")
	}
	return c.print(home, "%s (%.4f, %.4f)", home.Name, home.Latitude, home.Longitude)
}

func setHome(c *call, name string) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	p, err := t.Places.Resolve(c.ctx, name, nil)
	var several *gazetteer.Several
	if errors.As(err, &several) {
		var labels []string
		for _, p := range several.Choices {
			labels = append(labels, p.Label())
		}
		return errUsage{fmt.Sprintf("NAME: several places are called %q; take one of: %s", name, strings.Join(labels, " | "))}
	}
	if err != nil {
		return unknown(err, "NAME", name, "give --latitude and --longitude, or load more places")
	}
	return t.Places.SetHome(c.ctx, actor.Operator, gazetteer.Home{Name: p.Name, Latitude: p.Latitude, Longitude: p.Longitude})
}

type placesRemoveCmd struct {
	Name string `arg:"" help:"What places list prints first."`
}

// Run forgets the places.
func (cmd placesRemoveCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	if err := t.Places.Remove(c.ctx, cmd.Name); err != nil {
		return unknown(err, "NAME", cmd.Name, "places list prints what there is")
	}
	return c.print(map[string]string{"removed": cmd.Name}, "The places of %s are forgotten.", cmd.Name)
}
