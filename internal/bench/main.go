// Command bench measures a real server over TLS on loopback and prints a table
// with the machine, the commit and the date: start, memory, reads, inbox and
// fan-out. It asserts nothing. Everything it does is bounded and ends by
// itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	file := flag.String("write", "", "also write the table, with an introduction, to this `file`")
	database := flag.String("database", "", "measure on this `url` in place of a SQLite file; the database must be empty")
	flag.Parse()
	if err := run(context.Background(), *file, *database); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file, database string) error {
	dir, err := os.MkdirTemp("", "aushang-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's for such things
	world, err := newWorld(dir)
	if err != nil {
		return err
	}
	defer world.close()
	if database == "" {
		database = "sqlite:" + filepath.Join(dir, "aushang.db")
	}
	t, err := newTown(world, dir, database)
	if err != nil {
		return err
	}
	figures := new(table)
	if err := figures.calibrate(); err != nil {
		return err
	}
	for _, measure := range []func(context.Context, *town, *table) error{measureStart, measureReads, measureInbox, measureFanOut} {
		if err := measure(ctx, t, figures); err != nil {
			t.kill()
			return err
		}
	}
	t.kill()
	fmt.Print(figures)
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(introduction+figures.String()), 0o644)
}
