package activitystreams

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of a document. Larger ones are refused.
const (
	maxBytes  = 1 << 20
	maxDepth  = 32
	maxTokens = 10_000
	maxString = 256 << 10
)

// ErrMalformed says that a document cannot be understood.
var ErrMalformed = errors.New("the document cannot be understood")

// bom is the mark that some editors put before UTF-8.
var bom = []byte("\xef\xbb\xbf")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// parse reads one JSON object within the limits. Unlike encoding/json it
// refuses a key that is there twice, since a checker and a reader could see
// different values, and anything that follows the object.
func parse(body []byte) (map[string]any, error) {
	body = bytes.TrimPrefix(body, bom)
	if len(body) > maxBytes {
		return nil, malformed("larger than %d bytes", maxBytes)
	}
	if !utf8.Valid(body) {
		return nil, malformed("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	p := &parser{d: d}
	value, err := p.value(0)
	if err != nil {
		if errors.Is(err, ErrMalformed) {
			return nil, err
		}
		return nil, malformed("%v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("something follows it")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("no JSON object")
	}
	return object, nil
}

type parser struct {
	d      *json.Decoder
	tokens int
}

func (p *parser) token(depth int) (json.Token, error) {
	if p.tokens++; p.tokens > maxTokens || depth > maxDepth {
		return nil, malformed("too large or too deep")
	}
	t, err := p.d.Token()
	if s, ok := t.(string); ok && (len(s) > maxString || strings.ContainsRune(s, 0)) {
		return nil, malformed("a text that is too long or has a NUL")
	}
	return t, err
}

func (p *parser) value(depth int) (any, error) {
	t, err := p.token(depth)
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return p.object(depth + 1)
	case json.Delim('['):
		return p.array(depth + 1)
	}
	return t, nil
}

func (p *parser) object(depth int) (map[string]any, error) {
	m := map[string]any{}
	for p.d.More() {
		t, err := p.token(depth)
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, malformed("a key that is no text")
		}
		if _, twice := m[key]; twice {
			return nil, malformed("the key %q is there twice", key)
		}
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		if v != nil { // null says nothing
			m[key] = v
		}
	}
	_, err := p.d.Token()
	return m, err
}

func (p *parser) array(depth int) ([]any, error) {
	var a []any
	for p.d.More() {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		if v != nil {
			a = append(a, v)
		}
	}
	_, err := p.d.Token()
	return a, err
}
