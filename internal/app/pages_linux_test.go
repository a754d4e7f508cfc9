package app

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestPagesGivenBack: of the program's own file less is in memory afterwards,
// and what this process may have changed is not touched.
func TestPagesGivenBack(t *testing.T) {
	parts, err := ownFile()
	if err != nil {
		t.Fatal(err)
	}
	code, data := 0, 0
	for _, p := range parts {
		if p.writable {
			data++
		} else {
			code++
		}
	}
	if code == 0 || data == 0 {
		t.Fatalf("%d parts are code and %d data: %+v", code, data, parts)
	}
	before := filesInMemory(t)
	if err := givePagesBack(); err != nil {
		t.Fatal(err)
	}
	if after := filesInMemory(t); after >= before {
		t.Errorf("%d KB of files are in memory, %d before", after, before)
	}
}

// filesInMemory gives how many KB of files this process has in memory.
func filesInMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
