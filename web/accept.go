package web

import (
	"cmp"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// WantsActivity tells whether who asks for a page prefers its ActivityPub
// document. Without an Accept, or with anything, it is a page that is wanted.
func WantsActivity(r *http.Request) bool {
	activity, html := preferences(r)
	return activity > html
}

// WantsHTML tells whether who asks for an id is a browser that wants its page.
// Without an Accept, or with anything, it is the document that is wanted.
func WantsHTML(r *http.Request) bool {
	activity, html := preferences(r)
	return html > activity
}

// Preference says the same in a number: more than 0 for the document, less for
// the page, 0 when nothing is said.
func Preference(r *http.Request) int8 {
	activity, html := preferences(r)
	return int8(cmp.Compare(activity, html))
}

// preferences gives the q-values of the ActivityPub types and of HTML (RFC 9110
// 12.5.1); -1 when a type is not named. Wildcards say nothing about either.
func preferences(r *http.Request) (activity, html float64) {
	activity, html = -1, -1
	values := r.Header["Accept"]
	if len(values) == 0 || len(values) == 1 && (values[0] == "" || values[0] == "*/*") {
		return activity, html
	}
	if len(values) == 1 && values[0] == "application/activity+json" {
		return 1, html
	}
	accept := strings.Join(values, ",")
	const most = 4096
	if len(accept) > most {
		return activity, html
	}
	for _, part := range splitList(accept) {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		if q == 0 {
			q = -1 // not wanted at all
		}
		switch kind {
		case "application/activity+json", "application/ld+json":
			activity = max(activity, q)
		case "text/html", "application/xhtml+xml":
			html = max(html, q)
		}
	}
	return activity, html
}

// splitList splits at commas outside of quotes.
func splitList(s string) []string {
	var list []string
	quoted, start := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			list, start = append(list, s[start:i]), i+1
		}
	}
	return append(list, s[start:])
}
