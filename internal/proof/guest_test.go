package proof

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	dom "golang.org/x/net/html"
)

// guest is somebody with a plain browser: cookies, forms and no script.
type guest struct {
	*town
	client *http.Client
	path   string
	page   string
}

// arrives signs somebody in by a one-time link.
func (w *town) arrives(t *testing.T, link string) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *w.net.reader("").client
	client.Jar, client.CheckRedirect = jar, nil
	v := &guest{town: w, client: &client}
	v.open(t, strings.TrimPrefix(link, w.origin))
	v.press(t, "Passwort festlegen und anmelden", url.Values{"password": {"ein ganzer Satz als Passwort"}})
	return v
}

// open reads a page.
func (v *guest) open(t *testing.T, path string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, v.origin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	v.do(t, r)
}

func (v *guest) do(t *testing.T, r *http.Request) {
	t.Helper()
	if err := v.try(r); err != nil {
		t.Fatal(err)
	}
}

func (v *guest) try(r *http.Request) error {
	r.Header.Set("Accept", html)
	r.Header.Set("User-Agent", browser)
	answer, err := v.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %d\n%s", r.Method, r.URL, answer.StatusCode, plain(string(body)))
	}
	v.path, v.page = answer.Request.URL.RequestURI(), string(body)
	return err
}

// press sends the form that has a button with these words; more are fields that
// are filled in.
func (v *guest) press(t *testing.T, button string, more url.Values) {
	t.Helper()
	doc, err := dom.Parse(strings.NewReader(v.page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != dom.ElementNode || n.Data != "form" {
			continue
		}
		values, ok := filledIn(n, button)
		if !ok {
			continue
		}
		for key, list := range more {
			values[key] = list
		}
		r, err := http.NewRequest(http.MethodPost, v.origin+attr(n, "action"), strings.NewReader(values.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		v.do(t, r)
		return
	}
	t.Fatalf("%s has no button %q:\n%s", v.path, button, plain(v.page))
}

// filledIn gives what a form would send, and whether it has the button.
func filledIn(form *dom.Node, button string) (values url.Values, has bool) {
	values = url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case n.Type != dom.ElementNode:
		case n.Data == "button" && plain(innerText(n)) == button:
			if has = true; name != "" {
				values.Set(name, attr(n, "value"))
			}
		case n.Data == "input" && (attr(n, "type") == "checkbox" || attr(n, "type") == "radio"):
			if attr(n, "checked") != "-" {
				values.Add(name, attr(n, "value"))
			}
		case n.Data == "input":
			values.Set(name, attr(n, "value"))
		case n.Data == "textarea":
			values.Set(name, innerText(n))
		}
	}
	return values, has
}

// attr gives an attribute; "" for an empty one or none, and "-" for a checked
// that is not there.
func attr(n *dom.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	if name == "checked" {
		return "-"
	}
	return ""
}

func innerText(n *dom.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == dom.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// plain gives the text of a page in one line.
func plain(page string) string {
	doc, err := dom.Parse(strings.NewReader(page))
	if err != nil {
		return page
	}
	return strings.Join(strings.Fields(innerText(doc)), " ")
}
