package markup

import "testing"

func TestPhone(t *testing.T) {
	for s, want := range map[string]bool{"": true, "03535 1234": true, "+49 (0)35 35/12-34": true, "abc": false, "ruf an 1": false} {
		if got := Phone(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
