// Command bundle makes what the program embeds for browsers: one stylesheet of
// KERN and ours, the fonts and the drawings, minified, compressed, and
// each named by its content. It reads web/assets and the packages that npm has
// put into its node_modules, and writes web/assets/dist.
//
// It lives in the module of the tools, so that neither the program nor those who
// import its libraries carry esbuild (docs/adr/0019).
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bundle WEB/ASSETS")
		os.Exit(2)
	}
	if err := bundle(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// packages are the files that come from npm, by the name they are served under.
var packages = []struct{ name, from string }{
	{"font/fira-sans-400.woff2", "@fontsource/fira-sans/files/fira-sans-latin-400-normal.woff2"},
	{"font/fira-sans-600.woff2", "@fontsource/fira-sans/files/fira-sans-latin-600-normal.woff2"},
}

// licences are the texts that go with what is served.
var licences = []struct{ of, from string }{
	{"KERN UX-Standard (@kern-ux/native), EUPL-1.2", "@kern-ux/native/LICENSE.md"},
	{"Fira Sans, OFL-1.1", "@fontsource/fira-sans/LICENSE"},
}

// bundle makes root/dist from the rest of root.
func bundle(root string) error {
	out := output{paths: map[string]string{}, files: map[string][]byte{}}
	images, err := filepath.Glob(filepath.Join(root, "img", "*.svg"))
	if err != nil {
		return fmt.Errorf("list drawings: %w", err)
	}
	for _, image := range images {
		if err := out.copy("img/"+filepath.Base(image), image); err != nil {
			return err
		}
	}
	if err := scripts(root, &out); err != nil {
		return err
	}
	modules := filepath.Join(root, "node_modules")
	for _, p := range packages {
		if err := out.copy(p.name, filepath.Join(modules, filepath.FromSlash(p.from))); err != nil {
			return err
		}
	}
	var texts strings.Builder
	for _, l := range licences {
		text, err := os.ReadFile(filepath.Join(modules, filepath.FromSlash(l.from)))
		if err != nil {
			return fmt.Errorf("read a licence: %w", err)
		}
		fmt.Fprintf(&texts, "%s\n%s\n\n%s\n\n\n", l.of, strings.Repeat("=", len(l.of)), strings.TrimSpace(string(text)))
	}
	out.add("licences.txt", []byte(texts.String()))
	css, err := stylesheet(root, out.paths)
	if err != nil {
		return err
	}
	out.add("aushang.css", css)
	sum, err := sources(os.DirFS(root))
	if err != nil {
		return err
	}
	return out.write(filepath.Join(root, "dist"), sum)
}

// scripts adds our own modules, each by itself.
func scripts(root string, out *output) error {
	names, err := filepath.Glob(filepath.Join(root, "js", "*.js"))
	if err != nil {
		return fmt.Errorf("list the scripts: %w", err)
	}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read a script: %w", err)
		}
		result := api.Transform(string(source), api.TransformOptions{
			Loader: api.LoaderJS, Format: api.FormatESModule, MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true, Target: api.ES2022, LogLevel: api.LogLevelSilent,
		})
		if wrong := append(result.Errors, result.Warnings...); len(wrong) > 0 {
			return fmt.Errorf("minify %s:\n%s", filepath.Base(name), strings.Join(api.FormatMessages(wrong, api.FormatMessagesOptions{}), ""))
		}
		out.add("js/"+filepath.Base(name), result.Code)
	}
	return nil
}

// stylesheet bundles KERN and css/ in the order of css/aushang.css, css/parts by
// name, css/forced.css and css/print.css.
func stylesheet(root string, paths map[string]string) ([]byte, error) {
	kern, err := kern(root)
	if err != nil {
		return nil, err
	}
	css := filepath.Join(root, "css")
	entry, err := os.ReadFile(filepath.Join(css, "aushang.css"))
	if err != nil {
		return nil, fmt.Errorf("read the order of the stylesheet: %w", err)
	}
	parts, err := filepath.Glob(filepath.Join(css, "parts", "*.css"))
	if err != nil {
		return nil, fmt.Errorf("list the parts of the stylesheet: %w", err)
	}
	order, rest, _ := strings.Cut(string(entry), "@import")
	list := order + "@import \"kern\" layer(kern);\n@import \"./fonts.css\";\n@import" + rest
	for _, p := range parts {
		list += fmt.Sprintf("@import %q;\n", "./parts/"+filepath.Base(p))
	}
	list += "@import \"./forced.css\";\n@import \"./print.css\";\n"
	result := api.Build(api.BuildOptions{
		Stdin:            &api.StdinOptions{Contents: list, ResolveDir: css, Sourcefile: "aushang.css", Loader: api.LoaderCSS},
		Bundle:           true,
		MinifyWhitespace: true,
		MinifySyntax:     true,
		LegalComments:    api.LegalCommentsNone,
		Engines:          []api.Engine{{Name: api.EngineChrome, Version: "111"}, {Name: api.EngineFirefox, Version: "113"}, {Name: api.EngineSafari, Version: "16.4"}},
		Plugins:          []api.Plugin{known(kern, paths)},
		LogLevel:         api.LogLevelSilent,
	})
	if wrong := append(result.Errors, result.Warnings...); len(wrong) > 0 {
		return nil, fmt.Errorf("bundle the stylesheet:\n%s", strings.Join(api.FormatMessages(wrong, api.FormatMessagesOptions{}), ""))
	}
	return result.OutputFiles[0].Contents, nil
}

// known answers what the stylesheet imports: KERN, and files by the path they
// are served under.
func known(kern string, paths map[string]string) api.Plugin {
	return api.Plugin{Name: "known", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `^kern$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: "kern", Namespace: "kern"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "kern"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			return api.OnLoadResult{Contents: &kern, Loader: api.LoaderCSS}, nil
		})
		build.OnResolve(api.OnResolveOptions{Filter: `^(font|img)/`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			path, ok := paths[a.Path]
			if !ok {
				return api.OnResolveResult{}, fmt.Errorf("%s is not there", a.Path)
			}
			return api.OnResolveResult{Path: "/assets/" + path, External: true}, nil
		})
	}}
}
