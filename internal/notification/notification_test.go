package notification

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const someone = "0192a3b4-0000-7000-8000-000000000001"

func TestToken(t *testing.T) {
	key := []byte("key")
	token := Token(key, someone, []Kind{Reply, Follow})
	id, kinds, ok := ReadToken(key, token)
	if diff := cmp.Diff([]Kind{Reply, Follow}, kinds); id != someone || !ok || diff != "" {
		t.Errorf("%s %v %s", id, ok, diff)
	}
	for name, forged := range map[string]string{
		"another person": strings.Replace(token, "0001", "0002", 1), "another kind": strings.Replace(token, "follow", "report", 1),
		"no seal": someone + ".reply.", "nothing": "", "points": "..", "a piece": token[:len(token)-1],
		"another key":   Token([]byte("other"), someone, []Kind{Reply}),
		"an odd kind":   Token(key, someone, []Kind{"odd"}),
		"an odd person": Token(key, "anna", []Kind{Reply}),
	} {
		if _, _, ok := ReadToken(key, forged); ok {
			t.Errorf("%s is taken: %s", name, forged)
		}
	}
}

func FuzzReadToken(f *testing.F) {
	key := []byte("key")
	f.Add(Token(key, someone, Kinds))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if id, kinds, ok := ReadToken(key, token); ok && Token(key, id, kinds) != token {
			t.Errorf("%q is read as %s %v", token, id, kinds)
		}
	})
}

func TestUsualPaces(t *testing.T) {
	c := Choices{}
	for _, k := range Kinds {
		if c[k] = usual[k]; c[k] == "" {
			t.Errorf("%s has no usual pace", k)
		}
	}
	if diff := cmp.Diff([]Kind{Reply, Mention, Help, Report, Hint, Application, Care}, c.Of(AtOnce)); diff != "" {
		t.Error(diff)
	}
}
