package gazetteer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse: whatever a file holds, what is taken from it is a place on the
// earth with a name that can be stored.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name,latitude,longitude\nA,1,1\n", "Ort;Breite;Länge;PLZ\nKöln;50,9;6,9;50667\n", "\ufeffname\tlat\tlon\n\"a\tb\"\t1\t1\n", "name,lat,lon\nA,NaN,1\nB,1e400,2\n",
		"1\tA\tA\t\t1\t1\tP\tPPL\tDE\t\t11\t00\t12062\t12062001\t5\t\t1\tEurope/Berlin\t2026-01-01\n", "DE\t04916\tHerzberg\tBrandenburg\tBB\t\t00\tKreis\t12062\t51.6\t13.2\t4\n",
		"name,latitude,longitude\n\"offen,1,1\n", "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		each := func(r record) error {
			if !r.Point().Valid() || r.Name == "" || Fold(r.Name) == "" || !utf8.ValidString(r.Name) || strings.ContainsRune(r.Name+r.ID+r.District, 0) {
				t.Errorf("taken: %+v", r)
			}
			return nil
		}
		var skip faults
		for _, parse := range []func() error{
			func() error { return parseGeoNames(strings.NewReader(text), map[string]string{}, &skip, each) },
			func() error { return parsePostal(strings.NewReader(text), &skip, each) },
			func() error { return parseCSV(strings.NewReader(text), &skip, each) },
		} {
			_ = parse() // an error is an answer
		}
		_, _ = parseDistricts(strings.NewReader(text))
	})
}

// FuzzFold: words are folded once and for all.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Neustadt a. d. Weinstr.", "St. Märgen", "Frankfurt (Oder)", "ä", "an der", "D'Horn", "aueüe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Fold(s); strings.Contains(got, "  ") || strings.TrimSpace(got) != got {
			t.Errorf("%q becomes %q", s, got)
		}
		if len(folds(s)) == 0 {
			t.Errorf("%q is found by nothing", s)
		}
	})
}
