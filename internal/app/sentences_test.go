package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/web/layout"
	"codeberg.org/aushang/aushang/web/locale"
)

// sentences gives all that is said of a wrong field anywhere: what stands in a
// call of errs.Add or refuse, directly or as a constant.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	all, consts := map[string]string{}, map[string]string{}
	var calls []struct{ where, name string }
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		said := func(e ast.Expr) {
			switch e := e.(type) {
			case *ast.BasicLit:
				text, _ := strconv.Unquote(e.Value)
				all[text] = path
			case *ast.Ident:
				calls = append(calls, struct{ where, name string }{path, e.Name})
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						if lit, ok := n.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
							consts[name.Name], _ = strconv.Unquote(lit.Value)
						}
					}
				}
			case *ast.CallExpr:
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					if x, ok := f.X.(*ast.Ident); ok && x.Name == "errs" && f.Sel.Name == "Add" {
						said(n.Args[1])
					}
				case *ast.Ident:
					switch f.Name {
					case "refuse":
						said(n.Args[0])
					case "field": // of the town hall
						if len(n.Args) == 4 {
							said(n.Args[3])
						}
					}
				}
			case *ast.ReturnStmt:
				// ParseTime returns what is wrong.
				for _, r := range n.Results {
					if id, ok := r.(*ast.Ident); ok && strings.HasSuffix(consts[id.Name], ".") {
						all[consts[id.Name]] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		if text, ok := consts[c.name]; ok {
			all[text] = c.where
		}
	}
	return all
}

// TestSentencesHaveGerman: what is wrong is said in the reader's language, with
// the same things filled in.
func TestSentencesHaveGerman(t *testing.T) {
	words, err := locale.NewCatalogue(append([]fs.FS{layout.Files}, parts...)...)
	if err != nil {
		t.Fatal(err)
	}
	all := sentences(t)
	if len(all) < 40 {
		t.Errorf("only %d sentences were found", len(all))
	}
	for text, where := range all {
		if !words.Has("de", text) {
			t.Errorf("%s: there is no German for %q", where, text)
			continue
		}
		if german := words.Sentence("de", text); verbs(german) != verbs(text) {
			t.Errorf("%s: %q fills in other things than %q", where, german, text)
		}
	}
}

// verbs gives the formatting verbs of a sentence in their order. What English
// quotes by %q stands in German as „%s“.
func verbs(s string) string {
	var list []string
	for i := range len(s) - 1 {
		if s[i] == '%' {
			list = append(list, strings.Replace(s[i:i+2], "%q", "%s", 1))
		}
	}
	return strings.Join(list, "")
}
