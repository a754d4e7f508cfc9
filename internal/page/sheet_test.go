package page

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSheet: no cell begins with what a spreadsheet calculates, and all that others wrote is there.
func TestSheet(t *testing.T) {
	var b strings.Builder
	s, err := NewSheet(&b, "name", "since")
	if err != nil {
		t.Fatal(err)
	}
	cells := []string{`=HYPERLINK("https://x.test")`, "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "|x", "%x", "＝1", "＋1", "－1", "＠1", "Chor, \"alt\"\nund neu", "", "TSV", "Ähre"}
	for _, c := range cells {
		if err := s.Add(c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.HasPrefix(b.String(), "\ufeffname,since\r\n") {
		t.Errorf("%q", b.String())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, r[0])
	}
	// encoding/csv leaves a carriage return out that ends no line.
	want := []string{`'=HYPERLINK("https://x.test")`, "'+1", "'-1", "'@SUM(1)", "'\t=1", "'=1", "'|x", "'%x", "'＝1", "'＋1", "'－1", "'＠1", "Chor, \"alt\"\nund neu", "", "TSV", "Ähre"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
