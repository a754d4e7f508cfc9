// Package nodeinfo says what software a server runs (NodeInfo 2.0 and 2.1) and
// where the actor of the whole server is (FEP-2677).
//
// It must not know where its figures come from.
package nodeinfo

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Document is what a server says about itself.
type Document struct {
	Version           string         `json:"version"`
	Software          Software       `json:"software"`
	Protocols         []string       `json:"protocols"`
	Services          Services       `json:"services"`
	OpenRegistrations bool           `json:"openRegistrations"`
	Usage             Usage          `json:"usage"`
	Metadata          map[string]any `json:"metadata"`
}

// Software names the program. Repository is written in version 2.1 only.
type Software struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
}

// Services are other networks that are spoken to: none.
type Services struct {
	Inbound  []string `json:"inbound"`
	Outbound []string `json:"outbound"`
}

// Usage holds counts. Users stays empty: people who sign in are nobody's
// business, and a false number is worse than none.
type Usage struct {
	Users struct{} `json:"users"`
}

// versions are those that are served; Mobilizon prefers the newest.
var versions = []string{"2.1", "2.0"}

// rel is the relation of a schema version.
func rel(version string) string { return "http://nodeinfo.diaspora.software/ns/schema/" + version }

// Links answers /.well-known/nodeinfo. The schemas come first, since Gancio
// takes the first link; every link has an href, since Mobilizon fails without.
func Links(origin, application string) http.Handler {
	type link struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	}
	var links []link
	for _, v := range versions {
		links = append(links, link{rel(v), origin + "/nodeinfo/" + v})
	}
	links = append(links, link{"https://www.w3.org/ns/activitystreams#Application", application})
	body, err := json.Marshal(map[string]any{"links": links})
	if err != nil {
		panic(err) // strings only
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, "application/json", body)
	})
}

// Handler answers /nodeinfo/VERSION, "2.0" or "2.1", with what describe gives.
func Handler(version string, describe func(r *http.Request) (Document, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, err := describe(r)
		if err != nil {
			w.Header().Set("Retry-After", "60")
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		d.Version, d.Protocols = version, []string{"activitypub"}
		d.Services = Services{Inbound: []string{}, Outbound: []string{}}
		if version == "2.0" {
			d.Software.Repository = ""
		}
		if d.Metadata == nil {
			d.Metadata = map[string]any{}
		}
		body, err := json.Marshal(d)
		if err != nil {
			http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
			return
		}
		write(w, fmt.Sprintf("application/json; profile=%q", rel(version)+"#"), body)
	})
}

func write(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}
