// Package webfinger answers and asks who is behind a handle such as
// @club@town.example (RFC 7033), and serves host-meta (RFC 6415).
//
// It must not know what is found: it is given a function that resolves.
package webfinger

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// MediaType is that of a JRD.
const MediaType = "application/jrd+json"

// What a resolver may say. Any other error is a fault of ours.
var (
	ErrNotFound = errors.New("there is no such resource")
	ErrGone     = errors.New("the resource is gone")
)

// JRD describes a resource (RFC 7033 4.4).
type JRD struct {
	Subject string   `json:"subject"`
	Aliases []string `json:"aliases,omitempty"`
	Links   []Link   `json:"links"`
}

// Link is one link of a JRD. Template is used in place of Href by
// subscription links.
type Link struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

// Resolve finds what a resource is: "acct:name@domain", or a web address.
type Resolve func(ctx context.Context, resource string) (*JRD, error)

// Handler answers /.well-known/webfinger: 400 without a usable resource, 404
// and 410 as resolve says.
func Handler(resolve Resolve) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		resource := strings.TrimSpace(r.URL.Query().Get("resource"))
		if resource == "" || len(resource) > 2048 || !strings.Contains(resource, ":") && !strings.Contains(resource, "@") {
			fail(w, http.StatusBadRequest, "give a resource, such as acct:name@domain")
			return
		}
		if !strings.Contains(resource, ":") {
			resource = "acct:" + strings.TrimPrefix(resource, "@")
		}
		jrd, err := resolve(r.Context(), resource)
		switch {
		case errors.Is(err, ErrNotFound):
			fail(w, http.StatusNotFound, "there is no such resource")
		case errors.Is(err, ErrGone):
			fail(w, http.StatusGone, "the resource is gone")
		case err != nil:
			w.Header().Set("Retry-After", "60")
			fail(w, http.StatusServiceUnavailable, "try again later")
		default:
			body, err := json.Marshal(jrd)
			if err != nil {
				fail(w, http.StatusInternalServerError, "the answer cannot be written")
				return
			}
			w.Header().Set("Content-Type", MediaType)
			_, _ = w.Write(body)
		}
	})
}

func fail(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence})
}

// HostMeta answers /.well-known/host-meta: where WebFinger is (RFC 6415 3).
// Mobilizon asks it first, Mastodon when WebFinger answers 404.
func HostMeta(origin string) http.Handler {
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(origin)); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	body := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="` +
		escaped.String() + `/.well-known/webfinger?resource={uri}"/></XRD>` + "\n"
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "application/xrd+xml")
		_, _ = w.Write([]byte(body))
	})
}

// names and domains are what a handle is made of, and how long they may be in
// characters; a pattern that counts so far takes milliseconds of every start. A
// port is only useful where private networks are allowed; the one who connects
// decides that.
var (
	names   = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`)
	domains = regexp.MustCompile(`^[\pL\pN]([\pL\pN.-]*[\pL\pN])?(:[0-9]{1,5})?$`)
)

const (
	maxName   = 64
	maxDomain = 253
)

// isHandle tells whether name and domain can be those of a handle.
func isHandle(name, domain string) bool {
	host, _, _ := strings.Cut(domain, ":")
	return len(name) <= maxName && utf8.RuneCountInString(host) <= maxDomain && names.MatchString(name) && domains.MatchString(domain)
}

// ParseHandle reads "@name@domain", "name@domain" or "acct:name@domain"
// (nothing else can be in it). The domain comes in its canonical form.
func ParseHandle(handle string) (name, domain string, err error) {
	s := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(handle), "acct:"), "@")
	name, domain, ok := strings.Cut(s, "@")
	if ok = ok && isHandle(name, domain); ok {
		domain = as.Host("https://" + domain)
	}
	if !ok || domain == "" {
		return "", "", fmt.Errorf("%q is no handle; write it like @name@domain.example", handle)
	}
	return name, domain, nil
}

// maxJRD is how large the answer to a look-up may be, in bytes.
const maxJRD = 64 << 10

// Get fetches a document of at most limit bytes.
type Get func(ctx context.Context, url, accept string, limit int64) ([]byte, error)

// Find asks a host what it knows of a resource: "acct:name@domain", or a web
// address.
func Find(ctx context.Context, get Get, host, resource string) (*JRD, error) {
	query := url.Values{"resource": {resource}}
	body, err := get(ctx, "https://"+host+"/.well-known/webfinger?"+query.Encode(), MediaType+", application/json", maxJRD)
	if err != nil {
		return nil, err
	}
	jrd := new(JRD)
	if err := json.Unmarshal(body, jrd); err != nil {
		return nil, fmt.Errorf("the answer of %s cannot be read: %w", host, err)
	}
	return jrd, nil
}

// Lookup asks the domain of a handle which actor it means, and gives the
// actor's id. Whether that actor agrees is for the caller to ask.
func Lookup(ctx context.Context, get Get, handle string) (actorID string, err error) {
	name, domain, err := ParseHandle(handle)
	if err != nil {
		return "", err
	}
	jrd, err := Find(ctx, get, domain, "acct:"+name+"@"+domain)
	if err != nil {
		return "", err
	}
	for _, l := range jrd.Links {
		if l.Rel == "self" && (l.Type == as.MediaType || l.Type == as.MediaTypeLD) && as.Host(l.Href) != "" {
			return l.Href, nil
		}
	}
	return "", fmt.Errorf("%s knows %s, but not as somebody who can be followed", domain, handle)
}
