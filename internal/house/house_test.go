package house_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/house"
)

// root is the folder of the real module.
const root = "../.."

func read(t *testing.T) *house.Module {
	t.Helper()
	m, err := house.Read(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func report(t *testing.T, findings []house.Finding) {
	t.Helper()
	for _, f := range findings {
		t.Error(f)
	}
}

// TestDirection also finds requests that go out by another door.
func TestDirection(t *testing.T) {
	t.Run("T-SSRF-14 there is one way out", func(t *testing.T) { report(t, house.Direction(read(t))) })
}

func TestExportedNamesHaveASentence(t *testing.T) { report(t, house.Sentences(read(t))) }
func TestFilesAndFunctionsAreShort(t *testing.T)  { report(t, house.Sizes(read(t))) }

func TestKnownFaultsAreShown(t *testing.T) {
	findings, err := house.Security(read(t))
	if err != nil {
		t.Fatal(err)
	}
	report(t, findings)
}

func TestSecurityPageIsCurrent(t *testing.T) {
	want, err := house.SecurityPage(read(t))
	if err != nil {
		t.Fatal(err) // also when the list is not there
	}
	got, err := os.ReadFile(root + "/docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/security.md is not current, run make generate:\n%s", diff)
	}
}

func TestHTMLIsCleaned(t *testing.T) {
	t.Run("T-XSS-02 all HTML that is shown was cleaned", func(t *testing.T) { report(t, house.Safe(read(t))) })
}
