package activitystreams

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// The strict profile: what is a list everywhere, and what nowhere.
var (
	lists   = []string{"to", "cc", "tag", "attachment", "alsoKnownAs", "items", "orderedItems", "@context"}
	singles = []string{"type", "attributedTo", "actor", "url", "icon", "image", "publicKey", "inReplyTo", "location", "summary", "name", "content", "id", "startTime", "published"}
)

func TestStrictProfile(t *testing.T) {
	for name, doc := range everything() {
		m := wire(t, doc)
		delete(m, "@context")
		strict(t, name, m)
	}
	body, err := json.Marshal(everything()["event"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"latitude":48.0`, `"startTime":"2026-07-11T19:00:00+02:00"`} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("Mobilizon would lose the place or the zone: no %s in %s", want, body)
		}
	}
}

func strict(t *testing.T, name string, m map[string]any) {
	t.Helper()
	for _, key := range lists {
		if v, ok := m[key]; ok {
			if _, list := v.([]any); !list {
				t.Errorf("%s: %s is no list", name, key)
			}
		}
	}
	for _, key := range singles {
		if _, list := m[key].([]any); list {
			t.Errorf("%s: %s is a list", name, key)
		}
	}
	for _, v := range m {
		switch v := v.(type) {
		case map[string]any:
			strict(t, name, v)
		case []any:
			for _, e := range v {
				if inner, ok := e.(map[string]any); ok {
					strict(t, name, inner)
				}
			}
		}
	}
}

// TestRoundTrip: what we send is understood by ourselves.
func TestRoundTrip(t *testing.T) {
	text := func(name string) []byte {
		body, err := json.Marshal(everything()[name])
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	for _, name := range []string{"create", "accept", "announce", "flag", "delete"} {
		a, err := Decode(text(name))
		if err != nil {
			t.Fatal(err)
		}
		a.Context = everything()[name].(*Activity).Context
		a.Raw = nil
		again, err := json.Marshal(a)
		if err != nil || !bytes.Contains(again, []byte(a.ID)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o, err := DecodeObject(text("event"))
	if err != nil || o.Name != "Sommerfest" || o.Location.Name != "Marktplatz" || *o.Location.Longitude != 9.25 || len(o.Attachment) != 2 || o.Language != "de" || !o.StartTime.Equal(time.Date(2026, 7, 11, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", o, err)
	}
	a, err := DecodeActor(text("group"))
	if err != nil || a.SharedInbox() != "https://here.test/ap/inbox" || a.PublicKey.Owner != a.ID || a.Icon.URL == "" {
		t.Errorf("%+v, %v", a, err)
	}
}
