package house

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Finding is one place where the code is not as planned.
type Finding struct {
	// File is the path from the root of the module, with slashes.
	File string
	// Line counts from 1.
	Line int
	// Sentence says what is wrong and what would be right.
	Sentence string
}

// String gives file:line: sentence, as compilers do.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Sentence) }

// Check reads the module around the folder dir and gives what is not as
// planned, in order of file and line.
func Check(ctx context.Context, dir string) ([]Finding, error) {
	m, err := Read(ctx, dir)
	if err != nil {
		return nil, err
	}
	var all []Finding
	all = append(all, Direction(m)...)
	all = append(all, Sentences(m)...)
	all = append(all, Sizes(m)...)
	all = append(all, Safe(m)...)
	unshown, err := Security(m)
	if err != nil {
		return nil, err
	}
	all = append(all, unshown...)
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Sentence, b.Sentence))
	})
	return all, nil
}

// A Module is the source of one Go module, parsed.
type Module struct {
	path     string // its import path
	dir      string // its folder
	packages []*pkg
}

type pkg struct {
	path  string // from the root of the module: "internal/event", "" for the root itself
	files []*file
}

type file struct {
	name   string // from the root of the module
	test   bool   // is not part of the program
	tree   *ast.File
	source *token.File
}

func (f *file) at(p token.Pos, format string, args ...any) Finding {
	return Finding{f.name, f.source.Line(p), fmt.Sprintf(format, args...)}
}

// listed is the part of the answer of go list that we need.
type listed struct {
	ImportPath string
	Dir        string
	Module     *struct {
		Path, Dir string
		Main      bool
	}
	GoFiles, TestGoFiles, XTestGoFiles []string
	Error                              *struct{ Err string }
}

// Read parses the module around the folder dir. A package that does not compile
// yet is read all the same, as long as its files are Go.
func Read(ctx context.Context, dir string) (*Module, error) {
	list := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-json=ImportPath,Dir,Module,GoFiles,TestGoFiles,XTestGoFiles,Error", "./...")
	list.Dir = dir
	var complaint bytes.Buffer
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	m := &Module{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		if l.Module == nil || !l.Module.Main {
			continue // the library of Go, or of somebody else
		}
		m.path, m.dir = l.Module.Path, l.Module.Dir
		p, err := parse(l)
		if err != nil {
			return nil, err
		}
		m.packages = append(m.packages, p)
	}
	if len(m.packages) == 0 {
		return nil, fmt.Errorf("go list found no package in %s", dir)
	}
	return m, nil
}

func parse(l listed) (*pkg, error) {
	p := &pkg{path: strings.TrimPrefix(strings.TrimPrefix(l.ImportPath, l.Module.Path), "/")}
	add := func(names []string, test bool) error {
		for _, name := range names {
			full := filepath.Join(l.Dir, name)
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, full, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			short, err := filepath.Rel(l.Module.Dir, full)
			if err != nil {
				return err
			}
			if !ast.IsGenerated(tree) {
				p.files = append(p.files, &file{filepath.ToSlash(short), test, tree, set.File(tree.FileStart)})
			}
		}
		return nil
	}
	tests := slices.Concat(l.TestGoFiles, l.XTestGoFiles)
	return p, errors.Join(add(l.GoFiles, false), add(tests, true))
}
