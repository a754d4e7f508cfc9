package main

import (
	"os"
	"time"
)

const starts = 5

// measureStart starts the server on the database that is there and looks how
// large the program is.
func (b *bench) measureStart() error {
	if err := b.startAgain("", 80); err != nil {
		return err
	}
	file, err := os.Stat(b.town.program)
	if err != nil {
		return err
	}
	b.out.add(figure{what: "size of the program", unit: megabytes, value: float64(file.Size()) / 1e6, goal: most(25)})
	return nil
}

// settled is how long a server that is quiet is left alone before its memory is
// read: a second after the start it gives back what only the start needed.
const settled = 5 * time.Second

// startAgain starts the server on the database that is there, again and again,
// and then lets it idle; goal is the longest start in milliseconds.
func (b *bench) startAgain(what string, goal float64) error {
	var took []time.Duration
	for range starts {
		b.town.kill()
		d, err := b.town.serve()
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	b.out.add(figure{what: what + "start to the first 200 (median of 5)", unit: milliseconds, value: in(milliseconds, percentile(took, 50)), goal: most(goal)})
	b.town.quiet()
	time.Sleep(settled)
	b.out.add(figure{what: what + "resident memory, idle", unit: megabytes, value: b.town.resident(), goal: most(35)})
	return nil
}
