package app

import (
	"encoding/json"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// photographed are the pictures of a page; the browser writes a file of it for each.
type photographed struct {
	Name, Title, Town, Path, Who string
	Pictures                     []string
}

// towns and people are how the page of pictures names them.
var (
	townNames = map[string]string{hereTown: "A town with a thing of each kind", emptyTown: "An empty town", fullTown: "A full town with long words"}
	whoNames  = map[string]string{
		"nobody": "a reader", "resident": "a resident", "editor": "an editor", "owner": "who leads the club", "hall": "the town hall", "admin": "an administrator",
	}
)

var galleryPage = template.Must(template.New("gallery").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Every page</title>
<style>body{font:16px/1.4 sans-serif;margin:2rem;background:#eee}h3{font-size:1rem;margin:.5rem 0}section>div{display:grid;grid-template-columns:repeat(auto-fill,minmax(26rem,1fr));gap:1rem}
article{background:#fff;padding:1rem;border-radius:.5rem}figure{display:inline-block;margin:0 .5rem 0 0;vertical-align:top}img{block-size:12rem;inline-size:auto;max-inline-size:11rem;object-fit:cover;object-position:top;border:1px solid #bbb}figcaption{font-size:.8rem}small{color:#555}</style></head>
<body><h1>Every page: {{.Count}} of them, {{.Pictures}} pictures</h1>
<p>{{range .Towns}}<a href="#{{.Name}}">{{.Words}}</a> · {{end}}desktop 1280 px, phone 390 px, light and dark</p>
{{range .Towns}}<section id="{{.Name}}"><h2>{{.Words}}</h2><div>{{range .Pages}}
<article id="{{$.ID .}}"><h3>{{.Title}}</h3><p><small>{{.Name}} · {{.Path}} · as {{$.Whom .Who}}</small></p>{{range .Pictures}}<figure><a href="{{.}}"><img src="{{.}}" alt="" loading="lazy"></a><figcaption>{{$.Kind .}}</figcaption></figure>{{end}}</article>{{end}}
</div></section>{{end}}</body></html>
`))

type galleryTown struct {
	Name, Words string
	Pages       []photographed
}

// gallerySet is what the page of pictures is made from.
type gallerySet struct {
	Towns           []galleryTown
	Count, Pictures int
}

// ID names a place in the page.
func (gallerySet) ID(p photographed) string { return p.Town + "-" + p.Name }

// Whom says who sees it.
func (gallerySet) Whom(who string) string { return whoNames[who] }

// Kind says which of the pictures of a page a file is.
func (gallerySet) Kind(file string) string {
	parts := strings.Split(strings.TrimSuffix(file, ".png"), "-")
	return strings.Join(parts[len(parts)-2:], ", ")
}

// gallery writes a page that shows all pictures of a folder by page.
func gallery(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d pages have pictures: %v", len(files), err)
	}
	set, by := gallerySet{Count: len(files)}, map[string][]photographed{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var p photographed
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		set.Pictures += len(p.Pictures)
		by[p.Town] = append(by[p.Town], p)
		_ = os.Remove(f)
	}
	for _, name := range []string{hereTown, fullTown, emptyTown} {
		slices.SortFunc(by[name], func(a, b photographed) int { return strings.Compare(a.Path+a.Name, b.Path+b.Name) })
		set.Towns = append(set.Towns, galleryTown{name, townNames[name], by[name]})
	}
	out, err := os.Create(filepath.Join(folder, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := galleryPage.Execute(out, set); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d pictures of %d pages: %s", set.Pictures, set.Count, out.Name())
}
