package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kern gives the rules of KERN that we use: those for the classes in
// css/kern.txt, and the tokens that these and our own files read.
func kern(root string) (string, error) {
	css, err := os.ReadFile(filepath.Join(root, "node_modules", "@kern-ux", "native", "dist", "kern.css"))
	if err != nil {
		return "", fmt.Errorf("read KERN: %w", err)
	}
	list, err := os.ReadFile(filepath.Join(root, "css", "kern.txt"))
	if err != nil {
		return "", fmt.Errorf("read the list of KERN's classes: %w", err)
	}
	var ours strings.Builder
	for _, pattern := range []string{"*.css", "*/*.css"} {
		names, err := filepath.Glob(filepath.Join(root, "css", pattern))
		if err != nil {
			return "", fmt.Errorf("list the stylesheet: %w", err)
		}
		for _, name := range names {
			if filepath.Base(name) == "plain.css" {
				continue // stands in for KERN
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return "", fmt.Errorf("read the stylesheet: %w", err)
			}
			ours.Write(content)
		}
	}
	rules, err := parse(string(css))
	if err != nil {
		return "", err
	}
	rules = used(rules, classes(string(list)))
	rules = read(rules, ours.String())
	var b strings.Builder
	for _, r := range rules {
		r.print(&b)
	}
	return b.String(), nil
}

// classes reads a list of names, one a line; a "*" at the end stands for any
// ending, "#" begins a remark.
func classes(list string) func(string) bool {
	var names []string
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			names = append(names, line)
		}
	}
	return func(class string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			start, open := strings.CutSuffix(name, "*")
			return name == class || open && strings.HasPrefix(class, start)
		})
	}
}

var (
	kernClass = regexp.MustCompile(`\.(kern-[A-Za-z0-9_-]+)`)
	reference = regexp.MustCompile(`var\(\s*(--[A-Za-z0-9_-]+)`)
	// choice is a part of a selector that names what may be or must not be there.
	choice = regexp.MustCompile(`:(?:is|not|where)\([^()]*(?:\([^()]*\)[^()]*)*\)`)
)

// used leaves out rules for classes that we do not use.
func used(rules []rule, use func(string) bool) []rule {
	var kept []rule
	for _, r := range rules {
		if r.rules != nil {
			if r.rules = used(r.rules, use); len(r.rules) > 0 {
				kept = append(kept, r)
			}
			continue
		}
		var selectors []string
		for _, s := range split(r.prelude, ',') {
			needed := kernClass.FindAllStringSubmatch(choice.ReplaceAllString(s, ""), -1)
			if !slices.ContainsFunc(needed, func(m []string) bool { return !use(m[1]) }) {
				selectors = append(selectors, s)
			}
		}
		if len(selectors) > 0 {
			r.prelude = strings.Join(selectors, ",")
			kept = append(kept, r)
		}
	}
	return kept
}

// read leaves out tokens that nothing reads, and animations that nothing plays.
func read(rules []rule, ours string) []rule {
	tokens := map[string][]string{} // values by name
	var wanted []string
	refer := func(text string) {
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			wanted = append(wanted, m[1])
		}
	}
	var played strings.Builder
	each(rules, func(r *rule) {
		for _, d := range r.declarations {
			if name, value, _ := strings.Cut(d, ":"); strings.HasPrefix(name, "--") {
				tokens[name] = append(tokens[name], value)
			} else {
				refer(value)
				if strings.HasPrefix(name, "animation") {
					played.WriteString(value)
				}
			}
		}
	})
	refer(ours)
	seen := map[string]bool{}
	for len(wanted) > 0 {
		name := wanted[len(wanted)-1]
		wanted = wanted[:len(wanted)-1]
		if !seen[name] {
			seen[name] = true
			refer(strings.Join(tokens[name], " "))
		}
	}
	each(rules, func(r *rule) {
		r.declarations = slices.DeleteFunc(r.declarations, func(d string) bool {
			name, _, _ := strings.Cut(d, ":")
			return strings.HasPrefix(name, "--") && !seen[name]
		})
	})
	return slices.DeleteFunc(rules, func(r rule) bool {
		animation, ok := strings.CutPrefix(r.prelude, "@keyframes ")
		return ok && !strings.Contains(played.String(), animation)
	})
}
