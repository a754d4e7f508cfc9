package activitystreams

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/superseriousbusiness/activity/streams"
)

// ours are documents of each kind that we send.
func ours() map[string]any {
	at := time.Date(2026, 7, 11, 19, 0, 0, 0, time.FixedZone("", 7200))
	lat, lon := Float(9), Float(48.25)
	event := &Object{
		ID: "https://here.test/ap/objects/1", Type: "Event", AttributedTo: "https://here.test/ap/actors/1", Actor: "https://here.test/ap/actors/1",
		To: []string{Public}, Cc: []string{"https://here.test/ap/actors/1/followers"}, Name: "Sommerfest", Summary: "<p>Sa.</p>", Content: "<p>x</p>",
		ContentMap: map[string]string{"de": "<p>x</p>"}, URL: "https://here.test/veranstaltungen/1", Published: at.UTC(), StartTime: at, EndTime: at.Add(time.Hour),
		Timezone: "Europe/Berlin", Location: &Place{ID: "https://here.test/ap/places/x", Type: "Place", Name: "Markt", Latitude: &lat, Longitude: &lon},
		Image:      &Image{Type: "Image", MediaType: "image/jpeg", URL: "https://here.test/media/x.jpg", Name: "Bild"},
		Attachment: []Attachment{{Type: "Document", MediaType: "image/jpeg", URL: "https://here.test/media/x.jpg", Name: "Bild", FocalPoint: []float64{0, 0}}},
		Status:     "CONFIRMED", EventStatus: "EventScheduled", JoinMode: "external", ParticipantCount: Int(0), Draft: Bool(false),
		Organizers: &Collection{ID: "https://here.test/ap/objects/1/organizers", Type: "Collection", TotalItems: Int(1), Items: []any{"https://here.test/ap/actors/1"}},
		Replies:    &Collection{ID: "https://here.test/ap/objects/1/replies"},
	}
	with := func(o *Object, c Context) *Object { p := *o; p.Context = c; return &p }
	note := &Object{ID: "https://here.test/ap/objects/2", Type: "Note", AttributedTo: event.AttributedTo, To: []string{Public}, Content: "<p>x</p>", Published: at.UTC()}
	return map[string]any{
		"Group": &Actor{
			Context: ContextActor, ID: event.AttributedTo, Type: "Group", PreferredUsername: "tsv", Name: "TSV", Inbox: event.AttributedTo + "/inbox",
			Outbox: event.AttributedTo + "/outbox", Endpoints: &Endpoints{SharedInbox: "https://here.test/ap/inbox"}, Published: at.UTC(),
			Icon:      &Image{Type: "Image", MediaType: "image/png", URL: "https://here.test/media/l.png", Name: "Wappen"},
			PublicKey: &PublicKey{ID: event.AttributedTo + "#main-key", Owner: event.AttributedTo, PublicKeyPem: "PEM"},
		},
		"Event":     with(event, ContextEvent),
		"Note":      with(note, ContextObject),
		"Tombstone": &Object{Context: ContextObject, ID: note.ID, Type: "Tombstone", FormerType: "Note", Deleted: at.UTC()},
		"Create":    &Activity{Context: ContextEvent, ID: "https://here.test/ap/activities/1", Type: "Create", Actor: event.AttributedTo, Object: Item{Object: event}, To: event.To, Cc: event.Cc, Published: at.UTC()},
		"Accept":    &Activity{Context: ContextActivity, ID: "https://here.test/ap/activities/2", Type: "Accept", Actor: event.AttributedTo, To: []string{"https://b.test/eve"}, Object: Item{Activity: &Activity{ID: "https://b.test/f", Type: "Follow", Actor: "https://b.test/eve", Object: Item{ID: event.AttributedTo}}}},
		"outbox":    &Collection{Context: ContextActivity, ID: event.AttributedTo + "/outbox", Type: "OrderedCollection", TotalItems: Int(0), First: event.AttributedTo + "/outbox?page=true"},
	}
}

// The strict profile: what is a list everywhere, and what nowhere.
var (
	lists   = []string{"to", "cc", "tag", "attachment", "alsoKnownAs", "items", "orderedItems", "@context"}
	singles = []string{"type", "attributedTo", "actor", "url", "icon", "image", "publicKey", "inReplyTo", "location", "summary", "name", "content", "object", "id", "startTime", "published"}
)

func TestStrictProfile(t *testing.T) {
	for name, doc := range ours() {
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		context, ok := m["@context"].([]any)
		if !ok || context[0] != "https://www.w3.org/ns/activitystreams" {
			t.Errorf("%s: @context %v", name, m["@context"])
		}
		for _, c := range context {
			if s, ok := c.(string); ok && s != "https://www.w3.org/ns/activitystreams" && s != "https://w3id.org/security/v1" {
				t.Errorf("%s: a context that peers would have to fetch: %s", name, s)
			}
		}
		if bytes.Contains(body, []byte("null")) {
			t.Errorf("%s has a null: %s", name, body)
		}
		delete(m, "@context")
		strict(t, name, m)
		if name == "Event" || name == "Note" || name == "Group" {
			for _, key := range []string{"tag", "attachment"} { // Gancio, Lemmy and Mobilizon iterate
				if _, ok := m[key].([]any); !ok {
					t.Errorf("%s has no list %s", name, key)
				}
			}
		}
		if name == "Note" && m["name"] != nil {
			t.Error("a Note with a name is a warning, a poll vote or a discussion elsewhere")
		}
		if name == "Event" && (!bytes.Contains(body, []byte(`"latitude":9.0`)) || !bytes.Contains(body, []byte(`"startTime":"2026-07-11T19:00:00+02:00"`))) {
			t.Errorf("Mobilizon would lose the place or the zone: %s", body)
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

// TestInTheVocabulary reads what we send by the vocabulary package and finds
// every property of the vocabulary again.
func TestInTheVocabulary(t *testing.T) {
	for name, doc := range ours() {
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		typed, err := streams.ToType(context.Background(), m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := streams.Serialize(typed)
		if err != nil {
			t.Fatal(err)
		}
		for key := range m {
			// An empty list says as much as none, and extensions ride along.
			if v, ok := m[key].([]any); key == "@context" || ok && len(v) == 0 || strings.HasSuffix(key, "Map") {
				continue
			}
			if _, ok := again[key]; !ok {
				t.Errorf("%s: the vocabulary loses %s", name, key)
			}
		}
	}
}

// TestRoundTrip: what we send is understood by ourselves.
func TestRoundTrip(t *testing.T) {
	all := ours()
	for _, name := range []string{"Create", "Accept"} {
		body, err := json.Marshal(all[name])
		if err != nil {
			t.Fatal(err)
		}
		a, err := Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(struct{ *Activity }{a})
		if err != nil || a.ID == "" || len(again) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	body, err := json.Marshal(all["Event"])
	if err != nil {
		t.Fatal(err)
	}
	o, err := DecodeObject(body)
	if err != nil || o.Name != "Sommerfest" || o.Location.Name != "Markt" || *o.Location.Longitude != 48.25 || len(o.Attachment) != 1 || o.Language != "de" || !o.StartTime.Equal(time.Date(2026, 7, 11, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", o, err)
	}
	if body, err = json.Marshal(all["Group"]); err != nil {
		t.Fatal(err)
	}
	a, err := DecodeActor(body)
	if err != nil || a.SharedInbox() != "https://here.test/ap/inbox" || a.PublicKey.Owner != a.ID || a.Icon.URL == "" {
		t.Errorf("%+v, %v", a, err)
	}
}
