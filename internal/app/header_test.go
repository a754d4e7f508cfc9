package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
)

// guarding are the headers that every answer has, as they are sent.
var guarding = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
}

// guarded fails unless an answer has them all, once. JSON, of which no browser
// makes a page, may lack those that are for pages.
func guarded(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	document := strings.Contains(w.Header().Get("Content-Type"), "json")
	for name, want := range guarding {
		if strict := "default-src 'none'; sandbox"; name == "Content-Security-Policy" && w.Header().Get(name) == strict {
			want = strict // a picture may do even less than a page
		}
		if name == "Referrer-Policy" && w.Header().Get(name) == "no-referrer" {
			want = "no-referrer" // a page whose address is a key says less
		}
		if document && w.Header().Get(name) == "" && !slices.Contains([]string{"X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Strict-Transport-Security"}, name) {
			continue
		}
		if got := w.Result().Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s %q", what, name, got)
		}
	}
	for _, feature := range []string{"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()", "browsing-topics=()", "publickey-credentials-get=(self)"} {
		if !document && !strings.Contains(w.Header().Get("Permissions-Policy"), feature) {
			t.Errorf("%s: Permissions-Policy %q", what, w.Header().Get("Permissions-Policy"))
		}
	}
	if kind := w.Header().Get("Content-Type"); w.Body.Len() > 0 && kind == "" {
		t.Errorf("%s: the type of what is sent is for the browser to guess", what)
	}
}

// TestHeaders: every route, also where it refuses, sends them.
func TestHeaders(t *testing.T) {
	shows(t, "T-HDR-01 the headers of every route", func(t *testing.T, v *village) {
		w := v.world()
		asked := 0
		for route, row := range rowsOf(v, w) {
			method, _, _ := strings.Cut(route, " ")
			path := row.path
			if path == "" {
				_, path, _ = strings.Cut(route, " ")
			}
			for _, who := range []viewer{nobody, editor, hall} {
				for _, accept := range []string{html, as2} {
					guarded(t, route+" by "+string(who), w.browsers[who].ask(method, path, accept, url.Values{}))
					asked++
				}
			}
		}
		if asked < 400 {
			t.Errorf("%d requests only", asked)
		}
		for _, path := range []string{"/nichts", "/ap/nichts", "/../x", "/media/x", "/assets/x", "/%00", "/.well-known/webfinger"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodTrace, "QUATSCH"} {
				guarded(t, method+" "+path, w.browsers[nobody].ask(method, path, html, url.Values{}))
			}
		}
		p, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Bild", Picture: &object.Upload{Image: strings.NewReader(picture), Alt: "Lampions"}})
		if err != nil {
			t.Fatal(err)
		}
		got := w.browsers[nobody].ask(http.MethodGet, strings.TrimPrefix(p.Attachment[0].URL, w.origin), html, url.Values{})
		if got.Code != 200 || got.Header().Get("Content-Security-Policy") != "default-src 'none'; sandbox" || got.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("a picture: %d %v", got.Code, got.Header())
		}
	})
}

// noise is the log of a village.
func (v *village) noise(t *testing.T) (http.Handler, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	v.log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return v.handler(), log
}

// TestLog: what others send is a value in a line of the log, a short one, and
// what is nobody's business is not there at all.
func TestLog(t *testing.T) {
	shows(t, "T-LOG-01 the log", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		h, log := v.noise(t)
		const forged = "x\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\r\n\x1b[31mrot\x00\u2028\u202e"
		long := strings.Repeat("A", 200_000)
		send := func(method, path, kind, body string, headers ...string) {
			r := httptest.NewRequest(method, "/", strings.NewReader(body))
			r.URL.Path = path
			r.RemoteAddr = "203.0.113.77:4711"
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Cookie", "__Host-aushang=GEHEIM")
			r.Header.Set("Authorization", "Bearer GEHEIM")
			for i := 1; i < len(headers); i += 2 {
				r.Header.Set(headers[i-1], headers[i])
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		for _, s := range []string{forged, long} {
			text, _ := json.Marshal(s)
			send("GET", "/vereine/"+s, "", "", "User-Agent", "UA"+s, "X-Forwarded-For", "203.0.113.78")
			send("GET", "/ap/objects/"+s, "", "", "Referer", s, "Accept", s, "Accept-Language", s)
			send("POST", "/anmelden", "application/x-www-form-urlencoded", url.Values{"email": {"anna@example.org" + s}, "password": {"GEHEIM" + s}}.Encode())
			send("POST", "/anmelden", "application/x-www-form-urlencoded", url.Values{"email": {"anna@example.org"}, "password": {"GEHEIM"}}.Encode())
			send("QUATSCH"+strings.ToValidUTF8(strings.ReplaceAll(s[:1], "\n", ""), ""), "/", "", "")
			for _, body := range []string{
				`{"type":` + string(text) + `,"actor":` + string(text) + `,"object":` + string(text) + `}`,
				`{"@context":"` + as.Namespace + `","id":` + string(text) + `,"type":"Create","actor":"https://b.test/eve","object":{"content":"GEHEIM"}}`,
				`{` + string(text) + `:1,` + string(text) + `:2}`, s,
			} {
				send("POST", "/ap/inbox", as.MediaType, body, "Signature", `keyId="https://b.test/eve#main-key",headers="`+strings.Map(printable, s[:min(len(s), 20000)])+`",signature="eA=="`)
			}
		}
		lines := bufio.NewScanner(bytes.NewReader(log.Bytes()))
		lines.Buffer(nil, 1<<24)
		n := 0
		for ; lines.Scan(); n++ {
			var line map[string]any
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line["msg"] == "forged" {
				t.Errorf("%v: %.200s", err, lines.Bytes())
			}
			if len(lines.Bytes()) > 4096 {
				t.Errorf("a line of %d bytes: %.300s", len(lines.Bytes()), lines.Bytes())
			}
			for _, secret := range []string{"GEHEIM", "203.0.113", "anna@", "UAx", "UAA"} {
				if bytes.Contains(lines.Bytes(), []byte(secret)) {
					t.Errorf("%s is in the log: %.300s", secret, lines.Bytes())
				}
			}
		}
		if n < 10 {
			t.Errorf("%d lines only", n)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r > '~' || r == '"' {
		return -1
	}
	return r
}

// TestMethods: reading changes nothing, whatever the route.
func TestMethods(t *testing.T) {
	shows(t, "T-AUTH-16 T-VIS-14 reading changes nothing, and shows nobody's address", func(t *testing.T, v *village) {
		w := v.world()
		tables := []string{"objects", "activities", "deliveries", "follows", "accounts", "editors", "blocks", "club_blocks", "reports", "reactions", "edits", "quotes"}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = v.count(table)
		}
		err := chi.Walk(w.browsers[nobody].h.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			row := rowsOf(v, w)[method+" "+pattern]
			for who, b := range w.browsers {
				if row.path == "" || pattern == "/abmelden" {
					continue
				}
				for _, read := range []string{http.MethodGet, http.MethodHead} {
					got := b.ask(read, row.path, html, url.Values{})
					// People see their own, and who answers for a club those of its editors.
					if who == hall || who == admin || (who == owner || who == office) && pattern == "/vereine/{handle}/personen" || who == office && pattern == "/rathaus/vereine/{handle}" {
						continue
					}
					shown := strings.ReplaceAll(got.Body.String(), addressOf(who), "")
					if slices.ContainsFunc(viewers, func(other viewer) bool { return strings.Contains(shown, addressOf(other)) }) {
						t.Errorf("%s shows a mail address to %s", pattern, who)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if n := v.count(table); n != before[table] {
				t.Errorf("%d rows more in %s", n-before[table], table)
			}
		}
	})
}
