package proof

import (
	"os"
	"path/filepath"
	"testing"
)

// facts are what the pages that the law asks for are made of: without them no
// public town federates.
const facts = `[impressum]
name = "Gemeinde Dorf"
address = "Dorfplatz 1\n12345 Dorf"
represented = "Bürgermeisterin Erika Muster"
mail = "rathaus@dorf.example"
editor = "Nora Noack, Dorfplatz 1, 12345 Dorf"
[datenschutz]
land = "BB"
officer = "Datenschutz im Amt, datenschutz@dorf.example"
hosting = "Rechenzentrum Dorf"
[barrierefreiheit]
conformity = "partial"
assessed = "2026-11-02"
method = "self"
`

// lawful fills in what the law asks for.
func (w *town) lawful(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recht.toml")
	if err := os.WriteFile(file, []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	w.verb(t, "site", "set", "recht", file)
}
