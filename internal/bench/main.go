// Command bench measures the real program against a Fediverse in a box and
// prints a table with the machine, the commit and the date. A floor program,
// which does only what no server can avoid, is measured in the same run and with
// the same tool. It asserts nothing about time and fails only when something is
// wrong: lost, doubled, or badly signed. All it does is bounded and ends by
// itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

// part is what can be measured alone.
type part struct {
	name string
	run  func(*bench) error
	// long parts are measured only when they are asked for.
	long bool
}

var parts = []part{
	{name: "read", run: (*bench).measureReads},
	{name: "inbox", run: (*bench).measureInbox},
	{name: "mix", run: (*bench).measureMix},
	{name: "follow", run: (*bench).measureFollows},
	{name: "fanout", run: (*bench).measureFanOut},
	{name: "ed25519", run: (*bench).measureEd25519},
	{name: "faults", run: (*bench).measureFaults},
	{name: "start", run: (*bench).measureStart}, // on all that the others left
	{name: "search", run: (*bench).measureSearch, long: true},
	{name: "find", run: (*bench).measureFind, long: true},
	{name: "growth", run: (*bench).measureGrowth, long: true},
}

func main() {
	var o options
	flag.StringVar(&o.write, "write", "", "also put the table into this `file`, in place of the one that is there")
	flag.StringVar(&o.database, "database", "", "measure on this `url` in place of a SQLite file; it must be empty, and what a database server uses is not counted")
	flag.BoolVar(&o.http2, "h2", false, "let the other servers offer HTTP/2")
	flag.BoolVar(&o.growth, "growth", false, "fill the database with 100,000 things to search, 20,000 opportunities and then a million objects at the end, and measure search, pages and fan-out on it")
	flag.StringVar(&o.keep, "keep", "", "work in this `folder` and leave it: the log of the server, its database")
	flag.StringVar(&o.profile, "profile", "", "leave a CPU profile of the program for each part in this `folder`")
	names := make([]string, 0, len(parts))
	for _, p := range parts {
		names = append(names, p.name)
	}
	only := flag.String("only", "", "measure only these `parts`, separated by commas: "+strings.Join(names, ", "))
	flag.Parse()
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.Contains(names, name) {
			fmt.Fprintf(os.Stderr, "bench: there is no part %q, only %s\n", name, strings.Join(names, ", "))
			os.Exit(2)
		}
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	write, database, keep string
	profile               string
	http2, growth         bool
	only                  []string
}

// wants tells whether a part is to be measured.
func (o options) wants(p part) bool {
	if len(o.only) > 0 {
		return slices.Contains(o.only, p.name)
	}
	return !p.long || o.growth
}

// bench is a run.
type bench struct {
	world *federationtest.Fediverse
	town  *town
	floor *floor
	out   table
	rsa   calibration
}

func run(o options) error {
	dir := o.keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "aushang-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's for such things
	}
	if o.database == "" {
		o.database = "sqlite:" + filepath.Join(dir, "aushang.db")
	}
	b := &bench{out: newTable()}
	defer b.close()
	if err := b.prepare(dir, o); err != nil {
		return err
	}
	for _, p := range parts {
		if !o.wants(p) {
			continue
		}
		if err := b.profiled(p, o.profile); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	b.rsa.report(&b.out)
	if o.write == "" {
		return nil
	}
	return writePage(o.write, b.out.String())
}

func (b *bench) prepare(dir string, o options) error {
	var err error
	if b.world, err = federationtest.Start(federationtest.Options{Dir: dir, Keys: 4, HTTP2: o.http2}); err != nil {
		return err
	}
	if b.town, err = newTown(b.world, dir, o.database, o.profile != ""); err != nil {
		return err
	}
	if b.floor, err = newFloor(b.world, dir); err != nil {
		return err
	}
	if _, err := b.town.serve(); err != nil {
		return err
	}
	if err := b.town.signIn(); err != nil {
		return err
	}
	return b.rsa.measure()
}

func (b *bench) close() {
	if b.town != nil {
		b.town.kill()
	}
	if b.floor != nil {
		b.floor.kill()
	}
	if b.world != nil {
		_ = b.world.Close()
	}
}
