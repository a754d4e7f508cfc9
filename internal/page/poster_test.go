package page

import "testing"

// TestPosterAddress: what stands on paper can be typed.
func TestPosterAddress(t *testing.T) {
	for want, p := range map[string]Poster{
		"here.test/ehrenamt":    {URL: "https://here.test/ehrenamt/01a222da-e4a1-7984-87be-b3a5e8fa5594", List: "/ehrenamt"},
		"here.test/vereine/tsv": {URL: "https://here.test/vereine/tsv"},
	} {
		if got := p.Address(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
