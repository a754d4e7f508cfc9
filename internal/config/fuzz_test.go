package config

import (
	"errors"
	"testing"
)

// FuzzLoad: whatever stands in the environment, it is a configuration that says
// the same when it is read again, or a sentence at a key.
func FuzzLoad(f *testing.F) {
	for _, s := range [][6]string{
		{"https://aushang.musterdorf.example", "", "127.0.0.1:8080", "sqlite:var/aushang.db", "127.0.0.0/8:8443", "10.0.0.0/8"},
		{"HTTPS://Müsterdorf.Example:443/", "Müsterdorf.Example.", ":80", "postgres://u:p@h/db", "[fd00::/8]:443,", "::1"},
		{"http://localhost:8080", "x", "[::1]:81", "file:x", "0/0:0", "1.2.3.4/33"},
		{"ftp://x", "a b", "99999", "sqlite:", ":", ","},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5])
	}
	f.Fuzz(func(t *testing.T, origin, handleDomain, listen, database, allow, proxies string) {
		c, err := load("", given("AUSHANG_ORIGIN="+origin, "AUSHANG_HANDLE_DOMAIN="+handleDomain, "AUSHANG_LISTEN="+listen, "AUSHANG_DATABASE="+database,
			"AUSHANG_FEDERATION_ALLOW_ADDRESSES="+allow, "AUSHANG_TRUSTED_PROXIES="+proxies))
		var sentence *Error
		if errors.As(err, &sentence) {
			return
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		if c.Host() == "" || c.Scheme() != "http" && c.Scheme() != "https" || c.HandleHost() == "" {
			t.Errorf("%+v", c)
		}
		again, err := load("", given("AUSHANG_ORIGIN="+c.Origin, "AUSHANG_HANDLE_DOMAIN="+c.HandleDomain))
		if err != nil || again.Origin != c.Origin || again.HandleDomain != c.HandleDomain {
			t.Errorf("%q %q is read again as %+v: %v", c.Origin, c.HandleDomain, again, err)
		}
	})
}
