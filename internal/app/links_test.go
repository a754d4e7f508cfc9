package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	dom "golang.org/x/net/html"
)

// TestPages looks at the pages of all towns without a browser.
func TestPages(t *testing.T) {
	towns := stages(t)
	t.Run("Links", func(t *testing.T) { followLinks(t, towns) })
	t.Run("Weight", func(t *testing.T) { weighAll(t, towns) })
}

// followLinks: what pages link to, show or send a form to is there for whom they
// show it, and each page has a next step in its main part.
func followLinks(t *testing.T, towns []*stage) {
	t.Helper()
	for _, s := range towns {
		asked := map[string]bool{}
		for _, page := range s.walk(t) {
			who := roles[slices.IndexFunc(roles, func(r role) bool { return r.name == page.Who })].who
			body := s.browsers[who].ask(http.MethodGet, page.Path, html, url.Values{}).Body.String()
			links, steps := linked(t, body)
			if steps == 0 {
				t.Errorf("%s%s as %s: its main part has no link and no form", page.Town, page.Path, page.Who)
			}
			for _, link := range links {
				link = strings.TrimPrefix(link, s.Config.Origin)
				path, _, _ := strings.Cut(link, "#")
				own, _, _ := strings.Cut(path, "?")
				if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(page.Path, own) && page.Status != 200 {
					continue // elsewhere, or what was not there in another language
				}
				key := string(who) + " " + path
				if asked[key] {
					continue // what is said once of a link is enough
				}
				asked[key] = true
				if got := s.browsers[who].ask(http.MethodGet, path, "text/html,*/*", url.Values{}); got.Code >= 400 {
					t.Errorf("%s%s as %s leads to %s: %d", page.Town, page.Path, page.Who, path, got.Code)
				}
			}
		}
		if len(asked) < 40 {
			t.Errorf("%s: only %d links were followed", s.name, len(asked))
		}
	}
}

// linked gives where a page leads by GET, and how many links and forms stand in
// its main part.
func linked(t *testing.T, page string) (links []string, steps int) {
	t.Helper()
	doc, err := dom.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *dom.Node, main bool)
	walk = func(n *dom.Node, main bool) {
		main = main || n.Data == "main" && n.Type == dom.ElementNode
		to := ""
		switch n.Data {
		case "a", "link":
			to = attribute(n, "href")
		case "img", "script", "source":
			to = attribute(n, "src")
		case "form":
			if !strings.EqualFold(attribute(n, "method"), "post") {
				to = attribute(n, "action")
			}
		}
		if to != "" && n.Type == dom.ElementNode {
			links = append(links, to)
		}
		if main && (n.Data == "a" || n.Data == "form") {
			steps++
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, main)
		}
	}
	walk(doc, false)
	return links, steps
}
