package house

import "go/ast"

// These are the most lines a file and a function may have.
const (
	longestFile     = 600
	longestFunction = 80
)

// Sizes gives the files of more than 600 lines and the functions of more than
// 80, tests as well.
func Sizes(m *Module) []Finding {
	var all []Finding
	for _, p := range m.packages {
		for _, f := range p.files {
			if n := f.source.LineCount(); n > longestFile {
				all = append(all, f.at(f.tree.Package, "the file has %d lines, %d at most: give a part of it a file of its own", n, longestFile))
			}
			for _, d := range f.tree.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := f.source.Line(fn.End()) - f.source.Line(fn.Pos()) + 1; n > longestFunction {
					all = append(all, f.at(fn.Name.Pos(), "%s has %d lines, %d at most: give a part of it a name", fn.Name.Name, n, longestFunction))
				}
			}
		}
	}
	return all
}
