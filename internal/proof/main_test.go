package proof

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the documents that went over the wire to docs/wire/")

// scratch is a directory for the whole run: the built program, the hosts file and the certificates.
var scratch string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if scratch, err = os.MkdirTemp("", "aushang-proof-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch)
	return m.Run(), nil
}

const (
	patience = 30 * time.Second // how long we wait for what must come; nothing is said about how soon it comes
	promptly = time.Second      // the contract of the command line: the running server agrees within a second
)

// until looks again and again until look is content, and gives what it saw. look says what it still misses.
func until[T any](t *testing.T, within time.Duration, what string, look func() (saw T, misses string)) T {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		asked := time.Now()
		saw, misses := look()
		if misses == "" {
			return saw
		}
		if asked.After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, within, misses)
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// act prints the line of an act that has been proved.
func act(t *testing.T, format string, values ...any) {
	t.Helper()
	t.Logf("proved: "+format, values...)
}
