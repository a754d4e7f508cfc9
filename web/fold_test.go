package web

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"

	"codeberg.org/aushang/aushang/web/locale"
)

// Words in a template say the same whether they are asked for at each page or
// written into it, and what needs a value is still asked for.
func TestFoldedWords(t *testing.T) {
	words, err := locale.NewCatalogue(fstest.MapFS{
		"text.de.toml": {Data: []byte("\"a.plain\" = \"Tee & <Kekse> \\\"heute\\\"\"\n\"a.for\" = \"Für {{.}}\"\n")},
		"text.en.toml": {Data: []byte("\"a.plain\" = \"tea\"\n\"a.for\" = \"For {{.}}\"\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	const source = `<p title="{{t "a.plain"}}">{{t "a.plain"}}{{range .}}<b>{{t "a.plain"}}</b>{{else}}{{t "a.plain"}}{{end}}{{with .}}{{t "a.for" (index . 0)}}{{end}}` +
		`{{if .}}{{template "inner" .}}{{end}}<textarea>{{t "a.plain"}}</textarea></p>{{define "inner"}}<i>{{t "a.plain"}}</i>{{end}}`
	asked := 0
	parse := func() *template.Template {
		return template.Must(template.New("outer").Funcs(template.FuncMap{"t": func(key string, data ...any) (string, error) {
			asked++
			var d any
			if len(data) > 0 {
				d = data[0]
			}
			return words.Message("de", key, d)
		}}).Parse(source))
	}
	write := func(one *template.Template) string {
		var b strings.Builder
		if err := one.Execute(&b, []string{"<alle>", "&"}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	plain, folded := parse(), parse()
	if err := fold(folded, words, "de"); err != nil {
		t.Fatal(err)
	}
	want := write(plain)
	asked = 0
	if got := write(folded); got != want {
		t.Errorf("folded:\n%s\nnot folded:\n%s", got, want)
	}
	if asked != 1 {
		t.Errorf("words were asked for %d times, the sentence with a name needs one", asked)
	}
	unknown := template.Must(template.New("").Funcs(template.FuncMap{"t": func(string) string { return "" }}).Parse(`{{t "a.missing"}}`))
	if err := fold(unknown, words, "de"); err == nil {
		t.Error("words that are not there were written")
	}
}
