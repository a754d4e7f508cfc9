package app

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	dom "golang.org/x/net/html"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
)

// browser is a person before a screen: it keeps cookies, follows what leads
// elsewhere, and sends forms as they stand in the page.
type browser struct {
	v   *village
	h   http.Handler
	jar *cookiejar.Jar
	// language is what it asks for.
	language string
	// page, status and path are what it shows now.
	page   string
	status int
	path   string
	header http.Header
}

func (v *village) browser() *browser {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return &browser{v: v, h: v.handler(), jar: jar, language: "de"}
}

const satz = "ein ganzer Satz als Passwort"

// person adds an account with a role, which is an editor of the clubs.
func (v *village) person(email, role string, clubs ...string) *account.Account {
	v.t.Helper()
	a, _, err := v.Accounts.Create(v.t.Context(), actor.Operator, account.Draft{Email: email, Name: "Anna " + role, Role: role, Password: satz})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, handle := range clubs {
		if err := v.Clubs.AddEditor(v.t.Context(), actor.Operator, handle, a.ID, actor.Editor); err != nil {
			v.t.Fatal(err)
		}
	}
	return a
}

// signedIn gives the browser of somebody who has just signed in.
func (v *village) signedIn(email string) *browser {
	v.t.Helper()
	b := v.browser()
	b.open("/anmelden")
	b.send("Anmelden", map[string]string{"email": email, "password": satz})
	b.shows(200, "Mein Konto")
	return b
}

func (b *browser) do(r *http.Request) {
	b.v.t.Helper()
	for range 5 {
		r.Header.Set("Accept", "text/html,*/*;q=0.8")
		r.Header.Set("Accept-Language", b.language)
		u := &url.URL{Scheme: "https", Host: "here.test", Path: r.URL.Path}
		for _, c := range b.jar.Cookies(u) {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		b.h.ServeHTTP(w, r)
		b.jar.SetCookies(u, w.Result().Cookies())
		b.page, b.status, b.path, b.header = w.Body.String(), w.Code, r.URL.RequestURI(), w.Header()
		to := w.Header().Get("Location")
		if w.Code < 300 || w.Code > 399 {
			return
		}
		to, _, _ = strings.Cut(strings.TrimPrefix(to, "https://here.test"), "#") // a place in the page is not asked for
		r = httptest.NewRequest("GET", to, nil)
	}
	b.v.t.Fatalf("%s leads on and on", b.path)
}

func (b *browser) open(path string) {
	b.v.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	b.do(httptest.NewRequest("GET", path, nil))
}

func (b *browser) shows(status int, texts ...string) {
	b.v.t.Helper()
	if b.status != status {
		b.v.t.Fatalf("%s: status %d, want %d\n%s", b.path, b.status, status, b.text())
	}
	for _, text := range texts {
		if !strings.Contains(b.text(), text) {
			b.v.t.Fatalf("%s does not show %q:\n%s", b.path, text, b.text())
		}
	}
}

func (b *browser) hides(texts ...string) {
	b.v.t.Helper()
	for _, text := range texts {
		if strings.Contains(spaced(b.page), text) {
			b.v.t.Fatalf("%s shows %q:\n%s", b.path, text, b.text())
		}
	}
}

// text gives the words of the page, and what stands in its fields.
func (b *browser) text() string {
	doc, err := dom.Parse(strings.NewReader(b.page))
	if err != nil {
		b.v.t.Fatal(err)
	}
	var words []string
	var walk func(n *dom.Node)
	broken := false // the last word may break and goes on
	walk = func(n *dom.Node) {
		switch {
		case n.Data == "wbr":
			broken = len(words) > 0
		case n.Type == dom.TextNode && broken:
			words[len(words)-1] += strings.TrimSpace(n.Data)
			broken = false
		case n.Type == dom.TextNode && strings.TrimSpace(n.Data) != "":
			words = append(words, strings.TrimSpace(n.Data))
		}
		if n.Data == "input" {
			words = append(words, attribute(n, "value"))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return spaced(strings.Join(words, " "))
}

// spaced gives words with plain spaces where a page holds them together.
func spaced(words string) string { return strings.ReplaceAll(words, "\u00a0", " ") }

// words gives what stands in an element.
func words(n *dom.Node) string {
	if n.Type == dom.TextNode {
		return n.Data
	}
	var all strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		all.WriteString(words(c))
	}
	return strings.TrimSpace(all.String())
}

func attribute(n *dom.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *dom.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// form is a form as it stands in a page.
type form struct {
	action string
	values url.Values
}

// formWith finds the form that has a button with these words, and what would
// be sent with it.
func (b *browser) formWith(button string) form {
	b.v.t.Helper()
	doc, err := dom.Parse(strings.NewReader(b.page))
	if err != nil {
		b.v.t.Fatal(err)
	}
	var found *form
	var walk func(n *dom.Node)
	walk = func(n *dom.Node) {
		if n.Data == "form" {
			if f, ok := read(n, button); ok && found == nil {
				found = &f
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	if found == nil {
		b.v.t.Fatalf("%s has no form with a button %q:\n%s", b.path, button, b.text())
	}
	return *found
}

func read(root *dom.Node, button string) (form, bool) {
	f, pressed := form{action: attribute(root, "action"), values: url.Values{}}, false
	var walk func(n *dom.Node)
	walk = func(n *dom.Node) {
		name := attribute(n, "name")
		switch {
		case n.Data == "button" && words(n) == button:
			pressed = true
			if name != "" {
				f.values.Set(name, attribute(n, "value"))
			}
		case n.Data == "input" && (attribute(n, "type") == "checkbox" || attribute(n, "type") == "radio"):
			if has(n, "checked") {
				f.values.Add(name, attribute(n, "value")) // several may have one name
			}
		case n.Data == "input" && attribute(n, "type") != "file":
			f.values.Set(name, attribute(n, "value"))
		case n.Data == "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			f.values.Set(name, text)
		case n.Data == "select":
			for o := n.FirstChild; o != nil; o = o.NextSibling {
				if o.Data == "option" && (has(o, "selected") || !f.values.Has(name)) {
					f.values.Set(name, attribute(o, "value"))
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return f, pressed
}

// send fills fields of the form with this button and presses it; a value of
// the field "image" is the content of a file.
func (b *browser) send(button string, fields map[string]string) {
	b.v.t.Helper()
	f := b.formWith(button)
	for name, value := range fields {
		if name != "image" && !f.values.Has(name) && value != "1" {
			b.v.t.Fatalf("%s: the form has no field %s", b.path, name)
		}
		if f.values.Set(name, value); value == "" {
			f.values.Del(name)
		}
	}
	b.post(f)
}

func (b *browser) post(f form) {
	b.v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range f.values {
		if name == "image" {
			part, err := w.CreateFormFile("image", "bild.jpg")
			if err != nil {
				b.v.t.Fatal(err)
			}
			_, _ = part.Write([]byte(values[0]))
			continue
		}
		for _, value := range values {
			_ = w.WriteField(name, value)
		}
	}
	_ = w.Close()
	r := httptest.NewRequest("POST", f.action, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(r)
}

// loseSession is what happens when the server ends a session.
func (b *browser) loseSession() {
	if _, err := b.v.db.Pool().ExecContext(b.v.t.Context(), "DELETE FROM sessions"); err != nil {
		b.v.t.Fatal(err)
	}
}

func TestSigningIn(t *testing.T) {
	shows(t, "T-AUTH-04 T-AUTH-05 sessions end with a new password and with signing out", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.browser()
		b.open("/konto")
		b.shows(200, "Anmelden", "Mailadresse")
		if b.path != "/anmelden?weiter=%2Fkonto" {
			t.Errorf("it leads to %s", b.path)
		}
		if c := b.header.Get("Set-Cookie"); c != "" {
			t.Errorf("a reader gets a cookie: %s", c)
		}
		b.send("Anmelden", map[string]string{"email": "anna@example.org", "password": "falsch"})
		b.shows(422, "passen nicht zusammen", "anna@example.org")
		b.hides("falsch")
		b.send("Anmelden", map[string]string{"password": satz})
		b.shows(200, "Mein Konto", "TSV", "Redaktion")

		other := v.signedIn("anna@example.org")
		b.open("/konto/passwort")
		b.send("Passwort ändern", map[string]string{"password": "kurz"})
		b.shows(422, "8 bis 128 Zeichen")
		b.send("Passwort ändern", map[string]string{"password": "ein anderer Satz"})
		b.shows(200, "Auf allen anderen Geräten sind Sie jetzt abgemeldet")
		b.open("/konto")
		b.shows(200, "Mein Konto")
		b.hides("Auf allen anderen")
		other.open("/konto")
		other.shows(200, "Für alle, die für einen Verein schreiben")
		// After signing out the cookie is worth nothing.
		u := &url.URL{Scheme: "https", Host: "here.test", Path: "/"}
		kept := b.jar.Cookies(u)
		b.send("Abmelden", nil)
		b.shows(200, "Anmelden")
		b.jar.SetCookies(u, kept)
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
	})
}

func TestCookieAndNext(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		for next, want := range map[string]string{
			"/pinnwand": "/pinnwand", "//evil.test/": "/konto", "https://evil.test/": "/konto", `/\evil.test`: "/konto", "/\t/evil.test": "/konto",
			"javascript:x": "/konto", "": "/konto",
		} {
			b := v.browser()
			b.open("/anmelden?" + url.Values{"weiter": {next}}.Encode())
			f := b.formWith("Anmelden")
			f.values.Set("email", "anna@example.org")
			f.values.Set("password", satz)
			r := httptest.NewRequest("POST", f.action, strings.NewReader(f.values.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			b.h.ServeHTTP(w, r)
			cookie := w.Header().Get("Set-Cookie")
			if w.Header().Get("Location") != want {
				t.Errorf("%q leads to %q", next, w.Header().Get("Location"))
			}
			if !strings.HasPrefix(cookie, "__Host-aushang=") || !strings.Contains(cookie, "; Path=/;") || !strings.Contains(cookie, "HttpOnly; Secure; SameSite=Lax") || strings.Contains(cookie, "Domain") {
				t.Errorf("the cookie is %q", cookie)
			}
		}
	})
}

func TestCrossSite(t *testing.T) {
	shows(t, "T-AUTH-16 forms of other sites", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		for _, headers := range []map[string]string{
			{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.test"}, {"Origin": "null"},
		} {
			r := httptest.NewRequest("POST", "/abmelden", nil)
			for k, v := range headers {
				r.Header.Set(k, v)
			}
			b.do(r)
			b.shows(403, "von einer fremden Seite")
		}
		b.open("/konto")
		b.shows(200, "Mein Konto")
	})
}
