package activitystreams

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"codeberg.org/aushang/aushang/federation/federationtest/spoil"
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

// sane finds what no decoded thing may be; "" when all is well.
func sane(i Item) string {
	switch {
	case i.ID != "" && Host(i.ID) == "" && !IsPublic(i.ID):
		return "the id " + i.ID
	case i.Object != nil:
		return saneObject(i.Object)
	case i.Actor != nil:
		if why := saneLinks(i.Actor.Outbox, i.Actor.URL, i.Actor.SharedInbox()); why != "" {
			return why
		}
		return saneIDs([]string{i.Actor.ID, i.Actor.Inbox, i.Actor.MovedTo}, i.Actor.AlsoKnownAs)
	case i.Activity != nil:
		a := i.Activity
		if a.Type == "" || len(a.Type) > maxTerm {
			return "the type " + a.Type
		}
		if why := saneIDs([]string{a.ID, a.Actor, a.Target, a.Result.Ref()}, a.To, a.Cc, a.Object.IDs); why != "" {
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
		if a.Width < 0 || a.Height < 0 || saneLinks(a.URL, a.Href) != "" {
			return "an attachment"
		}
	}
	if p := o.Location; p != nil && p.Latitude != nil && (*p.Latitude < -90 || *p.Latitude > 90) {
		return "a place beyond the poles"
	}
	if why := saneLinks(o.URL); why != "" {
		return why
	}
	return saneIDs([]string{o.ID, o.AttributedTo, o.Actor, o.InReplyTo}, o.To, o.Cc)
}

func saneLinks(links ...string) string {
	for _, link := range links {
		if link != "" && !leads(link) {
			return "the link " + link
		}
	}
	return ""
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

// check decodes a document as something fetched. What is taken is sane, and an
// activity can be written.
func check(t *testing.T, body []byte) {
	t.Helper()
	i, err := DecodeItem(body)
	if err == nil && i.Activity != nil {
		_, err = json.Marshal(i.Activity)
	} else if errors.Is(err, ErrMalformed) {
		return
	}
	if err != nil || sane(i) != "" {
		t.Fatalf("%s, %v\n%.2000s", sane(i), err, body)
	}
}

// checkBytes decodes what need not be JSON, also as something received. What is
// taken is JSON, and an activity by somebody.
func checkBytes(t *testing.T, body []byte) {
	t.Helper()
	check(t, body)
	a, err := Decode(body)
	if errors.Is(err, ErrMalformed) {
		return
	}
	if err != nil || a.Actor == "" || sane(Item{Activity: a}) != "" || !json.Valid(bytes.TrimPrefix(body, bom)) {
		t.Fatalf("%+v, %v\n%.2000s", a, err, body)
	}
}

// TestMalformed tries every fixture as package spoil does.
func TestMalformed(t *testing.T) {
	var n atomic.Int64
	t.Run("all", func(t *testing.T) {
		for name, body := range corpus(t) {
			for kind, documents := range map[string]iter.Seq[[]byte]{
				"T-DOS-10 wrong types in each field":    spoil.Fields(body),
				"T-DOS-10 two of them at a time":        spoil.Pairs(body, spoil.Two),
				"T-DOS-10 what has been sent to others": spoil.Known(body),
			} {
				t.Run(kind+" "+name, func(t *testing.T) {
					t.Parallel()
					for wrong := range documents {
						n.Add(1)
						check(t, wrong)
					}
				})
			}
			t.Run("T-DOS-22 bytes that are no document "+name, func(t *testing.T) {
				t.Parallel()
				for wrong := range spoil.Bytes(body) {
					n.Add(1)
					checkBytes(t, wrong)
				}
				for i := range bytes.TrimSpace(body) {
					if _, err := Decode(body[:i]); !errors.Is(err, ErrMalformed) {
						t.Errorf("cut at %d: %v", i, err)
					}
				}
			})
		}
	})
	if n.Load() < 100_000 {
		t.Errorf("only %d documents", n.Load())
	}
	t.Logf("%d documents", n.Load())
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
	f.Fuzz(func(t *testing.T, body []byte) { checkBytes(t, body) })
}
