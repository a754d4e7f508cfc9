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
	ours, err := own(root)
	if err != nil {
		return "", err
	}
	rules, err := parse(string(css))
	if err != nil {
		return "", err
	}
	rules = read(settle(used(rules, classes(string(list))), ours), ours)
	var b strings.Builder
	for _, r := range rules {
		r.print(&b)
	}
	return b.String(), nil
}

// own reads our own stylesheet, without what stands in for KERN.
func own(root string) ([]rule, error) {
	var all []rule
	for _, pattern := range []string{"*.css", "*/*.css"} {
		names, err := filepath.Glob(filepath.Join(root, "css", pattern))
		if err != nil {
			return nil, fmt.Errorf("list the stylesheet: %w", err)
		}
		for _, name := range names {
			if filepath.Base(name) == "plain.css" {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read the stylesheet: %w", err)
			}
			rules, err := parse(string(content))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, rules...)
		}
	}
	return all, nil
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
	// kernClass is a class, or the way to force light or dark, which we have not.
	kernClass = regexp.MustCompile(`\.(kern-[A-Za-z0-9_-]+)|\[data-kern-theme`)
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

// settle writes the values of tokens that never change in their place: those
// that are said once, for everything, and not by us. What we say ourselves, KERN
// need not say.
func settle(rules, ours []rule) []rule {
	said, value, own := map[string]int{}, map[string]string{}, map[string]bool{}
	each(rules, func(r *rule) {
		for _, d := range r.declarations {
			if name, v, _ := strings.Cut(d, ":"); strings.HasPrefix(name, "--") {
				said[name]++
				value[name] = strings.TrimSpace(v)
			}
		}
	})
	constant := map[string]bool{}
	for _, r := range rules {
		everything := r.prelude == ":root" || strings.HasPrefix(r.prelude, ":is(body")
		for _, d := range r.declarations {
			name, _, _ := strings.Cut(d, ":")
			constant[name] = everything && said[name] == 1
		}
	}
	always := map[string]bool{}
	each(ours, func(r *rule) {
		for _, d := range r.declarations {
			if name, _, _ := strings.Cut(d, ":"); strings.HasPrefix(name, "--kern-") {
				own[name] = true
			}
		}
		if strings.HasPrefix(r.prelude, "@layer tokens") {
			for _, inner := range r.rules {
				for _, d := range inner.declarations {
					name, _, _ := strings.Cut(d, ":")
					always[name] = inner.prelude == ":root"
				}
			}
		}
	})
	var write func(string) string
	write = func(text string) string {
		return replaceReferences(text, func(name, rest string) string {
			if constant[name] && !own[name] {
				return write(value[name])
			}
			if said[name] > 0 || own[name] {
				rest = "" // what would be used if nobody said it
			}
			return "var(" + name + write(rest) + ")"
		})
	}
	each(rules, func(r *rule) {
		var kept []string
		for _, d := range r.declarations {
			if name, _, _ := strings.Cut(d, ":"); !always[name] {
				kept = append(kept, write(d))
			}
		}
		r.declarations = kept
	})
	return rules
}

// replaceReferences calls f with the name in each var(name, rest) of a text and
// with the rest from its comma on, and writes what f gives.
func replaceReferences(text string, f func(name, rest string) string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "var(")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := until(after, ")")
		name := strings.TrimSpace(after[:end])
		rest := ""
		if comma := strings.IndexByte(name, ','); comma >= 0 {
			name, rest = strings.TrimSpace(name[:comma]), name[comma:]
		}
		b.WriteString(f(name, rest))
		text = after[min(end+1, len(after)):]
	}
}

// read leaves out tokens that nothing reads, and animations that nothing plays.
func read(rules, ours []rule) []rule {
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
	each(ours, func(r *rule) {
		for _, d := range r.declarations {
			refer(d)
		}
	})
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
