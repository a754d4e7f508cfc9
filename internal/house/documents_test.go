package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWireIsShown: docs/federation.md shows every document that went over the
// wire, and every link in it leads somewhere.
func TestWireIsShown(t *testing.T) {
	text, err := os.ReadFile("../../docs/federation.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../docs/wire/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, f := range files {
		if !strings.Contains(string(text), "(wire/"+filepath.Base(f)+")") {
			t.Errorf("docs/federation.md does not show %s", filepath.Base(f))
		}
	}
	for _, link := range strings.Split(string(text), "](")[1:] {
		target, _, _ := strings.Cut(link, ")")
		if _, err := os.Stat(filepath.Join("../../docs", target)); err != nil {
			t.Errorf("docs/federation.md links to %s: %v", target, err)
		}
	}
}
