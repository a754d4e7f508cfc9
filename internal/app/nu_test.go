package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nuIsWrong are the beginnings of what the Nu checker says and is wrong about,
// each with the reason.
var nuIsWrong = []string{}

// nuReads lets the Nu checker, the reference for valid HTML, read every page of a
// folder in one run; errors and warnings fail.
func nuReads(t *testing.T, folder string) {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(folder, "*.html"))
	if err != nil || len(pages) < 60 {
		t.Fatalf("%d pages were left for it: %v", len(pages), err)
	}
	messages := nuSays(t, folder)
	seen := map[string]int{}
	for _, m := range messages {
		if m.wrong() {
			continue
		}
		if seen[m.Message]++; seen[m.Message] <= 3 {
			t.Errorf("%s:%d: %s: %s\n%s", filepath.Base(m.URL), m.Line, m.Type, m.Message, m.Extract)
		}
	}
	for said, n := range seen {
		if n > 3 {
			t.Errorf("%d times: %s", n, said)
		}
	}
	t.Logf("%d pages", len(pages))
}

// nuMessage is what the checker says of a place in a page.
type nuMessage struct {
	Type, SubType, URL, Message, Extract string
	Line                                 int `json:"lastLine"`
}

func (m nuMessage) wrong() bool {
	if m.Type == "info" && m.SubType != "warning" {
		return true // it says what it did
	}
	for _, begins := range nuIsWrong {
		if strings.HasPrefix(m.Message, begins) {
			return true
		}
	}
	return false
}

func nuSays(t *testing.T, folder string) []nuMessage {
	t.Helper()
	java, err := exec.LookPath("java")
	if err != nil {
		t.Fatal("java is missing: make deps installs it")
	}
	jar := filepath.Join(browserProject, "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
	said, err := exec.CommandContext(t.Context(), java, "-jar", jar, "--stdout", "--format", "json", "--exit-zero-always", folder).Output()
	if err != nil {
		t.Fatalf("the Nu checker: %v", err)
	}
	var report struct{ Messages []nuMessage }
	if err := json.Unmarshal(said, &report); err != nil {
		t.Fatalf("the Nu checker says %.300s: %v", said, err)
	}
	return report.Messages
}

// TestNuFindsFaults: a page that is wrong is found.
func TestNuFindsFaults(t *testing.T) {
	needsBrowser(t)
	folder := t.TempDir()
	page := "<!DOCTYPE html><html lang=de><head><title>x</title></head><body><p><div id=a></div><div id=a></div></p></body></html>"
	if err := os.WriteFile(filepath.Join(folder, "x.html"), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	faults := 0
	for _, m := range nuSays(t, folder) {
		if !m.wrong() {
			faults++
		}
	}
	if faults < 2 {
		t.Errorf("it finds %d faults", faults)
	}
}
