package markup

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tree "golang.org/x/net/html"
)

func TestSanitize(t *testing.T) {
	const rel = ` rel="nofollow noreferrer noopener ugc" target="_blank"`
	for name, tc := range map[string]struct{ in, want string }{
		"a paragraph stays":                     {"<p>Hallo <b>Welt</b></p>", "<p>Hallo <b>Welt</b></p>"},
		"a heading becomes bold":                {"<h2 class=x>Titel</h2>", "<p><strong>Titel</strong></p>"},
		"T-XSS-04 a script goes":                {"<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"},
		"T-XSS-04 a handler goes":               {`<p onclick="x()">a</p>`, "<p>a</p>"},
		"T-XSS-05 a picture goes":               {`<p>a<img src=x onerror=alert(1)>b</p>`, "<p>ab</p>"},
		"T-XSS-07 a javascript link goes":       {`<a href="javascript:alert(1)">a</a>`, "a"},
		"T-XSS-07 a mailto link of others goes": {`<a href="mailto:a@b.c">a</a>`, "a"},
		"a relative link goes":                  {`<a href="/x">a</a>`, "a"},
		"a link is marked":                      {`<a href="https://a.test/">a</a>`, `<a href="https://a.test/"` + rel + `>a</a>`},
		"a mention keeps its class":             {`<span class="h-card">a</span>`, `<span class="h-card">a</span>`},
		"T-XSS-08 what hides a host is shown":   {`<span class="invisible">https://evil.</span>`, `<span>https://evil.</span>`},
		"a class that is not known goes":        {`<a class="mention invisible u-url" href="https://a.test/">a</a>`, `<a class="mention u-url" href="https://a.test/"` + rel + `>a</a>`},
		"a link without a host goes":            {`<A href=http:>a</A>`, "a"},
		"an id cannot clobber":                  {`<p id="x" title="y">a</p>`, "<p>a</p>"},
		"T-XSS-10 svg with style":               {`<svg><style><img src=x onerror=alert(1)></style></svg>a`, "a"},
		"T-XSS-10 math":                         {`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, ""},
		"T-XSS-10 a noscript":                   {`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, "<p>"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Sanitize(tc.in)
			if name[:5] == "T-XSS" && tc.want == "" || strings.HasSuffix(name, "noscript") {
				harmless(t, got)
				return
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			harmless(t, got)
		})
	}
	deep := strings.Repeat("<blockquote>", 5_000) + "unten"
	if got := Sanitize(deep); got != "<p>unten</p>" {
		t.Errorf("deep: %.80q", got)
	}
}

// TestSanitizeTooMuch: what is too large or too deep is reduced to its text,
// and that is a fix point too.
func TestSanitizeTooMuch(t *testing.T) {
	for name, in := range map[string]string{
		"T-DOS-11 100,000 deep":       strings.Repeat("<div>", 100_000) + "a",
		"T-DOS-11 100,000 deep links": strings.Repeat("<blockquote><a href=https://a.test/>", 2500) + "a",
		"T-DOS-07 nested attributes":  "<a " + strings.Repeat(`<a rel="`, 20) + strings.Repeat(`href='`, 20) + strings.Repeat("<", 40_000),
		"T-DOS-07 quotes":             strings.Repeat(`<link rel="a" href='`, 4_000),
		"ends before starts":          strings.Repeat("</x>", 5000) + strings.Repeat("<blockquote>", 5000) + "a",
		"ends between starts":         strings.Repeat("<blockquote></x>", 5000) + "a",
		"slashes mean nothing":        strings.Repeat("<blockquote/>", 5000) + "a",
		"long":                        strings.Repeat("a", 200_000),
		"long when escaped":           strings.Repeat("&", 90_000),
		"many lines":                  strings.Repeat("a\n\n", 60_000),
	} {
		got := Sanitize(in)
		harmless(t, got)
		if strings.Contains(got, "blockquote") {
			t.Errorf("%s: still deep", name)
		}
		if Sanitize(got) != got {
			t.Errorf("%s: no fix point", name)
		}
	}
	if got := Text("<template/>hello"); got != "hello" {
		t.Errorf("%q", got)
	}
}

// harmless re-parses HTML and fails on anything that is not on the list.
func harmless(t *testing.T, s string) {
	t.Helper()
	z := tree.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case tree.ErrorToken:
			return
		case tree.StartTagToken, tree.SelfClosingTagToken:
			tok := z.Token()
			if !slices.Contains(elements, tok.Data) {
				t.Fatalf("the element %s in %q", tok.Data, s)
			}
			for _, a := range tok.Attr {
				if !slices.Contains([]string{"href", "class", "lang", "rel", "target", "start", "value"}, a.Key) {
					t.Fatalf("the attribute %s in %q", a.Key, s)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "mailto:") {
					t.Fatalf("a link to %q in %q", a.Val, s)
				}
			}
		case tree.CommentToken, tree.DoctypeToken:
			t.Fatalf("a comment in %q", s)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{"<p>a", "<a href='https://a.test'>x</a>", "<svg><style><img>", "<!--x--><h1>a</h2>", "a\x00b&lt;script&gt;", "<math><mi//xlink:href=\"data:x,<script>\">"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Sanitize(s)
		harmless(t, once)
		if twice := Sanitize(once); twice != once {
			t.Errorf("%q becomes %q, and that %q", s, once, twice)
		}
	})
}

func TestMarkdown(t *testing.T) {
	for src, want := range map[string]string{
		"**Hallo** Welt":            "<p><strong>Hallo</strong> Welt</p>",
		"# Titel":                   "<p><strong>Titel</strong></p>",
		"eins\nzwei":                "<p>eins<br>\nzwei</p>",
		"- a\n- b":                  "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		"<script>x</script>":        "",
		"![Bild](https://a.test/x)": "<p></p>",
		"[x](javascript:alert)":     "<p>x</p>",
		"mail <anna@example.org>":   `<p>mail <a href="mailto:anna@example.org" rel="nofollow noreferrer">anna@example.org</a></p>`,
	} {
		if got := Markdown(src); got != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a &amp; b</p><p>c</p>": "a & b\nc", "a<br>b": "a\nb", "<style>x</style>y": "y", "1 < 2": "1 < 2",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"  TSV\t Dorf ":                    "TSV Dorf",
		"<b>TSV</b> & Co":                  "TSV & Co",
		"a\u202eb\u200bc":                  "abc",
		"Z\u0301\u0301\u0301\u0301algo":    "Ź\u0301\u0301algo",
		"\U0001F469\u200d\U0001F692 hilft": "\U0001F469\u200d\U0001F692 hilft",
		"a\x00b":                           "ab",
	} {
		if got := Name(in, 50); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Name(strings.Repeat("ä", 60), 50); utf8.RuneCountInString(got) != 50 {
		t.Errorf("%d runes", utf8.RuneCountInString(got))
	}
}
