package activitystreams

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// IsPublic tells whether id is the collection of everybody, in any of its
// spellings (ActivityPub 5.6).
func IsPublic(id string) bool {
	return id == Public || id == "as:Public" || id == "Public"
}

// Host gives the canonical host of an id: ASCII, lower case, without a trailing
// dot, with its port unless that is the default one. It is "" for what is no
// absolute web address of at most 1024 bytes, or has a user, blanks or a port
// beyond 65535 in it.
func Host(id string) string {
	if len(id) > maxID {
		return ""
	}
	_, host := origin(id)
	return host
}

// leads tells whether s is an address that leads somewhere, which is no id and
// may be longer than one.
func leads(s string) bool {
	_, host := origin(s)
	return host != ""
}

// SameOrigin tells whether two ids are on the same server (FEP-fe34).
func SameOrigin(a, b string) bool {
	schemeA, hostA := origin(a)
	schemeB, hostB := origin(b)
	return hostA != "" && hostA == hostB && schemeA == schemeB && len(a) <= maxID && len(b) <= maxID
}

// strange tells whether no address has such a character: blanks, controls, and
// what remains of half a surrogate pair, which would make two ids one.
func strange(r rune) bool {
	return r == '\\' || r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.IsSpace(r)
}

func origin(id string) (scheme, host string) {
	if scheme, host, ok := plainOrigin(id); ok {
		return scheme, host
	}
	return anyOrigin(id)
}

// plainOrigin gives the origin of an id that is written as nearly all are: a
// host in lower case, ASCII, with a port of some use or none. It is asked many
// times for each activity; ok is false when a closer look is needed.
func plainOrigin(id string) (scheme, host string, ok bool) {
	scheme, rest, ok := strings.Cut(id, "://")
	if !ok || scheme != "https" && scheme != "http" || len(id) > maxURL {
		return "", "", false
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '%' {
			return "", "", false
		}
	}
	name, port, found := strings.Cut(host, ":")
	return scheme, host, plainHost(name) && (!found || plainPort(scheme, port))
}

// plainHost tells whether a host is its own canonical form.
func plainHost(name string) bool {
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-' && label > 0 && name[i-1] != '-':
			label++
		case c == '.' && label > 0 && name[i-1] != '-':
			label = 0
		default:
			return false
		}
		if label > maxLabel {
			return false
		}
	}
	return label > 0 && len(name) <= maxHost && name[len(name)-1] != '-'
}

// plainPort tells whether a port is written as it is kept, and must be.
func plainPort(scheme, port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && port[0] >= '1' && port[0] <= '9' && !(scheme == "https" && n == 443) && !(scheme == "http" && n == 80)
}

func anyOrigin(id string) (scheme, host string) {
	if len(id) > maxURL || strings.ContainsFunc(id, strange) {
		return "", ""
	}
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Host == "" || strings.Contains(u.Host, "%") {
		return "", ""
	}
	if host = canonical(u.Hostname()); host == "" {
		return "", ""
	}
	port := u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return "", ""
	}
	if port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		return u.Scheme, net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme, host
}

// canonical gives the one spelling of a host name: that of its address, or
// ASCII in lower case without the dot of the root, of which Unicode knows
// several; "" when it is none.
func canonical(name string) string {
	if ip := net.ParseIP(name); ip != nil {
		return ip.String()
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return ""
	}
	ascii = strings.ToLower(strings.TrimSuffix(ascii, "."))
	if ascii == "" || len(ascii) > maxHost || strings.HasPrefix(ascii, ".") || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") {
		return ""
	}
	if ip := net.ParseIP(ascii); ip != nil { // written in other digits
		return ip.String()
	}
	return ascii
}
