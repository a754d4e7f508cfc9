package page

import (
	"testing"
	"time"
)

func TestSeal(t *testing.T) {
	key, other, at := []byte("a key"), []byte("another"), time.Unix(1_800_000_000, 0)
	seal := Sealed(key, "form", at)
	if got, ok := unsealed(key, "form", seal); !ok || !got.Equal(at) {
		t.Errorf("%v %v", got, ok)
	}
	if _, ok := unsealed(other, "form", seal); ok {
		t.Error("a seal of another key counts")
	}
	if _, ok := unsealed(key, "another form", seal); ok {
		t.Error("a seal of another form counts")
	}
	for _, bad := range []string{"", "x", seal[1:], seal + "A", "B" + seal[1:], seal[:len(seal)-1] + "!", Sealed(other, "form", at)} {
		if _, ok := unsealed(key, "form", bad); ok {
			t.Errorf("%q counts", bad)
		}
	}
}

// FuzzSeal: only what we sealed is a seal.
func FuzzSeal(f *testing.F) {
	key := []byte("a key")
	f.Add(Sealed(key, "form", time.Unix(1_800_000_000, 0)))
	f.Add("")
	f.Add("AAAAAGtJ0gA=")
	f.Fuzz(func(t *testing.T, s string) {
		if at, ok := unsealed(key, "form", s); ok && Sealed(key, "form", at) != s {
			t.Errorf("%q counts as a seal of %v", s, at)
		}
	})
}
