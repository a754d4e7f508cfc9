package webfinger

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// FuzzLookup: whatever a domain answers, what is taken from it is the address
// of an actor.
func FuzzLookup(f *testing.F) {
	for _, body := range []string{
		`{"subject":"acct:lena@fedi.test","aliases":["https://fedi.test/@lena"],"links":[{"rel":"self","type":"application/activity+json","href":"https://fedi.test/users/lena"}]}`,
		`{"subject":"acct:lena@fedi.test","links":[{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"https://fedi.test/authorize_interaction?uri={uri}"},{"rel":"self","type":"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"","href":"https://fedi.test/u/1"}]}`,
		`{"links":[{"rel":"self","type":"application/activity+json","href":"javascript:x"}]}`, `{"links":null}`, `{"links":{}}`, `[]`, `null`, `{"links":[null]}`, `<XRD/>`, ``,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		get := func(context.Context, string, string, int64) ([]byte, error) { return body, nil }
		if id, err := Lookup(t.Context(), get, "@lena@fedi.test"); err == nil && as.Host(id) == "" {
			t.Errorf("%q is no actor, says %q", id, body)
		}
	})
}

// FuzzHandler: a resource that somebody asks for is answered, and never taken
// for a fault of ours.
func FuzzHandler(f *testing.F) {
	for _, s := range []string{"acct:tsv@here.test", "@tsv@here.test", "https://here.test/ap/actors/1", "acct:", "", "mailto:a@b", "tsv@here.test\r\nX: y", "acct:%00@here.test"} {
		f.Add(s)
	}
	h := Handler(func(_ context.Context, resource string) (*JRD, error) {
		if name, domain, err := ParseHandle(resource); err == nil && domain == "here.test" {
			return &JRD{Subject: "acct:" + name + "@" + domain}, nil
		}
		return nil, ErrNotFound
	})
	f.Fuzz(func(t *testing.T, resource string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/webfinger?"+url.Values{"resource": {resource}}.Encode(), nil))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", resource, w.Code)
		}
	})
}
