package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"codeberg.org/aushang/aushang/federation/activitystreams"
)

// host is a domain name in ASCII and lower case, or an IPv4 address.
var host = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// longestName is how many characters the name of a town may have.
const longestName = 100

// normalise writes every value in its one form and refuses what cannot be.
func (c *Config) normalise() error {
	for _, step := range []func() error{
		c.checkOrigin, c.checkHandleDomain, c.checkListen, c.checkMetrics, c.checkName, c.checkLanguage, c.checkTimezone,
		c.checkDatabase, c.checkData, c.checkTLS, c.checkProxies, c.checkAllowed, c.checkPictures, c.checkHourly, c.checkOIDC, c.checkLevel, c.checkDemo, c.checkRegistration, c.checkSMTP,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkOrigin() error {
	wrong := func(why string) error {
		return &Error{"origin", fmt.Sprintf("%q %s; write https://HOST, or http://localhost:PORT for a trial.", c.Origin, why)}
	}
	u, err := url.Parse(c.Origin)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return wrong("is no web address")
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "https" && scheme != "http" {
		return wrong("has the scheme " + scheme)
	}
	if u.User != nil {
		return wrong("has a user name")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(c.Origin, "#") {
		return wrong("has something after the host")
	}
	name, port, ok := splitHost(u.Host)
	if !ok {
		return wrong("has no valid host")
	}
	if scheme == "http" && ((name != "localhost" && name != "127.0.0.1") || port == "") {
		return wrong("is not encrypted")
	}
	if port == "443" && scheme == "https" {
		port = ""
	}
	c.Origin = scheme + "://" + joinHost(name, port)
	return nil
}

func (c *Config) checkHandleDomain() error {
	if c.HandleDomain == "" {
		return nil
	}
	if _, _, ok := splitHost(c.HandleDomain); !ok {
		return &Error{"handle_domain", fmt.Sprintf("%q is no domain; write it without scheme and path, like musterdorf.example.", c.HandleDomain)}
	}
	c.HandleDomain = activitystreams.Host("https://" + c.HandleDomain)
	return nil
}

// splitHost takes host[:port] apart, with the host in ASCII and lower case.
func splitHost(s string) (name, port string, ok bool) {
	name = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		name, port = s[:i], s[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", "", false
		}
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || len(name) > 253 || !host.MatchString(name) {
		return "", "", false
	}
	if again, err := idna.Lookup.ToASCII(name); err != nil || again != name { // what is no character has a form that is none
		return "", "", false
	}
	return name, port, true
}

func joinHost(name, port string) string {
	if port == "" {
		return name
	}
	return name + ":" + port
}

func (c *Config) checkListen() error {
	return checkAddress("listen", c.Listen, "127.0.0.1:8080 or :8080")
}

func (c *Config) checkMetrics() error {
	switch c.MetricsListen {
	case "":
		return nil
	case c.Listen:
		return &Error{"metrics_listen", "is the address of listen; the numbers need one of their own, like 127.0.0.1:9090."}
	}
	return checkAddress("metrics_listen", c.MetricsListen, "127.0.0.1:9090")
}

func checkAddress(key, value, like string) error {
	wrong := &Error{key, fmt.Sprintf("%q is no address with a port; write HOST:PORT, like %s.", value, like)}
	name, port, err := net.SplitHostPort(value)
	if err != nil {
		return wrong
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return wrong
	}
	if _, err := netip.ParseAddr(name); err != nil && name != "" && !host.MatchString(strings.ToLower(name)) {
		return wrong
	}
	return nil
}

func (c *Config) checkName() error {
	if c.Name == "" || utf8.RuneCountInString(c.Name) > longestName || strings.ContainsFunc(c.Name, unicode.IsControl) {
		return &Error{"name", fmt.Sprintf("%q is no name of a town; write one line of 1 to %d characters.", c.Name, longestName)}
	}
	return nil
}

func (c *Config) checkLanguage() error {
	if !slices.Contains([]string{"de", "en"}, c.Language) {
		return &Error{"language", fmt.Sprintf("%q is no language that the program speaks; write de or en.", c.Language)}
	}
	return nil
}

func (c *Config) checkTimezone() error {
	// Go takes "" and "Local" for zones too; both would depend on the machine.
	if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "" || c.Timezone == "Local" {
		return &Error{"timezone", fmt.Sprintf("%q is no time zone; write a name like Europe/Berlin.", c.Timezone)}
	}
	return nil
}

func (c *Config) checkDatabase() error {
	if path, ok := strings.CutPrefix(c.Database, "sqlite:"); ok && path != "" {
		return nil
	}
	if u, err := url.Parse(c.Database); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		return nil
	}
	// The value may hold a password: it is not repeated.
	return &Error{"database", "names no database that the program knows; write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME."}
}

func hasPassword(database string) bool {
	u, err := url.Parse(database)
	if err != nil || u.User == nil {
		return false
	}
	_, has := u.User.Password()
	return has
}

func (c *Config) checkData() error {
	if c.Data == "" {
		return &Error{"data", "is empty; write the path of a folder, like var."}
	}
	return nil
}

func (c *Config) checkTLS() error {
	switch {
	case c.TLSCert != "" && c.TLSKey == "":
		return &Error{"tls_key", "is missing although tls_cert is set; give both or neither."}
	case c.TLSCert == "" && c.TLSKey != "":
		return &Error{"tls_cert", "is missing although tls_key is set; give both or neither."}
	}
	return nil
}

func (c *Config) checkProxies() error {
	for _, s := range c.TrustedProxies {
		if _, err := parsePrefix(s); err != nil {
			return &Error{"trusted_proxies", fmt.Sprintf("%q is no address; write 127.0.0.1 or a prefix like 10.0.0.0/8.", s)}
		}
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func (c *Config) checkAllowed() error {
	for _, s := range c.Federation.AllowAddresses {
		if !allowed(s) {
			return &Error{"federation.allow_addresses", fmt.Sprintf("%q is no prefix with a port; write 127.0.0.0/8:8443 or [::1/128]:8443.", s)}
		}
	}
	return nil
}

// allowed tells whether s is prefix:port, an IPv6 prefix with or without brackets.
func allowed(s string) bool {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return false
	}
	network, port := s[:i], s[i+1:]
	if inner, ok := strings.CutPrefix(network, "["); ok {
		if network, ok = strings.CutSuffix(inner, "]"); !ok {
			return false
		}
	}
	_, err := netip.ParsePrefix(network)
	n, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && portErr == nil && n > 0
}

func (c *Config) checkPictures() error {
	if _, ok := parseSize(c.Federation.Pictures); !ok {
		return &Error{"federation.pictures", fmt.Sprintf("%q is no size; write a whole number with its unit, like 200 MB or 1 GB, or 0 for none.", c.Federation.Pictures)}
	}
	return nil
}

func (c *Config) checkHourly() error {
	if n, err := strconv.ParseUint(c.Federation.Hourly, 10, 20); c.Federation.Hourly != "" && (err != nil || n > 1000000) {
		return &Error{"federation.hourly", fmt.Sprintf("%q is no number up to 1000000; write one like 300, or 0 for no limit.", c.Federation.Hourly)}
	}
	return nil
}

// sizes are sizes in bytes as people write them.
var sizes = regexp.MustCompile(`^(\d{1,6}) ?([KMGT]i?B)$`)

// parseSize reads a size: "0", or a number of kilobytes and so on, of 1024 bytes
// each.
func parseSize(s string) (int64, bool) {
	if s == "0" {
		return 0, true
	}
	m := sizes.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n << (10 * (strings.IndexByte("KMGT", m[2][0]) + 1)), err == nil
}

func (c *Config) checkLevel() error {
	c.LogLevel = strings.ToLower(c.LogLevel)
	var l slog.Level
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel) || l.UnmarshalText([]byte(c.LogLevel)) != nil {
		return &Error{"log_level", fmt.Sprintf("%q is no level; write debug, info, warn or error.", c.LogLevel)}
	}
	return nil
}

func (c *Config) checkDemo() error {
	if c.Demo != On && c.Demo != Off {
		return &Error{"demo", fmt.Sprintf("%q is neither; write on or off.", c.Demo)}
	}
	return nil
}

func (c *Config) checkRegistration() error {
	if !slices.Contains([]string{Open, Approval, Closed}, c.Registration) {
		return &Error{"registration", fmt.Sprintf("%q is no way to let people in; write approval, open or closed.", c.Registration)}
	}
	return nil
}
