package page

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestAddress: which network address a request counts for.
func TestAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, tc := range map[string]struct {
		from    string
		headers []string
		proxies []netip.Prefix
		want    string
	}{
		"T-RATE-01 a stranger names another": {"203.0.113.7:1", []string{"X-Forwarded-For", "198.51.100.1"}, proxies, "203.0.113.7"},
		"T-RATE-01 in every other way": {"203.0.113.7:1", []string{
			"Forwarded", "for=198.51.100.1", "X-Real-IP", "198.51.100.1", "Client-IP", "198.51.100.1", "True-Client-IP", "198.51.100.1", "CF-Connecting-IP", "198.51.100.1", "X-Client-IP", "198.51.100.1",
		}, proxies, "203.0.113.7"},
		"T-RATE-01 nobody is trusted":             {"10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1"}, nil, "10.0.0.1"},
		"T-RATE-02 a proxy appends":               {"10.0.0.1:1", []string{"X-Forwarded-For", "192.0.2.66, 198.51.100.1"}, proxies, "198.51.100.1"},
		"T-RATE-02 a proxy adds a header":         {"10.0.0.1:1", []string{"X-Forwarded-For", "192.0.2.66", "X-Forwarded-For", "198.51.100.1"}, proxies, "198.51.100.1"},
		"T-RATE-02 two proxies":                   {"10.0.0.1:1", []string{"X-Forwarded-For", "192.0.2.66, 198.51.100.1, 10.2.3.4"}, proxies, "198.51.100.1"},
		"T-RATE-02 nothing but proxies":           {"10.0.0.1:1", []string{"X-Forwarded-For", "10.0.0.9"}, proxies, "10.0.0.9"},
		"T-RATE-02 no address behind a proxy":     {"10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1, unknown"}, proxies, "10.0.0.1"},
		"T-RATE-02 a mapped proxy":                {"[::ffff:10.0.0.1]:1", []string{"X-Forwarded-For", "::ffff:198.51.100.1"}, proxies, "198.51.100.1"},
		"T-RATE-01 one network of IPv6":           {"[2001:db8:1:2:3:4:5:6]:1", nil, proxies, "2001:db8:1:2::/64"},
		"T-RATE-01 another address of that":       {"[2001:db8:1:2:ffff::1]:1", nil, proxies, "2001:db8:1:2::/64"},
		"T-RATE-02 a client of IPv6 behind proxy": {"[fd00::1]:1", []string{"X-Forwarded-For", "2001:db8::1"}, proxies, "2001:db8::/64"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/anmelden", nil)
			r.RemoteAddr = tc.from
			for i := 1; i < len(tc.headers); i += 2 {
				r.Header.Add(tc.headers[i-1], tc.headers[i])
			}
			if got := (&Sessions{proxies: tc.proxies}).Address(r); got != tc.want {
				t.Errorf("it counts for %s, want %s", got, tc.want)
			}
		})
	}
}
