package house

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// layer is a floor of the house; a package lies on exactly one.
type layer string

const (
	federation layer = "federation"
	web        layer = "web"
	migrations layer = "migrations"
	ground     layer = "ground"
	kernel     layer = "kernel"
	parts      layer = "parts" // of pages, which every kind shares
	slice      layer = "slice"
	surface    layer = "surface"
	top        layer = "app"
	door       layer = "cmd"
	workshop   layer = "workshop" // what builds, proves and measures, and is no part of the program
)

// layers says where each package lies that is no child of cmd, federation or
// web. A child folder lies where its parent does.
var layers = map[string]layer{
	"migrations":      migrations,
	"internal/config": ground, "internal/database": ground, "internal/jobs": ground, "internal/problem": ground,
	"internal/markup": ground, "internal/media": ground, "internal/mail": ground, "internal/backup": ground, "internal/check": ground, "internal/logging": ground, "internal/metrics": ground, "internal/ledger": ground, "internal/retention": ground, "internal/gazetteer": ground, "internal/erasure": ground, "internal/speech": ground,
	"internal/actor": kernel, "internal/object": kernel, "internal/activity": kernel, "internal/account": kernel,
	"internal/notification": kernel, "internal/draft": kernel, "internal/moderation": kernel, "internal/calendar": kernel, "internal/care": kernel, "internal/application": kernel, "internal/offer": kernel, "internal/term": kernel, "internal/peer": kernel, "internal/pledge": kernel,
	"internal/page":     parts,
	"internal/resident": slice, "internal/registration": slice, "internal/club": slice, "internal/event": slice, "internal/post": slice, "internal/report": slice, "internal/inquiry": slice, "internal/opportunity": slice, "internal/volunteer": slice, "internal/agency": slice, "internal/town": slice,
	"internal/activitypub": surface, "internal/timeline": surface, "internal/search": surface, "internal/region": surface,
	"internal/townhall": surface, "internal/mastodon": surface, "internal/feed": surface, "internal/foreign": surface, "internal/desk": surface, "internal/follow": surface, "internal/reach": surface, "internal/upkeep": surface, "internal/platform": surface, "internal/style": surface, "internal/place": surface, "internal/watch": surface,
	"internal/app":   top,
	"internal/house": workshop, "internal/bench": workshop, "internal/proof": workshop, "internal/torture": workshop,
}

// below says on which floors the imports of a floor may lie. Within kernel,
// slices and surfaces further rules hold.
var below = map[layer][]layer{
	federation: {federation},
	web:        {web},
	migrations: {},
	ground:     {ground, migrations, federation, web},
	kernel:     {kernel, ground, federation},
	parts:      {parts, kernel, ground, federation, web},
	slice:      {slice, parts, kernel, ground, federation, web},
	surface:    {surface, parts, kernel, ground, federation, web},
	top:        {top, surface, slice, parts, kernel, ground, federation, web},
	door:       {top, surface, slice, parts, kernel, ground, federation, web},
	workshop:   {workshop, ground, federation, web},
}

// kernelArrows says which package of the kernel may import which.
var kernelArrows = map[string][]string{
	"internal/activity":     {"internal/object", "internal/actor"},
	"internal/object":       {"internal/actor"},
	"internal/notification": {"internal/object", "internal/actor"},
	"internal/moderation":   {"internal/object", "internal/actor"},
	"internal/draft":        {"internal/object", "internal/actor"},
	"internal/care":         {"internal/object", "internal/actor"},
	"internal/account":      {"internal/actor"},
	"internal/application":  {"internal/object", "internal/actor"},
	"internal/offer":        {"internal/object", "internal/actor"},
	"internal/pledge":       {"internal/application", "internal/activity", "internal/actor"},
	"internal/term":         {"internal/actor"},
	"internal/peer":         {"internal/activity", "internal/object", "internal/actor"},
}

// only says which package alone may import a library, or a part of it.
var only = map[string]string{
	"github.com/superseriousbusiness/activity": "federation/activitystreams",
	"github.com/go-fed/httpsig":                "federation/signature",
	"github.com/remitly-oss/httpsig-go":        "federation/signature",
	"github.com/microcosm-cc/bluemonday":       "internal/markup",
	"modernc.org/sqlite":                       "internal/database",
	"github.com/jackc/pgx":                     "internal/database",
	"github.com/lib/pq":                        "internal/database",
	"github.com/riverqueue/river":              "internal/jobs",
}

// goesOut is what reaches another machine without the address guard.
var goesOut = []string{"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"}

// within tells whether path is parent or lies under it.
func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

// locate gives the floor of a package and its name there, "internal/event" for
// "internal/event/eventtest"; no floor when the plan does not know it.
func locate(path string) (layer, string) {
	for _, l := range []layer{federation, web, door} {
		if within(path, string(l)) {
			return l, string(l)
		}
	}
	for name, l := range layers {
		if within(path, name) {
			return l, name
		}
	}
	return "", ""
}

// Direction gives the imports that run the wrong way, and the requests that go
// out by another door than federation/transport. Tests may do both.
func Direction(m *Module) []Finding {
	var all []Finding
	for _, p := range m.packages {
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, i := range f.tree.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					continue // does not compile either
				}
				if wrong := judge(m.path, p.path, path); wrong != "" {
					all = append(all, f.at(i.Pos(), "%s", wrong))
				}
			}
			if p.path != "federation/transport" && !harness(p.path) {
				all = append(all, requests(f)...)
			}
		}
		if l, _ := locate(p.path); l == "" && len(p.files) > 0 {
			all = append(all, p.files[0].at(p.files[0].tree.Package,
				"%s lies on no floor of the house: enter it in the table of internal/house/direction.go", p.path))
		}
	}
	return all
}

// harness tells whether a package stands for the outside world in tests.
func harness(path string) bool {
	l, _ := locate(path)
	return l == workshop || strings.HasSuffix(path, "test")
}

// judge says what is wrong with an import; "" if nothing is.
func judge(module, from, path string) string {
	for library, owner := range only {
		if within(path, library) && !within(from, owner) && !harness(from) {
			return "only " + owner + " imports " + library
		}
	}
	to, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	source, sourceName := locate(from)
	target, targetName := locate(to)
	switch {
	case source == "" || target == "" || sourceName == targetName:
		return ""
	case target == top && source != door:
		return "only cmd imports internal/app"
	case target == migrations && sourceName != "internal/database":
		return "only internal/database imports migrations"
	case source == target && (source == slice || source == surface):
		return "a " + string(source) + " imports no other: " + from + " must not know " + to
	case source == slice && target == surface, source == surface && target == slice:
		return "slices and surfaces do not import each other: " + from + " must not know " + to
	case source == kernel && target == kernel && !slices.Contains(kernelArrows[sourceName], targetName):
		return "the kernel has no arrow " + sourceName + " -> " + targetName
	case !slices.Contains(below[source], target):
		return from + " (" + string(source) + ") must not import " + to + " (" + string(target) + ")"
	}
	return ""
}

// requests finds uses of the clients of net/http.
func requests(f *file) []Finding {
	name := nameOf(f.tree, "net/http")
	if name == "" {
		return nil
	}
	of := func(e ast.Expr, members ...string) string {
		s, ok := e.(*ast.SelectorExpr)
		if !ok || !slices.Contains(members, s.Sel.Name) {
			return ""
		}
		if x, ok := s.X.(*ast.Ident); !ok || x.Name != name {
			return ""
		}
		return "http." + s.Sel.Name
	}
	var all []Finding
	ast.Inspect(f.tree, func(n ast.Node) bool {
		found := ""
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = of(n, goesOut...)
		case *ast.CompositeLit:
			found = of(n.Type, "Client", "Transport")
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.Ident); ok && called.Name == "new" && len(n.Args) == 1 {
				found = of(n.Args[0], "Client", "Transport")
			}
		}
		if found != "" {
			all = append(all, f.at(n.Pos(), "%s goes out past the address guard: use federation/transport", found))
		}
		return true
	})
	return all
}

// nameOf gives the name under which a file knows an import; "" if it does not.
func nameOf(tree *ast.File, path string) string {
	for _, i := range tree.Imports {
		if i.Path.Value != strconv.Quote(path) {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return path[strings.LastIndexByte(path, '/')+1:]
	}
	return ""
}
