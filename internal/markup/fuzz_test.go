package markup

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzMarkdown: what our people write becomes HTML that is on the list.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# Titel\n\n**Hallo** [Welt](https://a.test/)", "[x](javascript:alert)", "![Bild](https://a.test/x)", "<script>x</script>", "- a\n  - b\n    - c", "`a`\n\n```\nb\n```",
		"> > > a", "mail <anna@example.org>", "[a]: data:text/html,x\n\n[a]", "https://a.test/?x=<y>", "\\<b>", strings.Repeat("[", 200), strings.Repeat("> ", 200) + "a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { harmless(t, Markdown(s)) })
}

// FuzzName: a name is plain and short, and stays what it is.
func FuzzName(f *testing.F) {
	for _, s := range []string{"  TSV\t Dorf ", "<b>TSV</b> & Co", "a\u202eb\u200bc", "Z\u0301\u0301\u0301\u0301algo", "\U0001F469\u200d\U0001F692", "a\x00b", "&lt;b&gt;", "&amp;lt;", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := Name(s, 50)
		if utf8.RuneCountInString(name) > 50 || !utf8.ValidString(name) || strings.TrimSpace(name) != name {
			t.Errorf("%q becomes %q", s, name)
		}
		for _, r := range name {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != zwj {
				t.Errorf("%q becomes %q, with %U", s, name, r)
			}
		}
	})
}

// FuzzText: the text of clean HTML is that of the HTML, but for what is
// hidden, and it is valid.
func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>a &amp; b</p><p>c</p>", "a<br>b", "<style>x</style>y", "1 < 2", "<template/>hello", "<!--x-->", "&#0;&#xD800;&notin;", "<p"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Text(s); utf8.ValidString(s) && !utf8.ValidString(got) || len(got) > 4*len(s) {
			t.Errorf("%q: %q", s, got)
		}
		harmless(t, Paragraphs(Text(s)))
	})
}

// FuzzIsLink: what a page may link to is one line without quotes, of http or
// https.
func FuzzIsLink(f *testing.F) {
	for _, s := range []string{"https://a.test/x?y=z", "HTTP://a.test", "javascript:x", "https:a", "https://u:p@a.test/", "https://a.test/\"onclick=", "//a.test", "https://a.test\\@b.test/", "https://\x00a.test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lower := strings.ToLower(s)
		if IsLink(s) && (!strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") || strings.ContainsAny(s, "\"<>\\ \r\n\t\x00")) {
			t.Errorf("%q", s)
		}
	})
}
