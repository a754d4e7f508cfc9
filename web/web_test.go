package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"

	"codeberg.org/aushang/aushang/web/component"
)

func TestPreferences(t *testing.T) {
	const chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
	for accept, want := range map[string]struct{ activity, html bool }{
		"": {false, false}, "*/*": {false, false}, chrome: {false, true},
		"text/html, */*": {false, true},
		"application/activity+json, application/ld+json":                                                                   {true, false}, // Mastodon
		`application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1`: {true, false},
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams",application/activity+json`:                   {true, false}, // GoToSocial
		"application/activity+json":                        {true, false}, // Mobilizon, Gancio
		"text/html;q=0.5, application/activity+json;q=0.9": {true, false},
		"text/html;q=0.9, application/activity+json;q=0.5": {false, true},
		"application/activity+json;q=0":                    {false, false},
		"text/html;q=0, application/activity+json":         {true, false},
		"APPLICATION/ACTIVITY+JSON":                        {true, false},
		"application/json":                                 {false, false},
		"text/html;q=nonsense":                             {false, false},
		`"`:                                                {false, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		if got := WantsActivity(r); got != want.activity {
			t.Errorf("%q: WantsActivity = %v", accept, got)
		}
		if got := WantsHTML(r); got != want.html {
			t.Errorf("%q: WantsHTML = %v", accept, got)
		}
	}
}

func FuzzAccept(f *testing.F) {
	f.Add(`application/ld+json; profile="a,b";q=0.3, text/html`)
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		if WantsActivity(r) && WantsHTML(r) {
			t.Error("it wants both")
		}
	})
}

var errGone = errors.New("gone")

func site(t *testing.T) *Site {
	t.Helper()
	part := fstest.MapFS{
		"parts.html": {Data: []byte(`{{define "all"}}<h1>Alles</h1>
<ul>{{template "event-row" .Event}}{{template "event-row" .Off}}</ul><ul>{{template "post-card" .Post}}</ul>
<ul>{{template "club-card" .Club}}{{template "club-card" .Plain}}</ul>{{template "picture" .Picture}}{{template "crumbs" .Crumbs}}
{{template "empty" .Empty}}{{template "replies" .}}{{end}}{{define "task"}}<h1>x</h1>{{end}}`)},
		"text.de.toml": {Data: []byte(`"test.x" = "Ä"`)}, "text.en.toml": {Data: []byte(`"test.x" = "A"`)},
	}
	s, err := New(Options{
		Name: "Dorf <&>", Origin: "https://here.test", Language: "de", Parts: []fs.FS{part}, Repository: "https://r.test",
		Nav: []Link{{"nav.events", "/veranstaltungen", "calendar"}}, Log: slog.New(slog.DiscardHandler),
		Status: func(err error) int {
			if errors.Is(err, errGone) {
				return http.StatusGone
			}
			return http.StatusInternalServerError
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const hostile = `<script>alert(1)</script>"'&`

func view() map[string]any {
	at := time.Date(2026, 7, 11, 19, 0, 0, 0, time.UTC)
	return map[string]any{
		"Event": component.EventRow{Href: "/veranstaltungen/1", Name: hostile, When: "heute", Start: at, Place: hostile, By: hostile},
		"Off":   component.EventRow{Href: "/veranstaltungen/2", Name: "Fest", When: "heute", Start: at, Cancelled: true},
		"Post":  component.PostCard{Href: "/pinnwand/1", Content: "<p>gut</p>", By: hostile, ByHref: "/vereine/a", Published: at},
		"Club":  component.ClubCard{Href: "/vereine/a", Name: hostile, Handle: "@a@b", Summary: hostile, IconURL: "/media/x.jpg", IconAlt: hostile},
		"Plain": component.ClubCard{Href: "/vereine/a", Name: "A", Handle: "@a@b"}, "Picture": component.Picture{URL: "/media/x.jpg", Alt: hostile},
		"Crumbs": []component.Crumb{{Key: "nav.events", Href: "/veranstaltungen"}}, "Empty": component.Empty{Key: "error.404", TextKey: "error.404.text", Href: "/", ActionKey: "error.home"},
		"Act":    "/folgen?uri=x",
		"Counts": component.Counts{Replies: 1, Likes: 2}, "Report": "/melden?was=x",
		"Replies": []component.Reply{{Name: hostile, Handle: "@x@y", Href: "https://y.test/1", Content: "<p>ja</p>", Published: at, Own: true}},
	}
}

func get(t *testing.T, h http.Handler, path, accept, language string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRender(t *testing.T) {
	s := site(t)
	h := s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, http.StatusOK, "all", Page{Title: hostile, Description: hostile, Alternate: "https://here.test/ap/1", Canonical: "https://here.test/1", View: view()})
	})
	for language, want := range map[string]string{"": "de", "de-DE,en;q=0.5": "de", "en-GB": "en", "fr": "de", "fr,en;q=0.3": "en"} {
		w := get(t, h, "/", "text/html", language)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<html lang="`+want+`">`) {
			t.Errorf("%q: %d, not %s", language, w.Code, want)
		}
		check(t, w.Body.String())
	}
	if w := get(t, h, "/?lang=en", "text/html", "de"); !strings.Contains(w.Body.String(), `lang="en"`) {
		t.Error("?lang=en changes nothing")
	}
}

// TestHead: what programs read of a page stands in its head, and nothing in it
// can leave its place.
func TestHead(t *testing.T) {
	s := site(t)
	h := s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, http.StatusOK, "all", Page{
			Title: hostile, Image: "https://here.test/media/1.jpg", ImageAlt: hostile, Type: "article", View: view(),
			Feeds: []Feed{{Type: "text/calendar", Title: hostile, Href: "/kalender.ics"}},
			Data:  map[string]string{"name": hostile + "<!--\u2028"},
		})
	})
	body := get(t, h, "/x?a=b%26c", "text/html", "en").Body.String()
	check(t, body)
	for _, want := range []string{
		`<script type="application/ld+json">{"name":"\u003cscript\u003ealert(1)\u003c/script\u003e\"'\u0026\u003c!--\u2028"}</script>`,
		`<link rel="alternate" type="text/calendar" title="&lt;script&gt;`, `href="/kalender.ics"`, `property="og:locale" content="en_GB"`,
		`property="og:type" content="article"`, `property="og:image:alt" content="&lt;script&gt;`, `href="/x?a=b%26c&amp;lang=de"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the head lacks %s in\n%.2000s", want, body)
		}
	}
	if n := strings.Count(body, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	broken := s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, http.StatusOK, "all", Page{View: view(), Data: func() {}})
	})
	if w := get(t, broken, "/x", "text/html", "de"); w.Code != http.StatusInternalServerError {
		t.Errorf("data that cannot be written: %d", w.Code)
	}
}

// check walks a page: one h1, a language, no empty link, every picture with an
// alternative text, no script.
func check(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	headings := 0
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			attr := map[string]string{}
			for _, a := range n.Attr {
				attr[a.Key] = a.Val
			}
			_, hasAlt := attr["alt"]
			switch {
			case n.Data == "h1":
				headings++
			case n.Data == "script" && attr["type"] != "application/ld+json": // data, which no browser runs
				t.Error("there is a script")
			case n.Data == "a" && attr["href"] == "":
				t.Error("a link that leads nowhere")
			case n.Data == "img" && !hasAlt:
				t.Error("a picture without an alternative text")
			case n.Data == "html" && attr["lang"] == "":
				t.Error("no language")
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	if headings != 1 {
		t.Errorf("%d h1", headings)
	}
}

func TestWebcal(t *testing.T) {
	s := &Site{Options: Options{Origin: "https://stadt.example:8443"}}
	for address, want := range map[string]string{
		"https://stadt.example:8443/kalender.ics?verein=tsv": "webcal://stadt.example:8443/kalender.ics?verein=tsv",
		"https://stadt.example:8443.evil.example/x":          "", "https://evil.example/x": "", "javascript:alert(1)": "", "": "",
		"https://stadt.example:8443/\"><script>": "webcal://stadt.example:8443/%22%3E%3Cscript%3E",
	} {
		if got := string(s.webcal(address)); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	s := site(t)
	gone := s.Handle(func(http.ResponseWriter, *http.Request) error { return errGone })
	if w := get(t, gone, "/x", "text/html", "de"); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "gelöscht") {
		t.Errorf("%d %s", w.Code, w.Body)
	} else {
		check(t, w.Body.String())
	}
	if w := get(t, gone, "/x", "application/activity+json", ""); w.Code != http.StatusGone || w.Body.String() != "{\"error\":\"gone\"}\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	broken := s.Handle(func(http.ResponseWriter, *http.Request) error { return errors.New("secret") })
	var log strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, hang := context.WithCancel(t.Context())
	hang()
	w := httptest.NewRecorder()
	broken(w, httptest.NewRequest("GET", "/x", nil).WithContext(ctx))
	if w.Code != hungUp || log.Len() > 0 {
		t.Errorf("who hung up gets %d, and the log says %q", w.Code, log.String())
	}
	if w := get(t, broken, "/x", "text/html", "de"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	fails := s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, http.StatusOK, "all", Page{View: map[string]any{}})
	})
	if w := get(t, fails, "/x", "text/html", "de"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "Alles") {
		t.Errorf("a template that fails: %d %s", w.Code, w.Body)
	}
}

func TestSecure(t *testing.T) {
	s := site(t)
	panics := s.Secure(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }))
	w := get(t, panics, "/", "text/html", "de")
	if w.Code != http.StatusInternalServerError {
		t.Errorf("a panic is answered %d", w.Code)
	}
	want := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if got := w.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("CSP %q", got)
	}
	for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy", "Strict-Transport-Security"} {
		if w.Header().Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
}

func TestWords(t *testing.T) {
	if missing, err := site(t).Missing(); err != nil || len(missing) > 0 {
		t.Errorf("missing words: %v, %v", missing, err)
	}
}

// TestSlowConnections: who sends a header by drops, or nothing at all, is cut
// off, and others are answered meanwhile.
func TestSlowConnections(t *testing.T) {
	t.Run("T-DOS-19 a header by drops", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }), "", "")
		}()
		var slow []net.Conn
		for i := range 50 {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if slow = append(slow, c); i%2 == 0 {
				_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
			}
		}
		go func() {
			for ctx.Err() == nil {
				for _, c := range slow[:10] {
					_, _ = io.WriteString(c, "x")
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		res, err := http.Get("http://" + l.Addr().String())
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("a healthy client meanwhile: %v, %v", res, err)
		}
		_ = res.Body.Close()
		for i, c := range slow {
			_ = c.SetReadDeadline(time.Now().Add(time.Minute)) // generous: the machine may be busy
			if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("connection %d is still open", i)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
