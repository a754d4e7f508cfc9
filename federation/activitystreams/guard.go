package activitystreams

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrMalformed says that a document cannot be understood.
var ErrMalformed = errors.New("the document cannot be understood")

// bom is the mark that some editors put before UTF-8.
var bom = []byte("\xef\xbb\xbf")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// parse reads one JSON object within the limits (RFC 8259). Unlike
// encoding/json it refuses a key that is there twice, since a checker and a
// reader could see different values, and anything that follows the object. It
// reads every activity that arrives, so it goes over the bytes once.
func parse(body []byte) (map[string]any, error) {
	body = bytes.TrimPrefix(body, bom)
	if len(body) > maxBytes {
		return nil, malformed("larger than %d bytes", maxBytes)
	}
	if !utf8.Valid(body) {
		return nil, malformed("not UTF-8")
	}
	p := &parser{s: string(body)}
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) {
		return nil, malformed("something follows it")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("no JSON object")
	}
	return object, nil
}

// parser reads s from i on. Texts without escapes are parts of s.
type parser struct {
	s      string
	i      int
	tokens int
}

func (p *parser) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\r' || p.s[p.i] == '\t') {
		p.i++
	}
}

// next gives the next character that is no blank, 0 at the end.
func (p *parser) next() byte {
	if p.space(); p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// take steps over c, if it is next.
func (p *parser) take(c byte) bool {
	if p.next() != c {
		return false
	}
	p.i++
	return true
}

func (p *parser) count(depth int) error {
	if p.tokens++; p.tokens > maxTokens || depth > maxDepth {
		return malformed("too large or too deep")
	}
	return nil
}

func (p *parser) value(depth int) (any, error) {
	if err := p.count(depth); err != nil {
		return nil, err
	}
	switch c := p.next(); c {
	case '{':
		return p.object(depth + 1)
	case '[':
		return p.array(depth + 1)
	case '"':
		return p.text()
	default:
		return p.scalar()
	}
}

func (p *parser) object(depth int) (map[string]any, error) {
	m := map[string]any{}
	p.i++
	if p.take('}') {
		return m, nil
	}
	nulls := 0 // a key whose value is null is a key too, though null says nothing
	for {
		if err := p.count(depth); err != nil {
			return nil, err
		}
		if p.next() != '"' {
			return nil, malformed("a key that is no text")
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			return nil, malformed("the key %q is there twice", key)
		}
		if !p.take(':') {
			return nil, malformed("a key without a value")
		}
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		if m[key] = v; v == nil {
			nulls++
		}
		if p.take('}') {
			if nulls > 0 {
				maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
			}
			return m, nil
		}
		if !p.take(',') {
			return nil, malformed("an object that does not end")
		}
	}
}

func (p *parser) array(depth int) ([]any, error) {
	var a []any
	p.i++
	if p.take(']') {
		return a, nil
	}
	for {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		if v != nil {
			a = append(a, v)
		}
		if p.take(']') {
			return a, nil
		}
		if !p.take(',') {
			return nil, malformed("a list that does not end")
		}
	}
}

// numbers is what a number looks like (RFC 8259 6).
var numbers = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// scalar reads true, false, null or a number.
func (p *parser) scalar() (any, error) {
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(" \n\r\t,:]}[{\"", p.s[p.i]) < 0 {
		p.i++
	}
	switch word := p.s[start:p.i]; {
	case word == "true":
		return true, nil
	case word == "false":
		return false, nil
	case word == "null":
		return nil, nil
	case len(word) <= maxNumber && numbers.MatchString(word):
		return json.Number(word), nil
	}
	return nil, malformed("something that is no JSON")
}

// text reads a text in quotes.
func (p *parser) text() (string, error) {
	start := p.i + 1
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return short(p.s[start:i])
		case c == '\\':
			p.i = i
			return p.escaped(start)
		case c < ' ':
			return "", malformed("a control character in a text")
		}
	}
	return "", malformed("a text that does not end")
}

// escaped reads a text that begins at start and has its first escape at p.i.
func (p *parser) escaped(start int) (string, error) {
	b := make([]byte, 0, p.i-start+128)
	b = append(b, p.s[start:p.i]...)
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return short(string(b))
		case c < ' ':
			return "", malformed("a control character in a text")
		case c != '\\':
			b = append(b, c)
			p.i++
		default:
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
		}
	}
	return "", malformed("a text that does not end")
}

// escape reads one escape; half of a surrogate pair becomes U+FFFD.
func (p *parser) escape() (rune, error) {
	if p.i+1 >= len(p.s) {
		return 0, malformed("a text that does not end")
	}
	c := p.s[p.i+1]
	p.i += 2
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return 0, malformed("an unknown escape")
	}
	r, ok := p.hex(p.i)
	if !ok {
		return 0, malformed("an unknown escape")
	}
	p.i += 4
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if strings.HasPrefix(p.s[p.i:], `\u`) {
		low, ok := p.hex(p.i + 2)
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			p.i += 6
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}

func (p *parser) hex(at int) (rune, bool) {
	if at+4 > len(p.s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.s[at : at+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func short(s string) (string, error) {
	if len(s) > maxString || strings.IndexByte(s, 0) >= 0 {
		return "", malformed("a text that is too long or has a NUL")
	}
	return s, nil
}
