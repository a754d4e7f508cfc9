// Package assets holds what pages load besides their HTML: the stylesheet,
// fonts, drawings and scripts. Each is served under a name made from its
// content, so that browsers may keep it for ever.
//
// A program that was built with the bundle (make build, with npm) serves dist/:
// KERN and our stylesheet in one file, fonts, htmx, all compressed. Without it
// the plain stylesheet is put together from css/, and every page works too.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
)

//go:embed css img
var sources embed.FS

// A file is one that is served: what it is, and its bytes by content coding.
type file struct {
	media string
	// coded has "" for the bytes as they are.
	coded map[string][]byte
}

var paths, files = load()

// Stylesheet is the path of the stylesheet.
var Stylesheet = Path("aushang.css")

// Fonts are the paths of the fonts that the first screen needs, for preloading.
var Fonts []string

// Path gives the path under which a file is served: "img/stadt.svg" leads to
// "/assets/img/stadt.0123456789ab.svg". It is "" for what is not there.
func Path(name string) string { return paths[name] }

func load() (map[string]string, map[string]file) {
	paths, files := map[string]string{}, map[string]file{}
	add := func(name string, content []byte) {
		p := "/assets/" + hashed(name, content)
		paths[name] = p
		files[p] = file{media: media[path.Ext(name)], coded: map[string][]byte{"": content}}
	}
	add("aushang.css", plain())
	images, _ := fs.Glob(sources, "img/*.svg") // the pattern is right
	for _, name := range images {
		add(name, read(name))
	}
	return paths, files
}

// plain puts the stylesheet together in the order of css/aushang.css.
func plain() []byte {
	var b strings.Builder
	var imports []string
	for line := range strings.Lines(string(read("css/aushang.css"))) {
		if name, ok := strings.CutPrefix(line, `@import "`); ok {
			imports = append(imports, strings.TrimSuffix(strings.TrimSpace(name), `";`))
			continue
		}
		b.WriteString(line)
	}
	for _, name := range append([]string{"plain.css"}, imports...) {
		b.Write(read("css/" + name))
	}
	parts, _ := fs.Glob(sources, "css/parts/*.css") // the pattern is right
	for _, name := range append(parts, "css/print.css") {
		b.Write(read(name))
	}
	return []byte(b.String())
}

// read gives an embedded file, which is there.
func read(name string) []byte {
	b, err := sources.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

// hashed puts a hash of the content before the ending of the name.
func hashed(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ending := path.Ext(name)
	return strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(sum[:6]) + ending
}
