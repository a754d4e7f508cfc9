package markup

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// The levels of headings in an article: the page has the first one.
const (
	topHeading  = 2
	deepHeading = 4
)

// article is what a page of the town may hold.
var article = articlePolicy()

func articlePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h2", "h3", "h4", "strong", "em", "del", "ul", "ol", "li", "blockquote", "code", "pre", "hr")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	for _, scheme := range []string{"http", "https"} {
		p.AllowURLSchemeWithCustomPolicy(scheme, func(u *url.URL) bool { return u.Host != "" })
	}
	p.AllowURLSchemes("mailto", "tel")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	return p
}

// Article turns the Markdown of a whole page into clean HTML, for those who
// answer for the site themselves: unlike Markdown it keeps headings, in an order
// without gaps below that of the page, and links to other pages of the site.
// Raw HTML in it is dropped, pictures are left out. What matches gap, a text in
// brackets, stands in a mark without them; nil is nothing.
func Article(src string, gap *regexp.Regexp) string {
	source := []byte(src)
	root := markdown.Parser().Parse(text.NewReader(source))
	last := topHeading - 1
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			h.Level = min(max(h.Level, topHeading), last+1, deepHeading)
			last = h.Level
		}
		return ast.WalkContinue, nil
	})
	var b bytes.Buffer
	if err == nil {
		err = markdown.Renderer().Render(&b, source, root)
	}
	if err != nil {
		return Paragraphs(src) // a bytes.Buffer takes everything: goldmark itself failed
	}
	clean := strings.TrimSpace(article.Sanitize(strings.Map(visible, b.String())))
	if gap == nil {
		return clean
	}
	return gap.ReplaceAllStringFunc(clean, func(m string) string { return "<mark>" + m[1:len(m)-1] + "</mark>" })
}

// anchors are the links of a text to pages of the same town.
var anchors = regexp.MustCompile(`(?s)<a href="(/[^"]*)"[^>]*>(.*?)</a>`)

// Unlink leaves of links to pages of the town only their words, where open says
// that there is no such page. html is clean, and what it gives is.
func Unlink(html string, open func(path string) bool) string {
	return anchors.ReplaceAllStringFunc(html, func(link string) string {
		m := anchors.FindStringSubmatch(link)
		if open(m[1]) {
			return link
		}
		return m[2]
	})
}
