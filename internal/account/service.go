package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"codeberg.org/aushang/aushang/internal/problem"
)

// awayLife is how long a person may take at the sign-in service, and heldLife
// how long an identity waits for its person to connect it.
const (
	awayLife = 15 * time.Minute
	heldLife = 30 * time.Minute
)

// ReturnPath is where the sign-in service sends people back to.
const ReturnPath = "/anmelden/dienst/zurueck"

// A Service is the sign-in service of the town: an OpenID Connect provider.
type Service struct {
	// Issuer is its address, exactly as it calls itself.
	Issuer string
	// ClientID and Secret are what it knows the town by; "" for no secret.
	ClientID, Secret string
	// Name is what people call it.
	Name string
	// Scopes are asked for besides "openid".
	Scopes []string
	// RoleClaim names the claim that has the roles, "" for none; a dot leads into
	// a claim. Roles has a role here by a value of that claim.
	RoleClaim string
	Roles     map[string]string
	// NewPeople lets in who has no account yet.
	NewPeople bool
	// Client reaches it, behind the guard of federation/transport.
	Client *http.Client
}

// GivesRoles tells whether the sign-in service says what roles people have.
func (s *Accounts) GivesRoles() bool { return s.service != nil && s.service.RoleClaim != "" }

// UseService lets people sign in at v; nil for at none.
func (s *Accounts) UseService(v *Service) { s.service = v }

// Service gives the sign-in service of the town, nil when there is none.
func (s *Accounts) Service() *Service { return s.service }

// Said is what the service says of a person.
type Said struct {
	Issuer, Subject string
	Email           string
	// Verified tells that the service has seen that the address is the person's.
	Verified bool
	Name     string
	// Role is the highest that the claim gives; "" when it gives none.
	Role string
	// Next is where the person wanted to go.
	Next string
}

// away is what is kept while a person is at the service.
type away struct{ Nonce, Verifier, Next string }

// discover asks the service for its endpoints (OpenID Connect Discovery 1.0). It
// is asked each time: what it changes holds at once.
func (v *Service) discover(ctx context.Context, origin string) (*oidc.Provider, *oauth2.Config, error) {
	p, err := oidc.NewProvider(ctx, v.Issuer)
	if err != nil {
		return nil, nil, problem.Unavailablef("the sign-in service does not answer as it should: %w", err)
	}
	return p, &oauth2.Config{
		ClientID: v.ClientID, ClientSecret: v.Secret, Endpoint: p.Endpoint(), RedirectURL: origin + ReturnPath, Scopes: v.scopes(),
	}, nil
}

func (v *Service) scopes() []string {
	list := []string{oidc.ScopeOpenID}
	for _, s := range v.Scopes {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// AskService gives the address at the service to which a person goes to sign in,
// and the state that must come back to the same browser. It is a
// problem.Unavailable when the service does not answer.
func (s *Accounts) AskService(ctx context.Context, next, address string) (state, to string, err error) {
	v := s.service
	if v == nil {
		return "", "", problem.NotFoundf("the town has no sign-in service")
	}
	if err := s.admit(ctx, questionTries(address)); err != nil {
		return "", "", err
	}
	_, config, err := v.discover(oidc.ClientContext(ctx, v.Client), s.site.Origin)
	if err != nil {
		return "", "", err
	}
	w := away{Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next}
	if state, err = s.begin(ctx, leaves, "", w, awayLife); err != nil {
		return "", "", err
	}
	return state, config.AuthCodeURL(state, oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)), nil
}

// Back reads what the service says of the person who comes back with query, by
// the browser that remembers state. What does not hold is a problem.Invalid or,
// when it came twice or too late, a problem.Gone.
func (s *Accounts) Back(ctx context.Context, state string, query url.Values) (*Said, error) {
	v := s.service
	if v == nil {
		return nil, problem.NotFoundf("the town has no sign-in service")
	}
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(query.Get("state"))) != 1 {
		return nil, problem.Gonef("the browser remembers no such question")
	}
	var w away
	if _, err := s.take(ctx, leaves, state, &w); err != nil {
		return nil, err
	}
	if e := query.Get("error"); e != "" {
		return nil, problem.Invalidf("the sign-in service says %.100q", e)
	}
	ctx = oidc.ClientContext(ctx, v.Client)
	p, config, err := v.discover(ctx, s.site.Origin)
	if err != nil {
		return nil, err
	}
	if err := v.checkIssuer(p, query); err != nil {
		return nil, err
	}
	token, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(w.Verifier))
	if err != nil {
		return nil, problem.Invalidf("the sign-in service does not take the code: %w", err)
	}
	said, err := v.read(ctx, p, config, token, w.Nonce)
	if err != nil {
		return nil, err
	}
	said.Next = w.Next
	return said, nil
}

// checkIssuer refuses the answer of another service (RFC 9207).
func (v *Service) checkIssuer(p *oidc.Provider, query url.Values) error {
	var meta struct {
		Says bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&meta); err != nil {
		return problem.Unavailablef("the sign-in service does not answer as it should: %w", err)
	}
	if iss := query.Get("iss"); iss != v.Issuer && (iss != "" || meta.Says) {
		return problem.Invalidf("the answer is from %.200q and not from the sign-in service", iss)
	}
	return nil
}

// read verifies the ID token (OpenID Connect Core 1.0, 3.1.3.7) and gives what
// it says, with what the userinfo endpoint adds.
func (v *Service) read(ctx context.Context, p *oidc.Provider, config *oauth2.Config, token *oauth2.Token, nonce string) (*Said, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: v.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, problem.Invalidf("the ID token does not hold: %w", err)
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, problem.Invalidf("the ID token does not hold: %w", err)
	}
	azp, _ := claims["azp"].(string)
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return nil, problem.Invalidf("the ID token answers another question")
	case id.Subject == "" || len(id.Subject) > 255:
		return nil, problem.Invalidf("the ID token names nobody")
	case azp != "" && azp != v.ClientID, len(id.Audience) > 1 && azp == "":
		return nil, problem.Invalidf("the ID token is for %q", azp)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, problem.Invalidf("the ID token does not hold: %w", err)
		}
	}
	if claims["email"] == nil || v.RoleClaim != "" && find(claims, v.RoleClaim) == nil {
		if err := v.more(ctx, p, config, token, id.Subject, claims); err != nil {
			return nil, err
		}
	}
	return v.said(id.Subject, claims), nil
}

// more adds what the userinfo endpoint says and the ID token does not.
func (v *Service) more(ctx context.Context, p *oidc.Provider, config *oauth2.Config, token *oauth2.Token, subject string, claims map[string]any) error {
	if p.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := p.UserInfo(ctx, config.TokenSource(ctx, token))
	if err != nil {
		return problem.Unavailablef("the sign-in service does not say who it is: %w", err)
	}
	if info.Subject != subject {
		return problem.Invalidf("the sign-in service speaks of somebody else")
	}
	added := map[string]any{}
	if err := info.Claims(&added); err != nil {
		return problem.Invalidf("the sign-in service does not say who it is: %w", err)
	}
	if claims["email"] == nil { // both or neither: one says whose address the other is
		delete(claims, "email_verified")
	} else {
		delete(added, "email_verified")
	}
	for name, value := range added {
		if _, there := claims[name]; !there {
			claims[name] = value
		}
	}
	return nil
}

func (v *Service) said(subject string, claims map[string]any) *Said {
	text := func(name string) string { s, _ := claims[name].(string); return strings.TrimSpace(s) }
	said := &Said{Issuer: v.Issuer, Subject: subject, Email: strings.ToLower(text("email")), Name: text("name"), Role: v.role(claims)}
	said.Verified = said.Email != "" && (claims["email_verified"] == true || claims["email_verified"] == "true")
	for _, name := range []string{"preferred_username", "email"} {
		if said.Name == "" {
			said.Name = text(name)
		}
	}
	if name := []rune(said.Name); len(name) > 100 {
		said.Name = string(name[:100])
	}
	return said
}

// role gives the highest role that the claim gives, "" for none.
func (v *Service) role(claims map[string]any) string {
	if v.RoleClaim == "" {
		return ""
	}
	var values []any
	switch c := find(claims, v.RoleClaim).(type) {
	case string:
		values = []any{c}
	case []any:
		values = c
	}
	best := -1
	for _, value := range values {
		if name, ok := value.(string); ok {
			best = max(best, slices.Index(Roles, v.Roles[name]))
		}
	}
	if best < 0 {
		return ""
	}
	return Roles[best]
}

// find gives a claim by its name, or by a way of names with dots between.
func find(claims map[string]any, name string) any {
	if value, ok := claims[name]; ok {
		return value
	}
	first, rest, more := strings.Cut(name, ".")
	if inner, ok := claims[first].(map[string]any); ok && more {
		return find(inner, rest)
	}
	return nil
}

// Look asks the service for its endpoints, as signing in does, and gives the
// one to which people go.
func (v *Service) Look(ctx context.Context, origin string) (endpoint string, err error) {
	_, config, err := v.discover(oidc.ClientContext(ctx, v.Client), origin)
	if err != nil {
		return "", fmt.Errorf("look at the sign-in service: %w", err)
	}
	return config.Endpoint.AuthURL, nil
}
