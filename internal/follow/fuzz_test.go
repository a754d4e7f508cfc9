package follow

import (
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// FuzzParseHome: whatever people type of their account, it is asked for at a
// host, or nowhere.
func FuzzParseHome(f *testing.F) {
	for _, s := range []string{"@lena@fedi.test", "lena@fedi.test", "fedi.test", "https://fedi.test/@lena", "fedi.test/@lena", "http://fedi.test:8080/u/1", "javascript://x/", "//", "@@", "a/b@c", "https://u:p@fedi.test/", "https://fedi.test\\@x/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parseHome(s)
		if ok && (as.Host("https://"+h.host) != h.host || h.host == "" || len(h.resources) == 0) {
			t.Errorf("%q is %+v", s, h)
		}
		for _, r := range h.resources {
			if ok && strings.ContainsAny(r, "\r\n \x00") {
				t.Errorf("%q asks for %q", s, r)
			}
		}
	})
}
