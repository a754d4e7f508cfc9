package webfinger

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	h := Handler(func(_ context.Context, resource string) (*JRD, error) {
		switch strings.ToLower(resource) {
		case "acct:tsv@here.test":
			return &JRD{Subject: "acct:tsv@here.test", Links: []Link{{Rel: "self"}}}, nil
		case "acct:gone@here.test":
			return nil, ErrGone
		case "acct:broken@here.test":
			return nil, errors.New("disk")
		}
		return nil, ErrNotFound
	})
	for resource, want := range map[string]int{
		"acct:tsv@here.test": 200, "acct:TSV@HERE.TEST": 200, "tsv@here.test": 200, "@tsv@here.test": 200,
		"": 400, "nonsense": 400, "acct:other@here.test": 404, "acct:gone@here.test": 410, "acct:broken@here.test": 503,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/.well-known/webfinger?resource="+url.QueryEscape(resource), nil))
		if w.Code != want {
			t.Errorf("%q: status %d, want %d", resource, w.Code, want)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%q: no CORS", resource)
		}
		if want == 200 && (w.Header().Get("Content-Type") != MediaType || !json.Valid(w.Body.Bytes())) {
			t.Errorf("%q: %s %s", resource, w.Header(), w.Body)
		}
	}
}

func TestHostMeta(t *testing.T) {
	w := httptest.NewRecorder()
	HostMeta("https://here.test").ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `template="https://here.test/.well-known/webfinger?resource={uri}"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestParseHandle(t *testing.T) {
	for h, want := range map[string]string{
		"@lena@fedi.test": "fedi.test", "lena@fedi.test": "fedi.test", "acct:lena@fedi.test": "fedi.test", "@l.e-n_a@müsterdorf.example": "xn--msterdorf-q9a.example",
		"@lena@MÜSTERDORF.example": "xn--msterdorf-q9a.example", "@lena@fedi.test:8443": "fedi.test:8443", "@lena@FEDI.test:443": "fedi.test", "x@fedi.test\r\n": "fedi.test",
	} {
		if _, domain, err := ParseHandle(h); err != nil || domain != want {
			t.Errorf("%q: %s, %v", h, domain, err)
		}
	}
	t.Run("T-SSRF-05 T-DOS-08 what is no handle", func(t *testing.T) {
		for _, h := range []string{
			"", "lena", "@lena", "@lena@", "@@fedi.test", "x@host:1234/path?y=1#", "x@user:pw@host", "x@fedi.test.", "x@fe di.test", "x@fedi\r\n.test",
			"x@[::1]", "x@fedi.test?y", "x y@fedi.test", "x@fedi.test:0", "x@fedi.test:99999", "x@fedi..test", "x@fedi。test", "x@fe\u00addi.test", "x@-fedi.test",
			"x@fedi.test%2e", "x@fedi.test\\@evil.test", "\u202ex@fedi.test", "x@" + strings.Repeat("a", 10_000) + "!", "x@" + strings.Repeat("a.", 200) + "test",
		} {
			if name, domain, err := ParseHandle(h); err == nil {
				t.Errorf("%.40q: %s %s", h, name, domain)
			}
		}
	})
}

func TestLookup(t *testing.T) {
	get := func(body string) Get {
		return func(_ context.Context, url, _ string, _ int64) ([]byte, error) {
			if url != "https://fedi.test/.well-known/webfinger?resource=acct%3Alena%40fedi.test" {
				t.Errorf("asked %s", url)
			}
			return []byte(body), nil
		}
	}
	id, err := Lookup(context.Background(), get(`{"links":[{"rel":"self","type":"text/html","href":"https://fedi.test/@lena"},{"rel":"self","type":"application/activity+json","href":"https://fedi.test/users/lena"}]}`), "@lena@fedi.test")
	if err != nil || id != "https://fedi.test/users/lena" {
		t.Errorf("%s, %v", id, err)
	}
	for _, body := range []string{`{}`, `no`, `{"links":[{"rel":"self","type":"application/activity+json","href":"javascript:x"}]}`} {
		if id, err := Lookup(context.Background(), get(body), "@lena@fedi.test"); err == nil {
			t.Errorf("%s: %s", body, id)
		}
	}
}

func FuzzParseHandle(f *testing.F) {
	f.Add("@lena@fedi.test")
	f.Fuzz(func(t *testing.T, s string) {
		if name, domain, err := ParseHandle(s); err == nil && strings.ContainsAny(name+domain, "/?#@ \r\n\\%") {
			t.Errorf("%q %q", name, domain)
		}
	})
}
