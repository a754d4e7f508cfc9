package main

import (
	"errors"
	"strings"
)

// rule is a rule of a stylesheet: a style rule with declarations, or one with
// rules in it. What else begins with @ has its body as it is.
type rule struct {
	prelude      string
	declarations []string
	rules        []rule
	body         string
}

// parse reads a stylesheet as compilers write it: well-formed, style rules not
// nested in one another.
func parse(css string) ([]rule, error) {
	css, err := withoutComments(css)
	if err != nil {
		return nil, err
	}
	var rules []rule
	for {
		css = strings.TrimSpace(css)
		if css == "" {
			return rules, nil
		}
		end := until(css, "{;")
		if end == len(css) {
			return nil, errors.New("the stylesheet ends within a rule")
		}
		prelude := strings.Join(strings.Fields(css[:end]), " ")
		if css[end] == ';' { // @charset, which is ours to say
			css = css[end+1:]
			continue
		}
		css = css[end+1:]
		end = until(css, "}")
		if end == len(css) {
			return nil, errors.New("a rule of the stylesheet has no end: " + prelude)
		}
		r := rule{prelude: prelude}
		switch body := css[:end]; {
		case strings.HasPrefix(prelude, "@media"), strings.HasPrefix(prelude, "@supports"), strings.HasPrefix(prelude, "@layer"):
			if r.rules, err = parse(body); err != nil {
				return nil, err
			}
		case strings.HasPrefix(prelude, "@"):
			r.body = body
		default:
			r.declarations = split(body, ';')
		}
		if r.rules != nil || r.body != "" || len(r.declarations) > 0 {
			rules = append(rules, r)
		}
		css = css[end+1:]
	}
}

// print writes a rule that is not empty.
func (r rule) print(b *strings.Builder) {
	if len(r.declarations) == 0 && len(r.rules) == 0 && r.body == "" {
		return
	}
	b.WriteString(r.prelude + "{" + r.body + strings.Join(r.declarations, ";"))
	for _, inner := range r.rules {
		inner.print(b)
	}
	b.WriteString("}\n")
}

// each calls f for every rule, also for those within others.
func each(rules []rule, f func(*rule)) {
	for i := range rules {
		f(&rules[i])
		each(rules[i].rules, f)
	}
}

// until gives the place of the first of the characters that stands outside of
// strings, parentheses and blocks; the length of s when there is none.
func until(s, characters string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		if depth == 0 && strings.IndexByte(characters, s[i]) >= 0 {
			return i
		}
		switch s[i] {
		case '\\':
			i++
		case '"', '\'':
			i += quoted(s[i:])
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
	}
	return len(s)
}

// quoted gives the length of the string that s begins with, less one.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i
		}
	}
	return len(s) - 1
}

// split gives what stands between the separators, trimmed, without what is empty.
func split(s string, separator byte) []string {
	var list []string
	for s != "" {
		end := until(s, string(separator))
		if part := strings.TrimSpace(s[:end]); part != "" {
			list = append(list, part)
		}
		if end == len(s) {
			break
		}
		s = s[end+1:]
	}
	return list
}

func withoutComments(css string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(css); i++ {
		switch {
		case css[i] == '"' || css[i] == '\'':
			end := i + quoted(css[i:])
			b.WriteString(css[i : end+1])
			i = end
		case strings.HasPrefix(css[i:], "/*"):
			length := strings.Index(css[i:], "*/")
			if length < 0 {
				return "", errors.New("a comment of the stylesheet has no end")
			}
			i += length + 1
		default:
			b.WriteByte(css[i])
		}
	}
	return b.String(), nil
}
