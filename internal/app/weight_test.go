package app

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	dom "golang.org/x/net/html"
)

// What a page weighs at most at its first visit, in bytes with brotli: the page
// with its styles and scripts, and its fonts.
const (
	heaviestPage  = 60 * 1000
	heaviestFonts = 55 * 1000
	mostFonts     = 2
)

// fetched gives what a browser gets: the bytes that travel, and what they are.
func (s *stage) fetched(t *testing.T, path string, who viewer) (travel int, body []byte) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	r.Header.Set("Accept-Language", "de")
	if b := s.browsers[who]; b != nil {
		for _, c := range b.jar.Cookies(cookiesOf) {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	s.browsers[who].h.ServeHTTP(w, r)
	sent := w.Body.Bytes()
	switch encoding := w.Header().Get("Content-Encoding"); encoding {
	case "br":
		var whole bytes.Buffer
		if _, err := whole.ReadFrom(brotli.NewReader(bytes.NewReader(sent))); err != nil {
			t.Fatalf("%s is no brotli: %v", path, err)
		}
		return len(sent), whole.Bytes()
	case "":
		if strings.HasSuffix(path, ".woff2") {
			return len(sent), sent // it is packed already
		}
		// What the server sends as it is, the proxy before it packs.
		var packed bytes.Buffer
		z := brotli.NewWriterLevel(&packed, brotli.DefaultCompression)
		_, _ = z.Write(sent)
		_ = z.Close()
		return packed.Len(), sent
	default:
		t.Fatalf("%s comes as %s, though brotli was asked for", path, encoding)
		return 0, nil
	}
}

// needed are what the first paint of a page needs, by kind.
type needed struct{ styles, scripts, fonts []string }

var (
	fontFace = regexp.MustCompile(`@font-face\s*{[^}]*}`)
	address  = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)`)
	imported = regexp.MustCompile(`@import\s+(?:url\()?["']?([^"');]+)`)
)

// needs reads from a page what it loads.
func (s *stage) needs(t *testing.T, page []byte) needed {
	t.Helper()
	doc, err := dom.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var n needed
	var walk func(e *dom.Node)
	walk = func(e *dom.Node) {
		switch rel := attribute(e, "rel"); {
		case e.Data == "link" && rel == "stylesheet":
			n.styles = append(n.styles, attribute(e, "href"))
		case e.Data == "link" && rel == "preload" && attribute(e, "as") == "font":
			n.fonts = append(n.fonts, attribute(e, "href"))
		case e.Data == "script" && attribute(e, "src") != "":
			n.scripts = append(n.scripts, attribute(e, "src"))
		}
		for c := e.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return n
}

// weigh gives the bytes of a page with its styles and scripts, and its fonts.
func (s *stage) weigh(t *testing.T, path string, who viewer) (bytes int, fonts map[string]int) {
	t.Helper()
	sum, page := s.fetched(t, path, who)
	n := s.needs(t, page)
	fonts = map[string]int{}
	for _, style := range n.styles {
		size, css := s.fetched(t, style, nobody)
		sum += size
		for _, m := range imported.FindAllSubmatch(css, -1) {
			t.Errorf("%s imports %s: a second round of requests", style, m[1])
		}
		for _, face := range fontFace.FindAll(css, -1) {
			if m := address.FindSubmatch(face); m != nil {
				n.fonts = append(n.fonts, string(m[1]))
			}
			if regexp.MustCompile(`src:\s*url`).Match(face) && !bytesContain(face, "font-display:swap") {
				t.Errorf("%s has a font without font-display: swap", style)
			}
		}
	}
	for _, script := range n.scripts {
		size, _ := s.fetched(t, script, nobody)
		sum += size
	}
	for _, font := range n.fonts {
		if !strings.HasPrefix(font, "/") {
			font = "/assets/" + strings.TrimPrefix(font, "./")
		}
		size, _ := s.fetched(t, font, nobody)
		fonts[font] = size
	}
	return sum, fonts
}

func bytesContain(b []byte, text string) bool {
	return strings.Contains(strings.Join(strings.Fields(string(b)), ""), text)
}

// weighAll: no page is heavier at its first visit than a slow phone likes.
func weighAll(t *testing.T, towns []*stage) {
	t.Helper()
	heaviest := struct {
		page  string
		bytes int
	}{}
	for _, s := range towns {
		for _, page := range s.walk(t) {
			who := roles[slices.IndexFunc(roles, func(r role) bool { return r.name == page.Who })].who
			size, fonts := s.weigh(t, page.Path, who)
			if size > heaviest.bytes {
				heaviest.page, heaviest.bytes = page.Town+page.Path, size
			}
			if size > heaviestPage {
				t.Errorf("%s%s as %s weighs %d bytes, at most %d", page.Town, page.Path, page.Who, size, heaviestPage)
			}
			sum := 0
			for _, n := range fonts {
				sum += n
			}
			if sum > heaviestFonts || len(fonts) > mostFonts {
				t.Errorf("%s%s has fonts of %d bytes: %v", page.Town, page.Path, sum, fonts)
			}
		}
	}
	t.Logf("the heaviest page is %s: %d bytes of HTML, CSS and JavaScript with brotli", heaviest.page, heaviest.bytes)
}
