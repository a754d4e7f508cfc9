package activitystreams

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule is what one peer's parser does with a document: "" when it takes it, or
// else how it fails. raw is the document's text.
type rule func(doc map[string]any, raw string) string

// inner gives the embedded object of an activity, or the document itself.
func inner(doc map[string]any) map[string]any {
	if o, ok := doc["object"].(map[string]any); ok {
		return o
	}
	return doc
}

func entries(doc map[string]any, key string) []map[string]any {
	var all []map[string]any
	list, _ := doc[key].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		all = append(all, m)
	}
	return all
}

// content tells whether peers read a document as something published.
func content(doc map[string]any) bool {
	return slices.Contains([]any{"Event", "Note"}, doc["type"])
}

var wholeNumber = regexp.MustCompile(`"(latitude|longitude)":-?\d+[,}]`)

// rules are the parsers of others as far as they crash, throw or drop things,
// written anew from what their authors say of them.
var rules = map[string]rule{
	"Mobilizon: visibility has no clause for a missing to": func(doc map[string]any, _ string) string {
		o := inner(doc)
		if _, ok := o["to"].([]any); content(o) && !ok {
			return "FunctionClauseError"
		}
		return ""
	},
	"Mobilizon: a picture needs name and url": func(doc map[string]any, _ string) string {
		for _, a := range entries(inner(doc), "attachment") {
			if a["type"] == "Document" || a["type"] == "Image" {
				if _, name := a["name"].(string); !name || a["url"] == nil {
					return "FunctionClauseError"
				}
			}
		}
		return ""
	},
	"Mobilizon: a place is one object or a text": func(doc map[string]any, _ string) string {
		if _, list := inner(doc)["location"].([]any); list {
			return "FunctionClauseError"
		}
		return ""
	},
	"Mobilizon: coordinates are floats": func(_ map[string]any, raw string) string {
		return wholeNumber.FindString(raw)
	},
	"Mobilizon: status and contacts are not null": func(_ map[string]any, raw string) string {
		if strings.Contains(raw, ":null") || strings.Contains(raw, "[null") {
			return "a null"
		}
		return ""
	},
	"Mobilizon: joinMode is one of four": func(doc map[string]any, _ string) string {
		mode, ok := inner(doc)["joinMode"]
		if ok && !slices.Contains([]any{"free", "restricted", "invite", "external"}, mode) {
			return "Ecto.ChangeError"
		}
		return ""
	},
	"Mobilizon: key and icon are one object": func(doc map[string]any, _ string) string {
		for _, key := range []string{"publicKey", "icon", "image"} {
			if _, list := doc[key].([]any); list {
				return key
			}
		}
		return ""
	},
	"Mobilizon: a group has seven collections": func(doc map[string]any, _ string) string {
		if doc["type"] != "Group" {
			return ""
		}
		endpoints, _ := doc["endpoints"].(map[string]any)
		for _, key := range []string{"members", "resources", "posts", "todos", "discussions", "events"} {
			if endpoints[key] == nil {
				return "the refresh stops at " + key
			}
		}
		return ""
	},
	"Gancio: attachment is a list": func(doc map[string]any, _ string) string {
		o := inner(doc)
		if _, ok := o["attachment"].([]any); o["type"] == "Event" && !ok {
			return "TypeError: length of undefined"
		}
		return ""
	},
	"Gancio: what stands before the picture has a media type": func(doc map[string]any, _ string) string {
		for _, a := range entries(inner(doc), "attachment") {
			kind, ok := a["mediaType"].(string)
			if inner(doc)["type"] == "Event" && !ok {
				return "TypeError: includes of undefined"
			}
			if strings.HasPrefix(kind, "image/") {
				break
			}
		}
		return ""
	},
	"Gancio: every tag has a name": func(doc map[string]any, _ string) string {
		o := inner(doc)
		if _, list := o["tag"].([]any); content(o) && !list {
			return "TypeError: map is no function"
		}
		for _, tag := range entries(o, "tag") {
			if _, ok := tag["name"].(string); !ok {
				return "TypeError: substr of undefined"
			}
		}
		return ""
	},
	"Lemmy: an actor has an outbox and a PEM": func(doc map[string]any, _ string) string {
		if doc["type"] != "Group" {
			return ""
		}
		key, _ := doc["publicKey"].(map[string]any)
		if pem, _ := key["publicKeyPem"].(string); doc["outbox"] == nil || !strings.HasPrefix(pem, "-----BEGIN PUBLIC KEY-----") {
			return "missing field"
		}
		return ""
	},
	"Lemmy, Mobilizon, Gancio: the type is one text": func(doc map[string]any, _ string) string {
		_, outer := doc["type"].(string)
		if _, ok := inner(doc)["type"].(string); !ok || !outer {
			return "untagged enum"
		}
		return ""
	},
	"Mastodon: the context is supported": func(doc map[string]any, _ string) string {
		if list, _ := doc["@context"].([]any); !slices.Contains(list, any(namespace)) {
			return "dropped"
		}
		return ""
	},
	"Mastodon: ids and their author are on one host": func(doc map[string]any, _ string) string {
		o := inner(doc)
		id, _ := o["id"].(string)
		by, _ := o["attributedTo"].(string)
		if content(o) && (by == "" || !SameOrigin(id, by)) {
			return "non-matching URI schemes"
		}
		return ""
	},
	"Mastodon: one language": func(doc map[string]any, _ string) string {
		if langs, ok := inner(doc)["contentMap"].(map[string]any); content(inner(doc)) && (!ok || len(langs) != 1) {
			return "the language of the first key"
		}
		return ""
	},
	"Mastodon: an edit is newer": func(doc map[string]any, _ string) string {
		o := inner(doc)
		if o["updated"] != nil && o["updated"] == o["published"] {
			return "ignored"
		}
		return ""
	},
	"Mastodon, GoToSocial: a Note has no name": func(doc map[string]any, _ string) string {
		if o := inner(doc); o["type"] == "Note" && o["name"] != nil {
			return "a vote or a warning"
		}
		return ""
	},
	"times are to the second": func(doc map[string]any, raw string) string {
		return regexp.MustCompile(`"(published|updated|startTime|endTime|deleted)":"[^"]*\.\d[^"]*"`).FindString(raw)
	},
}

func TestPeersTakeWhatWeSend(t *testing.T) {
	for name, doc := range everything() {
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		for peer, breaks := range rules {
			if why := breaks(wire(t, doc), string(body)); why != "" {
				t.Errorf("%s: %s: %s", name, peer, why)
			}
		}
	}
}

// TestRulesBite breaks one thing of a document at a time and wants the rule
// for it to notice.
func TestRulesBite(t *testing.T) {
	for rule, spoil := range map[string]struct {
		document string
		with     map[string]any
	}{
		"Mobilizon: visibility has no clause for a missing to":    {"event", map[string]any{"to": Public}},
		"Mobilizon: a picture needs name and url":                 {"note", map[string]any{"attachment": []any{map[string]any{"type": "Document", "url": "https://here.test/1"}}}},
		"Mobilizon: a place is one object or a text":              {"event", map[string]any{"location": []any{}}},
		"Mobilizon: coordinates are floats":                       {"event", map[string]any{"location": map[string]any{"latitude": 9}}},
		"Mobilizon: status and contacts are not null":             {"event", map[string]any{"status": nil}},
		"Mobilizon: joinMode is one of four":                      {"event", map[string]any{"joinMode": "none"}},
		"Mobilizon: key and icon are one object":                  {"group", map[string]any{"icon": []any{}}},
		"Mobilizon: a group has seven collections":                {"group", map[string]any{"endpoints": map[string]any{}}},
		"Gancio: attachment is a list":                            {"event", map[string]any{"attachment": map[string]any{}}},
		"Gancio: what stands before the picture has a media type": {"event", map[string]any{"attachment": []any{map[string]any{"type": "Link"}}}},
		"Gancio: every tag has a name":                            {"note", map[string]any{"tag": []any{map[string]any{"type": "Mention"}}}},
		"Lemmy: an actor has an outbox and a PEM":                 {"group", map[string]any{"outbox": nil}},
		"Mastodon: the context is supported":                      {"note", map[string]any{"@context": []any{"https://schema.org/"}}},
		"Mastodon: ids and their author are on one host":          {"note", map[string]any{"attributedTo": "https://c.test/1"}},
		"Mastodon: one language":                                  {"note", map[string]any{"contentMap": map[string]any{"de": "x", "en": "y"}}},
		"Mastodon: an edit is newer":                              {"note", map[string]any{"published": "2026-06-02T08:00:00Z"}},
		"Mastodon, GoToSocial: a Note has no name":                {"note", map[string]any{"name": "x"}},
		"times are to the second":                                 {"note", map[string]any{"published": "2026-06-01T08:00:00.5Z"}},
	} {
		doc := wire(t, everything()[spoil.document])
		maps.Copy(doc, spoil.with)
		if spoil.with["outbox"] == nil && rule == "Lemmy: an actor has an outbox and a PEM" {
			delete(doc, "outbox")
		}
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if rules[rule](doc, string(body)) == "" {
			t.Errorf("%s: not noticed in %v", rule, spoil.with)
		}
	}
}
