package markup

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tree "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
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
		"what must not be translated stays":     {`<span translate="no" class="dt-start">a</span><span translate="yes">b</span>`, `<span translate="no" class="dt-start">a</span><span>b</span>`},
		"a list counts backwards":               {`<ol reversed start="3"><li value="2">a</li></ol>`, `<ol reversed="" start="3"><li value="2">a</li></ol>`},
		"T-XSS-08 what cuts a host is shown":    {`<a href="https://evil.test/"><span class="invisible">https://</span><span class="ellipsis">bank.</span></a>`, `<a href="https://evil.test/"` + rel + `><span>https://</span><span>bank.</span></a>`},
		"T-XSS-07 a link with data goes":        {`<a href="data:text/html,x">a</a>`, "a"},
		"T-XSS-07 a link with a tab in it goes": {"<a href=\"java\tscript:alert(1)\">a</a>", "a"},
		"T-XSS-07 a link with an entity goes":   {`<a href="&#106;avascript&colon;alert(1)">a</a>`, "a"},
		"T-XSS-04 a style goes":                 {`<p style="position:fixed">a</p>`, "<p>a</p>"},
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

// TestSanitizeMutations: what a browser reads differently from a cleaner is
// clean all the same, and stays what it is.
func TestSanitizeMutations(t *testing.T) {
	for name, in := range map[string]string{
		"T-XSS-10 a template":             `<template><p title="</template><img src=x onerror=alert(1)>">`,
		"T-XSS-10 CDATA":                  `<svg><![CDATA[<a title="]]><img src=x onerror=alert(1)>">`,
		"T-XSS-10 a link in a link":       `<a href="https://a.test/">a<a href="https://b.test/">b</a></a>`,
		"T-XSS-10 NUL":                    "<scr\x00ipt>alert(1)</scr\x00ipt><a hr\x00ef=\"java\x00script:x\">a</a>",
		"T-XSS-10 overlong UTF-8":         "\xc0\xbcscript\xc0\xbealert(1)\xe0\x80\xbc/script>",
		"T-XSS-10 half a surrogate pair":  "\xed\xa0\xbd<p \xed\xb8\x80onclick=x>a</p>",
		"T-XSS-10 math in math":           `<math><mtext><mglyph><svg><mtext><textarea><path id="</textarea><img onerror=alert(1) src=1>">`,
		"T-XSS-10 a form in a form":       `<form><div></form><form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
		"T-XSS-10 a list in a table":      `<table><li><a href="https://a.test/"><table><b>x`,
		"T-XSS-10 a comment that is none": `<!--><img src=x onerror=alert(1)>--><!-- --!><script>x</script>`,
		"T-XSS-10 a title":                `<title><p title="</title><img src=x onerror=alert(1)>">`,
		"T-XSS-10 an iframe and xmp":      `<iframe><xmp><p title="</xmp></iframe><script>alert(1)</script>">`,
		"T-XSS-10 plaintext":              `<plaintext><b>a`,
		"T-XSS-10 escaped twice":          `&lt;img src=x onerror=alert(1)&gt;&amp;lt;script&amp;gt;`,
		"T-XSS-10 quotes in attributes":   "<a href='https://a.test/\"onclick=alert(1)//'>a</a><p lang='de\" onclick=x'>b</p>",
	} {
		t.Run(name, func(t *testing.T) {
			once := Sanitize(in)
			harmless(t, once)
			if twice := Sanitize(once); twice != once {
				t.Errorf("%q becomes %q, and that %q", in, once, twice)
			}
			if strings.Contains(once, "<script") || strings.Contains(once, "<img") {
				t.Errorf("%q", once)
			}
		})
	}
}

// harmless re-parses HTML and fails on anything that is not on the list.
func harmless(t *testing.T, s string) {
	t.Helper()
	harmlessTree(t, s)
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
				if !slices.Contains([]string{"href", "class", "lang", "rel", "target", "start", "value", "translate", "reversed"}, a.Key) {
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

// harmlessTree does so as a browser does: with the elements that it puts in and
// moves about.
func harmlessTree(t *testing.T, s string) {
	t.Helper()
	body := &tree.Node{Type: tree.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := tree.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		for inner := range n.Descendants() {
			if inner.Type == tree.ElementNode && (!slices.Contains(elements, inner.Data) || inner.Namespace != "") || inner.Type == tree.CommentNode {
				t.Fatalf("a browser sees %s %s in %q", inner.Namespace, inner.Data, s)
			}
		}
		if n.Type == tree.ElementNode && !slices.Contains(elements, n.Data) {
			t.Fatalf("a browser sees %s in %q", n.Data, s)
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
