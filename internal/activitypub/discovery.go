package activitypub

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/nodeinfo"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

func (s *Surface) mountDiscovery(r chi.Router) {
	r.Method("GET", "/.well-known/webfinger", webfinger.Handler(s.resolve))
	r.Method("GET", "/.well-known/host-meta", webfinger.HostMeta(s.site.Origin))
	r.Method("GET", "/.well-known/nodeinfo", nodeinfo.Links(s.site.Origin, s.site.InstanceID()))
	r.Method("GET", "/nodeinfo/2.0", nodeinfo.Handler("2.0", s.nodeInfo))
	r.Method("GET", "/nodeinfo/2.1", nodeinfo.Handler("2.1", s.nodeInfo))
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
	if a.Type == actor.Application {
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
		return s.Actors.FindLocal(ctx, name)
	}
	if strings.TrimSuffix(resource, "/") == s.site.Origin {
		return s.Actors.FindActive(ctx, s.site.InstanceID())
	}
	a, err := s.Actors.FindActive(ctx, resource)
	if problem.KindOf(err) == problem.NotFound {
		return s.Actors.FindURL(ctx, resource)
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
		Metadata: map[string]any{"nodeName": s.site.Name},
	}, nil
}
