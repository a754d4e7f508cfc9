package transport

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// FuzzRetryAfter: however long another server asks us to wait, it is between
// nothing and a day.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"0", "120", "-1", "99999999999999999999", "Wed, 01 Jul 2026 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "1e9", "1.5", "", " 7", "never"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if wait := retryAfter(http.Header{"Retry-After": {s}}); wait < 0 || wait > maxRetryAfter {
			t.Errorf("%q is %v", s, wait)
		}
	})
}

// FuzzCheck: an address that may be asked for is https, to a name with a dot, on
// the default port, and url.Parse sees the same host in it as the guard.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"https://a.example/x?y=z#f", "https://müsterdorf.example/", "https://a.example:443/", "https://127.1/", "https://0x7f.1/", "https://①②⑦.⓪.⓪.①/", "https://[::1%25lo]/",
		"https://u:p@a.example/", "https://a.example\\@b.example/", "https://a%2eexample/", "https://a.example\r\nX: y/", "//a.example/", "https:a.example", "https://localhost./", "https://x.internal/",
	} {
		f.Add(s)
	}
	c := New(Options{Self: "here.example"})
	f.Fuzz(func(t *testing.T, s string) {
		if c.Check(s) != nil {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" || strings.EqualFold(u.Hostname(), "here.example") {
			t.Fatalf("%q is let through", s)
		}
		if _, err := netip.ParseAddr(strings.TrimSuffix(u.Hostname(), ".")); err == nil || !strings.ContainsAny(u.Hostname(), ".。．｡") {
			t.Errorf("%q is let through to %q", s, u.Hostname())
		}
	})
}

// FuzzParseAllowed: a prefix that is let through is written and read again.
func FuzzParseAllowed(f *testing.F) {
	for _, s := range []string{"127.0.0.0/8:8443", "[fd00::/8]:443", "::1/128:443", "10.0.0.0/33:1", "10.0.0.0/8", ":1", "1.2.3.4/32:0", "1.2.3.4/32:65536"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAllowed(s)
		if err == nil && (a.Port == 0 || !a.Prefix.IsValid() || a.Prefix != a.Prefix.Masked()) {
			t.Errorf("%q is %+v", s, a)
		}
	})
}

// FuzzIsActivity: only the two media types of ActivityPub make a document,
// whatever stands beside them.
func FuzzIsActivity(f *testing.F) {
	for _, s := range []string{
		"application/activity+json", "application/activity+json; charset=utf-8", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "application/json",
		"text/html; x=application/activity+json", "application/activity+json; charset=utf-16", "application/ld+json;profile=x", ";", "a/b/c", "application/activity+json;;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if kind, _, _ := strings.Cut(strings.ToLower(s), ";"); isActivity(s) && strings.TrimSpace(kind) != "application/activity+json" && strings.TrimSpace(kind) != "application/ld+json" {
			t.Errorf("%q makes a document", s)
		}
	})
}
