package proof

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	dom "golang.org/x/net/html"
)

// visitor is a person before a browser without scripts: it keeps cookies, follows
// redirects and presses buttons of forms.
type visitor struct {
	t       *testing.T
	client  *http.Client
	address *url.URL
	page    string
	status  int
}

func newVisitor(t *testing.T, w *town) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *w.client
	client.Jar, client.CheckRedirect = jar, nil
	return &visitor{t: t, client: &client}
}

func (v *visitor) visit(address string) {
	v.t.Helper()
	v.ask(http.MethodGet, address, nil)
}

func (v *visitor) ask(method, address string, form url.Values) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept", html)
	r.Header.Set("Accept-Language", "de")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.address, v.page, v.status = answer.Request.URL, string(body), answer.StatusCode
	if v.status >= http.StatusBadRequest {
		v.t.Fatalf("%s %s: %d\n%s", method, address, v.status, v.page)
	}
}

// press fills fields, given as names and values, of the form that has a button
// with these words, and presses it.
func (v *visitor) press(button string, fields ...string) {
	v.t.Helper()
	doc, err := dom.Parse(strings.NewReader(v.page))
	if err != nil {
		v.t.Fatal(err)
	}
	form := find(doc, func(n *dom.Node) bool {
		return n.Data == "form" && find(n, func(b *dom.Node) bool { return b.Data == "button" && strings.TrimSpace(inside(b)) == button }) != nil
	})
	if form == nil {
		v.t.Fatalf("%s has no button %q:\n%s", v.address, button, v.page)
	}
	values := url.Values{}
	find(form, func(n *dom.Node) bool {
		if name := attribute(n, "name"); n.Data == "input" && name != "" && attribute(n, "type") != "checkbox" {
			values.Set(name, attribute(n, "value"))
		}
		return false
	})
	for i := 1; i < len(fields); i += 2 {
		values.Set(fields[i-1], fields[i])
	}
	action, err := v.address.Parse(attribute(form, "action"))
	if err != nil {
		v.t.Fatal(err)
	}
	v.ask(http.MethodPost, action.String(), values)
}

// find gives the first element, in the order of the page, that is meant; nil for
// none.
func find(n *dom.Node, meant func(n *dom.Node) bool) *dom.Node {
	if n.Type == dom.ElementNode && meant(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, meant); found != nil {
			return found
		}
	}
	return nil
}

func inside(n *dom.Node) string {
	if n.Type == dom.TextNode {
		return n.Data
	}
	all := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		all += inside(c)
	}
	return all
}

func attribute(n *dom.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
