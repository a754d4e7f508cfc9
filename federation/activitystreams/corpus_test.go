package activitystreams

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus gives the fixtures by name.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".json")] = body
	}
	return all
}

// wrongs are one value of each JSON type and some that look right.
var wrongs = []any{
	nil, true, 1.5, -1, json.Number("1e308"), json.Number("1e400"), "", "x", "https://c.test/1", "https://c.test/\ufffd", "/1", "_:b0", "https://u:p@c.test/", "javascript:x",
	"0000-01-01T00:00:00Z", "2026-02-30T10:00:00", "as:Public", strings.Repeat("ä", 3000),
	[]any{},
	[]any{1, nil, "x"},
	[]any{[]any{"https://c.test/1"}},
	[]any{"https://c.test/1", "https://c.test/2"},
	map[string]any{},
	map[string]any{"id": 1, "type": 2},
	map[string]any{"id": "https://c.test/1", "type": []any{"Note", "Event"}},
	map[string]any{"type": "Create", "actor": "https://c.test/1"},
}

// spoil puts each wrong value in the place of each one in v, at any depth,
// leaves each out, and calls try each time.
func spoil(v any, try func()) {
	switch v := v.(type) {
	case map[string]any:
		for key, old := range v {
			for _, w := range wrongs {
				v[key] = w
				try()
			}
			v[key] = []any{old, old}
			try()
			delete(v, key)
			try()
			v[key] = old
			spoil(old, try)
		}
	case []any:
		for i, old := range v {
			for _, w := range wrongs {
				v[i] = w
				try()
			}
			v[i] = old
			spoil(old, try)
		}
	}
}

// sane finds what no decoded thing may be; "" when all is well.
func sane(i Item) string {
	switch {
	case i.ID != "" && Host(i.ID) == "" && !IsPublic(i.ID):
		return "the id " + i.ID
	case i.Object != nil:
		return saneObject(i.Object)
	case i.Actor != nil:
		return saneIDs([]string{i.Actor.ID, i.Actor.Inbox, i.Actor.Outbox, i.Actor.URL, i.Actor.SharedInbox()}, i.Actor.AlsoKnownAs)
	case i.Activity != nil:
		a := i.Activity
		if a.Type == "" || len(a.Type) > maxTerm {
			return "the type " + a.Type
		}
		if why := saneIDs([]string{a.ID, a.Actor, a.Target, a.Result}, a.To, a.Cc, a.Object.IDs); why != "" {
			return why
		}
		if why := sane(a.Instrument); why != "" {
			return why
		}
		return sane(a.Object)
	}
	return ""
}

func saneObject(o *Object) string {
	for _, t := range []int{o.Published.Year(), o.Updated.Year(), o.StartTime.Year(), o.EndTime.Year(), o.Deleted.Year()} {
		if t < 1 || t > 9999 {
			return "a year that cannot be written"
		}
	}
	if len([]rune(o.Name)) > maxName || len(o.Attachment) > maxAttachments || len(o.Tag) > maxTags || o.MaximumAttendeeCapacity < 0 {
		return "more than is kept"
	}
	for _, a := range o.Attachment {
		if a.Width < 0 || a.Height < 0 || a.URL != "" && Host(a.URL) == "" {
			return "an attachment"
		}
	}
	if p := o.Location; p != nil && p.Latitude != nil && (*p.Latitude < -90 || *p.Latitude > 90) {
		return "a place beyond the poles"
	}
	return saneIDs([]string{o.ID, o.AttributedTo, o.Actor, o.InReplyTo, o.URL}, o.To, o.Cc)
}

func saneIDs(one []string, lists ...[]string) string {
	for _, id := range one {
		if id != "" && Host(id) == "" {
			return "the address " + id
		}
	}
	for _, list := range lists {
		for _, id := range list {
			if Host(id) == "" && !IsPublic(id) {
				return "the address " + id
			}
		}
	}
	return ""
}

// check decodes a document in every way. What is taken is valid JSON, sane, and
// can be written.
func check(t *testing.T, body []byte) {
	t.Helper()
	i, err := DecodeItem(body)
	switch {
	case err != nil && !errors.Is(err, ErrMalformed):
		t.Fatalf("%v\n%.2000s", err, body)
	case err == nil && !json.Valid(bytes.TrimPrefix(body, bom)):
		t.Fatalf("taken, but no JSON\n%.2000s", body)
	case err == nil && sane(i) != "":
		t.Fatalf("%s\n%.2000s", sane(i), body)
	}
	a, err := Decode(body)
	switch {
	case err != nil && !errors.Is(err, ErrMalformed):
		t.Fatalf("%v\n%.2000s", err, body)
	case err != nil:
		return
	case a.Actor == "" || sane(Item{Activity: a}) != "":
		t.Fatalf("%+v\n%.2000s", a, body)
	}
	if _, err := json.Marshal(a); err != nil {
		t.Fatalf("%v\n%.2000s", err, body)
	}
}

// TestMalformedCorpus tries every fixture with every value replaced by every
// JSON type or left out, and cut at every byte.
func TestMalformedCorpus(t *testing.T) {
	n := 0
	for name, body := range corpus(t) {
		var doc map[string]any
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		spoil(doc, func() {
			n++
			body, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			check(t, body)
		})
		body = bytes.TrimSpace(body)
		for i := range body {
			n++
			if _, err := Decode(body[:i]); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s cut at %d: %v", name, i, err)
			}
		}
	}
	if n < 5000 {
		t.Errorf("only %d documents", n)
	}
	t.Logf("%d documents", n)
}

func TestDecodeNeverTrustsAShape(t *testing.T) {
	many := func(n int, entry string) string {
		return "[" + strings.Repeat(entry+",", n-1) + entry + "]"
	}
	const person = `"https://c.test/u"`
	for name, tc := range map[string]struct {
		more string
		ok   bool
	}{
		"1,000 recipients":            {`"to":` + many(1000, person), true},
		"1,001 recipients":            {`"to":` + many(1001, person), false},
		"1,001 in cc of the object":   {`"object":{"type":"Note","id":"https://b.test/1","cc":` + many(1001, person) + `}`, false},
		"no actor":                    {`"actor":null`, false},
		"two actors":                  {`"actor":["https://b.test/eve","https://c.test/u"]`, false},
		"an actor without an id":      {`"actor":{"type":"Person"}`, false},
		"an actor that is a number":   {`"actor":1`, false},
		"no type":                     {`"type":null`, false},
		"a type that is a number":     {`"type":1`, false},
		"a type after a number":       {`"type":[1,"Create"]`, true},
		"a type of 1 kB":              {`"type":"` + strings.Repeat("a", 1000) + `"`, false},
		"an id with half a surrogate": {`"id":"https://b.test/\ud800"`, false},
		"an id with a line break":     {`"id":"https://b.test/\n1"`, false},
		"an id of 2 kB":               {`"id":"https://b.test/` + strings.Repeat("a", 2048) + `"`, false},
		"an object that is a list":    {`"object":` + many(1000, `"https://b.test/1"`), true},
		"everything in a graph":       {`"type":null,"@graph":[{"type":"Create"}]`, false},
		"keys in another case":        {`"Actor":"https://c.test/u","TYPE":"Delete"`, true},
	} {
		fields := map[string]json.RawMessage{
			"@context": json.RawMessage(`"` + namespace + `"`), "id": json.RawMessage(`"https://b.test/a"`), "type": json.RawMessage(`"Create"`),
			"actor": json.RawMessage(`"https://b.test/eve"`), "object": json.RawMessage(`"https://b.test/1"`),
		}
		var more map[string]json.RawMessage
		if err := json.Unmarshal([]byte("{"+tc.more+"}"), &more); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, v := range more {
			fields[key] = v
		}
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Decode(body)
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (a.Actor != "https://b.test/eve" || a.Type != "Create") {
			t.Errorf("%s: %s by %s", name, a.Type, a.Actor)
		}
	}
}

func FuzzDecodeItem(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) { check(t, body) })
}
