package house

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// unescaped are the types of html/template that it does not escape.
var unescaped = []string{"HTML", "JS", "JSStr", "CSS", "URL", "HTMLAttr", "Srcset"}

// Safe gives the places where text is called safe HTML and was not cleaned:
// what html/template leaves as it is belongs into web alone, and its source,
// component.SafeHTML, is made from what internal/markup gave or from what was
// stored of that (Content, Summary).
func Safe(m *Module) []Finding {
	var all []Finding
	for _, p := range m.packages {
		for _, f := range p.files {
			if !f.test {
				all = append(all, unsafe(p, f)...)
			}
		}
	}
	return all
}

func unsafe(p *pkg, f *file) []Finding {
	var all []Finding
	templates := nameOf(f.tree, "html/template")
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if templates != "" && types(n.X) == templates && slices.Contains(unescaped, n.Sel.Name) && !within(p.path, string(web)) {
				all = append(all, f.at(n.Pos(), "template.%s is shown as it is: hand component.SafeHTML to the template", n.Sel.Name))
			}
		case *ast.CallExpr:
			if types(n.Fun) == "SafeHTML" && len(n.Args) == 1 && !cleaned(f, n.Args[0]) {
				all = append(all, f.at(n.Pos(), "this is called safe and was not cleaned: clean it with internal/markup"))
			}
		}
		return true
	})
	return all
}

// cleaned tells whether an expression is what internal/markup gave, or a field
// in which only that is stored.
func cleaned(f *file, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name == "Content" || e.Sel.Name == "Summary"
	case *ast.CallExpr:
		s, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		for _, i := range f.tree.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err == nil && strings.HasSuffix(path, "/internal/markup") && types(s.X) == "markup" {
				if s.Sel.Name == "Unlink" && len(e.Args) > 0 {
					return cleaned(f, e.Args[0]) // which only takes away
				}
				return slices.Contains([]string{"Sanitize", "Markdown", "Article", "Paragraphs"}, s.Sel.Name)
			}
		}
	}
	return false
}
