package spoil

import (
	"encoding/json"
	"fmt"
	"strings"
)

const everybody = "https://www.w3.org/ns/activitystreams#Public"

// times is a list of n times v.
func times(n int, v any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// deep is an object in an object under a key, n levels deep.
func deep(n int, key string) any {
	var v any = "https://c.test/1"
	for i := range n {
		v = map[string]any{"id": fmt.Sprintf("https://c.test/%d", i), "type": "Announce", "actor": "https://c.test/u", key: v}
	}
	return v
}

// languages is a text in n languages.
func languages(n int) map[string]any {
	m := map[string]any{}
	for i := range n {
		m[fmt.Sprintf("a%c%c", 'a'+i/26, 'a'+i%26)] = "x"
	}
	return m
}

// random is text of n bytes that does not shrink when it is packed: an index
// takes less of it than of the same letter again and again.
func random(n int) string {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[x>>26]
	}
	return string(b)
}

// known lists what was sent in each field. in is the object that they are put
// into, for what refers to itself.
func known(in map[string]any) map[string][]any {
	self, dates := in["id"], []any{
		"0000-00-00T00:00:00Z", "2026-06-30T23:59:60Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-03-29T02:30:00",
		"2026-07-01", "20260701T100000Z", "1782900000", 1782900000, "Wed, 01 Jul 2026 12:00:00 GMT", "2026-07-01T10:00:00+99:99", "2026-07-01T25:00:00Z", "0001-01-01T00:00:00+14:00",
	}
	all := map[string][]any{
		"@context": {
			times(1000, everybody), "https://c.test/context.jsonld", []any{map[string]any{"id": "@type", "type": "@id", "actor": "https://c.test/actor", "@base": "https://c.test/"}}, "https://schema.org/",
		},
		"type":  {"Quatsch", []any{"Quatsch", "Note"}, []any{"Create", "Delete"}, []any{[]any{"Note"}}, map[string]any{"id": "Note"}, "as:Note", "note", "https://www.w3.org/ns/activitystreams#Note", random(100), "Collection", "Tombstone", "Person"},
		"actor": {times(2, "https://b.test/eve"), []any{"https://b.test/eve", "https://c.test/u"}, map[string]any{"type": "Person"}, "https://here.test/ap/instance", "https://b.test/EVE", "https://B.test./eve", everybody},
		"id": {
			"https://b.test/", "https://here.test/ap/instance", "https://b.test/" + strings.Repeat("a", 2<<20), "https://b.test/" + random(1000), "https://b.test/" + random(2000), "https://b.test/a\nb", "https://b.test/a\x00b",
			json.RawMessage(`"https://b.test/\ud83d"`), "https://müsterdorf.example/1", "https://xn--msterdorf-q9a.example/1", "https://b.test/%00", "https://b.test/#", "urn:uuid:1", "data:,x", "tag:b.test,2026:1", "//b.test/1", "https://b.test:99999/1", "https://[::1]/1", "https://b.test/ä",
		},
		"object": {
			self, times(1000, "https://b.test/1"), times(1001, "https://b.test/1"), deep(3, "object"), deep(29, "object"), deep(500, "object"),
			map[string]any{"id": self, "type": "Note", "inReplyTo": self},
			map[string]any{"type": "Tombstone", "id": "https://b.test/1"},
			map[string]any{"type": "Collection", "totalItems": 1e308, "items": times(1000, "https://b.test/1")},
			[]any{map[string]any{"type": "Note"}, "https://b.test/1"},
			map[string]any{"@id": "https://b.test/1"},
		},
		"published": dates, "updated": dates, "startTime": dates, "endTime": append(dates, "1999-01-01T00:00:00Z"),
		"location": {
			map[string]any{"type": "Place", "latitude": 999, "longitude": -999},
			map[string]any{"type": "Place", "latitude": "48", "longitude": json.Number("1e400")},
			times(1000, map[string]any{"type": "Place"}), "Anger",
			map[string]any{"type": "VirtualLocation", "url": "javascript:x"},
			map[string]any{"type": "Place", "address": []any{1}},
			map[string]any{"type": "Place", "name": languages(5)},
			map[string]any{"type": "Place", "location": map[string]any{"type": "Place"}},
		},
		"content": {1, map[string]any{"de": "x"}, strings.Repeat("<b>", 20_000), strings.Repeat("&", 200_000), strings.Repeat("ä", 110_000), "<script>alert(1)</script>", "\u202e\ufffd\ufeff", "<p>" + strings.Repeat("<a href=https://c.test/>x</a>", 4000)},
		"contentMap": {
			languages(200), map[string]any{"de_DE": "x"}, map[string]any{"x": "y"}, map[string]any{strings.Repeat("a", 300): "x"}, map[string]any{"de": 1}, map[string]any{"": ""}, []any{"x"}, map[string]any{"de": []any{"x"}},
		},
		"tag": {
			map[string]any{"type": "Mention"},
			map[string]any{"type": "Hashtag", "name": "#%", "href": "%"},
			map[string]any{"type": "Emoji", "name": ":x:", "icon": map[string]any{"url": "https://c.test/10MB.png"}},
			times(5000, map[string]any{"type": "Mention", "href": everybody}),
			times(1000, "x"),
			[]any{[]any{map[string]any{"type": "Mention"}}},
			map[string]any{"type": []any{"Mention", "Hashtag"}, "name": 1},
		},
		"attachment": {
			times(10_000, "x"), times(1000, map[string]any{"type": "Document"}),
			map[string]any{"type": "Document", "url": []any{map[string]any{"type": "Link", "mediaType": "x/y;\r\nz", "href": "https://c.test/1"}}},
			map[string]any{"type": "Document", "url": "https://c.test/1", "width": -1, "height": json.Number("1e308"), "blurhash": "ä", "focalPoint": []any{json.Number("1e400"), "x"}},
			map[string]any{"type": "Document", "url": "https://c.test/1", "width": 0, "height": 0},
			map[string]any{"type": "Document", "url": deep(20, "url")},
			map[string]any{"type": "PropertyValue", "name": "<b>", "value": "<script>"},
		},
		"summary": {"<h1>x</h1>", strings.Repeat("x", 200_000), map[string]any{"de": "x"}}, "name": {"<b>x</b>", strings.Repeat("x", 1<<20), strings.Repeat("Z\u0301", 5000), []any{"a", "b"}},
		"inReplyTo": {self, []any{self, "https://b.test/1"}, deep(3, "inReplyTo"), map[string]any{"id": 1}, "javascript:x", "https://here.test/ap/objects/%00", "https://here.test/ap/objects/" + random(900)},
		"replies":   {map[string]any{"type": "Collection", "first": map[string]any{"type": "CollectionPage", "items": []any{map[string]any{"id": "https://c.test/1", "type": "Note", "attributedTo": "https://c.test/u"}}}}, self},
		"url":       {times(1000, map[string]any{"type": "Link", "href": "https://c.test/1", "mediaType": 1}), deep(20, "url"), "javascript:x", "https://b.test/" + random(2600)},
		"oneOf":     {times(3000, map[string]any{"type": "Note", "name": "ja"}), times(100_000, 1)}, "votersCount": {-1, json.Number("1e400"), "x"},
	}
	recipients := []any{"as:Public", "Public", "public", "AS:PUBLIC", everybody, []any{everybody, everybody}, times(1001, everybody), times(100_000, 1), map[string]any{"type": "Person"}, []any{[]any{everybody}}, "https://here.test/ap/instance", []any{nil, 1, "", everybody}}
	all["to"], all["cc"], all["attributedTo"] = recipients, recipients, append(all["actor"], recipients...)
	return all
}
