package locale_test

import (
	"testing"

	"codeberg.org/aushang/aushang/web/locale"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1.000", 10000: "10.000", 1234567: "1.234.567", -100: "-100", -1000: "-1.000"} {
		if got := locale.Number("de", n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
	if got := locale.Number("en", 10000); got != "10,000" {
		t.Error(got)
	}
}
