package activitystreams

import (
	"encoding/json"
	"testing"
	"time"
)

const (
	club  = "https://here.test/ap/actors/1"
	event = "https://here.test/ap/objects/7"
)

// berlin is the offset of a summer's evening in Musterdorf.
var berlin = time.FixedZone("", 2*60*60)

// everything gives one document of each shape that leaves this server, as full as it can be.
func everything() map[string]any {
	create := &Activity{
		Context: ContextEvent, ID: "https://here.test/ap/activities/1", Type: "Create", Actor: club, Object: Item{Object: ourEvent()},
		To: []string{Public}, Cc: []string{club + "/followers"}, Published: time.Date(2026, 6, 1, 10, 0, 0, 5, berlin),
	}
	standalone := func(c Context, o *Object) *Object { o.Context = c; return o }
	return map[string]any{
		"group": ourGroup(), "event": standalone(ContextEvent, ourEvent()), "note": standalone(ContextObject, ourNote()), "create": create,
		"accept": &Activity{
			Context: ContextActivity, ID: "https://here.test/ap/activities/2", Type: "Accept", Actor: club, To: []string{"https://fedi.test/users/lena"},
			Object: Item{Activity: &Activity{ID: "https://fedi.test/follows/1", Type: "Follow", Actor: "https://fedi.test/users/lena", Object: Item{ID: club}}},
		},
		"announce": &Activity{
			Context: ContextActivity, ID: "https://here.test/ap/activities/3", Type: "Announce", Actor: club, Object: Item{ID: "https://fedi.test/notes/1"},
			To: []string{Public}, Cc: []string{club + "/followers"}, Published: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC),
		},
		"follow": &Activity{
			Context: ContextPeering, ID: "https://here.test/ap/activities/6", Type: "Follow", Actor: "https://here.test/relay", To: []string{"https://there.test/relay"},
			Object: Item{ID: "https://there.test/relay"},
			Agreement: &Peering{
				Type: "Peering", Asks: []string{"events", "clubs"}, Gives: []string{"events", "opportunities"}, Purpose: "Gemeinsamer Kalender", Paused: true,
				AsksWithin: round(51.69, 13.22, 25), GivesWithin: round(52, 13, 50), Location: &Place{Type: "Place", Name: "Musterdorf", Latitude: degrees(51.69), Longitude: degrees(13.22)},
			},
		},
		"flag": &Activity{
			Context: ContextActivity, ID: "https://here.test/ap/activities/4", Type: "Flag", Actor: "https://here.test/ap/instance", Content: "Werbung",
			Object: Item{IDs: []string{"https://fedi.test/users/lena", "https://fedi.test/notes/1"}},
		},
		"delete": &Activity{
			Context: ContextObject, ID: "https://here.test/ap/activities/5", Type: "Delete", Actor: club, To: []string{Public},
			Object: Item{Object: &Object{ID: event, Type: "Tombstone", FormerType: "Event", Deleted: time.Date(2026, 6, 3, 8, 0, 0, 0, time.UTC)}},
		},
		"tombstone": &Object{Context: ContextObject, ID: event, Type: "Tombstone", FormerType: "Event", Deleted: time.Date(2026, 6, 3, 8, 0, 0, 0, time.UTC)},
		"permission": &Object{
			Context: ContextQuote, ID: "https://here.test/ap/objects/9", Type: "QuoteAuthorization", AttributedTo: club,
			InteractingObject: "https://fedi.test/notes/2", InteractionTarget: event,
		},
		"collection": &Collection{Context: ContextActivity, ID: club + "/followers", Type: "OrderedCollection", TotalItems: Int(3)},
		"page": &Collection{
			Context: ContextActivity, ID: club + "/events?page=true", Type: "OrderedCollectionPage", PartOf: club + "/events", Next: club + "/events?page=true&after=7",
			OrderedItems: []any{event, "https://here.test/ap/objects/8"},
		},
	}
}

func ourGroup() *Actor {
	return &Actor{
		Context: ContextActor, ID: club, Type: "Group", PreferredUsername: "tsv", Webfinger: "tsv@here.test", Name: "TSV Musterdorf", Summary: "<p>Sportverein</p>",
		URL: "https://here.test/vereine/tsv", Inbox: club + "/inbox", Outbox: club + "/outbox", Followers: club + "/followers", Following: club + "/following",
		Featured: club + "/featured", Discoverable: true, Indexable: true, Published: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC),
		Icon: &Image{Type: "Image", MediaType: "image/png", URL: "https://here.test/media/1.png", Name: "Wappen"},
		Endpoints: &Endpoints{
			SharedInbox: "https://here.test/ap/inbox", Members: club + "/empty/members", Resources: club + "/empty/resources", Posts: club + "/empty/posts",
			Todos: club + "/empty/todos", Discussions: club + "/empty/discussions", Events: club + "/events",
		},
		PublicKey: &PublicKey{ID: club + "#main-key", Owner: club, PublicKeyPem: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"},
	}
}

func ourEvent() *Object {
	lat, lon := Float(48), Float(9.25)
	o := ourNote()
	o.ID, o.Type, o.Name, o.Actor, o.InReplyTo, o.Tag = event, "Event", "Sommerfest", club, "", nil
	o.Summary, o.URL = "<p>Sa., 11. Juli 2026, 19:00 Uhr, Marktplatz</p>", "https://here.test/veranstaltungen/7"
	o.StartTime, o.EndTime = time.Date(2026, 7, 11, 19, 0, 0, 7, berlin), time.Date(2026, 7, 11, 23, 0, 0, 0, berlin)
	o.DisplayEndTime, o.Timezone = Bool(false), "Europe/Berlin"
	o.Location = &Place{
		ID: "https://here.test/ap/places/3", Type: "Place", Name: "Marktplatz", Latitude: &lat, Longitude: &lon,
		Address: &PostalAddress{Type: "PostalAddress", StreetAddress: "Marktplatz 1", PostalCode: "72999", AddressLocality: "Musterdorf", AddressCountry: "Deutschland"},
	}
	o.Image = &Image{Type: "Image", MediaType: "image/jpeg", URL: "https://here.test/media/9.jpg", Name: "Lampions", Summary: "Lampions", Width: 640, Height: 360, FocalPoint: []float64{0, 0}}
	o.Attachment = []Attachment{
		{Type: "Document", MediaType: "image/jpeg", URL: "https://here.test/media/9.jpg", Name: "Lampions", Summary: "Lampions", Width: 640, Height: 360, Blurhash: "LfEeo", FocalPoint: []float64{0, 0}},
		{Type: "Link", MediaType: "text/html", Href: "https://tsv.example", Name: "Website"},
	}
	o.Category, o.InLanguage, o.Status, o.EventStatus, o.JoinMode = "COMMUNITY", "de", "CONFIRMED", "EventScheduled", "external"
	o.ExternalParticipationURL, o.ParticipantCount, o.MaximumAttendeeCapacity = "https://here.test/veranstaltungen/7", Int(0), 80
	o.AnonymousParticipationEnabled, o.IsOnline, o.CommentsEnabled, o.Draft = Bool(false), Bool(false), Bool(true), Bool(false)
	o.Organizers = &Collection{ID: event + "/organizers", Type: "Collection", TotalItems: Int(1), Items: []any{club}}
	return o
}

func ourNote() *Object {
	const id = "https://here.test/ap/objects/8"
	return &Object{
		ID: id, Type: "Note", AttributedTo: club, To: []string{Public}, Cc: []string{club + "/followers"}, Content: "<p>Hallo</p>",
		ContentMap: map[string]string{"de": "<p>Hallo</p>"}, URL: "https://here.test/pinnwand/8", InReplyTo: event,
		Published: time.Date(2026, 6, 1, 10, 0, 0, 123456789, berlin), Updated: time.Date(2026, 6, 2, 8, 0, 0, 0, time.UTC),
		Tag:     []Tag{{Type: "Mention", Name: "@lena@fedi.test", Href: "https://fedi.test/users/lena"}},
		Replies: &Collection{ID: id + "/replies"}, Likes: &Collection{ID: id + "/likes"}, Shares: &Collection{ID: id + "/shares"},
		InteractionPolicy: &InteractionPolicy{CanQuote: &CanQuote{AutomaticApproval: []string{Public}}},
	}
}

// wire gives a document as a peer reads it.
func wire(t *testing.T, doc any) map[string]any {
	t.Helper()
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func degrees(f float64) *Float { return (*Float)(&f) }

func round(lat, lon, km float64) *Place {
	return &Place{Type: "Place", Name: "Musterdorf", Latitude: degrees(lat), Longitude: degrees(lon), Radius: degrees(km), Units: "km"}
}

// TestAreas: an area of an agreement is a place with coordinates and a radius; what
// nobody can measure is none.
func TestAreas(t *testing.T) {
	for area, want := range map[string]float64{
		`{"type":"Place","latitude":51,"longitude":13,"radius":25,"units":"km"}`:     25,
		`{"type":"Place","latitude":51,"longitude":13,"radius":25000}`:               25,
		`{"type":"Place","latitude":51.5,"longitude":13,"radius":2,"units":"miles"}`: 3.218688,
		`{"type":"Place","latitude":51,"longitude":13,"radius":25,"units":"Meilen"}`: 0,
		`{"type":"Place","latitude":51,"longitude":13,"radius":-1,"units":"km"}`:     0,
		`{"type":"Place","latitude":91,"longitude":13,"radius":25,"units":"km"}`:     0,
		`{"type":"Place","name":"Torgau","radius":25,"units":"km"}`:                  0,
		`"https://there.test/places/1"`:                                              0,
	} {
		a, err := Decode([]byte(`{"id":"https://there.test/f/1","type":"Follow","actor":"https://there.test/relay","object":"https://here.test/relay","agreement":{"type":"Peering","asks":["events"],"gives":[],"asksWithin":` + area + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		switch got := a.Agreement.AsksWithin; {
		case got == nil && want != 0, got != nil && (want == 0 || float64(*got.Radius) != want || got.Units != "km"):
			t.Errorf("%s is %+v", area, got)
		}
	}
}
