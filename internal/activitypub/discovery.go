package activitypub

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/nodeinfo"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/prepared"
)

func (s *Surface) mountDiscovery(r chi.Router) {
	r.Method("GET", "/.well-known/webfinger", webfinger.Handler(s.resolve))
	for path, h := range map[string]http.Handler{
		"/.well-known/host-meta": webfinger.HostMeta(s.site.Origin), "/.well-known/nodeinfo": nodeinfo.Links(s.site.Origin, s.site.RelayID()),
		"/nodeinfo/2.0": nodeinfo.Handler("2.0", s.nodeInfo), "/nodeinfo/2.1": nodeinfo.Handler("2.1", s.nodeInfo),
	} {
		r.Get(path, func(w http.ResponseWriter, r *http.Request) {
			prepared.Keep(r.Context(), prepared.Terms{Targets: []string{path}})
			h.ServeHTTP(w, r)
		})
	}
}

// keepFound keeps the answer about a under the names that it has, as they stand
// in an address with and without escapes.
func keepFound(ctx context.Context, a *actor.Actor) {
	var targets []string
	for _, name := range []string{"acct:" + a.Acct, a.ID, a.URL} {
		for _, query := range []string{name, url.QueryEscape(name), strings.Replace(name, "@", "%40", 1), strings.Replace(url.QueryEscape(name), "%40", "@", 1)} {
			targets = append(targets, "/.well-known/webfinger?resource="+query)
		}
	}
	prepared.Keep(ctx, prepared.Terms{Targets: targets})
}

// resolve answers WebFinger for a handle, an actor's id or an actor's page
// (RFC 7033; FEP-d556 for the origin itself).
func (s *Surface) resolve(ctx context.Context, resource string) (*webfinger.JRD, error) {
	a, err := s.lookup(ctx, resource)
	if problem.KindOf(err) == problem.NotFound {
		return nil, webfinger.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if a.Type == actor.Person { // servers verify it, and nobody learns more
		return &webfinger.JRD{Subject: "acct:" + a.Acct, Links: []webfinger.Link{{Rel: "self", Type: as.MediaType, Href: a.ID}}}, nil
	}
	keepFound(ctx, a)
	jrd := &webfinger.JRD{
		Subject: "acct:" + a.Acct,
		Aliases: []string{a.ID, a.URL},
		Links: []webfinger.Link{
			{Rel: "self", Type: as.MediaType, Href: a.ID},
			{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: a.URL},
		},
	}
	if a.IconURL != "" {
		jrd.Links = append(jrd.Links, webfinger.Link{Rel: "http://webfinger.net/rel/avatar", Type: a.IconMediaType, Href: a.IconURL})
	}
	if a.ID == s.site.InstanceID() {
		jrd.Links = append(jrd.Links, webfinger.Link{Rel: as.Namespace + "Service", Type: as.MediaType, Href: a.ID})
	}
	return jrd, nil
}

func (s *Surface) lookup(ctx context.Context, resource string) (*actor.Actor, error) {
	if acct, ok := cutFold(resource, "acct:"); ok {
		name, domain, ok := strings.Cut(strings.TrimPrefix(acct, "@"), "@")
		if !ok || !s.answersFor(domain) {
			return nil, problem.NotFoundf("there is no account %s", acct)
		}
		a, err := s.Actors.FindLocal(ctx, name)
		if problem.KindOf(err) == problem.NotFound && domain == s.site.HandleDomain {
			a, err = s.Actors.FindResident(ctx, name)
		}
		if problem.KindOf(err) == problem.NotFound {
			return s.Actors.FindFormer(ctx, strings.ToLower(name), "")
		}
		return a, err
	}
	if strings.TrimSuffix(resource, "/") == s.site.Origin {
		return s.Actors.FindActive(ctx, s.site.InstanceID())
	}
	a, err := s.Actors.FindPublished(ctx, resource)
	if err == nil && a.Type == actor.Person {
		return nil, problem.NotFoundf("%s is found by its name alone", resource)
	}
	if problem.KindOf(err) == problem.NotFound {
		a, err = s.Actors.FindURL(ctx, resource)
	}
	if problem.KindOf(err) == problem.NotFound {
		return s.Actors.FindFormer(ctx, "", resource)
	}
	return a, err
}

// answersFor tells whether handles of domain are ours: those of the handle
// domain, and of the host where ids live.
func (s *Surface) answersFor(domain string) bool {
	domain = as.Host("https://" + domain)
	return domain != "" && (domain == s.site.HandleDomain || domain == s.site.Host())
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func (s *Surface) nodeInfo(*http.Request) (nodeinfo.Document, error) {
	return nodeinfo.Document{
		Software: nodeinfo.Software{Name: "aushang", Version: s.Version, Repository: s.Repository},
		Metadata: map[string]any{"nodeName": s.Name()},
	}, nil
}
