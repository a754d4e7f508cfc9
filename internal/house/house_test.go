package house_test

import (
	"testing"

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

func TestDirection(t *testing.T)                  { report(t, house.Direction(read(t))) }
func TestExportedNamesHaveASentence(t *testing.T) { report(t, house.Sentences(read(t))) }
func TestFilesAndFunctionsAreShort(t *testing.T)  { report(t, house.Sizes(read(t))) }
