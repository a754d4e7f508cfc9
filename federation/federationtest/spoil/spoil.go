// Package spoil makes wrong documents out of valid ones, systematically:
// each field left out or of another type, two at a time, cut at each byte, and
// what has brought other servers down by name. A server must refuse them or make
// sense of them, and must not fail.
//
// It must not know what is done with them.
package spoil

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// lookalikes are one value of each JSON type and some that look right. The
// absence of a field stands beside them.
var lookalikes = []any{
	nil, true, 1.5, -1, json.Number("1e308"), json.Number("1e400"), "", "x", "https://c.test/1", "https://c.test/\ufffd", "/1", "_:b0", "#1", "https://u:p@c.test/",
	"javascript:x", "0000-01-01T00:00:00Z", "2026-02-30T10:00:00", "as:Public", strings.Repeat("ä", 3000),
	[]any{},
	[]any{1, nil, "x"},
	[]any{[]any{"https://c.test/1"}},
	[]any{"https://c.test/1", "https://c.test/2"},
	map[string]any{},
	map[string]any{"id": 1, "type": 2},
	map[string]any{"id": "https://c.test/1", "type": []any{"Note", "Event"}},
	map[string]any{"type": "Create", "actor": "https://c.test/1"},
}

// field is a place in a document at which something stands.
type field struct {
	in  map[string]any
	key string
}

// fields gives every field at any depth, in the same order each time.
func fields(v any) []field {
	var all []field
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, field{v, key})
			all = append(all, fields(v[key])...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, fields(inner)...)
		}
	}
	return all
}

// absent stands for a field that is not there.
type absent struct{}

// Two and All are what Pairs may put in place of a field: left out or an object;
// left out, one of each JSON type, or a text that looks right.
var (
	Two = []any{absent{}, map[string]any{}}
	All = []any{absent{}, nil, true, 1, "x", "https://c.test/1", "2026-02-30T10:00:00", []any{}, map[string]any{}}
)

// with puts v in a field while f runs.
func (at field) with(v any, f func() bool) bool {
	old, there := at.in[at.key]
	if at.in[at.key] = v; v == (absent{}) {
		delete(at.in, at.key)
	}
	goOn := f()
	if at.in[at.key] = old; !there {
		delete(at.in, at.key)
	}
	return goOn
}

func read(valid []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(valid))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		panic("spoil: " + err.Error()) // of a test
	}
	return doc
}

func write(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic("spoil: " + err.Error())
	}
	return body
}

// Fields gives the document with each field left out, doubled into a list, and
// replaced by each JSON type and by values that look right.
func Fields(valid []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		doc := read(valid)
		try := func() bool { return yield(write(doc)) }
		for _, at := range fields(doc) {
			old := at.in[at.key]
			for _, v := range append([]any{any(absent{}), []any{old, old}}, lookalikes...) {
				if !at.with(v, try) {
					return
				}
			}
		}
	}
}

// Pairs gives the document with each two of its fields replaced at a time, each
// by each of wrongs.
func Pairs(valid []byte, wrongs []any) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		doc := read(valid)
		try := func() bool { return yield(write(doc)) }
		all := fields(doc)
		for i, first := range all {
			for _, v := range wrongs {
				goOn := first.with(v, func() bool {
					for _, second := range all[i+1:] {
						for _, w := range wrongs {
							if !second.with(w, try) {
								return false
							}
						}
					}
					return true
				})
				if !goOn {
					return
				}
			}
		}
	}
}

// Bytes gives what is wrong with the bytes of a document: cut at each of them,
// keys twice and in another case, marks, other encodings, something behind it,
// something else altogether.
func Bytes(valid []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		valid := bytes.TrimSpace(valid)
		for i := range valid {
			if !yield(valid[:i]) {
				return
			}
		}
		for _, body := range recoded(valid) {
			if !yield(body) {
				return
			}
		}
		doc := read(valid)
		for _, key := range slices.Sorted(maps.Keys(doc)) {
			name, value := string(write(key)), string(write(doc[key]))
			for _, more := range []string{
				name + `:"https://c.test/1"`, name + ":null", name + ":" + value,
				strings.ToUpper(name) + `:"https://c.test/1"`, `"` + strings.ToUpper(key[:1]) + key[1:] + `":"https://c.test/1"`,
				`"\u00` + hex(key[0]) + key[1:] + `":"https://c.test/1"`,
			} {
				if !yield([]byte("{"+more+","+string(valid[1:]))) || !yield([]byte(string(valid[:len(valid)-1])+","+more+"}")) {
					return
				}
			}
		}
	}
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

func recoded(valid []byte) [][]byte {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(valid)
	_ = z.Close()
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + string(valid))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	text := string(valid)
	inside := func(s string) []byte { return []byte(strings.Replace(text, `"`, `"`+s, 7)) }
	all := [][]byte{
		nil, []byte("null"), []byte("0"), []byte(`""`), []byte("[]"), []byte("{}"), []byte("<!DOCTYPE html><title>404</title>"), packed.Bytes(), wide,
		[]byte("\xef\xbb\xbf" + text), []byte("\xfe\xff" + text), []byte(text + text), []byte(text + "\x00"), []byte(text + "]"), []byte("[" + text + "]"), []byte(text + " //"),
		inside("\xff"), inside("\xc0\xaf"), inside("\xed\xa0\x80"), inside(`\ud800`), inside(`\u0000`), inside("\x00"), inside("\n"), inside(`\x`),
		[]byte(strings.Replace(text, "{", `{"@graph":[`+text+"],", 1)), []byte(strings.ReplaceAll(text, ":", "\u00a0:")),
	}
	for _, n := range []int{31, 33, 500, 10_001} {
		all = append(all, []byte(strings.Replace(text, "{", `{"x":`+strings.Repeat("[", n)+strings.Repeat("]", n)+",", 1)),
			[]byte(strings.Replace(text, "{", `{"x":`+strings.Repeat(`{"object":`, n)+"1"+strings.Repeat("}", n)+",", 1)), []byte(strings.Repeat("[", n)), []byte(strings.Repeat(`{"a":`, n)))
	}
	return all
}

// Known gives the document with what is known to have been sent in one of its
// fields, in the document itself and in what it embeds.
func Known(valid []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		doc := read(valid)
		try := func() bool { return yield(write(doc)) }
		ins := []map[string]any{doc}
		if inner, ok := doc["object"].(map[string]any); ok {
			ins = append(ins, inner)
		}
		for _, in := range ins {
			known := known(in)
			for _, key := range slices.Sorted(maps.Keys(known)) {
				for _, v := range known[key] {
					if !(field{in, key}).with(v, try) {
						return
					}
				}
			}
		}
	}
}
