package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gallery is where the documents of the wire stand for people to read.
const gallery = "../../docs/wire"

// documents are the documents of one run that went over the wire, by the name of their file.
type documents map[string][]byte

func (d *documents) add(name string, body []byte) {
	if _, known := (*d)[name]; !known {
		(*d)[name] = body
	}
}

// received keeps what Fedify was sent: the activity with an id.
func (d *documents) received(t *testing.T, p *fedify, id, name string) {
	t.Helper()
	d.find(t, p, name, func(e exchange) string {
		if e.Direction == "in" && e.Method == "POST" && idOf(e.Body) == id {
			return e.Body
		}
		return ""
	})
}

// sent keeps what Fedify has sent: the activity with an id.
func (d *documents) sent(t *testing.T, p *fedify, id, name string) {
	t.Helper()
	d.find(t, p, name, func(e exchange) string {
		if e.Direction == "out" && e.Method == "POST" && idOf(e.Body) == id {
			return e.Body
		}
		return ""
	})
}

// sentAbout keeps what Fedify has sent: the activity of a type about an object.
func (d *documents) sentAbout(t *testing.T, p *fedify, kind, object, name string) {
	t.Helper()
	d.find(t, p, name, func(e exchange) string {
		var a struct {
			Type   string
			Object json.RawMessage
		}
		if e.Direction == "out" && e.Method == "POST" && json.Unmarshal([]byte(e.Body), &a) == nil && a.Type == kind && objectID(a.Object) == object {
			return e.Body
		}
		return ""
	})
}

// answered keeps what Fedify was answered at an address that contains a text.
func (d *documents) answered(t *testing.T, p *fedify, address, name string) {
	t.Helper()
	d.find(t, p, name, func(e exchange) string {
		if e.Direction == "out" && e.Method == "GET" && e.Status == 200 && strings.Contains(e.URL, address) {
			return e.Answer
		}
		return ""
	})
}

func (d *documents) find(t *testing.T, p *fedify, name string, pick func(exchange) string) {
	t.Helper()
	for _, e := range p.wire(t) {
		if body := pick(e); body != "" {
			d.add(name, []byte(body))
			return
		}
	}
	t.Errorf("no document for %s went over the wire", name)
}

func idOf(body string) string { return objectID(json.RawMessage(body)) }

// compare wants every document to have the keys and types of the one in the gallery, or writes the gallery anew.
func (d *documents) compare(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(*d)) {
		path := filepath.Join(gallery, name+".json")
		if *update {
			hang(t, path, (*d)[name])
			continue
		}
		shown, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: write it with `go test -run 'Proof$' ./internal/proof -update`", err)
			continue
		}
		want, got := shape(decode[any](t, shown)), shape(decode[any](t, (*d)[name]))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s no longer has the shape of what went over the wire (-shown +sent):\n%s", path, diff)
		}
	}
	if t.Failed() {
		return
	}
	act(t, "%d documents went over the wire in the shape that docs/wire shows", len(*d))
}

// port is the one that a run happened to get.
var port = regexp.MustCompile(`\b((?:dorf|fedi)\.test):\d+`)

// hang writes a document, indented and without ports, otherwise as it was sent.
func hang(t *testing.T, path string, body []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, port.ReplaceAll(body, []byte("$1")), "", "  "); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	indented.WriteByte('\n')
	if err := os.MkdirAll(gallery, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shape leaves of a JSON value only keys and types; an array has the shapes of its elements, each once.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		shaped := map[string]any{}
		for key, value := range v {
			shaped[key] = shape(value)
		}
		return shaped
	case []any:
		var shapes []any
		for _, element := range v {
			s := shape(element)
			if !slices.ContainsFunc(shapes, func(known any) bool { return cmp.Equal(known, s) }) {
				shapes = append(shapes, s)
			}
		}
		return shapes
	default:
		return fmt.Sprintf("%T", v)
	}
}

// same fails when two values differ.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
