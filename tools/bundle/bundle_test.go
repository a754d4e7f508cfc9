package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

// What is like KERN: a comment with a quote, tokens that lead to tokens, a list
// of selectors, data in a URL.
const like = `@charset "UTF-8";
/* KERN's own { */
:root { --a: var(--b); --b: 1px; --unread: 2px; }
.kern-btn, .kern-card:hover { width: var(--a); background: url("data:image/svg+xml;utf8,<svg>}</svg>"); }
.kern-btn:not(.kern-card) { color: red; }
.kern-btn:has(.kern-card) { color: blue; }
.kern-card { animation: turn 1s; }
@keyframes turn { from { rotate: 0deg } }
@media (min-width: 1px) { .kern-card { color: green } .kern-btn--block { width: 100% } }
@media (min-width: 2px) { .kern-card { color: green } }
`

func TestOnlyWhatIsUsedOfKERNStays(t *testing.T) {
	rules, err := parse(like)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range read(used(rules, classes("kern-btn* # buttons\n")), nil) {
		r.print(&b)
	}
	want := `:root{--a: var(--b);--b: 1px}
.kern-btn{width: var(--a);background: url("data:image/svg+xml;utf8,<svg>}</svg>")}
.kern-btn:not(.kern-card){color: red}
@media (min-width: 1px){.kern-btn--block{width: 100%}
}
`
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestTokensThatOursReadStay(t *testing.T) {
	rules, _ := parse(like)
	ours, _ := parse("@layer tokens { p { margin: var(--unread) } }")
	rules = read(used(rules, classes("")), ours)
	if len(rules) != 1 || strings.Join(rules[0].declarations, ";") != "--unread: 2px" {
		t.Errorf("kept: %+v", rules)
	}
}

func TestValuesThatNeverChangeStandInTheirPlace(t *testing.T) {
	rules, err := parse(`:root { --one: 1px; --two: var(--one, 9px); --dark: white; --ours: red; --kern-ours: red }
:is(body, .kern-light):not(x) { --alias: var(--dark) }
@media (prefers-color-scheme: dark) { :root { --dark: black } }
p { margin: var(--two, 3px) calc(var(--one) * 2); color: var(--alias, green); background: var(--kern-ours, blue); border-color: var(--nobody, var(--one)) }`)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := parse("@layer tokens { :root { --kern-ours: gold } }")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range read(settle(rules, ours), ours) {
		r.print(&b)
	}
	want := `:root{--dark: white}
@media (prefers-color-scheme: dark){:root{--dark: black}
}
p{margin: 1px calc(1px * 2);color: var(--dark);background: var(--kern-ours);border-color: var(--nobody, 1px)}
`
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestBrokenStylesheetsAreRefused(t *testing.T) {
	for _, css := range []string{"a{", "a", "/* a", "a{color:red", "@media x { a {"} {
		if rules, err := parse(css); err == nil {
			t.Errorf("%q was read as %+v", css, rules)
		}
	}
}

func TestTheHashOfTheSourcesKnowsNameAndContent(t *testing.T) {
	of := func(name, content string) string {
		t.Helper()
		sum, err := sources(fstest.MapFS{"css/" + name: {Data: []byte(content)}, "img/x.svg": {}, "js/x.js": {}, "package-lock.json": {}})
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := of("a.css", "a")
	if first != of("a.css", "a") || first == of("a.css", "b") || first == of("b.css", "a") {
		t.Error("the hash does not tell sources apart")
	}
}

func TestWhatIsWrittenCanBeReadAndReplacesWhatWas(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".gitignore", "old.css"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	content := []byte(strings.Repeat("a{color:red}", 100))
	out := output{paths: map[string]string{}, files: map[string][]byte{}}
	out.add("img/a.css", content)
	out.add("b.woff2", []byte("font"))
	if err := out.write(dir, "hash"); err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile(filepath.Join(dir, out.paths["img/a.css"]+".br"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(small))); err != nil || !bytes.Equal(got, content) {
		t.Errorf("brotli gives %q, %v", got, err)
	}
	for name, there := range map[string]bool{".gitignore": true, "old.css": false, "manifest.json": true, out.paths["b.woff2"]: true, out.paths["b.woff2"] + ".br": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != there {
			t.Errorf("%s is there: %v", name, err == nil)
		}
	}
}
