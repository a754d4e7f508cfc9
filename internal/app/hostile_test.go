package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestParameters: whatever stands in a parameter of a list is a value.
func TestParameters(t *testing.T) {
	shows(t, "T-SQL-01 parameters of every route", func(t *testing.T, v *village) {
		w := v.world()
		tables := []string{"objects", "accounts", "activities", "actors"}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = v.count(table)
		}
		names := []string{"after", "page", "before", "vor", "nach", "verein", "von", "bis", "tag", "zeit", "q", "id", "uri", "resource", "lang", "weiter", "order", "sort", "limit"}
		values := []string{"'", "' OR '1'='1", "\"; DROP TABLE objects; --", "x') UNION SELECT password_hash FROM accounts --", "1; SELECT pg_sleep(9)", "[]", `{"$ne":""}`, "%", "\\", "\x00", "-1", "9999999999999999999999"}
		for route, row := range rowsOf(v, w) {
			if !strings.HasPrefix(route, "GET ") || row.path == "" {
				continue
			}
			path, _, _ := strings.Cut(row.path, "?")
			for _, value := range values {
				query := url.Values{}
				for _, name := range names {
					query.Set(name, value)
					query.Add(name+"[]", value)
				}
				for _, who := range []viewer{nobody, hall} {
					for _, target := range []string{path + "?" + query.Encode(), strings.TrimSuffix(path, "/") + "/" + url.PathEscape(value) + "?page=1"} {
						got := w.browsers[who].ask(http.MethodGet, target, html, nil)
						if got.Code >= 500 || strings.Contains(got.Body.String(), "argon2id") {
							t.Errorf("%s by %s: %d", target, who, got.Code)
						}
					}
				}
			}
		}
		for _, table := range tables {
			if n := v.count(table); n != before[table] {
				t.Errorf("%s has %d rows, had %d", table, n, before[table])
			}
		}
	})
}

// TestSignInDoors: there is one limit for signing in, whatever way it is tried,
// and what is typed is text in every page and in every query.
func TestSignInDoors(t *testing.T) {
	shows(t, "T-RATE-05 other ways to the same limit", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		h := v.handler()
		try := func(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 1; i < len(headers); i += 2 {
				r.Header.Set(headers[i-1], headers[i])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		wrong := url.Values{"email": {"anna@example.org"}, "password": {"falsch"}}
		for n := range 10 {
			if w := try("POST", "/anmelden", wrong); w.Code != 422 {
				t.Fatalf("try %d: %d", n, w.Code)
			}
		}
		right := url.Values{"email": {"anna@example.org"}, "password": {satz}, "again-email": {"anna@example.org"}, "again-password": {satz}}
		for _, path := range []string{
			"/anmelden", "/anmelden/", "//anmelden", "/ANMELDEN", "/anmelden.json", "/anmelden%2f", "/./anmelden", "/anmelden?lang=en", "/anmelden;x=1", "/konto", "/pinnwand/neu", "/neues/gelesen",
		} {
			for _, headers := range [][]string{nil, {"X-HTTP-Method-Override", "POST"}, {"X-Forwarded-For", "198.51.100.9"}, {"Content-Type", "application/json"}} {
				if w := try("POST", path, right, headers...); w.Header().Get("Set-Cookie") != "" || w.Code < 300 {
					t.Errorf("%s with %v lets in: %d", path, headers, w.Code)
				}
				if w := try("GET", path+"?"+right.Encode(), nil, headers...); w.Header().Get("Set-Cookie") != "" {
					t.Errorf("%s lets in by its address: %d", path, w.Code)
				}
			}
		}
	})
	shows(t, "T-XSS-11 what pages of signing in repeat", func(t *testing.T, v *village) {
		const bad = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
		q := url.Values{}
		for _, name := range []string{"weiter", "email", "password", "lang", "token", "konto", "name", "x"} {
			q.Set(name, bad)
		}
		h := v.handler()
		for _, path := range []string{"/anmelden", "/anmelden/einmal/" + url.PathEscape(bad), "/konto", "/" + url.PathEscape(bad), "/folgen?uri=" + url.QueryEscape(v.club.ID) + "&x=y"} {
			for _, method := range []string{"GET", "POST"} {
				target := path
				if !strings.Contains(target, "?") {
					target += "?" + q.Encode()
				}
				r := httptest.NewRequest(method, target, strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Accept", html)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if body := w.Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") {
					t.Errorf("%s %s repeats it: %s", method, target, body)
				}
			}
		}
	})
	shows(t, "T-AUTH-08 what is typed is data", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		for _, typed := range []string{"*", "anna*", "anna@example.org)(|(uid=*", "*)(&", "' OR ''='", "anna@example.org'--", "otto\x00@example.org", "%", "_nna@example.org", "\\2a"} {
			for _, pair := range [][2]string{{typed, satz}, {typed, typed}, {"anna@example.org", typed}} {
				if _, err := v.Accounts.SignIn(t.Context(), pair[0], pair[1], typed); problem.KindOf(err) != problem.Invalid && problem.KindOf(err) != problem.TooMany {
					t.Errorf("%q: %v", pair, err)
				}
			}
		}
	})
}

// TestOddRows: a row that should not be there does not take a list with it.
func TestOddRows(t *testing.T) {
	shows(t, "T-DOS-10 odd rows in lists", func(t *testing.T, v *village) {
		e, p := v.event("Sommerfest"), v.post("Schlüssel gefunden")
		v.meet(lena)
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for i, o := range []*object.Object{
				{Type: "Event", Local: true, AttributedTo: v.club.ID},
				{Type: "Note", Local: true, AttributedTo: "https://here.test/ap/actors/none"},
				{Type: "", Local: true, AttributedTo: v.club.ID},
				{Type: "Note", Local: true, AttributedTo: v.club.ID, Content: "<p><b", URL: "::", Language: "?", Name: strings.Repeat("x", 1<<16)},
				{Type: "Note", AttributedTo: lena, InReplyTo: e.ID, Content: "<p><b", URL: "javascript:x"},
				{Type: "Note", AttributedTo: lena, InReplyTo: "https://b.test/odd/5"},
			} {
				o.ID, o.Visibility, o.Published = fmt.Sprintf("https://here.test/ap/objects/odd%d", i), object.Public, e.Published
				if !o.Local {
					o.ID = fmt.Sprintf("https://b.test/odd/%d", i)
				}
				o.Attachment = []*object.Attachment{{Type: "?", URL: "::", Width: -1, Blurhash: "?"}}
				if _, err := v.Objects.Put(ctx, tx, o); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, "UPDATE events SET timezone = 'Nowhere/None', place = ? WHERE object_id = ?", strings.Repeat("x", 1<<12), e.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		good := v.event("Winterfest")
		for path, want := range map[string]string{
			"/": "Winterfest", "/veranstaltungen": "Winterfest", "/pinnwand": "Schlüssel", "/vereine/tsv": "Winterfest", "/kalender.ics": "Winterfest", "/pinnwand/feed.rss": "Schlüssel",
			strings.TrimPrefix(v.club.ID, "https://here.test") + "/outbox?page=true": "Winterfest", strings.TrimPrefix(v.club.ID, "https://here.test") + "/events?page=true": good.Key(),
			strings.TrimPrefix(e.URL, "https://here.test"): "Sommerfest", strings.TrimPrefix(p.URL, "https://here.test"): "Schlüssel", strings.TrimPrefix(e.ID, "https://here.test"): "Sommerfest",
		} {
			accept := html
			if strings.HasPrefix(path, "/ap/") {
				accept = as2
			}
			if w := v.get(path, accept); w.Code != 200 || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "javascript:x") {
				t.Errorf("%s: %d, shows %s: %v", path, w.Code, want, strings.Contains(w.Body.String(), want))
			}
		}
	})
}

// TestTypedWords: whatever is typed here makes documents that others can read,
// or is refused.
func TestTypedWords(t *testing.T) {
	shows(t, "T-DOS-23 what is typed becomes readable documents", func(t *testing.T, v *village) {
		v.meet(lena)
		v.receive(`{"id":"https://b.test/f","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		for i, typed := range []string{
			"a\x00b", "a\xffb\xc3", "\xed\xa0\x80", "\u202erot\u2066", "\ufeff", strings.Repeat("[", 5000), strings.Repeat("> ", 5000) + "x", strings.Repeat("ä", 100_000), "](javascript:x)", "{{.}}", "\x1b[31m",
			"a\r\nBEGIN:VEVENT\r\nSUMMARY:x", "<!--", "]]>", strings.Repeat("e\u0301\u0301", 300), "https://" + strings.Repeat("a", 9000) + ".test/",
		} {
			_, eventErr := v.Events.Create(t.Context(), actor.Operator, event.Draft{
				AttributedTo: v.club.ID, Name: typed, Start: "2027-07-10T19:00", Place: typed, Text: typed,
			})
			_, postErr := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: typed})
			for what, err := range map[string]error{"event": eventErr, "post": postErr} {
				if err != nil && problem.KindOf(err) != problem.Invalid {
					t.Errorf("%d: %s: %v", i, what, err)
				}
			}
		}
		var bodies [][]byte
		if err := v.db.Read().NewSelect().Table("activities").Column("body").Scan(t.Context(), &bodies); err != nil {
			t.Fatal(err)
		}
		for _, body := range bodies {
			a, err := as.Decode(body)
			if err != nil || !utf8.Valid(body) || !json.Valid(body) || strings.Contains(string(body), "\\u0000") {
				t.Errorf("%v: %.200s", err, body)
				continue
			}
			if a.ID == "" || a.Actor == "" || a.Object.IsZero() {
				t.Errorf("%.200s lacks something", body)
			}
		}
		v.post("und weiter")
		if waiting, err := v.Activities.Deliveries(t.Context(), "b.test"); err != nil || len(waiting) < 2 {
			t.Errorf("%d deliveries, %v", len(waiting), err)
		}
		for _, path := range []string{"/", "/veranstaltungen", "/pinnwand", "/kalender.ics", "/pinnwand/feed.rss"} {
			if w := v.get(path, html); w.Code != 200 || strings.Contains(w.Body.String(), "\nBEGIN:VEVENT\r\nSUMMARY:x") {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	})
}

// TestForeignBlurhash: what others say of the colours of a picture is not used.
func TestForeignBlurhash(t *testing.T) {
	shows(t, "T-MED-07 a blurhash from elsewhere", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "Bild", `,"attachment":[{"type":"Image","url":"https://b.test/a.png","blurhash":"~~~~~","width":-1,"height":1e308}]`)))
		if v.count("attachments", "url = 'https://b.test/a.png'") != 1 || v.count("attachments", "blurhash <> '' AND url = 'https://b.test/a.png'", "width <> 0") != 0 {
			t.Error("it is stored")
		}
		if w := v.get(strings.TrimPrefix(e.URL, "https://here.test"), html); w.Code != 200 || strings.Contains(w.Body.String(), "~~~~~") {
			t.Errorf("%d", w.Code)
		}
	})
}

// TestSameNewsAtOnce: what arrives many times at once is news once.
func TestSameNewsAtOnce(t *testing.T) {
	shows(t, "T-ORD-04 the same change at once", func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "eins", "")))
		var all sync.WaitGroup
		for n := range 10 {
			all.Go(func() {
				v.receive(`{"id":"%s/update/%d","type":"Update","actor":"%s","object":%s}`, id, n, lena, note(id, lena, public, e.ID, "zwei", `,"updated":"2026-07-02T10:00:00Z"`))
			})
		}
		all.Wait()
		news, err := v.Notifications.List(t.Context(), []string{v.club.ID}, notification.Span{Limit: 100})
		if err != nil || len(news) != 1 {
			t.Errorf("%d news, %v", len(news), err)
		}
		b := v.signedIn("anna@example.org")
		b.open("/neues")
		if n := strings.Count(b.page, "zwei"); n != 1 {
			t.Errorf("it stands there %d times", n)
		}
	})
}
