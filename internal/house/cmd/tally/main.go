// Command tally reads what "go test -json" says and prints what a person wants
// to know: a line for each package, all that a failed test said, what was
// skipped, and at the end "N passed, N failed". It ends with 1 when something failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if !tally(os.Stdin, os.Stdout) {
		os.Exit(1)
	}
}

// event is a line of "go test -json"; see "go doc test2json" and, for the
// build, "go help buildjson".
type event struct {
	Action, Package, Test, Output string
}

// tally copies what matters from in to out and tells whether all is well.
// Subtests count like tests.
func tally(in io.Reader, out io.Writer) bool {
	passed, failed, broken := 0, 0, 0
	var skipped []string
	said := map[string][]string{} // what each test printed so far
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		var e event
		switch {
		case strings.TrimSpace(line) == "":
		case json.Unmarshal([]byte(line), &e) != nil:
			fmt.Fprint(out, line) // of the go command itself
		default:
			key := e.Package + " " + e.Test
			switch e.Action {
			case "build-output":
				fmt.Fprint(out, e.Output)
			case "output":
				said[key] = append(said[key], e.Output)
			case "pass", "skip", "fail":
				switch {
				case e.Test == "" && e.Action == "fail":
					broken++
					unfinished(out, e.Package, said)
				case e.Test != "" && e.Action == "pass":
					passed++
				case e.Test != "" && e.Action == "fail":
					failed++
				case e.Test != "":
					skipped = append(skipped, e.Package+" "+e.Test)
				}
				report(out, e, said[key])
				delete(said, key)
			}
		}
		if err != nil {
			break
		}
	}
	for _, test := range skipped {
		fmt.Fprintln(out, "not run:", test)
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", passed, max(failed, broken))
	return failed == 0 && broken == 0 && passed > 0
}

// report prints the closing line of a package and all that a failed test or
// package said.
func report(out io.Writer, e event, said []string) {
	for _, line := range said {
		closing := e.Test == "" && (strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "FAIL\t"))
		if closing || e.Action == "fail" && line != "FAIL\n" {
			fmt.Fprint(out, line)
		}
	}
}

// unfinished prints what the tests said that were still running when their
// package failed: one of them may have ended the process.
func unfinished(out io.Writer, path string, said map[string][]string) {
	for _, key := range slices.Sorted(maps.Keys(said)) {
		if strings.HasPrefix(key, path+" ") && key != path+" " {
			fmt.Fprint(out, strings.Join(said[key], ""))
			delete(said, key)
		}
	}
}
