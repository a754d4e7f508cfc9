package transport

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"codeberg.org/aushang/aushang/federation/activitystreams"
)

// ErrBlocked says that a request was not made because its address is not
// allowed.
var ErrBlocked = errors.New("the address is not allowed")

// An AllowedAddress lets requests through to a private network: one prefix
// and one port. It is for tests and private networks.
type AllowedAddress struct {
	Prefix netip.Prefix
	Port   uint16
}

// ParseAllowed reads "prefix:port", such as "127.0.0.0/8:8443" or
// "[fd00::/8]:443".
func ParseAllowed(s string) (AllowedAddress, error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return AllowedAddress{}, fmt.Errorf("%q is no prefix:port", s)
	}
	prefix, err := netip.ParsePrefix(strings.Trim(s[:i], "[]"))
	if err != nil {
		return AllowedAddress{}, fmt.Errorf("%q is no prefix:port: %w", s, err)
	}
	port, err := strconv.ParseUint(s[i+1:], 10, 16)
	if err != nil || port == 0 {
		return AllowedAddress{}, fmt.Errorf("%q is no prefix:port: bad port", s)
	}
	return AllowedAddress{Prefix: prefix.Masked(), Port: uint16(port)}, nil
}

// special lists what is globally unicast by its bits and still no server of
// anybody else (IANA special-purpose registries).
var special = func() []netip.Prefix {
	var list []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}()

// global is what the Internet hands out for servers; all else is refused.
var global = netip.MustParsePrefix("2000::/3")

// public tells whether ip is the address of a server on the Internet.
func public(ip netip.Addr) bool {
	if ip.Is6() && !global.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast()
}

// control is called with the address of each connection before it is made,
// after all names are resolved: that closes DNS rebinding.
func (c *Client) control(network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: %s %s", ErrBlocked, network, address)
	}
	ip := ap.Addr().Unmap().WithZone("")
	if public(ip) && ap.Port() == 443 {
		return nil
	}
	for _, a := range c.options.Allow {
		if a.Prefix.Contains(ip) && a.Port == ap.Port() {
			return nil
		}
	}
	return fmt.Errorf("%w: %s", ErrBlocked, address)
}

// hostnames are what a server may be called: names with a dot, no numbers
// alone at the end.
var hostnames = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// never are domains that no public server has.
var never = []string{"localhost", "local", "internal", "onion", "i2p", "home.arpa", "invalid"}

// Check gives an error that wraps ErrBlocked unless url may be asked for: https
// to a named host on the default port, without user, and not our own. Where
// private networks are allowed, their ports and their addresses are too.
func (c *Client) Check(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return fmt.Errorf("%w: not an address", ErrBlocked)
	}
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !c.allowsPort(portOf(u))):
		return fmt.Errorf("%w: scheme %q", ErrBlocked, u.Scheme)
	case u.User != nil || u.Opaque != "" || strings.ContainsAny(u.Host, "%\\ "):
		return fmt.Errorf("%w: %q", ErrBlocked, u.Redacted())
	case u.Port() != "" && u.Port() != "443" && !c.allowsPort(u.Port()):
		return fmt.Errorf("%w: port %s", ErrBlocked, u.Port())
	}
	return c.checkHost(u)
}

func (c *Client) checkHost(u *url.URL) error {
	host := activitystreams.Host(u.Scheme + "://" + u.Host)
	if c.options.Self != "" && host == c.options.Self {
		return fmt.Errorf("%w: %s is ourselves", ErrBlocked, u.Host)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if c.allowsIP(ip) {
			return nil
		}
		return fmt.Errorf("%w: %s is an address and no name", ErrBlocked, ip)
	}
	name, _, _ := strings.Cut(host, ":")
	if !hostnames.MatchString(name) {
		return fmt.Errorf("%w: host %q", ErrBlocked, u.Host)
	}
	for _, n := range never {
		if strings.HasSuffix(name, "."+n) {
			return fmt.Errorf("%w: host %q", ErrBlocked, u.Host)
		}
	}
	return nil
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

func (c *Client) allowsPort(port string) bool {
	for _, a := range c.options.Allow {
		if strconv.Itoa(int(a.Port)) == port {
			return true
		}
	}
	return false
}

func (c *Client) allowsIP(ip netip.Addr) bool {
	for _, a := range c.options.Allow {
		if a.Prefix.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
