// Package markup turns what people and other servers write into what may be
// shown: foreign HTML into clean HTML, Markdown into HTML, HTML into text. All
// HTML that is shown goes through it.
//
// It must not know where the words come from.
package markup

import (
	"bytes"
	"html"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	rendering "github.com/yuin/goldmark/renderer/html"
	tree "golang.org/x/net/html"
)

// The limits of foreign HTML: larger or deeper ones are reduced to their text.
const (
	maxHTML  = 100 << 10
	maxDepth = 64
)

// elements are what Mastodon keeps too.
var elements = []string{
	"p", "br", "span", "a", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em", "ul", "ol", "li", "ruby", "rt", "rp",
}

// classes are kept on a, span and p. Not "invisible" and "ellipsis": they hide
// where a link leads.
var (
	anyClasses = regexp.MustCompile(`^[A-Za-z0-9_ -]{1,200}$`)
	attribute  = regexp.MustCompile(` class="([^"]*)"`)
	classes    = regexp.MustCompile(`^((h|p|u|dt|e)-[a-z-]+|mention|hashtag|quote-inline)$`)
)

var (
	foreign = policy("http", "https")
	own     = policy("http", "https", "mailto")
	strict  = bluemonday.StrictPolicy()
)

func policy(schemes ...string) *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("class").Matching(anyClasses).OnElements("a", "span", "p")
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)).Globally()
	p.AllowAttrs("translate").Matching(regexp.MustCompile(`^no$`)).OnElements("a", "span")
	p.AllowAttrs("reversed").Matching(regexp.MustCompile(`^$`)).OnElements("ol")
	p.AllowAttrs("start", "value").Matching(bluemonday.Integer).OnElements("ol", "li")
	for _, scheme := range schemes {
		p.AllowURLSchemeWithCustomPolicy(scheme, func(u *url.URL) bool { return u.Host != "" || u.Scheme == "mailto" && u.Opaque != "" })
	}
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}

// headings become bold paragraphs, as in Mastodon: foreign text must not break
// the outline of a page.
var (
	opening = regexp.MustCompile(`(?i)<h[1-6](\s[^>]*)?>`)
	closing = regexp.MustCompile(`(?i)</h[1-6]\s*>`)
)

// headed tells whether there may be a heading. Regular expressions are slow,
// and most foreign text has none.
func headed(s string) bool {
	return strings.Contains(s, "<h") || strings.Contains(s, "<H") || strings.Contains(s, "</h") || strings.Contains(s, "</H")
}

// Sanitize makes foreign HTML fit to be shown. The result sanitised again is
// itself.
func Sanitize(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > maxHTML || tooDeep(s) {
		return reduced(s)
	}
	return clean(foreign, s)
}

// reduced gives the text alone of HTML that is too much, short enough to stay
// below the limit however much it grows by escaping.
func reduced(s string) string {
	const growth = 8 // "&" becomes "&amp;", a line break "<br/>"
	return Paragraphs(cut(Text(cut(s, maxHTML)), maxHTML/growth))
}

func clean(p *bluemonday.Policy, s string) string {
	for range 8 { // what one pass leaves may read differently in the next
		next := s
		if headed(s) {
			next = opening.ReplaceAllString(next, "<p><strong>")
			next = closing.ReplaceAllString(next, "</strong></p>")
		}
		next = marked(p.Sanitize(strings.Map(visible, next)))
		if next == s && len(s) <= maxHTML {
			return s
		}
		s = next
	}
	return reduced(s)
}

// marked does to clean HTML what the library cannot: it keeps only the classes
// that are known, and says of foreign links that users made them.
func marked(s string) string {
	s = attribute.ReplaceAllStringFunc(s, func(class string) string {
		known := slices.DeleteFunc(strings.Fields(attribute.FindStringSubmatch(class)[1]), func(c string) bool { return !classes.MatchString(c) })
		if len(known) == 0 {
			return ""
		}
		return ` class="` + strings.Join(known, " ") + `"`
	})
	return strings.ReplaceAll(s, ` rel="nofollow noreferrer noopener"`, ` rel="nofollow noreferrer noopener ugc"`)
}

// visible drops NUL and what is no character.
func visible(r rune) rune {
	if r == 0 || r == '\uFFFD' {
		return -1
	}
	return r
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// void are the elements that never have an end.
var void = map[string]bool{"br": true, "img": true, "hr": true, "input": true, "meta": true, "link": true, "area": true, "base": true, "col": true, "embed": true, "source": true, "track": true, "wbr": true}

// tooDeep tells whether elements are nested deeper than can be shown, as a
// browser nests them: an end counts only for what is open, and a slash at the
// end of a start means nothing.
func tooDeep(s string) bool {
	if strings.Count(s, "<") <= maxDepth {
		return false
	}
	z := tree.NewTokenizer(strings.NewReader(s))
	var open []string
	for {
		switch z.Next() {
		case tree.ErrorToken:
			return false
		case tree.StartTagToken, tree.SelfClosingTagToken:
			if name, _ := z.TagName(); !void[string(name)] {
				open = append(open, string(name))
			}
		case tree.EndTagToken:
			name, _ := z.TagName()
			if i := slices.Index(open, string(name)); i >= 0 {
				last := len(open) - 1
				for open[last] != string(name) {
					last--
				}
				open = open[:last]
			}
		}
		if len(open) > maxDepth {
			return true
		}
	}
}

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Strikethrough, extension.Linkify),
	goldmark.WithRendererOptions(rendering.WithHardWraps()),
)

// Markdown turns what our people write into clean HTML. Raw HTML in it is
// dropped, headings become bold, pictures are left out.
func Markdown(src string) string {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(src), &b); err != nil {
		return Paragraphs(src) // a bytes.Buffer takes everything: goldmark itself failed
	}
	return strings.TrimSpace(clean(own, b.String()))
}

// Text gives the plain text of HTML, with its entities decoded and paragraphs
// on lines of their own.
func Text(s string) string {
	z := tree.NewTokenizer(strings.NewReader(s))
	var b strings.Builder
	hidden := 0
	for {
		switch z.Next() {
		case tree.ErrorToken:
			if z.Err() != io.EOF {
				return ""
			}
			return strings.TrimSpace(b.String())
		case tree.TextToken:
			if hidden == 0 {
				b.WriteString(html.UnescapeString(string(z.Raw())))
			}
		case tree.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "br" {
				newline(&b)
			}
		case tree.StartTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "br", "p", "li", "div":
				newline(&b)
			case "script", "style", "template", "noscript":
				hidden++
			}
		case tree.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "p", "div", "ul", "ol", "blockquote", "pre":
				newline(&b)
			case "script", "style", "template", "noscript":
				hidden = max(0, hidden-1)
			}
		}
	}
}

func newline(b *strings.Builder) {
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
}

// Paragraphs turns plain text into HTML: blank lines part paragraphs, line
// breaks stay.
func Paragraphs(plain string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.ReplaceAll(plain, "\r\n", "\n"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(strict.Sanitize(html.EscapeString(part)), "\n", "<br/>") + "</p>")
		}
	}
	return b.String()
}

// IsLink tells whether s is an address that a page may link to: http or https
// with a host, and nothing that could be taken for another one.
func IsLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(s) <= 2048 &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '\\' || r == '"' || r == '<' || r == '>' })
}

// TypedLink gives the address of a website as people type it, who leave out how
// it begins: "www.example.org" is "https://www.example.org". Nothing stays
// nothing; what is no such address is given back as it was typed, with false.
func TypedLink(typed string) (address string, ok bool) {
	address = strings.TrimSpace(Typed(typed))
	if address == "" {
		return "", true
	}
	full := address
	if !strings.Contains(full, "://") {
		full = "https://" + full
	}
	if u, err := url.Parse(full); err != nil || !IsLink(full) || !strings.Contains(u.Hostname(), ".") {
		return address, false
	}
	return full, true
}
