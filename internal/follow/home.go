package follow

import (
	"net/url"
	"regexp"
	"strings"

	"codeberg.org/aushang/aushang/federation/webfinger"
)

// maxAddress is how long an address may be that we read or lead to, in bytes.
const maxAddress = 2048

// A home is the server on which somebody has an account.
type home struct {
	host string
	// resources are the names under which WebFinger is asked, the best first.
	resources []string
}

// parseHome reads what people type of their account: "@name@server",
// "name@server", the address of their profile, or the server alone.
func parseHome(s string) (home, bool) {
	s = strings.TrimSpace(s)
	switch {
	case len(s) > maxAddress:
		return home{}, false
	case strings.Contains(s, "/"):
		return parseProfile(s)
	case strings.Contains(s, "@"):
		return parseHandle(s)
	}
	return parseServer(s)
}

// parseHandle reads "@name@server".
func parseHandle(s string) (home, bool) {
	name, domain, err := webfinger.ParseHandle(s)
	if err != nil {
		return home{}, false
	}
	return home{domain, []string{"acct:" + name + "@" + domain}}, true
}

// parseServer reads the name of a server. Mastodon knows its own actor as
// server@server, others by their address (FEP-d556).
func parseServer(s string) (home, bool) {
	_, host, err := webfinger.ParseHandle("any@" + s)
	if err != nil || !strings.Contains(host, ".") {
		return home{}, false // a name alone says nothing of the server
	}
	return home{host, []string{"acct:" + host + "@" + host, "https://" + host + "/"}}, true
}

// parseProfile reads the address of a profile, with its scheme or without.
func parseProfile(s string) (home, bool) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return home{}, false
	}
	server, ok := parseServer(u.Host)
	if !ok || strings.Trim(u.Path, "/") == "" {
		return server, ok
	}
	if name, ok := strings.CutPrefix(u.Path, "/@"); ok {
		name, _, _ = strings.Cut(name, "/")
		if !strings.Contains(name, "@") { // otherwise a guest on this server, at home on another
			name += "@" + server.host
		}
		return parseHandle(name)
	}
	return home{server.host, []string{"https://" + server.host + u.EscapedPath()}}, true
}

// What a server says about where its people follow and open things.
const (
	relFollow    = "https://w3id.org/fep/3b86/Follow"
	relObject    = "https://w3id.org/fep/3b86/Object"
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
)

// intent finds in jrd the page of the server on which its people follow the
// club or open the thing id. back is where they may be led when they are done.
// It is nil when the server offers none that is safe.
func intent(jrd *webfinger.JRD, club bool, id, back string) *url.URL {
	rels := []string{relObject, relSubscribe}
	if club {
		rels = []string{relFollow, relObject, relSubscribe}
	}
	for _, rel := range rels {
		for _, l := range jrd.Links {
			if l.Rel != rel {
				continue
			}
			if u := expand(l.Template, id, back); u != nil {
				return u
			}
		}
	}
	return nil
}

// blank is a place in a template that we have nothing for.
var blank = regexp.MustCompile(`\{[^{}]*\}`)

// expand fills in a template (FEP-3b86). nil unless it leads to https and says
// what is meant.
func expand(template, id, back string) *url.URL {
	if !strings.Contains(template, "{object}") && !strings.Contains(template, "{uri}") {
		return nil
	}
	id, back = url.QueryEscape(id), url.QueryEscape(back)
	filled := strings.NewReplacer("{object}", id, "{uri}", id, "{on-success}", back, "{on-cancel}", back).Replace(template)
	u, err := url.Parse(blank.ReplaceAllString(filled, ""))
	if err != nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || len(filled) > maxAddress {
		return nil
	}
	if _, ok := parseServer(u.Host); !ok {
		return nil
	}
	return u
}
