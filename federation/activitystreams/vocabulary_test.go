package activitystreams

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/superseriousbusiness/activity/streams"
)

// unfolded gives a document as the vocabulary package writes it: lists of one
// are that one, numbers are plain, and what it does not write is left out:
// contexts, and a map of languages next to the text itself.
func unfolded(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) == 1 {
			return unfolded(v[0])
		}
		list := []any{}
		for _, e := range v {
			list = append(list, unfolded(e))
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, e := range v {
			if list, ok := e.([]any); key == "@context" || key == "contentMap" || ok && len(list) == 0 {
				continue
			}
			m[key] = unfolded(e)
		}
		return m
	case int:
		return float64(v)
	}
	return v
}

// foreign are the types that the vocabulary package does not know.
var foreign = map[string]bool{"permission": true}

func TestVocabularyKeepsWhatWeSend(t *testing.T) {
	for name, doc := range everything() {
		if foreign[name] {
			continue
		}
		t.Run(name, func(t *testing.T) {
			sent := wire(t, doc)
			read, err := streams.ToType(context.Background(), unfoldedWithContext(sent))
			if err != nil {
				t.Fatal(err)
			}
			kept, err := read.Serialize()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(unfolded(sent), unfolded(any(kept))); diff != "" {
				t.Errorf("what the vocabulary makes of it (-sent +read):\n%s", diff)
			}
			terms := defined(t, sent["@context"])
			for key := range read.(interface{ GetUnknownProperties() map[string]any }).GetUnknownProperties() {
				if _, ok := terms[key]; !ok && !inVocabulary[key] { // an Event has no actor of its own there
					t.Errorf("%s is neither in the vocabulary nor in the context", key)
				}
			}
		})
	}
}

func unfoldedWithContext(m map[string]any) map[string]any {
	u := unfolded(m).(map[string]any)
	u["@context"] = namespace
	return u
}

// defined gives the terms that a context defines inline.
func defined(t *testing.T, c any) map[string]any {
	t.Helper()
	list, ok := c.([]any)
	if !ok || list[0] != namespace {
		t.Fatalf("the context is %v", c)
	}
	all := map[string]any{}
	for _, e := range list[1:] {
		switch e := e.(type) {
		case string:
			if e != "https://w3id.org/security/v1" {
				t.Errorf("a remote context that others would have to fetch: %s", e)
			}
			for _, term := range []string{"publicKey", "publicKeyPem", "owner"} {
				all[term] = e
			}
		case map[string]any:
			maps.Copy(all, e)
		}
	}
	return all
}

// inVocabulary are the keys of ActivityStreams that stand in nested objects.
var inVocabulary = map[string]bool{}

func init() {
	for _, key := range []string{
		"id", "type", "actor", "object", "target", "result", "to", "cc", "attributedTo", "name", "summary", "content", "contentMap", "url", "href", "inReplyTo",
		"published", "updated", "startTime", "endTime", "deleted", "formerType", "attachment", "tag", "image", "icon", "location", "replies", "likes", "shares",
		"mediaType", "width", "height", "latitude", "longitude", "radius", "units", "inbox", "outbox", "followers", "following", "endpoints", "sharedInbox", "preferredUsername",
		"totalItems", "items", "orderedItems", "first", "next", "prev", "partOf", "@context", "instrument",
	} {
		inVocabulary[key] = true
	}
}

func TestContextsDefineEveryTermWeSend(t *testing.T) {
	for name, doc := range everything() {
		sent := wire(t, doc)
		terms := defined(t, sent["@context"])
		var look func(v any)
		look = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, e := range v {
					look(e)
				}
			case map[string]any:
				for key, e := range v {
					if _, ok := terms[key]; !ok && !inVocabulary[key] {
						t.Errorf("%s: %s is not defined", name, key)
					}
					if key != "@context" && key != "contentMap" {
						look(e)
					}
				}
			}
		}
		look(sent)
	}
}
