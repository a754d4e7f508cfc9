package app

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
)

// home is another server that knows its people by WebFinger.
func (v *village) home(answer http.HandlerFunc) (host string) {
	v.t.Helper()
	s := httptest.NewTLSServer(answer)
	v.t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	allow, err := transport.ParseAllowed(fmt.Sprintf("127.0.0.0/8:%d", s.Listener.Addr().(*net.TCPAddr).Port))
	if err != nil {
		v.t.Fatal(err)
	}
	v.client = transport.New(transport.Options{Allow: []transport.AllowedAddress{allow}, Roots: roots, Self: "here.test"})
	v.t.Cleanup(v.client.CloseIdle)
	return s.Listener.Addr().String()
}

// knows answers as a server on which lena has an account.
func knows(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	links := []webfinger.Link{}
	switch {
	case strings.HasPrefix(resource, "acct:lena@"):
		links = append(links, webfinger.Link{Rel: "http://ostatus.org/schema/1.0/subscribe", Template: "https://fedi.test/authorize_interaction?uri={uri}"})
	case strings.HasPrefix(resource, "acct:new@"):
		links = append(links,
			webfinger.Link{Rel: "https://w3id.org/fep/3b86/Follow", Template: "https://fedi.test/follow?o={object}"},
			webfinger.Link{Rel: "https://w3id.org/fep/3b86/Object", Template: "https://fedi.test/open?o={object}"})
	case strings.HasPrefix(resource, "acct:plain@"):
	case resource == "https://"+r.Host+"/":
		links = append(links, webfinger.Link{Rel: "http://ostatus.org/schema/1.0/subscribe", Template: "https://fedi.test/any?uri={uri}"})
	case strings.HasPrefix(resource, "acct:broken@"):
		_, _ = w.Write([]byte("<html>"))
		return
	case strings.HasPrefix(resource, "acct:ill@"):
		w.WriteHeader(http.StatusBadGateway)
		return
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(webfinger.JRD{Subject: resource, Links: links})
}

// send sends the form as a browser does.
func (v *village) send(path, account string, headers ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(url.Values{"konto": {account}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", html)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	v.handler().ServeHTTP(w, r)
	return w
}

func TestFollowPage(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p, gone := v.event("Sommerfest"), v.post("Schlüssel gefunden"), v.post("weg")
		if err := v.Activities.DeleteObject(t.Context(), "operator", gone.ID); err != nil {
			t.Fatal(err)
		}
		v.meet(lena)
		to := func(id string) string { return "/folgen?uri=" + url.QueryEscape(id) }
		for where, id := range map[string]string{"/vereine/tsv": v.club.ID, path(e.URL): e.ID, path(p.URL): p.ID} {
			if body := v.get(where, html).Body.String(); !strings.Contains(body, `href="`+to(id)+`"`) {
				t.Errorf("%s does not lead to %s", where, to(id))
			}
		}
		for where, want := range map[string]struct {
			status int
			says   string
		}{
			to(v.club.ID):                           {200, "@tsv@here.test"},
			to(e.ID):                                {200, e.ID},
			to(p.ID):                                {200, "Aushang von TSV"},
			to(e.ID) + "&lang=en":                   {200, "Answer or share"},
			to(gone.ID):                             {410, "gelöscht"},
			to(lena):                                {404, "gibt es nicht"},
			to(e.URL):                               {404, "gibt es nicht"},
			to("https://here.test/ap/instance"):     {404, "gibt es nicht"},
			to("https://here.test/ap/objects/none"): {404, "gibt es nicht"},
			to("https://here.test.evil/ap/objects/1"): {404, "gibt es nicht"},
			to("javascript:alert(1)"):                 {404, "gibt es nicht"},
			"/folgen":                                 {404, "gibt es nicht"},
		} {
			if w := v.get(where, html); w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
				t.Errorf("%s: %d, want %d with %q in\n%.3000s", where, w.Code, want.status, want.says, w.Body)
			}
		}
	})
}

func TestFollowLeads(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		host := v.home(knows)
		e := v.event("Sommerfest")
		club, event := "/folgen?uri="+url.QueryEscape(v.club.ID), "/folgen?uri="+url.QueryEscape(e.ID)
		for _, tc := range []struct {
			where, account string
			status         int
			says           string
		}{
			{club, "@lena@" + host, 200, `href="https://fedi.test/authorize_interaction?uri=` + url.QueryEscape(v.club.ID) + `"`},
			{club, "https://" + host + "/@lena", 200, "Weiter zu fedi.test"},
			{club, "new@" + host, 200, `href="https://fedi.test/follow?o=` + url.QueryEscape(v.club.ID) + `"`},
			{event, "@new@" + host, 200, `href="https://fedi.test/open?o=` + url.QueryEscape(e.ID) + `"`},
			{event, host, 200, `href="https://fedi.test/any?uri=` + url.QueryEscape(e.ID) + `"`},
			{event, "@plain@" + host, 422, "bietet diesen Weg nicht an"},
			{event, "@nobody@" + host, 422, host + " kennt dieses Konto nicht"},
			{event, "@broken@" + host, 422, "gibt keine Auskunft"},
			{event, "@ill@" + host, 422, "gibt keine Auskunft"},
			{event, "@lena@127.0.0.1:1", 422, "gibt keine Auskunft"},
			{event, "@lena@169.254.169.254", 422, "gibt keine Auskunft"},
			{event, `"><script>`, 422, "&#34;&gt;&lt;script&gt;"},
			{event, "", 422, "keine Adresse eines Kontos"},
			{event, "@tsv@here.test", 422, "Diese Adresse ist von hier"},
			{"/folgen?uri=https://b.test/1", "@lena@" + host, 404, "gibt es nicht"},
		} {
			w := v.send(tc.where, tc.account)
			body := w.Body.String()
			if w.Code != tc.status || !strings.Contains(body, tc.says) {
				t.Errorf("%s: %d, want %d with %s in\n%.4000s", tc.account, w.Code, tc.status, tc.says, body)
			}
			if wrong := strings.Contains(body, `aria-invalid="true"`); wrong != (tc.status == 422) || tc.status != 404 && !strings.Contains(body, `class="copy"`) {
				t.Errorf("%s: the field is wrong: %v", tc.account, wrong)
			}
		}
		if w := v.send(event, "@lena@"+host, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
			t.Errorf("a form of another site is answered %d", w.Code)
		}
	})
}

// TestFollowIsBounded: visitors cannot make us ask many servers at once.
func TestFollowIsBounded(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		came, answer := make(chan struct{}, 100), make(chan struct{})
		host := v.home(func(w http.ResponseWriter, r *http.Request) {
			came <- struct{}{}
			<-answer
			knows(w, r)
		})
		h, err := v.routes(v.queue)
		if err != nil {
			t.Fatal(err)
		}
		ask := func() *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/folgen?uri="+url.QueryEscape(v.club.ID), strings.NewReader("konto=lena%40"+host))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		done := make(chan int)
		for range 4 {
			go func() { done <- ask().Code }()
		}
		for range 4 {
			<-came
		}
		if w := ask(); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Gerade fragen viele zugleich") {
			t.Errorf("the fifth is answered %d", w.Code)
		}
		close(answer)
		for range 4 {
			if code := <-done; code != 200 {
				t.Errorf("one that waited is answered %d", code)
			}
		}
	})
}
