package markup

import (
	"strings"
	"testing"
)

func TestArticle(t *testing.T) {
	for name, tc := range map[string]struct{ src, want string }{
		"headings begin below that of the page": {"# A\n\n#### B\n\n## C", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>"},
		"headings leave no gap":                 {"### A\n\n###### B\n\n###### C", "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>"},
		"links within the site stay":            {"[Barriere melden](/barriere-melden)", `<p><a href="/barriere-melden">Barriere melden</a></p>`},
		"links elsewhere stay":                  {"[x](https://example.org/?a=1&b=2)", `<p><a href="https://example.org/?a=1&amp;b=2">x</a></p>`},
		"mail and telephone":                    {"[x](mailto:a@b.example) [y](tel:+491)", `<p><a href="mailto:a@b.example">x</a> <a href="tel:+491">y</a></p>`},
		"scripts are no links":                  {"[x](javascript:alert(1))", "<p>x</p>"},
		"raw HTML is dropped":                   {"a <script>alert(1)</script><img src=x onerror=y> b", "<p>a alert(1) b</p>"},
		"lines stay lines":                      {"Das ist ein Satz.\nDas ist noch einer.", "<p>Das ist ein Satz.<br>\nDas ist noch einer.</p>"},
	} {
		if got := Article(tc.src, nil); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// FuzzArticle: whatever is written, nothing in it runs.
func FuzzArticle(f *testing.F) {
	for _, seed := range []string{"# A\n\n###### B", "[x](javascript:alert(1))", "<a href=\"x\" onclick=\"y\">", "![x](y)", "[a]: javascript:x\n[a]", "<javascript:x>", "\x00", "- [ ] x\n> > > y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := strings.ToLower(Article(src, nil))
		for _, bad := range []string{"<script", "<img", "<style", "<iframe", "<svg", "<form", `href="javascript:`, `href="data:`, `href="vbscript:`, "<h1", "<h5", "<h6"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q has %s", got, bad)
			}
		}
		if last := article.Sanitize(Article(src, nil)); last != Article(src, nil) {
			t.Errorf("%q is not clean: %q", Article(src, nil), last)
		}
	})
}

// TestUnlink: a link to a page that is not there is only its words.
func TestUnlink(t *testing.T) {
	const text = `<p>Die <a href="/pinnwand">Pinnwand</a>, <a href="/vereine" rel="x">die <b>Vereine</b></a> und <a href="https://b.test/pinnwand">mehr</a></p>`
	want := strings.Replace(text, `<a href="/pinnwand">Pinnwand</a>`, "Pinnwand", 1)
	if got := Unlink(text, func(path string) bool { return path != "/pinnwand" }); got != want {
		t.Error(got)
	}
	if got := Unlink(text, func(string) bool { return true }); got != text {
		t.Error(got)
	}
}
