package house

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Sentences gives the packages without a doc comment and the exported names
// without a sentence that begins with the name. A group of constants or
// variables may be explained once; fields and the methods of interfaces are
// explained where they need it. Tests are not read.
func Sentences(m *Module) []Finding {
	var all []Finding
	for _, p := range m.packages {
		files := slices.DeleteFunc(slices.Clone(p.files), func(f *file) bool { return f.test })
		if len(files) == 0 {
			continue
		}
		if !slices.ContainsFunc(files, func(f *file) bool { return f.tree.Doc.Text() != "" }) {
			all = append(all, files[0].at(files[0].tree.Package, "package %s has no doc comment: say what it is for and what it must not know", files[0].tree.Name.Name))
		}
		for _, f := range files {
			for _, d := range f.tree.Decls {
				all = append(all, f.unexplained(d)...)
			}
		}
	}
	return all
}

func (f *file) unexplained(d ast.Decl) []Finding {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && ast.IsExported(receiver(d)) && !begins(d.Doc, d.Name.Name) {
			return []Finding{f.missing(d.Name)}
		}
	case *ast.GenDecl:
		var all []Finding
		for _, s := range d.Specs {
			all = append(all, f.unexplainedSpec(d, s)...)
		}
		return all
	}
	return nil
}

func (f *file) unexplainedSpec(d *ast.GenDecl, s ast.Spec) []Finding {
	alone := d.Lparen == token.NoPos
	switch s := s.(type) {
	case *ast.TypeSpec:
		doc := s.Doc
		if alone {
			doc = d.Doc
		}
		if s.Name.IsExported() && !begins(doc, s.Name.Name) {
			return []Finding{f.missing(s.Name)}
		}
	case *ast.ValueSpec:
		i := slices.IndexFunc(s.Names, (*ast.Ident).IsExported)
		switch {
		case i < 0:
			return nil
		case alone && begins(d.Doc, s.Names[i].Name):
			return nil
		case !alone && (d.Doc.Text() != "" || s.Comment.Text() != ""): // the group, or a word behind the name
			return nil
		case !alone && (begins(s.Doc, s.Names[i].Name) || len(s.Names) > 1 && s.Doc.Text() != ""):
			return nil
		}
		return []Finding{f.missing(s.Names[i])}
	}
	return nil
}

func (f *file) missing(name *ast.Ident) Finding {
	return f.at(name.Pos(), "exported %s has no sentence: write a comment that begins with %s", name.Name, name.Name)
}

// begins tells whether a comment is a sentence about name: it begins with it,
// perhaps after an article, and goes on.
func begins(doc *ast.CommentGroup, name string) bool {
	words := strings.Fields(doc.Text())
	if len(words) > 0 && slices.Contains([]string{"A", "An", "The"}, words[0]) && words[0] != name {
		words = words[1:]
	}
	return len(words) > 1 && strings.TrimRight(words[0], ",:") == name
}

// receiver gives the name of the type a method belongs to; for a function a
// name that counts as exported.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return "Function"
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
