package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// ask asks the handler for a path.
func ask(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 1; i < len(header); i += 2 {
		r.Header.Add(header[i-1], header[i])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestWhereItIsBuiltForOthersTheBundleIsThere(t *testing.T) {
	if os.Getenv("CI") == "true" && !served.bundled {
		t.Error("CI=true, and dist holds no bundle of these sources: make bundle")
	}
	if served.bundled != (len(Fonts) > 0) {
		t.Errorf("bundled: %v, fonts: %v", served.bundled, Fonts)
	}
}

func TestEveryFileIsServedForEver(t *testing.T) {
	for name, path := range served.paths {
		if Path(name) != path || !strings.HasPrefix(path, "/assets/") {
			t.Errorf("%s lies at %s", name, path)
		}
		f := served.files[path]
		for coding, want := range map[string]string{"": "", "identity": "", "br, gzip": "br", "gzip, deflate": "gzip"} {
			if _, ok := f.coded[want]; !ok {
				want = ""
			}
			w := ask("GET", path, "Accept-Encoding", coding)
			h := w.Header()
			if w.Code != 200 || h.Get("Content-Encoding") != want || h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Content-Type") == "" {
				t.Errorf("GET %s, %q: %d %v", name, coding, w.Code, h)
			}
			if (h.Get("Vary") == "Accept-Encoding") != (len(f.coded) > 0) {
				t.Errorf("GET %s: Vary is %q", name, h.Get("Vary"))
			}
			body := w.Body.Bytes()
			if want == "gzip" {
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if body, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if want != "br" && !bytes.Equal(body, f.plain) {
				t.Errorf("GET %s, %q: other bytes than the file has", name, coding)
			}
			head := ask("HEAD", path, "Accept-Encoding", coding)
			if head.Body.Len() != 0 || head.Header().Get("Content-Length") != h.Get("Content-Length") || head.Header().Get("Etag") != h.Get("Etag") {
				t.Errorf("HEAD %s, %q: %v", name, coding, head.Header())
			}
			if again := ask("GET", path, "Accept-Encoding", coding, "If-None-Match", h.Get("Etag")); again.Code != 304 || again.Body.Len() != 0 {
				t.Errorf("GET %s again: %d", name, again.Code)
			}
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/img/", "/assets/aushang.css", "/assets/manifest.json", "/assets/.gitignore", "/assets/css/tokens.css", Stylesheet + ".br", Stylesheet + "/"} {
		if w := ask("GET", path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	if p := Path("img/none.svg"); p != "" {
		t.Errorf("what is not there lies at %s", p)
	}
}

func TestTheWantedCodingIsChosen(t *testing.T) {
	both := map[string][]byte{"br": nil, "gzip": nil}
	for accept, want := range map[string]string{
		"": "", "identity": "", "*": "br", "gzip, deflate, br, zstd": "br", "gzip": "gzip", "GZIP;Q=0.5": "gzip",
		"br;q=0.1, gzip;q=0.9": "gzip", "br;q=0, *": "gzip", "*;q=0": "", "br;q=0": "", "br ; q=1.0": "br",
		"identity, br;q=0.5": "", "identity;q=0.5, gzip;q=0.5": "gzip", "br;q=x": "", "br;q=7": "", ",;,=": "",
	} {
		if got := coding(accept, both); got != want {
			t.Errorf("Accept-Encoding: %s gives %q, want %q", accept, got, want)
		}
	}
	if got := coding("br, gzip", map[string][]byte{"gzip": nil}); got != "gzip" {
		t.Errorf("of gzip alone %q was chosen", got)
	}
}

func FuzzCoding(f *testing.F) {
	f.Add("gzip, br;q=0.5, *;q=0")
	f.Fuzz(func(t *testing.T, accept string) {
		have := map[string][]byte{"gzip": nil}
		if c := coding(accept, have); c != "" && c != "gzip" {
			t.Errorf("%q gives %q", accept, c)
		}
	})
}

func TestABundleOfOtherSourcesIsNotUsed(t *testing.T) {
	dist := fstest.MapFS{
		"dist/a.1.css": {Data: []byte("a{}")}, "dist/a.1.css.br": {Data: []byte("x")},
		"dist/manifest.json": {Data: []byte(`{"sources":"` + fingerprint(sources) + `","paths":{"a.css":"a.1.css"}}`)},
	}
	s := load(sources, dist)
	if !s.bundled || s.paths["a.css"] != "/assets/a.1.css" || string(s.files["/assets/a.1.css"].coded["br"]) != "x" {
		t.Errorf("the bundle of these sources was not used: %v", s.paths)
	}
	for name, manifest := range map[string]string{
		"other sources": `{"sources":"1","paths":{"a.css":"a.1.css"}}`, "no JSON": `{`,
		"a file that is missing": `{"sources":"` + fingerprint(sources) + `","paths":{"b.css":"b.1.css"}}`,
	} {
		dist["dist/manifest.json"].Data = []byte(manifest)
		if s := load(sources, dist); s.bundled || s.paths["aushang.css"] == "" || s.paths["img/stadt.svg"] == "" {
			t.Errorf("%s: %v", name, s.paths)
		}
	}
	if s := load(sources, fstest.MapFS{}); s.bundled || len(s.fonts("font/fira-sans-400.woff2")) != 0 {
		t.Error("a bundle was found where none is")
	}
}

// quiet are the files that the plain stylesheet does without.
var quiet = map[string]bool{"css/aushang.css": true, "css/fonts.css": true}

func TestThePlainStylesheetHasEveryFileOnce(t *testing.T) {
	all := string(plain(sources))
	_ = fs.WalkDir(sources, "css", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".css" && !quiet[name] && strings.Count(all, string(read(sources, name))) != 1 {
			t.Errorf("%s stands %d times in the stylesheet: is it named in css/aushang.css?", name, strings.Count(all, string(read(sources, name))))
		}
		return nil
	})
	if strings.Contains(all, "@import") || strings.Count(all, "{") != strings.Count(all, "}") {
		t.Error("the plain stylesheet has an import or a brace too many")
	}
}

var layer = regexp.MustCompile(`(?m)^@layer ([a-z]+) \{$`)

func TestEveryRuleLiesInALayerOfItsFolder(t *testing.T) {
	_ = fs.WalkDir(sources, "css", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) != ".css" || quiet[name] {
			return nil
		}
		m := layer.FindAllStringSubmatch(string(read(sources, name)), -1)
		want := map[string]string{"css": strings.TrimSuffix(filepath.Base(name), ".css"), "css/component": "component", "css/parts": "parts"}[filepath.ToSlash(filepath.Dir(name))]
		if name == "css/plain.css" {
			want = "kern"
		}
		if len(m) != 1 || m[0][1] != want {
			t.Errorf("%s should be one block @layer %s, has %v", name, want, m)
		}
		return nil
	})
}

var foreign = regexp.MustCompile(`url\(\s*["']?(?:https?:)?//|!important`)

func TestTheStylesheetAsksNobodyElse(t *testing.T) {
	for line := range strings.Lines(string(plain(sources))) {
		if foreign.MatchString(line) {
			t.Errorf("not in our stylesheet: %s", line)
		}
	}
}

var (
	class = regexp.MustCompile(`\bkern-[a-z0-9_-]+`)
	// remark is what follows a name in css/kern.txt.
	remark = regexp.MustCompile(`(?m)\s*#.*$`)
)

func TestTheBundleHasTheClassesOfKERNThatPagesUse(t *testing.T) {
	list := strings.Fields(remark.ReplaceAllString(string(read(sources, "css/kern.txt")), ""))
	has := func(class string) bool {
		for _, name := range list {
			if start, open := strings.CutSuffix(name, "*"); name == class || open && strings.HasPrefix(class, start) {
				return true
			}
		}
		return false
	}
	used := map[string]bool{}
	for _, root := range []string{"..", "../../internal"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if err != nil || filepath.Ext(name) != ".html" {
				return err
			}
			content, err := os.ReadFile(name)
			for _, c := range class.FindAllString(string(content), -1) {
				used[c] = true
				if !has(c) {
					t.Errorf("%s uses %s, which css/kern.txt does not name", name, c)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d classes of KERN are used", len(used))
}

func TestWhatAFirstVisitLoadsIsLight(t *testing.T) {
	if !served.bundled {
		return // TestWhereItIsBuiltForOthersTheBundleIsThere says whether that may be
	}
	size := func(name string) int {
		f := served.files[Path(name)]
		if b, ok := f.coded["br"]; ok {
			return len(b)
		}
		return len(f.plain)
	}
	const page = 30 << 10 // of HTML, compressed, which no page reaches
	css, js := size("aushang.css"), size("js/passkey.js")+size("js/copy.js")
	if css+js+page > 60_000 {
		t.Errorf("%d bytes of CSS, %d of JS, %d of HTML: more than 60 KB", css, js, page)
	}
	fonts := size("font/fira-sans-400.woff2") + size("font/fira-sans-600.woff2")
	if fonts > 55_000 || fonts == 0 {
		t.Errorf("%d bytes of fonts: more than 55 KB", fonts)
	}
	t.Logf("CSS %d, JS %d, fonts %d bytes", css, js, fonts)
}
