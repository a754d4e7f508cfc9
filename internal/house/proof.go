package house

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// proof is a place where the name of a test, of a part of it or of a line of
// its table names a row of the list of known faults.
type proof struct {
	id       string
	pkg      string // from the root of the module
	function string // TestX or FuzzX
	file     string
	line     int
	wrong    string // why it shows nothing; "" when it does
}

// String names the test as the page does.
func (p proof) String() string { return fmt.Sprintf("`%s` %s", p.pkg, p.function) }

// proofs lists them in order of package, function and line.
func proofs(m *Module) []proof {
	var all []proof
	for _, p := range m.packages {
		all = append(all, newSuite(p).proofs()...)
	}
	slices.SortFunc(all, func(a, b proof) int {
		return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.function, b.function), cmp.Compare(a.line, b.line), cmp.Compare(a.id, b.id))
	})
	return all
}

// suite is the test code of one package: what its declarations name, and which
// of them each uses. Methods are known by their name alone.
type suite struct {
	pkg   string
	decls map[string][]*decl
	tests []*decl
}

type decl struct {
	name  string
	file  *file
	node  ast.Node
	names []name
}

// name is a name with the id of a row in it. body is what is run under it, nil
// for a line of a table.
type name struct {
	id   string
	pos  token.Pos
	body ast.Node
}

func newSuite(p *pkg) *suite {
	s := &suite{pkg: p.path, decls: map[string][]*decl{}}
	for _, f := range p.files {
		if !f.test {
			continue
		}
		for _, d := range f.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Body == nil {
					continue
				}
				one := s.enter(d.Name.Name, f, d)
				if d.Recv == nil && isTest(d.Name.Name) {
					s.tests = append(s.tests, one)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						s.enter(v.Names[0].Name, f, v)
					}
				}
			}
		}
	}
	return s
}

var testNames = regexp.MustCompile(`^(Test|Fuzz)([^a-z].*)?$`)

func isTest(name string) bool { return name != "TestMain" && testNames.MatchString(name) }

func (s *suite) enter(called string, f *file, node ast.Node) *decl {
	d := &decl{called, f, node, names(node)}
	s.decls[called] = append(s.decls[called], d)
	return d
}

// names finds the names of subtests and of lines of tables that have the id of
// a row in them.
func names(node ast.Node) []name {
	var all []name
	add := func(e ast.Expr, body ast.Node) {
		ast.Inspect(e, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				for _, id := range ids.FindAllString(text, -1) {
					all = append(all, name{id, lit.Pos(), body})
				}
			}
			return true
		})
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			// t.Run, or a helper that runs a test under a name in its own way.
			if len(n.Args) < 2 {
				break
			}
			body := runs(n)
			for _, e := range n.Args[:len(n.Args)-1] {
				if e := text(e); e != nil && body != nil {
					add(e, body)
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if e := title(e); e != nil {
					add(e, nil)
				}
			}
		}
		return true
	})
	return all
}

// runs gives what a call runs under a name: a function that is written there,
// or the name of one.
func runs(call *ast.CallExpr) ast.Node {
	switch last := call.Args[len(call.Args)-1].(type) {
	case *ast.FuncLit:
		return last.Body
	case *ast.Ident:
		if types(call.Fun) == "Run" {
			return last
		}
	}
	return nil
}

// title gives the expression that names an element of a table: its key, its
// field "name", or its first field.
func title(e ast.Expr) ast.Expr {
	if kv, ok := e.(*ast.KeyValueExpr); ok {
		if _, field := kv.Key.(*ast.Ident); field {
			return nil
		}
		return text(kv.Key)
	}
	row, ok := e.(*ast.CompositeLit)
	if !ok || len(row.Elts) == 0 {
		return nil
	}
	for _, e := range row.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "name" {
				return text(kv.Value)
			}
		}
	}
	return text(row.Elts[0])
}

// text gives e if it is a text, or put together from some.
func text(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e
	case *ast.BinaryExpr:
		return e
	}
	return nil
}

func (s *suite) proofs() []proof {
	var all []proof
	for _, t := range s.tests {
		used := s.uses(t.node)
		for _, d := range append([]*decl{t}, used...) {
			for _, n := range d.names {
				body := n.body
				if body == nil {
					body = t.node
				}
				if called, ok := body.(*ast.Ident); ok && len(s.decls[called.Name]) > 0 {
					body = s.decls[called.Name][0].node
				}
				p := proof{id: n.id, pkg: s.pkg, function: t.name, file: d.file.name, line: d.file.source.Line(n.pos)}
				switch {
				case s.skips(t.node) || slices.ContainsFunc(used, func(d *decl) bool { return s.skips(d.node) }):
					p.wrong = "is named by a test that may be skipped"
				case !s.asserts(body, nil):
					p.wrong = "is named by a test that asserts nothing"
				}
				all = append(all, p)
			}
		}
	}
	return all
}

// uses lists the declarations that a node uses, also through others.
func (s *suite) uses(node ast.Node) []*decl {
	var list []*decl
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		for _, d := range s.decls[id.Name] {
			if d.node != node && !slices.Contains(list, d) {
				list = append(list, d)
				ast.Inspect(d.node, visit)
			}
		}
		return true
	}
	ast.Inspect(node, visit)
	return list
}

// skips tells whether a node may leave a test out.
func (s *suite) skips(node ast.Node) bool {
	found := false
	ast.Inspect(node, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.SelectorExpr); ok {
				on := types(f.X)
				found = found || slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, f.Sel.Name) && isT(on) || f.Sel.Name == "Short" && on == "testing"
			}
		}
		return !found
	})
	return found
}

// types gives the last name of an expression such as t, v.t or testing.
func types(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// isT tells whether something is called as tests, fuzz tests and what stands
// for both are called everywhere here.
func isT(name string) bool { return name == "t" || name == "f" || name == "tb" }

// asserts tells whether what a node runs can find something wrong: it calls
// t.Error or its like, or a helper that does. seen are the helpers on the way.
func (s *suite) asserts(node ast.Node, seen []ast.Node) bool {
	found := false
	ast.Inspect(reached(node), func(n ast.Node) bool {
		if block, ok := n.(*ast.BlockStmt); ok && reached(block) != block {
			found = found || s.asserts(reached(block), seen)
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok && !found {
			found = s.checks(call, seen)
		}
		return !found
	})
	return found
}

// reached gives a block without what stands behind a return, or the node as it
// is.
func reached(node ast.Node) ast.Node {
	if d, ok := node.(*ast.FuncDecl); ok {
		node = d.Body
	}
	block, ok := node.(*ast.BlockStmt)
	if !ok {
		return node
	}
	for i, stmt := range block.List {
		if _, ok := stmt.(*ast.ReturnStmt); ok && i < len(block.List)-1 {
			return &ast.BlockStmt{Lbrace: block.Lbrace, List: block.List[:i+1], Rbrace: block.Rbrace}
		}
	}
	return block
}

// checks tells whether a call can find something wrong.
func (s *suite) checks(call *ast.CallExpr, seen []ast.Node) bool {
	called := types(call.Fun)
	if f, ok := call.Fun.(*ast.SelectorExpr); ok && isT(types(f.X)) {
		return strings.HasPrefix(called, "Error") || strings.HasPrefix(called, "Fatal") || strings.HasPrefix(called, "Fail") && called != "Failed"
	}
	takesT := false
	for _, a := range call.Args {
		if _, body := a.(*ast.FuncLit); body {
			return false // what it runs is looked at by itself
		}
		takesT = takesT || isT(types(a))
	}
	ours := s.decls[called]
	if len(ours) == 0 {
		return takesT // a helper of another package, or one that was handed in
	}
	for _, d := range ours {
		if !slices.Contains(seen, d.node) && s.asserts(d.node, append(seen, d.node)) {
			return takesT || finds(d.node)
		}
	}
	return false
}

// finds tells whether a helper that is not given t reports what is wrong: one
// that only ends the test when it could not do its work (err != nil) checks
// nothing.
func finds(node ast.Node) bool {
	found := false
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if c, ok := n.Cond.(*ast.BinaryExpr); ok && types(c.X) == "err" && types(c.Y) == "nil" {
				return false
			}
		case *ast.SelectorExpr:
			found = found || isT(types(n.X)) && (strings.HasPrefix(n.Sel.Name, "Error") || strings.HasPrefix(n.Sel.Name, "Fatal"))
		}
		return !found
	})
	return found
}
