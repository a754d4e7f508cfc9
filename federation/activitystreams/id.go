package activitystreams

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// maxID is how long an id may be, in bytes.
const maxID = 2048

// IsPublic tells whether id is the collection of everybody, in any of its
// spellings (ActivityPub 5.6).
func IsPublic(id string) bool {
	return id == Public || id == "as:Public" || id == "Public"
}

// Host gives the canonical host of an id: ASCII, lower case, without a trailing
// dot, with its port unless that is the default one. It is "" for what is no
// absolute web address, or has a user or blanks in it.
func Host(id string) string {
	_, host := origin(id)
	return host
}

// SameOrigin tells whether two ids are on the same server (FEP-fe34).
func SameOrigin(a, b string) bool {
	schemeA, hostA := origin(a)
	schemeB, hostB := origin(b)
	return hostA != "" && hostA == hostB && schemeA == schemeB
}

func origin(id string) (scheme, host string) {
	if len(id) > maxID || strings.ContainsAny(id, " \t\r\n\\\x00") {
		return "", ""
	}
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Host == "" || strings.Contains(u.Host, "%") {
		return "", ""
	}
	name := strings.TrimSuffix(u.Hostname(), ".")
	if net.ParseIP(name) == nil {
		if name, err = idna.Lookup.ToASCII(name); err != nil || name == "" {
			return "", ""
		}
	}
	host = strings.ToLower(name)
	port := u.Port()
	if port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		return u.Scheme, net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme, host
}
