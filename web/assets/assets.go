// Package assets holds what pages load besides their HTML: the stylesheet,
// fonts, drawings and scripts. Each is served under a name made from its
// content, so that browsers may keep it for ever.
//
// A program that was built with the bundle (make build, with npm) serves dist/:
// KERN and our stylesheet in one file and the fonts, all compressed. Without
// it the plain stylesheet is put together from css/, and every page works too.
package assets

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed css img js package-lock.json
var sources embed.FS

//go:embed all:dist
var dist embed.FS

var served = load(sources, dist)

// Stylesheet is the path of the stylesheet.
var Stylesheet = Path("aushang.css")

// Fonts are the paths of the fonts that the first screen needs, for preloading;
// none without the bundle.
var Fonts = served.fonts("font/fira-sans-400.woff2")

// Path gives the path under which a file is served: "img/stadt.svg" leads to
// "/assets/img/stadt.0123456789ab.svg". It is "" for what the program does not
// have: a font without the bundle.
func Path(name string) string { return served.paths[name] }

// set is all that is served.
type set struct {
	// paths has the path by the name of a file.
	paths map[string]string
	// files has the file by its path.
	files map[string]file
	// bundled tells whether they come from dist.
	bundled bool
}

// file is what is served under one path.
type file struct {
	media, hash string
	// plain are the bytes as they are, coded those in a content coding, if they are
	// fewer.
	plain []byte
	coded map[string][]byte
}

// load takes the bundle when there is one that was made from the sources, and
// the sources otherwise.
func load(sources, dist fs.FS) set {
	if s, ok := bundle(dist, fingerprint(sources)); ok {
		return s
	}
	s := set{paths: map[string]string{}, files: map[string]file{}}
	s.add("aushang.css", plain(sources))
	images, _ := fs.Glob(sources, "img/*.svg") // the pattern is right
	scripts, _ := fs.Glob(sources, "js/*.js")
	for _, name := range append(images, scripts...) {
		s.add(name, read(sources, name))
	}
	return s
}

// add names a file by its content.
func (s set) add(name string, content []byte) {
	ending := path.Ext(name)
	hash := sum(content)[:12]
	p := "/assets/" + strings.TrimSuffix(name, ending) + "." + hash + ending
	s.paths[name] = p
	s.files[p] = file{media: media[ending], hash: hash, plain: content}
}

func (s set) fonts(names ...string) []string {
	var paths []string
	for _, name := range names {
		if p := s.paths[name]; p != "" {
			paths = append(paths, p)
		}
	}
	return paths
}

// plain puts the stylesheet together: the layers, what stands in for KERN, the
// files in the order of css/aushang.css, the parts by name, forced and print.
func plain(sources fs.FS) []byte {
	var b strings.Builder
	names := []string{"css/plain.css"}
	for line := range strings.Lines(string(read(sources, "css/aushang.css"))) {
		if name, ok := strings.CutPrefix(line, `@import "./`); ok {
			names = append(names, "css/"+strings.TrimSuffix(strings.TrimSpace(name), `";`))
			continue
		}
		b.WriteString(line)
	}
	parts, _ := fs.Glob(sources, "css/parts/*.css") // the pattern is right
	for _, name := range append(append(names, parts...), "css/forced.css", "css/print.css") {
		b.Write(read(sources, name))
	}
	return []byte(b.String())
}

// read gives an embedded file, which is there.
func read(fsys fs.FS, name string) []byte {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		panic(err)
	}
	return b
}
