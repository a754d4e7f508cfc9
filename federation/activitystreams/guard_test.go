package activitystreams

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	wrap := func(more string) string {
		return `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/1","type":"Note","attributedTo":"https://b.test/eve"` + more + `}`
	}
	for name, tc := range map[string]struct {
		body string
		ok   bool
	}{
		"a note":                    {wrap(""), true},
		"a BOM":                     {"\xef\xbb\xbf" + wrap(""), true},
		"null is nothing":           {wrap(`,"name":null,"tag":[null]`), true},
		"the context in a list":     {strings.Replace(wrap(""), `"https://www.w3.org/ns/activitystreams"`, `["https://www.w3.org/ns/activitystreams",{"x":"y"}]`, 1), true},
		"another context":           {strings.Replace(wrap(""), "https://www.w3.org/ns/activitystreams", "https://schema.org/", 1), false},
		"31 levels":                 {wrap(`,"x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30)), true},
		"too deep":                  {wrap(`,"x":` + strings.Repeat("[", 33) + strings.Repeat("]", 33)), false},
		"500 levels":                {wrap(`,"x":` + strings.Repeat(`{"object":`, 500) + "1" + strings.Repeat("}", 500)), false},
		"too many tokens":           {wrap(`,"x":[` + strings.Repeat("1,", 10_001) + "1]"), false},
		"a key twice":               {wrap(`,"type":"Event"`), false},
		"an inner key twice":        {wrap(`,"x":{"a":1,"a":2}`), false},
		"something after":           {wrap("") + "{}", false},
		"garbage after":             {wrap("") + "x", false},
		"a list":                    {"[" + wrap("") + "]", false},
		"not UTF-8":                 {wrap(`,"name":"` + "\xff" + `"`), false},
		"a NUL":                     {wrap(`,"name":"a\u0000b"`), false},
		"a long text":               {wrap(`,"content":"` + strings.Repeat("a", maxString+1) + `"`), false},
		"more than 1 MB":            {wrap(`,"content":["` + strings.Repeat(strings.Repeat("a", 200_000)+`","`, 6) + `"]`), false},
		"half of it":                {wrap("")[:80], false},
		"nothing":                   {"", false},
		"a page":                    {"<!DOCTYPE html>", false},
		"a number that is too big":  {wrap(`,"width":1e400`), true},
		"T-ID-07 several authors":   {strings.Replace(wrap(""), `"https://b.test/eve"`, `["https://b.test/eve","https://a.test/alice"]`, 1), false},
		"T-ID-07 an author twice":   {strings.Replace(wrap(""), `"https://b.test/eve"`, `["https://b.test/eve",{"id":"https://b.test/eve"}]`, 1), true},
		"T-ID-07 an author inside":  {strings.Replace(wrap(""), `"https://b.test/eve"`, `[["https://b.test/eve"]]`, 1), false},
		"an author without address": {strings.Replace(wrap(""), "https://b.test/eve", "eve", 1), false},
		"an id that is a script":    {strings.Replace(wrap(""), "https://b.test/1", "javascript:x", 1), false},
	} {
		_, err := DecodeObject([]byte(tc.body))
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHost: T-ID-17, T-MOD-02.
func TestHost(t *testing.T) {
	for id, want := range map[string]string{
		"https://b.test/x": "b.test", "https://B.TEST./x": "b.test", "https://b.test:443/x": "b.test", "http://b.test:80/": "b.test",
		"https://b.test:8443/x": "b.test:8443", "https://müsterdorf.example/": "xn--msterdorf-q9a.example", "https://ｂ.test/": "b.test",
		"https://b。test/": "b.test", "https://xn--msterdorf-q9a.example/": "xn--msterdorf-q9a.example", "https://[2606:4700::1]/": "[2606:4700::1]",
		"": "", "b.test": "", "/x": "", "//b.test/": "", "javascript:x": "", "mailto:a@b.test": "", "https://u@b.test/": "", "https://u:p@b.test/": "",
		"https://b.test\\@c.test/": "", "https://b .test/": "", "https://b.test%2e/": "", "ftp://b.test/": "", "https://": "", "https:///x": "",
		"https://" + strings.Repeat("a", 3000) + ".test/": "",
	} {
		if got := Host(id); got != want {
			t.Errorf("Host(%.60q) = %q, want %q", id, got, want)
		}
	}
	for _, pair := range [][2]string{{"https://b.test/1", "https://B.test:443/2"}, {"https://b.test:8443/", "https://b.test:8443/x"}} {
		if !SameOrigin(pair[0], pair[1]) {
			t.Errorf("%v are not the same", pair)
		}
	}
	for _, pair := range [][2]string{{"https://b.test/", "http://b.test/"}, {"https://b.test/", "https://b.test:8443/"}, {"https://b.test/", "https://a.b.test/"}, {"", ""}, {"x", "x"}} {
		if SameOrigin(pair[0], pair[1]) {
			t.Errorf("%v are the same", pair)
		}
	}
}

// fixtures are documents in the shapes that other servers send.
var fixtures = map[string]string{
	"Mastodon Create": mastodonNote,
	"Mastodon Undo":   `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://m.test/users/a#likes/1/undo","type":"Undo","actor":"https://m.test/users/a","object":{"id":"https://m.test/users/a#likes/1","type":"Like","actor":"https://m.test/users/a","object":"https://here.test/1"}}`,
	"Mobilizon event": `{"@context":["https://schema.org/","https://www.w3.org/ns/activitystreams"],"id":"https://mz.test/events/1/activity","type":"Create","actor":"https://mz.test/@group","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://mz.test/@group/followers"],"object":{"id":"https://mz.test/events/1","type":"Event","name":"Flohmarkt","actor":"https://mz.test/@group","attributedTo":"https://mz.test/@group","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"<p>Trödel</p>","startTime":"2026-07-11T10:00:00+02:00","endTime":"2026-07-11T16:00:00+02:00","timezone":"Europe/Berlin","ical:status":"CONFIRMED","status":"CONFIRMED","joinMode":"free","maximumAttendeeCapacity":80,"location":{"type":"Place","id":"https://mz.test/address/1","name":"Markt","latitude":48.5,"longitude":9.25,"address":{"type":"PostalAddress","streetAddress":"Markt 1","postalCode":"72999","addressLocality":"Dorf","addressCountry":null}},"attachment":[{"type":"Document","mediaType":"image/jpeg","url":"https://mz.test/m/1.jpg","name":"Bild"}],"tag":[{"type":"Hashtag","name":"#flohmarkt","href":"https://mz.test/tag/1"}]}}`,
	"Gancio event":    `{"@context":["https://www.w3.org/ns/activitystreams"],"id":"https://g.test/federation/m/1#create","type":"Create","to":"https://www.w3.org/ns/activitystreams#Public","cc":"https://g.test/federation/u/g/followers","actor":"https://g.test/federation/u/g","object":{"type":"Event","id":"https://g.test/federation/m/1","name":"Konzert","url":"https://g.test/event/konzert","startTime":"2026-07-11T20:00:00.000+02:00","location":[{"type":"VirtualLocation","url":"https://x.test"},{"type":"Place","name":"Kulturhaus","address":"Weg 1","latitude":1,"longitude":2}],"attachment":[{"type":"Document","mediaType":"image/jpeg","url":"https://g.test/m/1.jpg","name":"Plakat","focalPoint":[0,0]}],"tag":[],"published":"2026-07-01T10:00:00.000Z","attributedTo":"https://g.test/federation/u/g","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://g.test/federation/u/g/followers"],"content":"<p>laut</p>","summary":"Kulturhaus, Samstag"}}`,
	"Lemmy announce":  `{"@context":["https://join-lemmy.org/context.json","https://www.w3.org/ns/activitystreams"],"id":"https://l.test/activities/announce/1","type":"Announce","actor":"https://l.test/c/dorf","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://l.test/c/dorf/followers"],"object":{"id":"https://l.test/activities/create/1","type":"Create","actor":"https://l.test/u/a","object":{"type":"Page","id":"https://l.test/post/1","attributedTo":"https://l.test/u/a","name":"Titel","content":"<p>x</p>","audience":"https://l.test/c/dorf"}}}`,
	"Misskey follow":  `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1",{"Key":"sec:Key"}],"id":"https://mk.test/follows/1/2","type":"Follow","actor":"https://mk.test/users/1","object":"https://here.test/ap/actors/1"}`,
	"GoToSocial note": `{"@context":["https://www.w3.org/ns/activitystreams"],"id":"https://gts.test/users/a/statuses/1#Create","type":"Create","actor":"https://gts.test/users/a","to":"https://www.w3.org/ns/activitystreams#Public","cc":"https://gts.test/users/a/followers","object":{"type":"Note","id":"https://gts.test/users/a/statuses/1","attributedTo":"https://gts.test/users/a","to":"https://www.w3.org/ns/activitystreams#Public","cc":["https://gts.test/users/a/followers"],"content":"<p>Hallo</p>","contentMap":{"de":"<p>Hallo</p>"},"tag":{"type":"Mention","name":"@x@y","href":"https://here.test/ap/actors/1"},"url":"https://gts.test/@a/statuses/1","published":"2026-07-01T10:00:00+02:00"}}`,
	"WordPress type":  `{"@context":["https://www.w3.org/ns/activitystreams"],"id":"https://wp.test/?p=1#create","type":["Create"],"actor":{"id":"https://wp.test/?author=0","type":"Group"},"object":{"id":"https://wp.test/?p=1","type":["Note"],"attributedTo":["https://wp.test/?author=0"],"content":"x","nameMap":{"de":"Titel"},"url":[{"type":"Link","href":"https://wp.test/x","mediaType":"text/html"}]}}`,
	"Friendica flag":  `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://f.test/flag/1","type":"Flag","actor":"https://f.test/friendica","object":["https://here.test/ap/actors/1","https://here.test/ap/objects/1"],"content":"Spam"}`,
}

func TestDecodeKeepsTheMeaning(t *testing.T) {
	decode := func(name string) *Activity {
		t.Helper()
		a, err := Decode([]byte(fixtures[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return a
	}
	if o := decode("Mastodon Create").Object.Object; o.AttributedTo != "https://mastodon.example/users/lena" || o.Language != "de" || len(o.To) != 1 || len(o.Cc) != 2 || o.Tag[0].Type != "Mention" || o.Published.Year() != 2026 || o.InReplyTo != "https://here.test/ap/objects/1" {
		t.Errorf("Mastodon: %+v", o)
	}
	if a := decode("Mastodon Undo"); a.Object.Activity == nil || a.Object.Activity.Type != "Like" || a.Object.Activity.Object.ID != "https://here.test/1" {
		t.Errorf("Mastodon: %+v", a)
	}
	if o := decode("Mobilizon event").Object.Object; o.Name != "Flohmarkt" || o.StartTime.UTC().Hour() != 8 || o.Location == nil || o.Location.Name != "Markt" || *o.Location.Latitude != 48.5 || o.Location.Address.AddressLocality != "Dorf" || o.MaximumAttendeeCapacity != 80 || o.Attachment[0].Name != "Bild" || o.Timezone != "Europe/Berlin" || o.JoinMode != "free" {
		t.Errorf("Mobilizon: %+v", o)
	}
	if a := decode("Misskey follow"); a.Object.ID != "https://here.test/ap/actors/1" || a.ID != "https://mk.test/follows/1/2" {
		t.Errorf("Misskey: %+v", a)
	}
	if o := decode("GoToSocial note").Object.Object; len(o.Tag) != 1 || o.To[0] != Public || o.URL != "https://gts.test/@a/statuses/1" {
		t.Errorf("GoToSocial: %+v", o)
	}
	if a := decode("WordPress type"); a.Type != "Create" || a.Actor != "https://wp.test/?author=0" || a.Object.Object.Name != "Titel" || a.Object.Object.URL != "https://wp.test/x" {
		t.Errorf("WordPress: %+v", a)
	}
	if a := decode("Friendica flag"); len(a.Object.IDs) != 2 || a.Content != "Spam" {
		t.Errorf("Friendica: %+v", a)
	}
	if a := decode("Lemmy announce"); a.Object.Activity == nil || a.Object.Activity.Object.Object.Type != "Page" {
		t.Errorf("Lemmy: %+v", a)
	}
	a := decode("Gancio event")
	if a.To[0] != Public || a.Object.Object.Location.Name != "Kulturhaus" || *a.Object.Object.Location.Latitude != 1 {
		t.Errorf("Gancio: %+v", a)
	}
}

// TestMutations replaces each field of each fixture by each JSON type and
// leaves it out: nothing panics, and what is refused says so.
func TestMutations(t *testing.T) {
	values := []any{nil, true, 1.5, -1, "", "x", "https://c.test/1", []any{}, []any{1, nil, "x"}, map[string]any{}, map[string]any{"id": "https://c.test/1", "type": []any{"Note", "Event"}}}
	n := 0
	for name, text := range fixtures {
		var doc map[string]any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		mutate(doc, values, func() {
			n++
			body, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Decode(body); err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", name, err)
			}
			_, _ = DecodeItem(body)
		})
	}
	if n < 1000 {
		t.Errorf("only %d documents were tried", n)
	}
}

func mutate(m map[string]any, values []any, try func()) {
	for key, old := range m {
		for _, v := range values {
			m[key] = v
			try()
		}
		delete(m, key)
		try()
		m[key] = old
		if inner, ok := old.(map[string]any); ok {
			mutate(inner, values, try)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range fixtures {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, err := range []error{second(Decode(body)), second(DecodeObject(body)), second(DecodeActor(body))} {
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func FuzzHost(f *testing.F) {
	f.Add("https://b.test:8443/x")
	f.Fuzz(func(t *testing.T, id string) {
		if host := Host(id); host != "" && Host("https://"+host+"/") != host && Host("http://"+host+"/") != host {
			t.Errorf("%q: %q is not canonical", id, host)
		}
	})
}
